/**
 * The vocabulary of both sides: ids, days, the 90-day window, payloads, receipts and faults.
 *
 * @packageDocumentation
 */

export { err, errAsync, ok, okAsync, Result, ResultAsync } from "neverthrow";
export {
  type CalendarDate,
  type DayRange,
  dateOfInstant,
  type InvalidCalendarDate,
  isCalendarDate,
  parseCalendarDate,
} from "./domain/calendar-date.ts";
export type { Consent } from "./domain/consent.ts";
export { CONTRIBUTION_SOURCE, type ContributionPayload } from "./domain/contribution-payload.ts";
export {
  CONTRIBUTION_WINDOW_DAYS,
  type ContributionWindow,
  lastDayOf,
  MAX_DAILY_COUNT,
  restoredDays,
  totalOf,
  windowEndingOn,
} from "./domain/contribution-window.ts";
export type { Clock, Random } from "./domain/environment.ts";
export type { StorageFault, TransportFault } from "./domain/fault.ts";
export type { FeatureSwitch as Switch } from "./domain/feature-switch.ts";
export {
  type AccountId,
  type AttemptId,
  type BrowserId,
  type ConnectionId,
  type ConsentCode,
  type InstallationId,
  type Instant,
  type InvalidIdentifier,
  type LinkId,
  parseAccountId,
  parseAttemptId,
  parseBrowserId,
  parseConnectionId,
  parseConsentCode,
  parseInstallationId,
  parseInstant,
  parseLinkId,
  parseUserId,
  type UserId,
} from "./domain/identifiers.ts";
export type { LedgerPlace } from "./domain/ledger-place.ts";
export type { DeletionReceipt, DisablingReceipt } from "./domain/receipt.ts";
