import {
  addDays,
  type CalendarDate,
  firstOfMonth,
  type Weekday,
  weekdayOf,
} from "../domain/calendar-date.ts";
import { type ContributionLevel, levelsAmong } from "./contribution-level.ts";

/** One day, in the shape of GitHub's GraphQL `ContributionCalendarDay`. */
export interface ContributionCalendarDay {
  readonly date: CalendarDate;
  readonly contributionCount: number;
  readonly contributionLevel: ContributionLevel;
  /** 0 is Sunday. */
  readonly weekday: Weekday;
}

/** One week from Sunday to Saturday. The first and the last may be shorter. */
export interface ContributionCalendarWeek {
  /** The first shown day of the week. */
  readonly firstDay: CalendarDate;
  readonly contributionDays: readonly ContributionCalendarDay[];
}

/** One month in which a week begins. */
export interface ContributionCalendarMonth {
  /** Its first day, even if that day is not shown. */
  readonly firstDay: CalendarDate;
  /** Its English name, as in GitHub's schema. */
  readonly name: string;
  readonly year: number;
  /** How many weeks begin in it. */
  readonly totalWeeks: number;
}

/**
 * A contribution calendar in the shape of GitHub's GraphQL `ContributionCalendar`, without three fields that belong to
 * a page. `isHalloween` asks whether colours change on the day of viewing. `colors` and each day's `color` are those
 * colours.
 */
export interface ContributionCalendar {
  readonly totalContributions: number;
  readonly weeks: readonly ContributionCalendarWeek[];
  readonly months: readonly ContributionCalendarMonth[];
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

/** Returns the calendar of consecutive days that begin with `first`. There is one count for each day. */
export function calendarOf(first: CalendarDate, counts: readonly number[]): ContributionCalendar {
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

/** Returns the months. Each one counts the weeks whose first shown day lies in it. */
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
