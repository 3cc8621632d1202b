/**
 * The vocabulary of both sides: days, windows, payloads, messages, answers, receipts and faults.
 *
 * @packageDocumentation
 */

export { err, errAsync, ok, okAsync, Result, ResultAsync, safeTry } from "neverthrow";
export type {
  Answer,
  AnswerEnvelope,
  AttachedAnswer,
  AttachRefusedAnswer,
  CompletedAnswer,
  CurrentSession,
  DeliveredAnswer,
  DetachedAnswer,
  DisabledAnswer,
  RecordOutcome,
  RecordRefusal,
  RejectedAnswer,
  RejectionReason,
  SwitchedAnswer,
} from "./domain/answer.ts";
export {
  addDays,
  type CalendarDate,
  type DayRange,
  dateOfInstant,
  FURTHEST_OFFSET_MINUTES,
  type InvalidCalendarDate,
  isCalendarDate,
  parseCalendarDate,
  type Weekday,
  weekdayOf,
} from "./domain/calendar-date.ts";
export {
  CONTRIBUTION_WINDOW_DAYS,
  type ContributionWindow,
  clipWindow,
  lastDayOf,
  MAX_DAILY_COUNT,
  saysTheSame,
  totalOf,
  windowEndingOn,
} from "./domain/contribution-window.ts";
export type { StorageFault, TransportFault, TransportFaultReason, VersionConflict } from "./domain/fault.ts";
export {
  type AccountId,
  type Branded,
  type ConnectionId,
  type IdentifierKind,
  type InstallationId,
  type Instant,
  type InvalidIdentifier,
  type LinkId,
  parseAccountId,
  parseConnectionId,
  parseInstallationId,
  parseInstant,
  parseLinkId,
  parseRequestId,
  parseSessionId,
  parseUserId,
  type RequestId,
  type SessionId,
  type UserId,
} from "./domain/identifiers.ts";
export {
  type AttachMessage,
  type CompleteMessage,
  type DeliverMessage,
  type DeliveryRecord,
  type DisableMessage,
  type EnableMessage,
  type Envelope,
  MAX_FOLLOWED,
  MAX_RECORDS,
  type Message,
  PROTOCOL_VERSION,
  type ReportRecord,
  type WithdrawRecord,
} from "./domain/message.ts";
export { parseAnswer } from "./domain/parse-answer.ts";
export {
  type MessageRejection,
  parseMessage,
  parseRecord,
  type UnreadDelivery,
  type UnreadMessage,
} from "./domain/parse-message.ts";
export {
  CONTRIBUTION_SOURCE,
  type ContributionPayload,
  type ContributionSourceName,
} from "./domain/payload.ts";
export type { DeletionReceipt, DisablingReceipt, RemovedCounts } from "./domain/receipt.ts";
export { MAX_EPOCH, NEVER_ENABLED, newerSwitch, type Switch } from "./domain/switch.ts";
export type { Chance, Clock } from "./domain/world.ts";
