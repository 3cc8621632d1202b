import type { CalendarDate, DayRange } from "../domain/calendar-date.ts";
import type { ContributionWindow } from "../domain/contribution-window.ts";

/** How many days a calendar can show: 53 weeks and the days of the weeks they begin and end in. */
export const MAX_CALENDAR_DAYS = 371;

/** How many contributions were made on one day on GitHub Enterprise Cloud itself. */
export interface OwnDailyCount {
  readonly date: CalendarDate;
  /** A whole number from 0 on. Several entries of one day are added. */
  readonly contributionCount: number;
}

/** What a calendar is made of. */
export interface CalendarRequest {
  /** The days shown, both ends included, 1 to 371. */
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
