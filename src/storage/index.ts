/**
 * The parts for authors of a store or a ledger: the ports, the stored values, and the pure rules that a store applies.
 *
 * @packageDocumentation
 */

export { covers, type LinkChoice } from "../domain/choice.ts";
export { clipWindow } from "../domain/contribution-window.ts";
export type { Versioned } from "../domain/decision.ts";
export type { VersionConflict } from "../domain/fault.ts";
export type { RequestId, SessionId } from "../domain/identifiers.ts";
export { type EndedLink, receiptAfter } from "../domain/receipt.ts";
export { type Tally, tallyOf } from "../domain/tally.ts";
export {
  answeredAttempt,
  type BroughtAttempt,
  type GivenConsent,
  isPending,
  type OpenAttempt,
  type PushedAttempt,
  type PushResult,
  pushedAttempt,
  redeemedAttempt,
  type StoredAttempt,
} from "../ghec/attempt.ts";
export type { InstallationActor, InstallationAuditAction, InstallationAuditEntry } from "../ghec/audit.ts";
export { type AccountExport, exportAccount } from "../ghec/export-account.ts";
export { digestOf, unrecordedEpochs } from "../ghec/ledger.ts";
export {
  applyReport,
  applyWithdrawal,
  causeOf,
  type DeletedLink,
  deleteLink,
  endingOf,
  endRecorded,
  hideLink,
  isUnreported,
  type LinkEndCause,
  type LinkEnding,
  type LiveLink,
  type ReceiverLink,
  voidedLink,
  type WithdrawnChoice,
} from "../ghec/link.ts";
export type {
  DeletionLedger,
  DeliveredReport,
  Delivery,
  DeliveryResult,
  EntryQuery,
  InstallationQuery,
  KeptSince,
  LedgerCursor,
  LedgerEntry,
  LedgerStanding,
  LinkSelection,
  ReceiverStore,
  RecordedEntry,
  Redemption,
  RedemptionResult,
  RegistrationCommit,
  ShownLink,
  SweepQuery,
  SweepResult,
} from "../ghec/ports.ts";
export type {
  AccountSender,
  AccountStanding,
  InstallationAuditQuery,
  InstallationDetails,
  InstallationStanding,
  LinkStanding,
  LoggedInstallationEntry,
  ReceiverReader,
} from "../ghec/reader.ts";
export { admit, isOpen } from "../ghec/registration.ts";
export type { SweepClock } from "../ghec/sweep-clock.ts";
export { inspectServer, inspectUser, type ServerInspection, type UserInspection } from "../ghes/inspect.ts";
export {
  type AuditPruning,
  type DueLink,
  type DuePlace,
  type DueQuery,
  type ForgottenUser,
  type KeptReport,
  type LinkCommit,
  type LinkDeletion,
  type LinkRecord,
  type LinkUser,
  newLinkRecord,
  type PendingRedemption,
  type PendingWithdrawal,
  type RedemptionQuery,
  type Reported,
  type ReportedLink,
  type SenderStore,
  type ServerCommit,
  type UnknownLink,
  type Withdrawal,
  type WithdrawalQuery,
  type WithdrawnLink,
} from "../ghes/ports.ts";
export { exportUser, type UserExport } from "../ghes/privacy.ts";
export {
  type AuditQuery,
  duePlaceOf,
  isDue,
  isSending,
  type LoggedAuditEntry,
  type ReportStanding,
  type SenderReader,
  type SendingScope,
  type ServerTally,
  type TallyQuery,
  type UserRecord,
  type UserStanding,
  type WaitingQuery,
  type WaitingWithdrawal,
} from "../ghes/reader.ts";
export { type Lease, NEW_SERVER, type SenderSession, type ServerState } from "../ghes/server-state.ts";
export { mintVersion } from "./mint-version.ts";
