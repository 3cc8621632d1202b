import {
  addDays,
  type CalendarDate,
  type DayRange,
  dayNumberAt,
  isCalendarDate,
  weekdayOf,
} from "../domain/calendar-date.ts";
import { type ContributionWindow, isCounts } from "../domain/contribution-window.ts";

/** The largest number of days that a calendar can show: 53 weeks. */
export const MAX_CALENDAR_DAYS = 371;

const WEEKS_BEFORE_THIS_ONE = 52;

/**
 * Returns the days that GitHub's profile shows on a day, both ends included: 365 to 371 days in 53 weeks.
 *
 * They end today and begin on the Sunday 52 weeks before this week's Sunday. On most days that Sunday begins the week
 * of one year ago. On about two days in eleven it does not: then GitHub leaves out a 54th week at the front. This is
 * our reading of GitHub's pages. Within the first year of the calendar the range begins on its first day, 1000-01-01.
 */
export function calendarDaysEndingOn(today: CalendarDate): DayRange {
  return { first: addDays(today, -weekdayOf(today) - WEEKS_BEFORE_THIS_ONE * 7), last: today };
}

/** How many contributions were made on one day on GitHub Enterprise Cloud itself. */
export interface DailyContributionCount {
  readonly date: CalendarDate;
  /** A whole number from 0 on. Several entries of one day are added. */
  readonly contributionCount: number;
}

/** The input of a calendar. */
export interface CalendarRequest {
  /** The days shown, both ends included, 1 to 371. {@link calendarDaysEndingOn} returns those of GitHub's profile. */
  readonly days: DayRange;
  /** The viewer's today. Counts of servers are shown only for the 90 days that end on it. */
  readonly today: CalendarDate;
  /** Contributions on GitHub Enterprise Cloud whose details the viewer may see. */
  readonly contributions: readonly DailyContributionCount[];
  /** Contributions on GitHub Enterprise Cloud whose details the viewer may not see. */
  readonly restrictedContributions: readonly DailyContributionCount[];
  /**
   * The counts of the account's servers, as `Receiver.shownCounts` returns them. They are always private contributions.
   */
  readonly servers: readonly { readonly window: ContributionWindow }[];
  /**
   * Whether the profile shows the number of private contributions. It hides and shows, and never deletes (Profile
   * contributions reference).
   */
  readonly showsPrivateContributions: boolean;
}

/** The reason why there is no calendar. It does not repeat the input. */
export interface InvalidCalendarRequest {
  readonly type: "invalid-calendar-request";
  /** The field that is wrong. */
  readonly field:
    | "request"
    | "days"
    | "today"
    | "contributions"
    | "restrictedContributions"
    | "servers"
    | "showsPrivateContributions";
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

const EXPECTED = {
  request: "The request has to be an object: see `CalendarRequest`.",
  days: `\`days\` has to be { first, last } of days that exist, 1 to ${MAX_CALENDAR_DAYS} days long.`,
  today: "`today` has to be a day that exists, as YYYY-MM-DD.",
  contributions:
    "`contributions` has to be a list of { date, contributionCount } with whole numbers from 0 on.",
  restrictedContributions:
    "`restrictedContributions` has to be a list of { date, contributionCount } with whole numbers from 0 on.",
  servers:
    "`servers` has to be a list of { window: { first, counts } } with 1 to 90 whole numbers from 0 to 65,535.",
  showsPrivateContributions: "`showsPrivateContributions` has to be true or false.",
} as const;

const CHECKS: Readonly<Record<keyof CalendarRequest, (value: unknown) => boolean>> = {
  days: isDays,
  today: isCalendarDate,
  contributions: (value) => isList(value, isDailyContributionCount),
  restrictedContributions: (value) => isList(value, isDailyContributionCount),
  servers: (value) => isList(value, isServer),
  showsPrivateContributions: (value) => typeof value === "boolean",
};

const ALL_FIELDS = Object.keys(CHECKS) as (keyof CalendarRequest)[];

/** Returns the first of these fields that is wrong in a request, or null if none is. Checks all fields by default. */
export function checkCalendarRequest<Field extends keyof CalendarRequest>(
  request: Pick<CalendarRequest, Field>,
  fields: readonly Field[] = ALL_FIELDS as Field[],
): InvalidCalendarRequest | null {
  const field = isObject(request) ? fields.find((name) => !CHECKS[name](request[name])) : "request";
  return field === undefined ? null : { type: "invalid-calendar-request", field, message: EXPECTED[field] };
}

function isDays(value: unknown): value is DayRange {
  if (!isObject(value) || !isCalendarDate(value["first"]) || !isCalendarDate(value["last"])) return false;
  const days = dayNumberAt(value["last"]) - dayNumberAt(value["first"]) + 1;
  return days >= 1 && days <= MAX_CALENDAR_DAYS;
}

function isDailyContributionCount(value: unknown): boolean {
  if (!isObject(value) || !isCalendarDate(value["date"])) return false;
  const count = value["contributionCount"];
  return Number.isSafeInteger(count) && (count as number) >= 0;
}

function isServer(value: unknown): boolean {
  if (!isObject(value)) return false;
  const window = value["window"];
  return isObject(window) && isCalendarDate(window["first"]) && isCounts(window["counts"]);
}

function isList(value: unknown, isEntry: (entry: unknown) => boolean): boolean {
  // `every` would pass over the holes of a sparse list.
  return Array.isArray(value) && Array.from(value).every(isEntry);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
