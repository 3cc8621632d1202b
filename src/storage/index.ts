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
  type DeletedLink as DeadLink,
  deleteLink as killLink,
  isUnreported,
  type KeptReport,
  type LinkTransition,
  type LiveLink,
  type ReceiverLink,
} from "../ghec/link.ts";
export type {
  DeletionLedger,
  DeliveredReport,
  Delivery,
  DeliveryResult,
  LedgerEntry,
  LinkSelection,
  Opening,
  OpeningResult,
  ReceiverStore,
  RegistrationCommit,
  StoredRegistration,
  SweepQuery,
} from "../ghec/ports.ts";
export { type Admission, admit, type ChainedRequest, isOpen } from "../ghec/registration.ts";
export {
  type DueLink,
  type DueQuery,
  type LinkCommit,
  type LinkDeletion,
  type LinkRecord,
  newLinkRecord,
  type Reported,
  type ReportedLink,
  type SenderStore,
  type ServerCommit,
  type Withdrawal,
  type WithdrawalQuery,
  type WithdrawnLink,
} from "../ghes/ports.ts";
export { type Lease, NEW_SERVER, type SenderSession, type ServerState } from "../ghes/server-state.ts";
