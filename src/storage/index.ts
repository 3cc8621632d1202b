/**
 * For whoever writes a store or a ledger: the ports, what they keep, and the pure rules that a store applies.
 *
 * @packageDocumentation
 */

export { clipWindow } from "../domain/contribution-window.ts";
export type { Versioned } from "../domain/decision.ts";
export type { VersionConflict } from "../domain/fault.ts";
export {
  applyReport,
  applyWithdrawal,
  deleteLink as killLink,
  isUnreported,
  type LiveLink,
  type ReceiverLink,
} from "../ghec/link.ts";
export type {
  DeletionLedger,
  Delivery,
  DeliveryResult,
  LedgerEntry,
  LinkSelection,
  Opening,
  ReceiverStore,
  RegistrationCommit,
} from "../ghec/ports.ts";
export { admit, isOpen } from "../ghec/registration.ts";
export {
  type DueLink,
  type LinkCommit,
  type LinkRecord,
  newLinkRecord,
  type Reported,
  type SenderStore,
  type ServerCommit,
  type Withdrawal,
} from "../ghes/ports.ts";
export { type Lease, NEW_SERVER, type SenderSession, type ServerState } from "../ghes/server-state.ts";
