import type { Instant } from "./identifiers.ts";

/** The time, passed in so that tests and simulations can set it. */
export interface Clock {
  /** Returns the present instant. */
  now(): Instant;
  /**
   * Resolves after this many milliseconds, or at once when the signal aborts; never rejects.
   *
   * @param isBeside whether other work goes on meanwhile, and the signal tells of its end; false if left out. A test
   * clock that moves time by itself then waits until that time has come.
   */
  wait(milliseconds: number, signal: AbortSignal, isBeside?: boolean): Promise<void>;
}

/** Randomness, passed in so that tests and simulations can repeat it. */
export interface Random {
  /** Returns a random id that cannot be guessed, such as a random UUID: 16 to 64 characters of `A–Z a–z 0–9 _ -`. */
  id(): string;
  /** Returns a random number from 0 (included) to 1 (excluded). */
  fraction(): number;
}
