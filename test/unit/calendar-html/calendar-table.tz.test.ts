import fc from "fast-check";
import type { CalendarDate } from "unified-contributions";
import {
  type CalendarWording,
  type MarkupOptions,
  renderCalendarTable,
} from "unified-contributions/calendar-html";
import { describe, expect, test } from "vitest";
import type { DrawnCollection } from "../../../src/calendar-html/markup-options.ts";
import type { Weekday } from "../../../src/domain/calendar-date.ts";
import { addDays } from "../../../src/domain/calendar-date.ts";
import { drawnCollection, wellFormedTags } from "../../support/drawn-calendar.ts";

// cspell:ignore beiträge einige februar keine mehr meisten märz sonntag viele wenige weniger wochentag

function render(collection: DrawnCollection, options?: MarkupOptions): string {
  return renderCalendarTable(collection, options)._unsafeUnwrap();
}

/** The rows of a table: the text of the header cell for the eye, then a date and a level, or a space, for each cell. */
function rowsOf(markup: string): readonly string[] {
  return [...markup.matchAll(/<tr><th scope="row">(.*?)<\/th>(.*?)<\/tr>/g)].map(
    ([, header = "", cells = ""]) => {
      const [, label = ""] = /<span aria-hidden="true" hidden>([^<]*)</.exec(header) ?? [];
      const days = [...cells.matchAll(/<td(?: data-date="[\d-]{8}(\d\d)" data-level="(\d)")?>/g)];
      return [label.padEnd(3), ...days.map(([, day, level]) => (day ? `${day}:${level}` : "    "))].join(" ");
    },
  );
}

function sentencesOf(markup: string): readonly string[] {
  return [...markup.matchAll(/<td data-date="[^"]*" data-level="\d"><span>([^<]*)<\/span><\/td>/g)].map(
    // Whether a comma follows the weekday depends on the runtime's Unicode data.
    ([, sentence = ""]) => sentence.replace("day,", "day"),
  );
}

/** Three weeks from a Wednesday to a Tuesday, over a month's end. */
const FEBRUARY = drawnCollection("2026-02-25", "2026-03-17", [1, 0, 0, 2, 3, ...new Array(15).fill(0), 1234]);

describe("a calendar as a table", () => {
  test("is one table with a caption, header cells in every row and a legend, well formed", () => {
    const tags = wellFormedTags(render(FEBRUARY));

    const count = (tag: string): number => tags.filter((each) => each === tag).length;
    expect([count("table"), count("caption"), count("thead"), count("tbody")]).toEqual([1, 1, 1, 1]);
    expect([count("tr"), count("th"), count("td")]).toEqual([8, 3 + 7, 7 * 4]);
  });

  test("has a row per weekday and a column per week, and a cell per day with its level", () => {
    expect(rowsOf(render(FEBRUARY))).toEqual([
      "         01:4 08:0 15:0",
      "Mon      02:0 09:0 16:0",
      "         03:0 10:0 17:4",
      "Wed 25:2 04:0 11:0     ",
      "    26:0 05:0 12:0     ",
      "Fri 27:0 06:0 13:0     ",
      "    28:3 07:0 14:0     ",
    ]);
  });

  test("has a sentence for every day", () => {
    const sentences = sentencesOf(render(FEBRUARY));

    expect(sentences).toHaveLength(21);
    expect(sentences).toEqual(
      expect.arrayContaining([
        "1 contribution on Wednesday 25 February 2026",
        "No contributions on Thursday 26 February 2026",
        "3 contributions on Sunday 1 March 2026",
        "1,234 contributions on Tuesday 17 March 2026",
      ]),
    );
  });

  test("names in its caption the number of contributions and the days", () => {
    expect(render(FEBRUARY)).toContain(
      '<caption id="contribution-calendar-caption"><span>1,240 contributions from 25 February 2026 to 17 March 2026</span></caption>',
    );
  });

  test("has the full name of every weekday for assistive technology, and three labels for the eye", () => {
    const names = [...render(FEBRUARY).matchAll(/<th scope="row"><span class="[^"]*">([^<]*)</g)];

    expect(names.map(([, name]) => name)).toEqual([
      ...["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    ]);
  });

  test("has a header over the columns of each month, with a label only if there is room", () => {
    const markup = render(FEBRUARY);

    expect(markup).toContain(
      '<colgroup></colgroup><colgroup span="1"></colgroup><colgroup span="3"></colgroup>',
    );
    expect(markup).toContain(
      '<th scope="colgroup" colspan="1"><span class="contribution-calendar-name">February 2026</span></th>' +
        '<th scope="colgroup" colspan="3"><span class="contribution-calendar-name">March 2026</span><span aria-hidden="true" hidden>Mar</span></th>',
    );
  });

  test("has a legend from less to more, whose squares say what they mean", () => {
    const [, legend = ""] = /<p class="contribution-calendar-legend">(.*)<\/p>/.exec(render(FEBRUARY)) ?? [];

    expect(legend.replace(/<[^<>]*>/g, "")).toBe(
      "Less No contributions Few contributions Some contributions Many contributions Most contributions More",
    );
    expect([...legend.matchAll(/data-level="(\d)"/g)].map(([, level]) => level).join("")).toBe("01234");
  });

  test("holds no style and no script of its own, for any content security policy", () => {
    expect(render(FEBRUARY)).not.toMatch(/style=|<style|<script|\son\w+=|https?:/);
  });

  test("is the same to the byte each time", () => {
    expect(render(FEBRUARY)).toBe(render(structuredClone(FEBRUARY)));
  });

  test("can be of one day, and of a calendar without contributions", () => {
    expect(rowsOf(render(drawnCollection("2024-02-29", "2024-02-29", [7])))[4]).toBe("    29:4");
    expect(sentencesOf(render(drawnCollection("2024-02-29", "2024-02-29")))).toEqual([
      "No contributions on Thursday 29 February 2024",
    ]);
  });

  test("reads nothing of a collection but its calendar", () => {
    const { contributionCalendar } = FEBRUARY;

    expect(render({ contributionCalendar })).toBe(render(FEBRUARY));
  });
});

describe("a table in another week, language or direction", () => {
  test.each<[Weekday, string, readonly string[]]>([
    [1, "Mon", ["     ", "02:0", "09:0", "16:0"]],
    [6, "   ", ["     ", "28:3", "07:0", "14:0"]],
  ])("begins its weeks on weekday %i", (weekStart, label, days) => {
    const [row] = rowsOf(render(FEBRUARY, { weekStart }));

    expect(row?.replace(/ +/g, " ")).toBe([label, ...days].join(" ").replace(/ +/g, " "));
  });

  test("names the months by the weeks that begin in them, whatever day these begin on", () => {
    const year = drawnCollection("2025-03-02", "2026-03-07");
    const weeksOf = (weekStart: Weekday): readonly number[] =>
      [...render(year, { weekStart }).matchAll(/colspan="(\d)"/g)].map(([, weeks]) => Number(weeks));

    expect(weeksOf(0)).toEqual(year.contributionCalendar.months.map(({ totalWeeks }) => totalWeeks));
    expect(weeksOf(1)).toEqual([6, 4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 1]);
    expect(render(year, { weekStart: 1 }).match(/<td>/g)).toHaveLength(7);
  });

  test("has every day once, in the row of its weekday, in any week", () => {
    const someDays = fc.tuple(
      fc.integer({ min: -300_000, max: 2_000_000 }),
      fc.integer({ min: 0, max: 370 }),
      fc.integer({ min: 0, max: 6 }),
    );

    fc.assert(
      fc.property(someDays, ([from, length, weekStart]) => {
        const first = addDays("2000-01-02" as CalendarDate, from);
        const last = addDays(first, length);
        const markup = render(drawnCollection(first, last), { weekStart: weekStart as Weekday });
        const rows = [...markup.matchAll(/<tr><th scope="row">(.*?)<\/tr>/g)].map(([, row = ""]) =>
          [...row.matchAll(/data-date="([^"]*)"/g)].map(([, date]) => date as CalendarDate),
        );

        expect(rows.flat().sort()).toEqual(
          Array.from({ length: length + 1 }, (_, index) => addDays(first, index)),
        );
        for (const [row, dates] of rows.entries()) {
          for (const date of dates) expect(new Date(date).getUTCDay()).toBe((weekStart + row) % 7);
        }
      }),
      { numRuns: 30 },
    );
  });

  const GERMAN: CalendarWording = {
    caption: ({ contributions, first, last }) => `${contributions.text} Beiträge vom ${first} bis ${last}`,
    day: ({ contributions, date, onServer }) =>
      `${date}: ${contributions.text}${onServer ? ` (Server: ${onServer.text})` : ""}`,
    weekdays: "Wochentag",
    less: "Weniger",
    more: "Mehr",
    levels: ["keine", "wenige", "einige", "viele", "am meisten"],
  };

  test("writes dates and numbers in the language, and all words that are given for it", () => {
    const markup = render(FEBRUARY, { locale: "de", wording: GERMAN });

    expect(markup).toContain('lang="de" dir="ltr"');
    expect(markup).toContain("<span>1.240 Beiträge vom 25. Februar 2026 bis 17. März 2026</span>");
    expect(markup).toContain("<span>Sonntag, 1. März 2026: 3</span>");
    expect(markup).toContain(">Wochentag<");
    expect(markup).not.toMatch(/contributions? |Less|More/);
  });

  test.each([
    ["ar", "rtl"],
    ["he", "rtl"],
    ["fa-IR", "rtl"],
    ["ur", "rtl"],
    ["ks-Deva", "ltr"],
    ["az-Arab", "rtl"],
    ["de", "ltr"],
    ["ja", "ltr"],
  ])("runs in the direction of %s: %s", (locale, direction) => {
    expect(render(FEBRUARY, { locale })).toContain(`dir="${direction}"`);
  });

  test.each(["th", "fa", "ar-SA", "en-u-ca-hebrew"])("keeps to the Gregorian months in %s", (locale) => {
    const gregorian = new Intl.DateTimeFormat(locale, {
      ...{ calendar: "gregory", timeZone: "UTC", month: "long", year: "numeric" },
    });

    expect(render(FEBRUARY, { locale })).toContain(`>${gregorian.format(Date.UTC(2026, 1, 1))}<`);
  });
});

describe("on the owner's own page", () => {
  const serverContributions = [
    { date: "2026-02-26" as CalendarDate, contributionCount: 2 },
    { date: "2026-02-28" as CalendarDate, contributionCount: 1 },
    { date: "2026-03-01" as CalendarDate, contributionCount: 0 },
    { date: "2026-03-18" as CalendarDate, contributionCount: 9 },
  ];

  test("each day says how many contributions were made on GitHub Enterprise Server", () => {
    const sentences = sentencesOf(render(FEBRUARY, { serverContributions }));

    expect(sentences.filter((sentence) => sentence.includes("Server")).sort()).toEqual([
      "2 contributions on Saturday 28 February 2026; 1 contribution on GitHub Enterprise Server",
      "No contributions on Thursday 26 February 2026; 2 contributions on GitHub Enterprise Server",
    ]);
  });

  test("and on every other page no day says so", () => {
    expect(render(FEBRUARY)).not.toContain("GitHub Enterprise Server");
  });
});

describe("whatever words are given", () => {
  const EVIL = `<b onclick="x('y')">&\u0000\ud800`;
  const SAFE = "&lt;b onclick=&quot;x(&#39;y&#39;)&quot;&gt;&amp;\ufffd\ufffd";
  const wording: CalendarWording = {
    caption: () => EVIL,
    day: () => EVIL,
    weekdays: EVIL,
    less: EVIL,
    more: EVIL,
    levels: [EVIL, EVIL, EVIL, EVIL, EVIL],
  };

  test("they become text, and never markup", () => {
    const markup = render(FEBRUARY, { wording });

    expect(wellFormedTags(markup)).not.toContain("b");
    expect(markup).not.toContain(EVIL);
    expect(markup.split(SAFE)).toHaveLength(1 + 21 + 1 + 1 + 2 + 5);
  });
});
