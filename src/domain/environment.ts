import type { Instant } from "./identifiers.ts";

/** Time, given so that tests and simulations can set it. */
export interface Clock {
  /** The present instant. */
  now(): Instant;
  /**
   * Comes back after so many milliseconds, or at once when the signal says so; never rejects.
   *
   * @param isBeside whether something else goes on meanwhile, whose end the signal tells: a clock that lets time pass by
   * itself, as that of a test does, then waits until its time has come; false if left out
   */
  wait(milliseconds: number, signal: AbortSignal, isBeside?: boolean): Promise<void>;
}

/** Randomness, given so that tests and simulations can repeat it. */
export interface Random {
  /** A random id that cannot be guessed: 16 to 64 characters of `A–Z a–z 0–9 _ -`, a random UUID for example. */
  id(): string;
  /** A random number from 0 (included) to 1 (excluded). */
  fraction(): number;
}
