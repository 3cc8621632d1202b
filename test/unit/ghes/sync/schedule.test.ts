import fc from "fast-check";
import type { InstallationId, Instant, LinkId } from "unified-contributions";
import { describe, expect, it } from "vitest";
import {
  isGivenUpOn,
  nextAskAt,
  nextAttemptAt,
  nextDayAt,
  nextHourlySyncAt,
  nextRefreshAt,
} from "../../../../src/ghes/sync/schedule.ts";
import { instant, linkId, NOW } from "../../../support/values.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const ids = fc.string({ minLength: 1, maxLength: 40 });
const instants = fc.integer({ min: 0, max: 253_402_300_799_999 }).map((at) => at as Instant);

const PHASES = [
  {
    name: "the next hourly round",
    next: (id: string, now: Instant) => nextHourlySyncAt(id as InstallationId, now),
    period: HOUR_MS,
  },
  {
    name: "the next report of a link that does not change",
    next: (id: string, now: Instant) => nextRefreshAt(id as LinkId, now),
    period: DAY_MS,
  },
];

describe.each(PHASES)("$name", ({ next, period }) => {
  it("comes after now, and at most one period later", () => {
    fc.assert(
      fc.property(ids, instants, (id, now) => {
        const wait = next(id, now) - now;
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(period);
      }),
    );
  });

  it("comes in each period at the same phase", () => {
    fc.assert(
      fc.property(ids, instants, instants, (id, now, then) => {
        expect(next(id, now) % period).toBe(next(id, then) % period);
      }),
    );
  });

  it("comes a whole period later when it has just come", () => {
    const due = next("server-1", NOW);

    expect(next("server-1", due)).toBe(due + period);
    expect(next("server-1", (due - 1) as Instant)).toBe(due);
  });

  it("is spread evenly: none of 60 parts of the period is for more than twice its share of 10,000 ids", () => {
    const parts = Array.from({ length: 60 }, () => 0);

    for (let id = 0; id < 10_000; id++) {
      const part = Math.floor(((next(`server-${id}`, 0 as Instant) % period) / period) * 60);
      parts[part] = (parts[part] ?? 0) + 1;
    }

    // 167 each on average, with a standard deviation of 13.
    expect(Math.min(...parts)).toBeGreaterThan(110);
    expect(Math.max(...parts)).toBeLessThan(225);
  });
});

describe("the phase of an id is for ever, whatever the release:", () => {
  it.each([
    ["server-1", "2026-03-01T12:18:44.453Z"],
    ["server-2", "2026-03-01T12:10:04.091Z"],
    ["a", "2026-03-01T12:02:52.058Z"],
  ])("the sync of %s at %s", (id, next) => {
    expect(new Date(nextHourlySyncAt(id as InstallationId, NOW)).toISOString()).toBe(next);
  });

  it.each([
    ["link-1", "2026-03-01T15:21:28.276Z"],
    ["link-2", "2026-03-02T11:19:48.215Z"],
  ])("the daily report of %s at %s", (id, next) => {
    expect(new Date(nextRefreshAt(linkId(id), NOW)).toISOString()).toBe(next);
  });
});

describe("the next day begins", () => {
  it.each([
    ["UTC", "2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z"],
    ["UTC", "2026-03-01T23:59:59.999Z", "2026-03-02T00:00:00Z"],
    ["UTC", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"],
    ["Etc/GMT+12", "2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z"],
    ["Etc/GMT+12", "2026-03-01T11:59:59Z", "2026-03-01T12:00:00Z"],
    ["Pacific/Kiritimati", "2026-03-01T12:00:00Z", "2026-03-02T10:00:00Z"],
    ["Pacific/Kiritimati", "2026-03-01T09:59:59Z", "2026-03-01T10:00:00Z"],
    ["Asia/Kathmandu", "2026-03-01T12:00:00Z", "2026-03-01T18:15:00Z"],
    // The night in which the clocks go forward, and the one in which they go back.
    ["America/New_York", "2026-03-08T05:30:00Z", "2026-03-09T04:00:00Z"],
    ["America/New_York", "2026-11-01T04:30:00Z", "2026-11-02T05:00:00Z"],
  ])("in %s, seen from %s, at %s", (timeZone, now, next) => {
    expect(new Date(nextDayAt(instant(now), timeZone)).toISOString()).toBe(new Date(next).toISOString());
  });
});

describe("what is asked for once a day", () => {
  it("is asked for again a day later, to the millisecond", () => {
    expect(nextAskAt(NOW)).toBe(instant("2026-03-02T12:00:00Z"));
  });

  it.each([
    [0, false],
    [90 * DAY_MS - 1, false],
    [90 * DAY_MS, true],
    [-DAY_MS, false],
  ])("is given up after 90 days: %i milliseconds later, %s", (elapsedMs, isGivenUp) => {
    expect(isGivenUpOn(NOW, (NOW + elapsedMs) as Instant)).toBe(isGivenUp);
  });
});

describe("the next attempt", () => {
  it.each([
    [0, "12:00:15", "12:00:30"],
    [1, "12:00:15", "12:00:30"],
    [2, "12:00:30", "12:01:00"],
    [3, "12:01:00", "12:02:00"],
    [7, "12:16:00", "12:32:00"],
    [8, "12:30:00", "13:00:00"],
    [2_000, "12:30:00", "13:00:00"],
  ])("after %i failures in a row comes from %s to %s", (failures, earliest, latest) => {
    expect(nextAttemptAt(failures, null, 0, NOW)).toBe(instant(`2026-03-01T${earliest}Z`));
    expect(nextAttemptAt(failures, null, 1, NOW)).toBe(instant(`2026-03-01T${latest}Z`));
  });

  it("takes random in proportion, in whole milliseconds", () => {
    expect(nextAttemptAt(1, null, 0.5, NOW)).toBe(NOW + 22_500);
    expect(nextAttemptAt(1, null, 0.33333, NOW)).toBe(NOW + 20_000);
  });

  it("is as late as the receiver asks for", () => {
    expect(nextAttemptAt(1, 120_000, 0.5, NOW)).toBe(NOW + 120_000);
  });

  it("is never earlier than the failures ask for", () => {
    expect(nextAttemptAt(3, 1_000, 0, NOW)).toBe(NOW + 60_000);
  });

  it.each([DAY_MS, DAY_MS + 1, Number.POSITIVE_INFINITY])(
    "is at most a day away, also where the receiver asks for %i milliseconds",
    (retryAfterMs) => {
      expect(nextAttemptAt(1, retryAfterMs, 0, NOW)).toBe(instant("2026-03-02T12:00:00Z"));
    },
  );

  it.each([0, -1, Number.NaN, Number.NEGATIVE_INFINITY])(
    "is as planned where the receiver asks for what makes no sense: %i",
    (retryAfterMs) => {
      expect(nextAttemptAt(1, retryAfterMs, 0, NOW)).toBe(NOW + 15_000);
    },
  );

  it("is a whole millisecond, not before what the receiver asks for", () => {
    expect(nextAttemptAt(1, 99_999.2, 0, NOW)).toBe(NOW + 100_000);
  });
});
