import { buildPayload, buildPayloadFromDailyCounts } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { day } from "../../support/values.ts";

/** On which days of the 90 that end on `today` one contribution is counted: at most one, as `[index, count]`. */
function countedOn(occurredAt: string, today: string): readonly (readonly [number, number])[] {
  const { payload } = buildPayload([{ occurredAt }], day(today))._unsafeUnwrap();
  return [...payload.counts.entries()].filter(([, count]) => count > 0);
}

describe("in whatever zone the process runs, a contribution counts for", () => {
  it.each([
    ["the local date of its own offset, late in the day", "2026-03-01T23:30:00-08:00"],
    ["the local date of its own offset, early in the day", "2026-03-01T00:30:00+09:00"],
    ["the local date furthest behind", "2026-03-01T23:59:59-12:00"],
    ["the local date furthest ahead", "2026-03-01T00:00:00+14:00"],
    ["the date in UTC, where it says Z", "2026-03-01T00:00:00Z"],
    ["the date in UTC, to the last second", "2026-03-01T23:59:59Z"],
    ["the date in UTC, where it says nothing", "2026-03-01T23:59:59"],
  ])("%s", (_, occurredAt) => {
    expect(countedOn(occurredAt, "2026-03-01")).toEqual([[89, 1]]);
    expect(countedOn(occurredAt, "2026-03-02")).toEqual([[88, 1]]);
    expect(countedOn(occurredAt, "2026-02-28")).toEqual([]);
  });

  it.each([
    ["a day on which London's clocks go forward", "2026-03-29T01:30:00Z", "2026-03-29"],
    ["a day on which St. John's clocks go back", "2026-11-01T01:30:00-02:30", "2026-11-01"],
    ["a day that Apia never had", "2011-12-30T12:00:00Z", "2011-12-30"],
  ])("%s", (_, occurredAt, today) => {
    expect(countedOn(occurredAt, today)).toEqual([[89, 1]]);
  });
});

describe("in whatever zone the process runs, the window", () => {
  it.each([
    ["2026-03-01", "2025-12-02"],
    ["2024-02-29", "2023-12-02"],
    ["2024-05-28", "2024-02-29"],
    ["2025-12-31", "2025-10-03"],
    ["2026-01-01", "2025-10-04"],
    ["2026-03-29", "2025-12-30"],
    ["2011-12-31", "2011-10-03"],
  ])("that ends on %s begins on %s", (today, first) => {
    const { payload } = buildPayload([], day(today))._unsafeUnwrap();

    expect(payload.first).toBe(first);
    expect(payload.counts).toHaveLength(90);
  });

  it("holds the days of daily counts as they are written", () => {
    const dailyCounts = [
      { date: "2024-02-29", contributionCount: 2 },
      { date: "2024-03-01", contributionCount: 3 },
    ];

    const { payload } = buildPayloadFromDailyCounts(dailyCounts, day("2024-03-01"))._unsafeUnwrap();

    expect(payload.counts.slice(-3)).toEqual([0, 2, 3]);
  });
});
