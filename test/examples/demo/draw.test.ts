import type { CalendarDate } from "unified-contributions";
import { type ContributionCalendar, contributionsCollection } from "unified-contributions/ghec";
import { describe, expect, it } from "vitest";
import { drawSvg } from "../../../examples/demo/draw-svg.ts";
import { drawInTerminal } from "../../../examples/demo/draw-terminal.ts";

/** Four weeks from a Wednesday to a Tuesday, over a month's end; four days of 1, 2, 3 and 4 contributions. */
function calendar(): ContributionCalendar {
  const own = [
    { date: "2026-02-25" as CalendarDate, contributionCount: 1 },
    { date: "2026-02-28" as CalendarDate, contributionCount: 2 },
    { date: "2026-03-01" as CalendarDate, contributionCount: 3 },
    { date: "2026-03-17" as CalendarDate, contributionCount: 4 },
  ];
  const request = {
    days: { first: "2026-02-25" as CalendarDate, last: "2026-03-17" as CalendarDate },
    today: "2026-03-17" as CalendarDate,
    own,
    ownRestricted: [],
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

describe("the calendar as a picture", () => {
  const picture = drawSvg(calendar());

  it("is well-formed: every tag that is opened is closed, in order", () => {
    const open: string[] = [];
    for (const [, slash, name = "", rest = ""] of picture.matchAll(/<(\/?)([a-z]+)([^<>]*)>/g)) {
      if (slash) expect(open.pop()).toBe(name);
      else if (!rest.endsWith("/")) open.push(name);
    }

    expect(open).toEqual([]);
    expect(picture.match(/<svg /g)).toHaveLength(1);
    expect(picture.replace(/<[^<>]*>/g, "")).not.toMatch(/[<>&]/);
  });

  it("has a cell a day, which names its day and count, and a legend of five", () => {
    const cells = [...picture.matchAll(/<rect class="l(\d)"[^>]*><title>([^<]*)<\/title>/g)];

    expect(cells).toHaveLength(21 + 5);
    expect(cells.slice(0, 5).map(([, level, title]) => [level, title])).toEqual([
      ["1", "1 contribution on 2026-02-25"],
      ["0", "0 contributions on 2026-02-26"],
      ["0", "0 contributions on 2026-02-27"],
      ["2", "2 contributions on 2026-02-28"],
      ["3", "3 contributions on 2026-03-01"],
    ]);
    expect(cells.slice(-5).map(([, level]) => level)).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("says to who can't see it what it shows, and to who reads in the dark in other colours", () => {
    expect(picture).toContain('role="img" aria-labelledby="title"');
    expect(picture).toContain(
      '<title id="title">10 contributions made on GitHub Enterprise Server, 2026-02-25 to 2026-03-17</title>',
    );
    expect(picture).toContain("@media (prefers-color-scheme: dark)");
    expect([...picture.matchAll(/<text[^>]*>([A-Z][a-z]{2,3})<\/text>/g)].map(([, text]) => text)).toEqual([
      "Mar",
      "Mon",
      "Wed",
      "Fri",
      "Less",
      "More",
    ]);
  });
});
