import type { ContributionCalendar, ContributionLevel } from "unified-contributions/ghec";

/** The weekdays that a calendar names, from Sunday on. */
const WEEKDAYS: readonly string[] = ["", "Mon", "", "Wed", "", "Fri", ""];

/** The density tells, with or without colour, on dark and on light. */
const SHADES: Readonly<Record<ContributionLevel, string>> = {
  NONE: "·",
  FIRST_QUARTILE: "░",
  SECOND_QUARTILE: "▒",
  THIRD_QUARTILE: "▓",
  FOURTH_QUARTILE: "█",
};

/** From the lowest level on, as the legend shows them. */
const LEVELS = Object.keys(SHADES) as readonly ContributionLevel[];

/** Draws a calendar in ten lines: months, seven weekdays, an empty line and the legend. A week is two columns wide. */
export function drawInTerminal(calendar: ContributionCalendar, isColoured: boolean): readonly string[] {
  const cell = (level: ContributionLevel): string =>
    isColoured && level !== "NONE" ? `\u001b[32m${SHADES[level]}\u001b[0m` : SHADES[level];

  const months = monthLabels(calendar).reduce(
    (line, { week, text }) => `${line.padEnd(week * 2)}${text}`,
    "",
  );
  const rows = WEEKDAYS.map((label, weekday) => {
    const cells = calendar.weeks.map(({ contributionDays }) => {
      const day = contributionDays.find((candidate) => candidate.weekday === weekday);
      return day ? cell(day.contributionLevel) : " ";
    });
    return `${label.padEnd(5)}${cells.join(" ")}`.trimEnd();
  });
  const legend = `     Less ${LEVELS.map(cell).join(" ")} More`;
  return [`     ${months}`, ...rows, "", legend];
}

/** The name of a month, over the week that it begins with. */
interface MonthLabel {
  /** Which week, from 0 on. */
  readonly week: number;
  /** Three letters. */
  readonly text: string;
}

/** The months' labels; one that has not the two weeks' room that three letters need is left out. */
function monthLabels({ months }: ContributionCalendar): readonly MonthLabel[] {
  let week = 0;
  return months.flatMap(({ name, totalWeeks }, index): MonthLabel[] => {
    const begins = week;
    week += totalWeeks;
    const hasRoom = totalWeeks > 1 || index === months.length - 1;
    return hasRoom ? [{ week: begins, text: name.slice(0, 3) }] : [];
  });
}
