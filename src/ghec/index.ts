/**
 * The GitHub Enterprise Cloud side: registrations, links, ingestion, deletion and the contribution calendar.
 *
 * @packageDocumentation
 */

export {
  type CalendarRequest,
  calendarDaysEndingOn,
  MAX_CALENDAR_DAYS,
  type OwnDailyCount,
} from "./calendar-request.ts";
export type { InvalidCalendarRequest } from "./check-calendar-request.ts";
export type { ConsentOffer, ConsentRefusal, ConsentRequest, OpenedLink } from "./consent.ts";
export type {
  ContributionCalendar,
  ContributionCalendarDay,
  ContributionCalendarMonth,
  ContributionCalendarWeek,
} from "./contribution-calendar.ts";
export { CONTRIBUTION_LEVELS, type ContributionLevel, levelsAmong } from "./contribution-level.ts";
export { type ContributionsCollection, contributionsCollection } from "./contributions-collection.ts";
export type { UnknownInstallation } from "./exit.ts";
export { type Ingested, ingest, type Place } from "./ingest.ts";
export {
  applyReport,
  applyWithdrawal,
  type DeadLink,
  isUnreported,
  type KeptReport,
  killLink,
  type LinkTransition,
  type LiveLink,
  type ReceiverLink,
} from "./link.ts";
export type {
  DeletionLedger,
  DeliveredReport,
  Delivery,
  DeliveryResult,
  KilledLink,
  KillSelection,
  LedgerEntry,
  Opening,
  OpeningResult,
  ReceiverStore,
  RegistrationCommit,
  RestoreResult,
  ShownWindow,
  StoredRegistration,
  SweepQuery,
  SweepResult,
} from "./ports.ts";
export {
  createReceiver,
  type InvalidLimit,
  type Receiver,
} from "./receiver.ts";
export type { ReceiverOptions } from "./receiver-options.ts";
export {
  type Admission,
  admit,
  attach,
  type ChainedRequest,
  complete,
  connect,
  currentSession,
  disable,
  disablingReceipt,
  disconnect,
  enable,
  endsConnection,
  isOpen,
  type ReceiverSession,
  type Registration,
  vacate,
} from "./registration.ts";
export { type ServerContributionDay, serverContributionsForOwner } from "./server-contributions.ts";
