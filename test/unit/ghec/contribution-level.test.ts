import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { ContributionLevel } from "unified-contributions/ghec";
import { describe, expect, test } from "vitest";
import { levelsAmong } from "../../../src/ghec/contribution-level.ts";

const LEVELS: readonly ContributionLevel[] = [
  "NONE",
  "FIRST_QUARTILE",
  "SECOND_QUARTILE",
  "THIRD_QUARTILE",
  "FOURTH_QUARTILE",
];

/** Calendars as GitHub showed them to their owners: counts in the order of the days, and levels from 0 to 4. */
const REAL: readonly { readonly counts: readonly number[]; readonly levels: readonly number[] }[] =
  JSON.parse(readFileSync("test/support/calendar-levels.json", "utf8"));

function levelsOf(counts: readonly number[]): readonly number[] {
  return counts.map(levelsAmong(counts)).map((level) => LEVELS.indexOf(level));
}

/** A year of days, of which most have few contributions and some have many. */
const someCounts = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.nat(9) },
    fc.nat(200),
    fc.nat(2 ** 53 - 1),
  ),
  { maxLength: 371 },
);

describe("77 calendars that GitHub showed", () => {
  test("have the levels that GitHub gave them, on every day", () => {
    const wrong = REAL.filter(({ counts, levels }) => levelsOf(counts).join() !== levels.join());

    expect(wrong).toEqual([]);
    expect(REAL).toHaveLength(77);
    expect(REAL.flatMap(({ counts }) => counts.filter((count) => count > 0))).toHaveLength(19_107);
  });
});

describe("the level of a count in a calendar", () => {
  /** So many days without contributions. */
  const idle = (days: number): readonly number[] => new Array<number>(days).fill(0);

  test.each<[string, readonly number[], readonly number[]]>([
    ["is the quarter of the scale in which it lies", [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 2, 3, 3, 4, 4]],
    ["is never below the first if anything was contributed", [1, 100], [1, 4]],
    ["is the highest on the only day with contributions", [0, 9, 0], [0, 4, 0]],
    ["is the highest on days that are all alike, which have no deviation", [5, 5, 5, 5], [4, 4, 4, 4]],
    ["is the highest in a calendar of one day, which has no deviation", [2], [4]],
    ["is none in a calendar of one idle day", [0], [0]],
    ["is none on all days of an idle calendar", [0, 0, 0], [0, 0, 0]],
    ["does not exist in a calendar without days", [], []],
  ])("%s", (_, counts, levels) => {
    expect(levelsOf(counts)).toEqual(levels);
  });

  test("is the highest on the only day with contributions of a year, an outlier that leaves nothing", () => {
    expect(levelsOf([...idle(364), 1])).toEqual([...idle(364), 4]);
  });

  test("is measured against the largest count that remains after an outlier is dropped with all days like it", () => {
    expect(levelsOf([...idle(360), 1, 2, 4, 14, 14]).slice(-5)).toEqual([1, 2, 4, 4, 4]);
  });

  test("takes the deviation of a sample, in which 10 is no outlier among 16 days and is one among 18", () => {
    expect(levelsOf([...idle(14), 1, 10]).slice(-2)).toEqual([1, 4]);
    expect(levelsOf([...idle(16), 1, 10]).slice(-2)).toEqual([4, 4]);
  });

  test("takes outliers in the order of the days, and those of three counts at most", () => {
    expect(levelsOf([...idle(360), 60, 50, 40, 30, 1]).slice(-5)).toEqual([4, 4, 4, 4, 1]);
    expect(levelsOf([...idle(360), 30, 40, 50, 60, 1]).slice(-5)).toEqual([2, 3, 4, 4, 1]);
  });

  test("drops the outliers of one count only if the largest count is below 15", () => {
    expect(levelsOf([...idle(362), 4, 13, 14]).slice(-3)).toEqual([2, 4, 4]);
    expect(levelsOf([...idle(362), 4, 13, 15]).slice(-3)).toEqual([4, 4, 4]);
  });

  test("drops the outliers of one count only if the largest count exceeds the mean by less than 6", () => {
    const steady = new Array<number>(362).fill(20);

    expect(levelsOf([...steady, 24, 25, 6]).slice(-3)).toEqual([4, 4, 1]);
    expect(levelsOf([...steady, 25, 26, 6]).slice(-3)).toEqual([4, 4, 2]);
    // Their mean is exactly 20.
    expect(levelsOf([...steady, 25, 26, 16, 13]).slice(-4)).toEqual([4, 4, 4, 3]);
  });

  test("is the highest for a count beyond the scale, and none below 1", () => {
    expect([-1, 0, 1, 4, 400].map(levelsAmong([1, 2, 3, 4]))).toEqual([
      "NONE",
      "NONE",
      "FIRST_QUARTILE",
      "FOURTH_QUARTILE",
      "FOURTH_QUARTILE",
    ]);
  });

  test("leaves the counts as they are", () => {
    const counts = Object.freeze([3, 1, 2]);

    levelsAmong(counts);

    expect(counts).toEqual([3, 1, 2]);
  });

  test("is the highest on the day with the most contributions, if there are any", () => {
    fc.assert(
      fc.property(someCounts, (counts) => {
        const largest = Math.max(0, ...counts);

        expect(levelsAmong(counts)(largest)).toBe(largest === 0 ? "NONE" : "FOURTH_QUARTILE");
      }),
    );
  });

  test("is none on idle days and one of four on all others, and rises with the count", () => {
    fc.assert(
      fc.property(someCounts, (counts) => {
        const levelOf = levelsAmong(counts);
        const ascending = [...counts].sort((one, other) => one - other);
        const levels = ascending.map((count) => LEVELS.indexOf(levelOf(count)));

        expect(levels).toEqual([...levels].sort());
        expect(levels.map((level) => level === 0)).toEqual(ascending.map((count) => count === 0));
        expect(levels).not.toContain(-1);
      }),
    );
  });
});
