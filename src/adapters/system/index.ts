/**
 * The machine's time and randomness, for programs that really run.
 *
 * @packageDocumentation
 */

import type { Clock, Random } from "../../domain/environment.ts";
import type { Instant } from "../../domain/identifiers.ts";

/** The machine's clock. A wait on it keeps a timer, which the signal ends at once. */
export const systemClock: Clock = {
  now: () => Date.now() as Instant,
  wait: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const stop = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        resolve();
      };
      const timer = setTimeout(stop, milliseconds);
      signal.addEventListener("abort", stop);
    }),
};

/** The platform's own cryptographic randomness. */
export const systemRandom: Random = {
  id: () => crypto.randomUUID(),
  fraction: () => (crypto.getRandomValues(new Uint32Array(1))[0] as number) / 2 ** 32,
};
