import type { ContributionCalendar, ContributionLevel } from "unified-contributions/ghec";
import { LEVELS, monthLabels, WEEKDAYS } from "./calendar-labels.ts";

/** The density tells, with or without colour, on dark and on light. */
const SHADES: Readonly<Record<ContributionLevel, string>> = {
  NONE: "·",
  FIRST_QUARTILE: "░",
  SECOND_QUARTILE: "▒",
  THIRD_QUARTILE: "▓",
  FOURTH_QUARTILE: "█",
};

/** Draws a calendar in ten lines: months, seven weekdays, an empty line and the legend; two columns a week. */
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
