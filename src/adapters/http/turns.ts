/** Turns at an activity of which only a limited number may happen at once. */
export interface Turns {
  /** Waits for a turn, and returns true; false at once if too many wait already. */
  take(): Promise<boolean>;
  /** Ends a turn, so that the next one begins. */
  end(): void;
}

/**
 * Returns turns.
 *
 * @param places how many turns there are at once
 * @param line how many may wait for a turn, in the order in which they came
 */
export function createTurns(places: number, line: number): Turns {
  let taken = 0;
  const waiting = new Set<() => void>();
  return {
    take: () => {
      if (taken < places) {
        taken++;
        return Promise.resolve(true);
      }
      if (waiting.size >= line) return Promise.resolve(false);
      return new Promise((resolve) => waiting.add(() => resolve(true)));
    },
    end: () => {
      for (const next of waiting) {
        waiting.delete(next);
        next();
        return;
      }
      taken--;
    },
  };
}
