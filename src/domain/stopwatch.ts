/** Starts to measure, and returns a function that returns the milliseconds since then; 0 if the clock was set back. */
export function startStopwatch(clock: { now(): number }): () => number {
  const startedAt = clock.now();
  return () => Math.max(0, clock.now() - startedAt);
}
