/** Starts to measure, and returns what says how many milliseconds have gone by; 0 where the clock was set back. */
export function startStopwatch(clock: { now(): number }): () => number {
  const startedAt = clock.now();
  return () => Math.max(0, clock.now() - startedAt);
}
