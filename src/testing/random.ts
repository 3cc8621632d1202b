import type { Random } from "../domain/environment.ts";

/**
 * Returns random that repeats itself. The same seed, a whole number, gives the same ids and fractions in the same
 * order.
 */
export function createTestRandom(seed: number): Random {
  let state = seed >>> 0;
  // Mulberry32: small, fast, and good enough to spread; never for real ids.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const hex = (): string => next().toString(16).padStart(8, "0");
  return {
    id: () => `${hex()}${hex()}${hex()}${hex()}`,
    fraction: () => next() / 2 ** 32,
  };
}
