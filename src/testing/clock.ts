import type { Clock } from "../domain/environment.ts";
import type { Instant } from "../domain/identifiers.ts";

/** A clock that stands still until it is told. */
export interface TestClock extends Clock {
  /** Sets the present instant; forwards or backwards, as real clocks do. */
  set(instant: string | Instant): void;
  /** Lets so many milliseconds pass. */
  advance(milliseconds: number): void;
}

/**
 * Makes a clock that shows this instant: milliseconds since 1970, or a UTC text such as `2026-03-01T10:00:00Z`. To wait
 * on it lets the time pass at once. A text that is no instant throws a `RangeError`.
 *
 * A deadline passes at once, too, while a source fetches contributions over a socket or from a database. Give the sender
 * `{ ...clock, wait: systemClock.wait }` then. A source in memory needs no deadline.
 */
export function createTestClock(start: string | Instant): TestClock {
  let present = read(start);
  return {
    now: () => present as Instant,
    wait: (milliseconds, signal) => {
      if (!signal.aborted) present += milliseconds;
      return Promise.resolve();
    },
    set: (instant) => {
      present = read(instant);
    },
    advance: (milliseconds) => {
      present += milliseconds;
    },
  };
}

function read(instant: string | Instant): number {
  const milliseconds = typeof instant === "number" ? instant : Date.parse(instant);
  if (!Number.isFinite(milliseconds))
    throw new RangeError("A test clock needs an instant such as 2026-03-01T10:00:00Z.");
  return milliseconds;
}
