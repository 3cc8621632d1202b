import fc from "fast-check";
import type { Instant } from "unified-contributions";
import { describe, expect, test } from "vitest";
import { type SweepClock, sweepTimeAt } from "../../../src/ghec/sweep-clock.ts";
import { instant } from "../../support/values.ts";

const LAST = instant("2026-03-01T12:00:00Z");
const TRUSTING: SweepClock = { lastAt: LAST, doubtedAt: null };

function trusted(at: string) {
  return { clock: { lastAt: instant(at), doubtedAt: null }, isTrusted: true };
}
function doubted(at: string) {
  return { clock: { lastAt: LAST, doubtedAt: instant(at) }, isTrusted: false };
}

describe("a sweep believes its clock", () => {
  test.each([
    ["a day after the last sweep", "2026-03-02T12:00:00Z"],
    ["at the same instant", "2026-03-01T12:00:00Z"],
    ["eight days after it, since hosts have long weekends", "2026-03-09T12:00:00Z"],
    ["a day before it, since clocks are set back", "2026-02-28T12:00:00Z"],
  ])("%s", (_, now) => {
    expect(sweepTimeAt(TRUSTING, instant(now))).toEqual(trusted(now));
  });
});

describe("a sweep doubts its clock", () => {
  test.each([
    ["more than eight days after the last sweep", "2026-03-09T12:00:00.001Z"],
    ["years after it", "2036-03-01T12:00:00Z"],
    ["more than a day before it", "2026-02-28T11:59:59.999Z"],
    ["at the beginning of time", "1970-01-01T00:00:00Z"],
  ])("%s", (_, now) => {
    expect(sweepTimeAt(TRUSTING, instant(now))).toEqual(doubted(now));
  });

  test("at the very first, until another agrees", () => {
    const { clock, isTrusted } = sweepTimeAt(null, instant("2026-03-01T12:00:00Z"));

    expect(isTrusted).toBe(false);
    expect(sweepTimeAt(clock, instant("2026-03-01T12:59:59.999Z"))).toEqual({ clock, isTrusted: false });
    expect(sweepTimeAt(clock, instant("2026-03-01T13:00:00Z"))).toEqual(trusted("2026-03-01T13:00:00Z"));
  });

  test("for an hour, whatever comes in between", () => {
    const { clock } = sweepTimeAt(TRUSTING, instant("2026-04-01T12:00:00Z"));

    for (const now of ["2026-04-01T12:00:00Z", "2026-04-01T12:30:00Z", "2026-04-01T12:59:59.999Z"]) {
      expect(sweepTimeAt(clock, instant(now))).toEqual({ clock, isTrusted: false });
    }
  });

  test.each([
    ["an hour later", "2026-04-01T13:00:00Z"],
    ["a day later", "2026-04-02T12:00:00Z"],
    ["eight days later", "2026-04-09T12:00:00Z"],
  ])("until another agrees %s", (_, now) => {
    const { clock } = sweepTimeAt(TRUSTING, instant("2026-04-01T12:00:00Z"));

    expect(sweepTimeAt(clock, instant(now))).toEqual(trusted(now));
  });

  test.each([
    ["more than eight days later", "2026-04-09T12:00:00.001Z"],
    ["a moment before it, since that clock goes back", "2026-04-01T11:59:59.999Z"],
    ["days before it", "2026-03-20T12:00:00Z"],
  ])("anew where the next one tells yet another time: %s", (_, now) => {
    const { clock } = sweepTimeAt(TRUSTING, instant("2026-04-01T12:00:00Z"));

    expect(sweepTimeAt(clock, instant(now))).toEqual(doubted(now));
  });

  test("no more once a clock agrees with the last sweep that was believed", () => {
    const { clock } = sweepTimeAt(TRUSTING, instant("2026-04-01T12:00:00Z"));

    expect(sweepTimeAt(clock, instant("2026-03-02T12:00:00Z"))).toEqual(trusted("2026-03-02T12:00:00Z"));
  });

  test("of a clock that was set back for good, and goes on from there", () => {
    const { clock } = sweepTimeAt(TRUSTING, instant("2026-02-01T12:00:00Z"));

    expect(clock).toEqual({ lastAt: LAST, doubtedAt: instant("2026-02-01T12:00:00Z") });
    expect(sweepTimeAt(clock, instant("2026-02-01T13:00:00Z"))).toEqual(trusted("2026-02-01T13:00:00Z"));
  });
});

test("one process whose clock is wrong ages nothing out beside one that sweeps every hour", () => {
  let clock = TRUSTING;
  for (let hour = 0; hour < 100; hour++) {
    const now = (LAST + hour * 3_600_000) as Instant;
    const right = sweepTimeAt(clock, now);
    const wrong = sweepTimeAt(right.clock, (now + 60 * 86_400_000 + 1_800_000) as Instant);
    clock = wrong.clock;

    expect([right.isTrusted, wrong.isTrusted]).toEqual([true, false]);
  }
});

test("a single sweep whose clock is wrong is never believed, and changes nothing for those after it", () => {
  const DAY = 86_400_000;
  const days = fc.integer({ min: 0, max: 20 });
  const jump = fc.oneof(fc.integer({ min: 9, max: 10_000 }), fc.integer({ min: -10_000, max: -2 }));
  fc.assert(
    fc.property(days, days, jump, (before, after, wrongBy) => {
      let clock = TRUSTING;
      const sweepOn = (day: number): boolean => {
        const time = sweepTimeAt(clock, (LAST + day * DAY) as Instant);
        clock = time.clock;
        return time.isTrusted;
      };

      for (let day = 0; day <= before; day++) expect(sweepOn(day)).toBe(true);
      expect(sweepOn(before + wrongBy)).toBe(false);
      for (let day = before; day <= before + after; day++) expect(sweepOn(day)).toBe(true);
    }),
  );
});
