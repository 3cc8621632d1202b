/** How a day compares with the other days of a calendar; the names are those of GitHub's GraphQL schema. */
export type ContributionLevel =
  | "NONE"
  | "FIRST_QUARTILE"
  | "SECOND_QUARTILE"
  | "THIRD_QUARTILE"
  | "FOURTH_QUARTILE";

/** The levels from none to most, as legends show them. */
export const CONTRIBUTION_LEVELS: readonly ContributionLevel[] = [
  "NONE",
  "FIRST_QUARTILE",
  "SECOND_QUARTILE",
  "THIRD_QUARTILE",
  "FOURTH_QUARTILE",
];
const HIGHEST = 4;

/** A count is an outlier when it lies further from the mean than so many standard deviations. */
const OUTLIER_DEVIATIONS = 3.77972616981;

/** Several outliers are dropped only if the largest count reaches this, and exceeds the mean by {@link WIDE_SPREAD}. */
const HIGH_COUNT = 15;
const WIDE_SPREAD = 6;
const MAX_OUTLIERS = 3;

/**
 * Returns the function that gives a count its level in a calendar with these counts, one for each of its days.
 *
 * The level is the quarter of the scale in which a count lies. The scale ends at the largest count that remains after
 * outliers are dropped. Outliers have the highest level, and so has the largest count of every calendar.
 *
 * GitHub's schema documents `FIRST_QUARTILE` as "Lowest 25% of days of contributions". That does not describe what
 * GitHub shows. This rule is our reading, measured: it gives every day of 77 real calendars the level that GitHub
 * showed.
 */
export function levelsAmong(counts: readonly number[]): (count: number) => ContributionLevel {
  const end = endOfScale(counts);
  return (count) => {
    // If nothing but zeros remains, the quotient is infinite, and the level the highest.
    const level = count > 0 ? Math.min(HIGHEST, Math.ceil((HIGHEST * count) / end)) : 0;
    return CONTRIBUTION_LEVELS[level] as ContributionLevel;
  };
}

/** The largest count that remains after outliers are dropped; 0 if none does. */
function endOfScale(counts: readonly number[]): number {
  const mean = sum(counts) / counts.length;
  const squares = counts.map((count) => (count - mean) ** 2);
  // The deviation of a sample. One day alone has none (NaN), and equal days have 0: neither makes an outlier.
  const deviation = Math.sqrt(sum(squares) / (counts.length - 1));
  const isOutlier = (count: number): boolean => Math.abs(count - mean) / deviation > OUTLIER_DEVIATIONS;

  const largest = largestOf(counts);
  const dropsSeveral = largest >= HIGH_COUNT && largest - mean >= WIDE_SPREAD;
  let remaining = counts;
  for (let dropped = 0; dropped < (dropsSeveral ? MAX_OUTLIERS : 1); dropped++) {
    const outlier = remaining.find(isOutlier);
    if (outlier === undefined) break;
    remaining = remaining.filter((count) => count !== outlier);
  }
  return largestOf(remaining);
}

function largestOf(counts: readonly number[]): number {
  return counts.reduce((largest, count) => Math.max(largest, count), 0);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
