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

  it("advances by so many milliseconds", () => {
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

  it.each(["", "today", "2026-13-01T00:00:00Z", Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses %j, which is no instant",
    (instant) => {
      const clock = createTestClock("2026-03-01T12:00:00Z");

      expect(() => createTestClock(instant as Instant)).toThrow(RangeError);
      expect(() => clock.set(instant as Instant)).toThrow(RangeError);
      expect(clock.now()).toBe(NOON);
    },
  );
});
