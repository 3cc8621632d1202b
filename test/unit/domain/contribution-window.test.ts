import fc from "fast-check";
import {
  CONTRIBUTION_WINDOW_DAYS,
  type ContributionWindow,
  lastDayOf,
  MAX_DAILY_COUNT,
  totalOf,
  windowEndingOn,
} from "unified-contributions";
import { clipWindow } from "unified-contributions/storage";
import { describe, expect, test } from "vitest";
import { addDays } from "../../../src/domain/calendar-date.ts";
import { isCounts, isDailyCount, saysTheSame } from "../../../src/domain/contribution-window.ts";
import { hostileBut } from "../../support/ghec-hostile.ts";
import { day } from "../../support/values.ts";

const EPOCH = day("2026-03-01");

/** Windows of a few days around one day, with counts so small that they often agree. */
const someWindow: fc.Arbitrary<ContributionWindow> = fc.record({
  first: fc.integer({ min: -6, max: 6 }).map((days) => addDays(EPOCH, days)),
  counts: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 6 }),
});

/** What a window says, the stupid way: each of its days and its count. */
function daysOf({ first, counts }: ContributionWindow): Map<string, number> {
  return new Map(counts.map((count, index) => [addDays(first, index), count]));
}

describe("the window that ends today", () => {
  test.each([
    ["2026-03-01", "2025-12-02"],
    ["2024-03-30", "2024-01-01"],
    ["2026-03-31", "2026-01-01"],
    ["2025-01-01", "2024-10-04"],
  ])("on %s begins on %s, 89 days before", (today, first) => {
    expect(windowEndingOn(day(today))).toEqual({ first, last: today });
  });

  test("begins with the calendar if there are no 90 days before", () => {
    expect(windowEndingOn(day("1000-01-02"))).toEqual({ first: "1000-01-01", last: "1000-01-02" });
  });

  test("covers 90 days, each with a count of two bytes", () => {
    expect(CONTRIBUTION_WINDOW_DAYS).toBe(90);
    expect(MAX_DAILY_COUNT).toBe(65_535);
  });
});

test("the last day of a window is that of its last count", () => {
  expect(lastDayOf({ first: day("2025-12-31"), counts: [1] })).toBe("2025-12-31");
  expect(lastDayOf({ first: day("2024-02-28"), counts: [1, 0, 0] })).toBe("2024-03-01");
});

test("the total of a window is the sum of its counts", () => {
  expect(totalOf({ first: EPOCH, counts: [0] })).toBe(0);
  expect(totalOf({ first: EPOCH, counts: [3, 0, 65_535] })).toBe(65_538);
});

describe("clipping a window", () => {
  const window = { first: day("2026-02-27"), counts: [1, 2, 3, 4] };

  test.each([
    ["the same days", "2026-02-27", "2026-03-02", "2026-02-27", [1, 2, 3, 4]],
    ["more days", "2025-01-01", "2027-01-01", "2026-02-27", [1, 2, 3, 4]],
    ["the first day alone", "2026-02-20", "2026-02-27", "2026-02-27", [1]],
    ["the last day alone", "2026-03-02", "2026-03-09", "2026-03-02", [4]],
    ["days within", "2026-02-28", "2026-03-01", "2026-02-28", [2, 3]],
    ["one day within", "2026-03-01", "2026-03-01", "2026-03-01", [3]],
  ])("to %s leaves those that both have", (_, first, last, clippedFirst, counts) => {
    const clipped = clipWindow(window, { first: day(first), last: day(last) });

    expect(clipped).toEqual({ first: clippedFirst, counts });
  });

  test.each([
    ["days before it", "2026-02-01", "2026-02-26"],
    ["days after it", "2026-03-03", "2026-03-31"],
    ["a range that ends before it begins", "2026-03-01", "2026-02-27"],
  ])("to %s leaves nothing", (_, first, last) => {
    expect(clipWindow(window, { first: day(first), last: day(last) })).toBeNull();
  });

  test("keeps exactly the days of the range", () => {
    fc.assert(
      fc.property(someWindow, someWindow, (given, range) => {
        const last = lastDayOf(range);
        const expected = [...daysOf(given)].filter(([date]) => date >= range.first && date <= last);

        const clipped = clipWindow(given, { first: range.first, last });

        expect(clipped ? [...daysOf(clipped)] : []).toEqual(expected);
      }),
    );
  });

  test("to the first 90 days of the calendar leaves nothing of today's", () => {
    expect(clipWindow(window, windowEndingOn(day("1000-01-02")))).toBeNull();
  });
});

describe("a kept window says the same as the next one", () => {
  const kept = { first: day("2026-02-27"), counts: [5, 0, 2] };

  test.each([
    ["it is the same", "2026-02-27", [5, 0, 2]],
    ["midnight has moved the window over a day", "2026-02-28", [0, 2, 0]],
    ["a day at the old end is new and empty", "2026-02-26", [0, 5, 0, 2]],
    ["all kept days have left at the old end and the new ones are empty", "2026-03-04", [0, 0]],
  ])("where %s", (_, first, counts) => {
    expect(saysTheSame(kept, { first: day(first), counts })).toBe(true);
  });

  test.each([
    ["a count has changed", "2026-02-27", [5, 1, 2]],
    ["a day that both have became empty", "2026-02-27", [5, 0, 0]],
    ["a new day has contributions", "2026-02-28", [0, 2, 1]],
    ["a day at the old end is new and has contributions", "2026-02-26", [1, 5, 0, 2]],
    ["the same counts are those of other days", "2026-02-28", [5, 0, 2]],
    ["the clock went back before a day with contributions", "2026-02-26", [0, 5, 0]],
    ["the clock went back before all kept days", "2026-02-20", [0]],
  ])("but not if %s", (_, first, counts) => {
    expect(saysTheSame(kept, { first: day(first), counts })).toBe(false);
  });

  test("even if the clock went back, if the days after today are empty", () => {
    const ahead = { first: day("2026-02-27"), counts: [5, 0, 0] };

    expect(saysTheSame(ahead, { first: day("2026-02-26"), counts: [0, 5] })).toBe(true);
    expect(saysTheSame({ first: day("2026-03-01"), counts: [0] }, { first: EPOCH, counts: [0] })).toBe(true);
  });

  test("exactly if no day of the next one differs, where a day without a count is zero", () => {
    fc.assert(
      fc.property(someWindow, someWindow, (before, next) => {
        const known = daysOf(before);
        const said = daysOf(next);
        const days = new Set([...known.keys(), ...said.keys()]);
        const differing = [...days].filter(
          (date) => date >= next.first && (known.get(date) ?? 0) !== (said.get(date) ?? 0),
        );

        expect(saysTheSame(before, next)).toBe(differing.length === 0);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a list of counts", () => {
  test.each([
    ["one count", [0]],
    ["the largest count", [65_535]],
    ["minus zero", [-0]],
    ["90 counts", new Array(90).fill(7)],
  ])("can be %s", (_, value) => {
    expect(isCounts(value)).toBe(true);
  });

  test.each<readonly [name: string, value: unknown]>([
    ["no counts", []],
    ["91 counts", new Array(91).fill(7)],
    ["ninety thousand counts", new Array(90_000).fill(7)],
    ["a count too large", [65_536]],
    ["a hole", new Array(1)],
    // biome-ignore lint/suspicious/noSparseArray: the hole is the point
    ["a hole between", [1, , 2]],
    ["a negative count at the end", [1, 2, -1]],
    ["a fraction", [0.5]],
    ["a text", ["1"]],
    ["NaN", [Number.NaN]],
    ["infinity", [Number.POSITIVE_INFINITY]],
    ["null", [null]],
    ["a list in a list", [[1]]],
    ["bytes", new Uint8Array([1, 2])],
    ["what only looks like a list", { length: 1, 0: 1 }],
    ...hostileBut(),
  ])("cannot be %s", (_, value) => {
    expect(isCounts(value)).toBe(false);
  });
});

describe("the count of a day", () => {
  test.each([0, -0, 1, 65_535])("can be %d", (value) => {
    expect(isDailyCount(value)).toBe(true);
  });

  test.each<readonly [name: string, value: unknown]>([["65,536", 65_536], ...hostileBut()])(
    "cannot be %s",
    (_, value) => {
      expect(isDailyCount(value)).toBe(false);
    },
  );
});
