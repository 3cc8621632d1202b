import { addDays, type CalendarDate, type DayRange, weekdayOf } from "../domain/calendar-date.ts";
import type { ContributionWindow } from "../domain/contribution-window.ts";

/** The largest number of days that a calendar can show: 53 weeks. */
export const MAX_CALENDAR_DAYS = 371;

const WEEKS_BEFORE_THIS_ONE = 52;

/**
 * Returns the days that GitHub's profile shows on a day, both ends included: 365 to 371 days in 53 weeks.
 *
 * They end today and begin on the Sunday 52 weeks before this week's Sunday. That is the Sunday of the week one year
 * ago, except on about two days in eleven: then GitHub leaves out a 54th week at the front. This is our reading of
 * what GitHub shows. Within the first year of the calendar the range begins on its first day, 1000-01-01.
 */
export function calendarDaysEndingOn(today: CalendarDate): DayRange {
  return { first: addDays(today, -weekdayOf(today) - WEEKS_BEFORE_THIS_ONE * 7), last: today };
}

/** How many contributions were made on one day on GitHub Enterprise Cloud itself. */
export interface OwnDailyCount {
  readonly date: CalendarDate;
  /** A whole number from 0 on. Several entries of one day are added. */
  readonly contributionCount: number;
}

/** What a calendar is made of. */
export interface CalendarRequest {
  /** The days shown, both ends included, 1 to 371: {@link calendarDaysEndingOn} makes those of GitHub's profile. */
  readonly days: DayRange;
  /** The viewer's today: of servers' counts only the 90 days that end on it are shown. */
  readonly today: CalendarDate;
  /** Contributions on GitHub Enterprise Cloud whose details the viewer may see. */
  readonly own: readonly OwnDailyCount[];
  /** Contributions on GitHub Enterprise Cloud whose details the viewer may not see. */
  readonly ownRestricted: readonly OwnDailyCount[];
  /** The counts of the account's servers, as `Receiver.shownCounts` gives them: private contributions, always. */
  readonly servers: readonly { readonly window: ContributionWindow }[];
  /**
   * Whether the profile shows the number of private contributions. It hides and shows; it never deletes
   * (Profile contributions reference).
   */
  readonly showsPrivateContributions: boolean;
}
