import { errAsync, type ResultAsync } from "neverthrow";
import type { Clock } from "../domain/environment.ts";
import { STORAGE_LATE, type StorageFault } from "../domain/fault.ts";
import type { Instant } from "../domain/identifiers.ts";
import { inTime } from "../domain/in-time.ts";

/** Reads that an answer can do without. */
export interface SpareRead {
  /**
   * Returns what is read, or a fault: after two seconds, or at once while an earlier read hangs. A read that hangs keeps
   * a connection, so no other is begun for five minutes.
   */
  read<Value>(begin: () => ResultAsync<Value, StorageFault>): ResultAsync<Value, StorageFault>;
}

/** How long an answer waits for a read that it can do without, in milliseconds. */
const DEADLINE_MS = 2_000;

/** After how many milliseconds a read that has not ended no longer keeps others from beginning. */
const GIVEN_UP_MS = 300_000;

/** Returns reads that an answer can do without. */
export function createSpareRead(clock: Clock): SpareRead {
  let hanging: { readonly since: Instant } | null = null;

  return {
    read: (begin) => {
      const since = clock.now();
      if (hanging && Math.abs(since - hanging.since) < GIVEN_UP_MS) return errAsync(STORAGE_LATE);
      const mine = { since };
      const reading = begin();
      return inTime(clock, DEADLINE_MS, reading, STORAGE_LATE).mapErr((fault) => {
        if (fault === STORAGE_LATE) {
          hanging = mine;
          const end = (): void => {
            if (hanging === mine) hanging = null;
          };
          reading.match(end, end);
        }
        return fault;
      });
    },
  };
}
