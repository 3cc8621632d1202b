import type { Instant } from "../../domain/identifiers.ts";
import { keepNewest } from "./keep-newest.ts";

/** The key ids that the directory did not know a moment ago. */
export interface UnknownKeys {
  has(keyId: string, at: Instant): boolean;
  add(keyId: string, at: Instant): void;
}

/** How many ids are remembered, of up to 255 characters each. */
const MANY = 1_000;

/** Returns a memory of unknown key ids that keeps each for this many seconds. One too many drops the oldest. */
export function createUnknownKeys(seconds: number): UnknownKeys {
  const until = new Map<string, number>();
  return {
    has: (keyId, at) => {
      const end = until.get(keyId);
      // A clock that was set back must not make it longer.
      return end !== undefined && at < end && at >= end - seconds * 1_000;
    },
    add: (keyId, at) => {
      if (seconds === 0) return;
      until.delete(keyId);
      until.set(keyId, at + seconds * 1_000);
      keepNewest(until, MANY);
    },
  };
}
