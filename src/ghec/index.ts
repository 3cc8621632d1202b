/**
 * The GitHub Enterprise Cloud side: the receiver and the contribution calendar.
 *
 * @packageDocumentation
 */

export type { OpenAttempt } from "./attempt.ts";
export type {
  ContributionCalendar,
  ContributionCalendarDay,
  ContributionCalendarMonth,
  ContributionCalendarWeek,
} from "./calendar.ts";
export type { InvalidCalendarRequest } from "./calendar-request.ts";
export {
  type CalendarRequest,
  calendarDaysEndingOn,
  type DailyContributionCount,
  MAX_CALENDAR_DAYS,
} from "./calendar-request.ts";
export type { UnknownInstallation } from "./connections.ts";
export type { AccountConsent, ConsentGiven, ConsentRefusal, ConsentRequest } from "./consent.ts";
export type { ContributionLevel } from "./contribution-level.ts";
export { type ContributionsCollection, contributionsCollection } from "./contributions-collection.ts";
export type { ReceiverEvent } from "./events.ts";
export type { DeletedLink } from "./link.ts";
export type { InvalidOptions } from "./long-run.ts";
export type { LedgerCursor, ReceiverOptions, ShownWindow, SweepResult } from "./ports.ts";
export type { InvalidCursors } from "./prune-ledger.ts";
export { createReceiver, type Receiver } from "./receiver.ts";
export type { Reconciliation } from "./reconcile.ts";
export type { ReceiverSession, Registration } from "./registration.ts";
export { type ReceiverLoop, type ReceiverRun, runReceiver } from "./run-receiver.ts";
export { type ServerContributionDay, serverContributionsForOwner } from "./server-contributions.ts";
