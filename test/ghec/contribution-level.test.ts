import fc from "fast-check";
import type { ContributionLevel } from "unified-contributions/ghec";
import { describe, expect, test } from "vitest";
import { levelsAmong } from "../../src/ghec/contribution-level.ts";

const LEVELS: readonly ContributionLevel[] = [
  "NONE",
  "FIRST_QUARTILE",
  "SECOND_QUARTILE",
  "THIRD_QUARTILE",
  "FOURTH_QUARTILE",
];

describe("the level of a count among the counts of a calendar", () => {
  test.each<[string, readonly number[], readonly ContributionLevel[]]>([
    ["one contributing day is in the first quartile", [0, 9, 0], ["NONE", "FIRST_QUARTILE", "NONE"]],
    ["two are a half apart", [1, 2], ["FIRST_QUARTILE", "THIRD_QUARTILE"]],
    ["three are a third apart", [1, 2, 3], ["FIRST_QUARTILE", "SECOND_QUARTILE", "THIRD_QUARTILE"]],
    [
      "four have a quartile each, in whatever order",
      [30, 4, 2, 100],
      ["THIRD_QUARTILE", "SECOND_QUARTILE", "FIRST_QUARTILE", "FOURTH_QUARTILE"],
    ],
    [
      "numbers are ordered as numbers",
      [9, 10, 100, 11],
      ["FIRST_QUARTILE", "SECOND_QUARTILE", "FOURTH_QUARTILE", "THIRD_QUARTILE"],
    ],
    ["days that are all alike are in the first", [5, 5, 5, 5], new Array(4).fill("FIRST_QUARTILE")],
    [
      "days that are alike have the level of the lowest of them",
      [1, 1, 1, 7],
      ["FIRST_QUARTILE", "FIRST_QUARTILE", "FIRST_QUARTILE", "FOURTH_QUARTILE"],
    ],
    [
      "a tie at a quarter is in the second",
      [1, 2, 2, 2],
      ["FIRST_QUARTILE", "SECOND_QUARTILE", "SECOND_QUARTILE", "SECOND_QUARTILE"],
    ],
    [
      "days without contributions count for nothing",
      [0, 0, 0, 0, 1, 2],
      ["NONE", "NONE", "NONE", "NONE", "FIRST_QUARTILE", "THIRD_QUARTILE"],
    ],
    ["none are NONE", [0, 0], ["NONE", "NONE"]],
  ])("%s", (_, counts, levels) => {
    expect(counts.map(levelsAmong(counts))).toEqual(levels);
  });

  test("is NONE for a count that is not among them", () => {
    expect(levelsAmong([1, 2, 3])(4)).toBe("NONE");
    expect(levelsAmong([])(0)).toBe("NONE");
  });

  test("leaves the counts as they are", () => {
    const counts = Object.freeze([3, 1, 2]);

    levelsAmong(counts);

    expect(counts).toEqual([3, 1, 2]);
  });

  test("is the share of contributing days that have fewer, in quarters", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 }), (counts) => {
        const levelOf = levelsAmong(counts);
        const contributing = counts.filter((count) => count > 0);

        for (const count of contributing) {
          const fewer = contributing.filter((other) => other < count).length;
          const quarters = [0.25, 0.5, 0.75].filter((share) => fewer >= share * contributing.length).length;

          expect(levelOf(count)).toBe(LEVELS[1 + quarters]);
        }
      }),
    );
  });
});
