/**
 * The GitHub Enterprise Server side: settings, user links, the payload builder and the sender.
 *
 * @packageDocumentation
 */

export type { AuditEntry } from "./audit.ts";
export type { InvalidCommand, InvalidOptions } from "./commands.ts";
export type { ChangedLink } from "./commit.ts";
export type { ConnectFault, Redemption, StartedConnecting } from "./connect.ts";
export type { SenderEvent } from "./events.ts";
export type { SenderOptions, SyncOptions } from "./options.ts";
export {
  type BuiltPayload,
  buildPayload,
  buildPayloadFromChunks,
  buildPayloadFromDailyCounts,
  type Contribution,
  type DailyCount,
  type PayloadRefusal,
} from "./payload.ts";
export type {
  ContributionSource,
  SourceFault,
  SourceRequest,
  Transport,
  UserContributions,
} from "./ports.ts";
export { runSender, type SenderLoop, type SenderRun } from "./run-sender.ts";
export { type ChangedSettings, createSender, type Sender } from "./sender.ts";
export type { Disabling, MessageRejected, SyncFault } from "./server-state.ts";
export {
  type Actor,
  type Disabled,
  type Disconnected,
  type Enabled,
  NEVER_CONNECTED,
  type Platform,
  type Settings,
  type SettingsCommand,
  type SettingsRefusal,
  type SettingsTransition,
  type Terms,
  transitionSettings,
} from "./settings.ts";
export { type Attention, type DeletionStatus, SETTINGS_SENTENCES } from "./settings-sentences.ts";
export {
  GATES,
  type Gate,
  type Sharing,
  type SharingDecision,
  sharingOf,
} from "./sharing.ts";
export type { ServerStatus } from "./status.ts";
export type {
  LinkReceipt,
  SyncFailure,
  SyncOutcome,
  SyncProgress,
  SyncReport,
} from "./sync/sync-report.ts";
export {
  type Connected,
  type ConnectedAccount,
  type Connecting,
  currentLink,
  type Ended,
  type EndReason,
  type LinkContext,
  type NeverConnected,
  type OptedOut,
  type Redeeming,
  type Sending,
  type Suspended,
  transitionUserLink,
  type Unconnected,
  type UserLink,
  type UserLinkCommand,
  type UserLinkTransition,
} from "./user-link.ts";
export type { UserLinkRefusal } from "./user-link-refusal.ts";
