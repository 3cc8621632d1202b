import type { Clock } from "../domain/environment.ts";
import type { Instant } from "../domain/identifiers.ts";

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  /** Sets the present instant, forwards or backwards, as real clocks do. */
  set(instant: string | Instant): void;
  /** Lets this many milliseconds pass. */
  advance(milliseconds: number): void;
}

/**
 * Returns a clock that shows this instant: milliseconds since 1970, or a UTC text such as `2026-03-01T10:00:00Z`.
 *
 * A wait lets the time pass at once. A wait beside other work, such as a deadline, lasts until a test moves the clock.
 * A text that is not an instant throws a `RangeError`.
 */
export function createTestClock(start: string | Instant): TestClock {
  let present = read(start);
  const waiting = new Map<() => void, number>();

  function show(instant: number): void {
    present = instant;
    for (const [end, dueAt] of waiting) if (dueAt <= present) end();
  }

  return {
    now: () => present as Instant,
    wait: (milliseconds, signal, isBeside = false) => {
      if (signal.aborted) return Promise.resolve();
      if (!isBeside) {
        show(present + milliseconds);
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const end = (): void => {
          waiting.delete(end);
          signal.removeEventListener("abort", end);
          resolve();
        };
        waiting.set(end, present + milliseconds);
        signal.addEventListener("abort", end);
      });
    },
    set: (instant) => show(read(instant)),
    advance: (milliseconds) => show(present + milliseconds),
  };
}

function read(instant: string | Instant): number {
  const milliseconds = typeof instant === "number" ? instant : Date.parse(instant);
  if (!Number.isFinite(milliseconds))
    throw new RangeError("A test clock needs an instant such as 2026-03-01T10:00:00Z.");
  return milliseconds;
}
