import { err, ok, type Result } from "neverthrow";
import { type CalendarDate, dayNumberAt } from "../domain/calendar-date.ts";
import {
  type ContributionWindow,
  clipWindow,
  lastDayOf,
  windowEndingOn,
} from "../domain/contribution-window.ts";
import { type ContributionCalendar, calendarOf } from "./calendar.ts";
import {
  type CalendarRequest,
  checkCalendarRequest,
  type DailyContributionCount,
  type InvalidCalendarRequest,
} from "./calendar-request.ts";
import { DailyTally } from "./daily-tally.ts";

/** The part of GitHub's GraphQL `ContributionsCollection` that counts of servers change. */
export interface ContributionsCollection {
  readonly contributionCalendar: ContributionCalendar;
  /**
   * Midnight at the beginning of the first day, as `YYYY-MM-DDT00:00:00Z`. A calendar day has no zone. The `Z` is our
   * reading: the schema wants a `DateTime`, and this one names the day if it is taken for a date in UTC.
   */
  readonly startedAt: string;
  /** The last whole second of the last day, as `YYYY-MM-DDT23:59:59Z`, in the sense of {@link startedAt}. */
  readonly endedAt: string;
  /** Whether any contributions are shown. Contributions that the profile hides are not. */
  readonly hasAnyContributions: boolean;
  /**
   * The years of the contributions in the request, the most recent first, also of days that are not shown. Years that a
   * host does not pass in are unknown here: of servers nothing older than 90 days is. Contributions that the profile
   * hides add no year.
   */
  readonly contributionYears: readonly number[];
  /** How many contributions are shown whose details the viewer may not see; 0 if the profile hides them. */
  readonly restrictedContributionsCount: number;
  /** Whether there are any of those; never true if the profile hides them. */
  readonly hasAnyRestrictedContributions: boolean;
  /** The first day with any of those; null if there are none, or if the profile hides them. */
  readonly earliestRestrictedContributionDate: CalendarDate | null;
  /** The last day with any of those; null if there are none, or if the profile hides them. */
  readonly latestRestrictedContributionDate: CalendarDate | null;
}

/**
 * Merges an account's own contributions with its servers' counts into the contribution calendar. Pure.
 *
 * "the counts … from the past 90 days": of servers' counts nothing older is shown, whatever is passed in.
 */
export function contributionsCollection(
  request: CalendarRequest,
): Result<ContributionsCollection, InvalidCalendarRequest> {
  const invalid = checkCalendarRequest(request);
  if (invalid) return err(invalid);
  const { days, contributions } = request;
  const { restrictedContributions, windows } = shownPrivately(request);
  const open = new DailyTally(days);
  const restricted = new DailyTally(days);
  for (const { date, contributionCount } of contributions) open.add(date, contributionCount);
  for (const { date, contributionCount } of restrictedContributions) restricted.add(date, contributionCount);
  for (const window of windows) restricted.addWindow(window);
  const counts = open.counts.map((count, day) => count + (restricted.counts[day] as number));
  const contributionCalendar = calendarOf(days.first, counts);
  const restrictedDays = restricted.contributingDays;
  return ok({
    contributionCalendar,
    startedAt: `${days.first}T00:00:00Z`,
    endedAt: `${days.last}T23:59:59Z`,
    hasAnyContributions: contributionCalendar.totalContributions > 0,
    contributionYears: yearsOf([...contributions, ...restrictedContributions], windows),
    restrictedContributionsCount: restricted.total,
    hasAnyRestrictedContributions: restrictedDays !== null,
    earliestRestrictedContributionDate: restrictedDays?.first ?? null,
    latestRestrictedContributionDate: restrictedDays?.last ?? null,
  });
}

/** The private contributions that the profile shows: those of the account, and those of servers from the past 90 days. */
function shownPrivately({
  restrictedContributions,
  servers,
  showsPrivateContributions,
  today,
}: CalendarRequest): {
  readonly restrictedContributions: readonly DailyContributionCount[];
  readonly windows: readonly ContributionWindow[];
} {
  if (!showsPrivateContributions) return { restrictedContributions: [], windows: [] };
  const shown = windowEndingOn(today);
  const windows = servers.flatMap(({ window }) => clipWindow(window, shown) ?? []);
  return { restrictedContributions, windows };
}

function yearsOf(
  dailyCounts: readonly DailyContributionCount[],
  windows: readonly ContributionWindow[],
): readonly number[] {
  const years = new Set<number>();
  for (const { date, contributionCount } of dailyCounts) {
    if (contributionCount > 0) years.add(Number(date.slice(0, 4)));
  }
  for (const window of windows) {
    // 90 days lie in two years at most: this one, and the one before its first day.
    const year = Number(lastDayOf(window).slice(0, 4));
    const newYear = dayNumberAt(`${year}-01-01`) - dayNumberAt(window.first);
    for (const [day, count] of window.counts.entries()) {
      if (count > 0) years.add(day < newYear ? year - 1 : year);
    }
  }
  return [...years].sort((one, other) => other - one);
}
