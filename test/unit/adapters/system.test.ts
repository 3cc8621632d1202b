import { parseInstant, parseLinkId } from "unified-contributions";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { describe, expect, it } from "vitest";

const AN_HOUR_MS = 3_600_000;

describe("the system's clock", () => {
  it("shows the machine's time, in whole milliseconds", () => {
    const before = Date.now();
    const now = systemClock.now();

    expect(parseInstant(now)._unsafeUnwrap()).toBe(now);
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it("waits as long as it is told", async () => {
    const before = performance.now();

    await systemClock.wait(20, new AbortController().signal);

    // Timers of Node.js may come a millisecond early.
    expect(performance.now() - before).toBeGreaterThanOrEqual(19);
  });

  it("stops waiting as soon as the signal aborts", async () => {
    const controller = new AbortController();
    const waiting = systemClock.wait(AN_HOUR_MS, controller.signal);

    controller.abort();

    await expect(waiting).resolves.toBeUndefined();
  });

  it("does not begin to wait if the signal was aborted before", async () => {
    await expect(systemClock.wait(AN_HOUR_MS, AbortSignal.abort())).resolves.toBeUndefined();
  });

  it("leaves no listener on the signal once the wait is over", async () => {
    const listeners = new Set<unknown>();
    const signal = {
      ...new AbortController().signal,
      aborted: false,
      addEventListener: (_: string, listener: unknown) => listeners.add(listener),
      removeEventListener: (_: string, listener: unknown) => listeners.delete(listener),
    } as unknown as AbortSignal;

    const waiting = systemClock.wait(1, signal);
    expect(listeners.size).toBe(1);
    await waiting;

    expect(listeners.size).toBe(0);
  });
});

describe("the system's random", () => {
  it("gives valid ids that never repeat", () => {
    const ids = Array.from({ length: 10_000 }, () => systemRandom.id());

    expect(new Set(ids).size).toBe(10_000);
    expect(ids.filter((id) => parseLinkId(id).isErr())).toEqual([]);
  });

  it("gives fractions from 0 to below 1 that differ", () => {
    const fractions = Array.from({ length: 1_000 }, () => systemRandom.fraction());

    expect(fractions.filter((fraction) => !(fraction >= 0 && fraction < 1))).toEqual([]);
    expect(new Set(fractions).size).toBeGreaterThan(990);
    expect(fractions.some((fraction) => fraction < 0.5)).toBe(true);
    expect(fractions.some((fraction) => fraction >= 0.5)).toBe(true);
  });
});
