/**
 * A version for what a store writes: 52 random bits, never 0. No other write has it, also not one that follows after the
 * database has lost its last commits, as the next number of a count would.
 */
export function mintVersion(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
  return (high >>> 12) * 2 ** 32 + low + 1;
}
