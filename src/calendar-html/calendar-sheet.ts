import { type CalendarDate, dayNumberAt, firstOfMonth, weekdayOf } from "../domain/calendar-date.ts";
import type { ContributionCalendarDay } from "../ghec/calendar.ts";
import { CONTRIBUTION_LEVELS } from "../ghec/contribution-level.ts";
import type { CompleteMarkupOptions, DrawnCollection } from "./markup-options.ts";
import type { WordedCount } from "./wording.ts";

/** One square of a calendar. */
export interface SheetDay {
  readonly date: CalendarDate;
  /** The level, from 0 for none to 4 for most. */
  readonly level: number;
  /** The sentence that names the day and how many contributions it has. */
  readonly sentence: string;
}

/** The name of a row or of a run of columns: in full for all readers, and short for the eye. */
export interface SheetHeading {
  readonly name: string;
  /** The short name; empty if there is too little room for it. */
  readonly label: string;
}

/** A calendar in rows and columns with all its words, before it becomes markup. */
export interface CalendarSheet {
  readonly lang: string;
  readonly direction: "ltr" | "rtl";
  readonly caption: string;
  /** Seven rows, from the first day of the week on. */
  readonly weekdays: readonly SheetHeading[];
  /** The months in which weeks begin, each with the number of these weeks. */
  readonly months: readonly (SheetHeading & { readonly weeks: number })[];
  /** The weeks in order, each with its seven rows. Null is a day that the calendar does not show. */
  readonly weeks: readonly (readonly (SheetDay | null)[])[];
}

const DAY_MS = 86_400_000;

/** Returns a checked calendar with its layout. Pure: the words depend on the options and the runtime's Unicode data. */
export function layOutCalendar(
  { contributionCalendar }: DrawnCollection,
  options: CompleteMarkupOptions,
): CalendarSheet {
  const { locale, wording, weekStart } = options;
  const numbers = new Intl.NumberFormat(locale);
  const counted = (value: number): WordedCount => ({ value, text: numbers.format(value) });
  const onServer = new Map(
    options.serverContributions.map(({ date, contributionCount }) => [date, contributionCount]),
  );
  const writeDay = dateWriter(locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const writeDate = dateWriter(locale, { day: "numeric", month: "long", year: "numeric" });

  const days = contributionCalendar.weeks.flatMap(({ contributionDays }) => contributionDays);
  const [first, last] = [days[0], days.at(-1)] as [ContributionCalendarDay, ContributionCalendarDay];
  const toSheetDay = ({ date, contributionCount, contributionLevel }: ContributionCalendarDay): SheetDay => {
    const here = onServer.get(date) ?? 0;
    const contributions = counted(contributionCount);
    const sentence = wording.day({
      contributions,
      date: writeDay(date),
      onServer: here > 0 ? counted(here) : null,
    });
    return { date, level: CONTRIBUTION_LEVELS.indexOf(contributionLevel), sentence };
  };
  const weeks = inWeeks(days.map(toSheetDay), weekStart);
  return {
    lang: locale,
    direction: textDirection(locale),
    caption: wording.caption({
      contributions: counted(contributionCalendar.totalContributions),
      first: writeDate(first.date),
      last: writeDate(last.date),
    }),
    weekdays: weekdaysFrom(weekStart, locale),
    months: monthsOf(weeks, locale),
    weeks,
  };
}

function inWeeks(days: readonly SheetDay[], weekStart: number): readonly (readonly (SheetDay | null)[])[] {
  const weeks: (SheetDay | null)[][] = [];
  for (const day of days) {
    const row = (weekdayOf(day.date) - weekStart + 7) % 7;
    if (weeks.length === 0 || row === 0) weeks.push(new Array<null>(7).fill(null));
    (weeks.at(-1) as (SheetDay | null)[])[row] = day;
  }
  return weeks;
}

/** A month counts the weeks whose first shown day lies in it, as in GitHub's schema. */
function monthsOf(
  weeks: CalendarSheet["weeks"],
  locale: string,
): readonly (SheetHeading & { readonly weeks: number })[] {
  const writeName = dateWriter(locale, { month: "long", year: "numeric" });
  const writeLabel = dateWriter(locale, { month: "short" });
  const months = new Map<CalendarDate, number>();
  for (const week of weeks) {
    const month = firstOfMonth((week.find((day) => day !== null) as SheetDay).date);
    months.set(month, (months.get(month) ?? 0) + 1);
  }
  return [...months].map(([month, count]) => {
    const label = writeLabel(month);
    // A column is as wide as two letters.
    return { name: writeName(month), label: label.length < count * 2 ? label : "", weeks: count };
  });
}

/** A Sunday, and a week of days from it on. */
const SUNDAY = dayNumberAt("2026-03-01");

/** Monday, Wednesday and Friday have labels, as on GitHub. Two rows with labels never touch. */
function weekdaysFrom(weekStart: number, locale: string): readonly SheetHeading[] {
  const name = formatter(locale, { weekday: "long" });
  const label = formatter(locale, { weekday: "short" });
  return Array.from({ length: 7 }, (_, row) => {
    const weekday = (weekStart + row) % 7;
    const instant = (SUNDAY + weekday) * DAY_MS;
    return { name: name.format(instant), label: weekday % 2 === 1 ? label.format(instant) : "" };
  });
}

function dateWriter(locale: string, parts: Intl.DateTimeFormatOptions): (date: CalendarDate) => string {
  const dates = formatter(locale, parts);
  return (date) => dates.format(dayNumberAt(date) * DAY_MS);
}

/** Columns are months of the Gregorian calendar, whichever calendar the language uses. Days have no zone. */
function formatter(locale: string, parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, { ...parts, calendar: "gregory", timeZone: "UTC" });
}

/** The scripts of living languages that are written from right to left. */
const RIGHT_TO_LEFT = new Set([
  ...["Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi"],
]);

/** The script of a language decides, named in its tag or likely for it. Not every runtime has `getTextInfo`. */
function textDirection(locale: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(new Intl.Locale(locale).maximize().script ?? "") ? "rtl" : "ltr";
}
