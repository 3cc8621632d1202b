import type { Instant } from "unified-contributions";
import { createTestClock } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";

const NOON = Date.parse("2026-03-01T12:00:00Z");

describe("a test clock", () => {
  it("stands still at the instant it was given, as text or as a number", () => {
    const fromText = createTestClock("2026-03-01T12:00:00Z");
    const fromNumber = createTestClock(NOON as Instant);

    expect([fromText.now(), fromText.now(), fromNumber.now()]).toEqual([NOON, NOON, NOON]);
  });

  it("can be set forwards and backwards", () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");

    clock.set("2026-03-02T12:00:00Z");
    expect(clock.now()).toBe(NOON + 86_400_000);

    clock.set((NOON - 1) as Instant);
    expect(clock.now()).toBe(NOON - 1);
  });

  it("advances by this many milliseconds", () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");

    clock.advance(1_500);
    clock.advance(0);

    expect(clock.now()).toBe(NOON + 1_500);
  });

  it("lets the time of a wait pass at once", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");

    await clock.wait(3_600_000, new AbortController().signal);

    expect(clock.now()).toBe(NOON + 3_600_000);
  });

  it("lets no time pass in a wait that was aborted before", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");

    await clock.wait(3_600_000, AbortSignal.abort());

    expect(clock.now()).toBe(NOON);
  });

  it("lets no time pass in a wait beside other work, which ends when its time has come", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const ended: string[] = [];
    const { signal } = new AbortController();
    const waits = [
      clock.wait(2_000, signal, true).then(() => ended.push("by the clock that was set")),
      clock.wait(1_000, signal, true).then(() => ended.push("by the time that passed")),
    ];

    await clock.wait(999, signal);
    expect(ended).toEqual([]);
    clock.advance(1);
    await waits[1];
    expect(ended).toEqual(["by the time that passed"]);
    clock.set("2026-03-01T12:00:02Z");
    await Promise.all(waits);

    expect(ended).toEqual(["by the time that passed", "by the clock that was set"]);
    expect(clock.now()).toBe(NOON + 2_000);
  });

  it("ends a wait beside other work with its signal", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const over = new AbortController();
    const wait = clock.wait(1_000, over.signal, true);

    over.abort();
    await wait;

    expect(clock.now()).toBe(NOON);
  });

  it.each(["", "today", "2026-13-01T00:00:00Z", Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses %j, which is not an instant",
    (instant) => {
      const clock = createTestClock("2026-03-01T12:00:00Z");

      expect(() => createTestClock(instant as Instant)).toThrow(RangeError);
      expect(() => clock.set(instant as Instant)).toThrow(RangeError);
      expect(clock.now()).toBe(NOON);
    },
  );
});
