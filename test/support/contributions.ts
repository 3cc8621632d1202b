import type { Contribution, DailyCount } from "unified-contributions/ghes";

/** As many single contributions at noon of each day as were counted. */
export function contributionsOf(days: readonly DailyCount[]): Contribution[] {
  return days.flatMap(({ date, contributionCount }) =>
    Array.from({ length: contributionCount }, () => ({ occurredAt: `${date}T12:00:00Z` })),
  );
}
