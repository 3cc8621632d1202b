/** How fast bytes have to come. */
export interface Pace {
  /** How long all of them may take, in milliseconds. */
  readonly totalMs: number;
  /** How long none may come, in milliseconds. It is also how long the slowest start may take. */
  readonly idleMs: number;
  /** How many have to come in each second on average, once `idleMs` have passed. */
  readonly bytesPerSecond: number;
}

/** Watches that bytes come. */
export interface Watch {
  /** So many more bytes came. */
  count(bytes: number): void;
  /** Ends the watch; harmless the second time. */
  end(): void;
}

/** Calls back once as soon as bytes come too slowly. A timer runs for the next moment that matters, and not for each byte. */
export function watchPace({ totalMs, idleMs, bytesPerSecond }: Pace, onSlow: () => void): Watch {
  const startedMs = Date.now();
  let lastMs = startedMs;
  let length = 0;
  const look = (): void => {
    const nowMs = Date.now();
    const dueMs = Math.min(
      startedMs + totalMs,
      lastMs + idleMs,
      startedMs + idleMs + (length * 1_000) / bytesPerSecond,
    );
    if (nowMs >= dueMs) onSlow();
    else timer = setTimeout(look, Math.ceil(dueMs - nowMs));
  };
  let timer = setTimeout(look, Math.min(totalMs, idleMs));
  return {
    count: (bytes) => {
      length += bytes;
      lastMs = Date.now();
    },
    end: () => clearTimeout(timer),
  };
}
