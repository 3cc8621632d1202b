import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Pace, watchPace } from "../../../../src/adapters/http/pace.ts";

const PACE: Pace = { totalMs: 60_000, idleMs: 5_000, bytesPerSecond: 100 };

beforeEach(() => void vi.useFakeTimers({ now: 1_772_366_400_000 }));
afterEach(() => void vi.useRealTimers());

/**
 * Lets so many bytes come every so often, up to a minute and a half, and returns after how many milliseconds they were
 * too slow. It is null if they never were.
 */
function slowAfter(bytes: number, everyMs: number, pace: Partial<Pace> = {}): number | null {
  const beganMs = Date.now();
  let slowMs: number | null = null;
  const watch = watchPace({ ...PACE, ...pace }, () => {
    slowMs = Date.now() - beganMs;
  });
  while (slowMs === null && Date.now() - beganMs < 90_000) {
    vi.advanceTimersByTime(everyMs);
    if (slowMs === null) watch.count(bytes);
  }
  watch.end();
  return slowMs;
}

describe("bytes that come too slowly", () => {
  it("are too slow after the idle time if none comes", () => {
    expect(slowAfter(1, 90_000)).toBe(5_000);
  });

  it("may pause for the idle time after any of them, and no longer", () => {
    expect(slowAfter(10_000, 4_999)).toBe(60_000);
    expect(slowAfter(10_000, 5_001)).toBe(5_000);
  });

  it("have to keep up with the rate once the idle time is over", () => {
    // 400 bytes that came before the ninth second last for 5 s and another 4 s.
    expect(slowAfter(50, 1_000)).toBe(9_000);
    expect(slowAfter(100, 1_000)).toBe(60_000);
  });

  it("may not take longer than all of the time, however many come", () => {
    expect(slowAfter(1_000_000, 100)).toBe(60_000);
    expect(slowAfter(1_000_000, 100, { totalMs: 2_000 })).toBe(2_000);
  });

  it("are told once, and never after the end of the watch", () => {
    const told = vi.fn();
    watchPace(PACE, told);
    const ended = watchPace(PACE, told);
    ended.end();
    ended.end();

    vi.advanceTimersByTime(120_000);

    expect(told).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("take one timer at a time, however many come", () => {
    const watch = watchPace(PACE, () => undefined);
    for (let count = 0; count < 1_000; count++) watch.count(1);

    expect(vi.getTimerCount()).toBe(1);
    watch.end();
  });
});
