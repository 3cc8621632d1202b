/**
 * Returns a version for a write of a store: 52 random bits, never 0. No other write has it.
 *
 * That holds even for a write after the database has lost its last commits. The next number of a count would come twice
 * then.
 */
export function mintVersion(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
  return (high >>> 12) * 2 ** 32 + low + 1;
}
