import type { ContributionCalendar, ContributionLevel } from "unified-contributions/ghec";

/** The levels from few to many, as legends show them. */
export const LEVELS: readonly ContributionLevel[] = [
  "NONE",
  "FIRST_QUARTILE",
  "SECOND_QUARTILE",
  "THIRD_QUARTILE",
  "FOURTH_QUARTILE",
];

/** The weekdays that a calendar names, by {@link ContributionCalendar} weekday. */
export const WEEKDAYS: readonly string[] = ["", "Mon", "", "Wed", "", "Fri", ""];

/** The name of a month, over the week that it begins with. */
export interface MonthLabel {
  /** Which week, from 0 on. */
  readonly week: number;
  /** Three letters. */
  readonly text: string;
}

/** The months' labels; one that has not the two weeks' room that three letters need is left out. */
export function monthLabels({ months }: ContributionCalendar): readonly MonthLabel[] {
  let week = 0;
  return months.flatMap(({ name, totalWeeks }, index): MonthLabel[] => {
    const begins = week;
    week += totalWeeks;
    const hasRoom = totalWeeks > 1 || index === months.length - 1;
    return hasRoom ? [{ week: begins, text: name.slice(0, 3) }] : [];
  });
}
