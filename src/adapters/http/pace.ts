/** The speed at which bytes have to come. */
export interface Pace {
  /** How long all bytes may take, in milliseconds. */
  readonly totalMs: number;
  /** How long the bytes may pause, in milliseconds. It is also how long the slowest start may take. */
  readonly idleMs: number;
  /** How many bytes have to come per second on average, once `idleMs` have passed. */
  readonly bytesPerSecond: number;
}

/** Watches the speed of the bytes that come. */
export interface Watch {
  /** Counts this many more bytes. */
  count(bytes: number): void;
  /** Ends the watch; a second call has no effect. */
  end(): void;
}

/**
 * Calls back once as soon as bytes come too slowly. One timer runs for the next decisive moment, not one for each byte.
 */
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
