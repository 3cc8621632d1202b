/**
 * The GitHub Enterprise Server side: settings, user links, the payload builder and the sender.
 *
 * @packageDocumentation
 */

export { adoptSwitch, type SwitchAdoption } from "./adopt-switch.ts";
export { applyAnswer, takeOver } from "./apply-answer.ts";
export type { AuditAction, AuditEntry } from "./audit.ts";
export {
  type BuiltPayload,
  buildPayload,
  buildPayloadFromChunks,
  buildPayloadFromDailyCounts,
  type MalformedContribution,
  type PayloadRefusal,
  type UnreadableContributions,
} from "./build-payload.ts";
export type { Contribution, DailyCount } from "./contribution.ts";
export {
  type LinkDeletion,
  type LinkRecord,
  newLinkRecord,
  type Reported,
  type Versioned,
} from "./link-record.ts";
export {
  nextControlRequest,
  type PlannedRequest,
  planCompletion,
  planDelivery,
  planSwitchCheck,
  type ReportingScope,
  reportingScope,
} from "./next-request.ts";
export { type InvalidCommand, parseSettingsCommand, parseUserLinkCommand } from "./parse-command.ts";
export type {
  ContributionSource,
  DueLink,
  DueQuery,
  LinkCommit,
  ReportedLink,
  SenderStore,
  ServerCommit,
  SourceFault,
  SourceRequest,
  Transport,
  UserContributions,
  Withdrawal,
  WithdrawalQuery,
  WithdrawnLink,
} from "./ports.ts";
export { nextAttemptAt, nextRefreshAt, nextSyncAt } from "./schedule.ts";
export {
  type ChangedSettings,
  createSender,
  type Sender,
  type ServerStatus,
} from "./sender.ts";
export type { InvalidOptions, SenderOptions, SyncOptions, SyncScope } from "./sender-options.ts";
export {
  type Disabling,
  lastEpochOf,
  linkContextOf,
  type MessageRejected,
  NEW_SERVER,
  nextRoundAt,
  type Round,
  type RoundFault,
  type SenderSession,
  type ServerState,
  withSettings,
} from "./server-state.ts";
export {
  type Actor,
  type ConnectCommand,
  type DisableCommand,
  type Disabled,
  type DisconnectCommand,
  type Disconnected,
  type EnableCommand,
  type Enabled,
  NEVER_CONNECTED,
  type Platform,
  type Settings,
  type SettingsCommand,
  type SettingsRefusal,
  type SettingsTransition,
  transitionSettings,
} from "./settings.ts";
export {
  type Attention,
  type DeletionStatus,
  GATES,
  type Gate,
  type Sharing,
  type SharingDecision,
  sharingOf,
} from "./sharing.ts";
export type {
  LinkReceipt,
  SyncFailure,
  SyncOutcome,
  SyncProgress,
  SyncReport,
} from "./sync-report.ts";
export { endLink, transitionUserLink } from "./transition-user-link.ts";
export type { ChangedLink } from "./update-link.ts";
export {
  type Connected,
  type Connecting,
  type Consent,
  currentLink,
  type Ended,
  type EndReason,
  type LinkContext,
  type NeverConnected,
  type OptedOut,
  type Sending,
  type Suspended,
  type Unconnected,
  type UserCommand,
  type UserLink,
  type UserLinkCommand,
  type UserLinkRefusal,
  type UserLinkTransition,
} from "./user-link.ts";
