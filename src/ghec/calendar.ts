import { err, ok, type Result } from "neverthrow";
import {
  addDays,
  type CalendarDate,
  type DayRange,
  dayNumberAt,
  firstOfMonth,
  type Weekday,
  weekdayOf,
} from "../domain/calendar-date.ts";
import { type ContributionWindow, clipWindow, windowEndingOn } from "../domain/contribution-window.ts";
import type { CalendarRequest } from "./calendar-request.ts";
import { checkCalendarRequest, type InvalidCalendarRequest } from "./check-calendar-request.ts";
import { type ContributionLevel, levelsAmong } from "./contribution-level.ts";

/** One day, in the shape of GitHub's GraphQL `ContributionCalendarDay`. */
export interface ContributionCalendarDay {
  readonly date: CalendarDate;
  readonly contributionCount: number;
  readonly contributionLevel: ContributionLevel;
  /** 0 is Sunday. */
  readonly weekday: Weekday;
}

/** One week from Sunday to Saturday; the first and the last may be shorter. */
export interface ContributionCalendarWeek {
  /** The first day of it that is shown. */
  readonly firstDay: CalendarDate;
  readonly contributionDays: readonly ContributionCalendarDay[];
}

/** One month that a week begins in. */
export interface ContributionCalendarMonth {
  /** Its first day, shown or not. */
  readonly firstDay: CalendarDate;
  /** Its English name, as in GitHub's schema. */
  readonly name: string;
  readonly year: number;
  /** How many weeks begin in it. */
  readonly totalWeeks: number;
}

/** In the shape of GitHub's GraphQL `ContributionCalendar`. */
export interface ContributionCalendar {
  readonly totalContributions: number;
  readonly weeks: readonly ContributionCalendarWeek[];
  readonly months: readonly ContributionCalendarMonth[];
}

/** In the shape of GitHub's GraphQL `ContributionsCollection`. */
export interface ContributionsCollection {
  readonly contributionCalendar: ContributionCalendar;
  /** How many contributions are shown whose details the viewer may not see; 0 where the profile hides them. */
  readonly restrictedContributionsCount: number;
  /** Whether there are any of those; never true where the profile hides them. */
  readonly hasAnyRestrictedContributions: boolean;
}

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

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
  const { days, today, own, ownRestricted, servers, showsPrivateContributions } = request;
  const open = new Tally(days);
  const restricted = new Tally(days);
  for (const { date, contributionCount } of own) open.add(date, contributionCount);
  if (showsPrivateContributions) {
    for (const { date, contributionCount } of ownRestricted) restricted.add(date, contributionCount);
    for (const { window } of servers) restricted.addWindow(clipWindow(window, windowEndingOn(today)));
  }
  const counts = open.counts.map((count, day) => count + (restricted.counts[day] as number));
  const restrictedContributionsCount = sum(restricted.counts);
  return ok({
    contributionCalendar: calendarOf(days.first, counts),
    restrictedContributionsCount,
    hasAnyRestrictedContributions: restrictedContributionsCount > 0,
  });
}

class Tally {
  readonly counts: number[];
  private readonly start: number;

  constructor(days: DayRange) {
    this.start = dayNumberAt(days.first);
    this.counts = new Array<number>(dayNumberAt(days.last) - this.start + 1).fill(0);
  }

  add(date: CalendarDate, count: number): void {
    this.addAt(dayNumberAt(date) - this.start, count);
  }

  addWindow(window: ContributionWindow | null): void {
    if (!window) return;
    const from = dayNumberAt(window.first) - this.start;
    for (const [day, count] of window.counts.entries()) this.addAt(from + day, count);
  }

  private addAt(day: number, count: number): void {
    const before = this.counts[day];
    if (before !== undefined) this.counts[day] = before + count;
  }
}

function calendarOf(first: CalendarDate, counts: readonly number[]): ContributionCalendar {
  const levelOf = levelsAmong(counts);
  const weeks: { firstDay: CalendarDate; contributionDays: ContributionCalendarDay[] }[] = [];
  for (const [day, contributionCount] of counts.entries()) {
    const date = addDays(first, day);
    const weekday = weekdayOf(date);
    if (day === 0 || weekday === 0) weeks.push({ firstDay: date, contributionDays: [] });
    weeks.at(-1)?.contributionDays.push({
      date,
      contributionCount,
      contributionLevel: levelOf(contributionCount),
      weekday,
    });
  }
  return { totalContributions: sum(counts), weeks, months: monthsOf(weeks) };
}

/** A month counts the weeks whose first day shown lies in it. */
function monthsOf(weeks: readonly ContributionCalendarWeek[]): readonly ContributionCalendarMonth[] {
  const months: { firstDay: CalendarDate; name: string; year: number; totalWeeks: number }[] = [];
  for (const week of weeks) {
    const firstDay = firstOfMonth(week.firstDay);
    const last = months.at(-1);
    if (last?.firstDay === firstDay) {
      last.totalWeeks++;
      continue;
    }
    const name = MONTHS[Number(firstDay.slice(5, 7)) - 1] as string;
    months.push({ firstDay, name, year: Number(firstDay.slice(0, 4)), totalWeeks: 1 });
  }
  return months;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
