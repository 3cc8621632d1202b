/**
 * The GitHub Enterprise Cloud side: the receiver and the contribution calendar.
 *
 * @packageDocumentation
 */

export {
  type ContributionCalendar,
  type ContributionCalendarDay,
  type ContributionCalendarMonth,
  type ContributionCalendarWeek,
  type ContributionsCollection,
  contributionsCollection,
} from "./calendar.ts";
export { type CalendarRequest, MAX_CALENDAR_DAYS, type OwnDailyCount } from "./calendar-request.ts";
export type { InvalidCalendarRequest } from "./check-calendar-request.ts";
export type { UnknownInstallation } from "./connections.ts";
export type { ConsentOffer, ConsentRefusal, ConsentRequest } from "./consent.ts";
export type { ContributionLevel } from "./contribution-level.ts";
export type { DeletedLink } from "./link.ts";
export type { ReceiverOptions, Recovery, ShownWindow, SweepResult } from "./ports.ts";
export { createReceiver, type InvalidLimit, type Receiver } from "./receiver.ts";
export type { ReceiverSession, Registration } from "./registration.ts";
