import {
  type MarkupOptions,
  renderCalendarPicture,
  renderCalendarTable,
} from "unified-contributions/calendar-html";
import { describe, expect, test } from "vitest";
import type { DrawnCollection } from "../../../src/calendar-html/markup-options.ts";
import { drawnCollection } from "../../support/drawn-calendar.ts";
import { HOSTILE, hostileBut, without } from "../../support/ghec-hostile.ts";

const COLLECTION = drawnCollection("2026-02-26", "2026-03-04", [1, 2]);
const CALENDAR = COLLECTION.contributionCalendar;

const WORDING = {
  caption: () => "caption",
  day: () => "day",
  weekdays: "weekdays",
  less: "less",
  more: "more",
  levels: ["0", "1", "2", "3", "4"],
};

/** Expects that neither markup is made, and why. */
function expectRefusal(collection: unknown, options: unknown, field: string, name?: string): void {
  for (const render of [renderCalendarTable, renderCalendarPicture]) {
    const refusal = render(collection as DrawnCollection, options as MarkupOptions)._unsafeUnwrapErr();

    expect(refusal, name).toMatchObject({ type: "invalid-markup-request", field });
    expect(JSON.stringify(refusal), name).not.toContain("secret");
    expect(refusal.message.length, name).toBeLessThan(200);
  }
}

describe("there is no markup", () => {
  test("of anything but a collection", () => {
    for (const [name, value] of HOSTILE) {
      expectRefusal(value, {}, "collection", name);
      expectRefusal({ contributionCalendar: value }, {}, "collection", name);
    }
  });

  test.each([
    ["without weeks", without("weeks", CALENDAR)],
    ["without a total", without("totalContributions", CALENDAR)],
    ["with weeks of no days", { ...CALENDAR, weeks: [{ firstDay: "2026-02-26", contributionDays: [] }] }],
    ["with a week twice", { ...CALENDAR, weeks: [...CALENDAR.weeks, ...CALENDAR.weeks] }],
    ["with its weeks in another order", { ...CALENDAR, weeks: [...CALENDAR.weeks].reverse() }],
    [
      "with a hole among its weeks",
      { ...CALENDAR, weeks: Object.assign([...CALENDAR.weeks], { length: 3 }) },
    ],
  ])("of a calendar %s", (_, contributionCalendar) => {
    expectRefusal({ contributionCalendar }, {}, "collection");
  });

  test.each(["date", "contributionCount", "contributionLevel"])(
    "of a calendar with a day of any wrong %s",
    (key) => {
      const [week] = CALENDAR.weeks;
      const [day] = week?.contributionDays ?? [];
      for (const [name, value] of hostileBut("2^53")) {
        const weeks = [{ ...week, contributionDays: [{ ...day, [key]: value }] }];

        expectRefusal({ contributionCalendar: { ...CALENDAR, weeks } }, {}, "collection", name);
      }
    },
  );

  test("of more than 371 days", () => {
    const years = [drawnCollection("2025-03-02", "2026-03-07"), drawnCollection("2026-03-08", "2026-03-08")];
    const weeks = years.flatMap(({ contributionCalendar }) => contributionCalendar.weeks);

    expectRefusal({ contributionCalendar: { ...CALENDAR, weeks } }, {}, "collection");
  });

  test("under anything but options", () => {
    for (const [name, value] of HOSTILE) {
      const isObject = typeof value === "object" && value !== null;
      if (!isObject && value !== undefined) expectRefusal(COLLECTION, value, "options", name);
    }
  });

  test.each<[keyof MarkupOptions, readonly string[]]>([
    ["locale", []],
    ["wording", []],
    ["weekStart", []],
    ["colorScheme", []],
    ["id", []],
    ["serverContributions", ["an empty list"]],
  ])("under any wrong %s", (field, welcome) => {
    for (const [name, value] of hostileBut("undefined", ...welcome)) {
      expectRefusal(COLLECTION, { [field]: value }, field, name);
    }
  });

  test.each<[keyof MarkupOptions, unknown]>([
    ["locale", "en_GB"],
    ["locale", "e"],
    ["locale", `en-${"abcdefgh-".repeat(12)}x`],
    ["locale", ["en", "de"]],
    ["weekStart", 7],
    ["id", "1st"],
    ["id", 'x" onload="y'],
    ["id", `a${"b".repeat(100)}`],
    ["id", "two words"],
    ["colorScheme", "sepia"],
    ["serverContributions", [{ date: "2026-03-01", contributionCount: -1 }]],
    ["serverContributions", [{ date: "2026-02-29", contributionCount: 1 }]],
    ...Object.keys(WORDING).map((key): ["wording", unknown] => ["wording", without(key, WORDING)]),
    ["wording", { ...WORDING, levels: ["0", "1", "2", "3"] }],
    ["wording", { ...WORDING, levels: ["0", "1", "2", "3", 4] }],
  ])("under the %s %j", (field, value) => {
    expectRefusal(COLLECTION, { [field]: value }, field);
  });
});

describe("there is markup", () => {
  test.each<[string, object]>([
    ["under options that are undefined, like those that are not there", { locale: undefined, id: undefined }],
    [
      "under all options at once",
      { locale: "de-CH", wording: WORDING, weekStart: 1, colorScheme: "dark", id: "x_-9" },
    ],
    ["under a language that no runtime knows", { locale: "qqq" }],
  ])("%s", (_, options) => {
    expect(renderCalendarTable(COLLECTION, options as MarkupOptions).isOk()).toBe(true);
    expect(renderCalendarPicture(COLLECTION, options as MarkupOptions).isOk()).toBe(true);
  });

  test("of counts beyond the exact numbers, which the sums of exact ones can reach", () => {
    const collection = drawnCollection("2026-03-01", "2026-03-02", [2 ** 53 - 1, 2 ** 53 - 1]);

    expect(renderCalendarTable(collection)._unsafeUnwrap()).toContain(
      "9,007,199,254,740,991 contributions on",
    );
  });

  test("of a calendar as another program has read it from GitHub's API", () => {
    const collection = JSON.parse(JSON.stringify({ ...COLLECTION, somethingElse: [] }));

    expect(renderCalendarTable(collection)).toEqual(renderCalendarTable(COLLECTION));
  });
});
