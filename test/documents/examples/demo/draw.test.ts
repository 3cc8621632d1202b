import type { CalendarDate } from "unified-contributions";
import { type ContributionCalendar, contributionsCollection } from "unified-contributions/ghec";
import { describe, expect, it } from "vitest";
import { drawInTerminal } from "../../../../examples/demo/draw-terminal.ts";

/** Four weeks from a Wednesday to a Tuesday, over a month's end; four days of 1, 2, 3 and 4 contributions. */
function calendar(): ContributionCalendar {
  const contributions = [
    { date: "2026-02-25" as CalendarDate, contributionCount: 1 },
    { date: "2026-02-28" as CalendarDate, contributionCount: 2 },
    { date: "2026-03-01" as CalendarDate, contributionCount: 3 },
    { date: "2026-03-17" as CalendarDate, contributionCount: 4 },
  ];
  const request = {
    days: { first: "2026-02-25" as CalendarDate, last: "2026-03-17" as CalendarDate },
    today: "2026-03-17" as CalendarDate,
    contributions,
    restrictedContributions: [],
    servers: [],
    showsPrivateContributions: true,
  };
  return contributionsCollection(request)._unsafeUnwrap().contributionCalendar;
}

describe("the calendar in the terminal", () => {
  it("has a row a weekday, a column a week, and no label where three letters have no room", () => {
    expect(drawInTerminal(calendar(), false)).toEqual([
      "       Mar",
      "       ▓ · ·",
      "Mon    · · ·",
      "       · · █",
      "Wed  ░ · ·",
      "     · · ·",
      "Fri  · · ·",
      "     ▒ · ·",
      "",
      "     Less · ░ ▒ ▓ █ More",
    ]);
  });

  it("has colours where they can be seen, each ended where it began", () => {
    const [, sunday] = drawInTerminal(calendar(), true);

    expect(sunday).toBe("       \u001b[32m▓\u001b[0m · ·");
  });
});
