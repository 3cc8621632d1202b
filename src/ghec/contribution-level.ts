/**
 * How a day compares with the other days of a calendar on which anything was contributed; names of GitHub's GraphQL
 * schema, where `FIRST_QUARTILE` is the "Lowest 25% of days of contributions".
 */
export type ContributionLevel =
  | "NONE"
  | "FIRST_QUARTILE"
  | "SECOND_QUARTILE"
  | "THIRD_QUARTILE"
  | "FOURTH_QUARTILE";

const LEVELS = ["FIRST_QUARTILE", "SECOND_QUARTILE", "THIRD_QUARTILE", "FOURTH_QUARTILE"] as const;

/**
 * Makes the function that gives a count its level among these counts.
 *
 * Our reading of "lowest 25% of days": the share of contributing days with fewer contributions. Below a quarter is
 * the first quartile; days with the same count have the same level; days that are all alike are all in the first.
 */
export function levelsAmong(counts: readonly number[]): (count: number) => ContributionLevel {
  const contributing = counts.filter((count) => count > 0).sort((one, other) => one - other);
  const levels = new Map<number, ContributionLevel>();
  for (const [fewer, count] of contributing.entries()) {
    if (levels.has(count)) continue;
    const quarter = Math.floor((fewer / contributing.length) * LEVELS.length);
    levels.set(count, LEVELS[quarter] as ContributionLevel);
  }
  return (count) => levels.get(count) ?? "NONE";
}
