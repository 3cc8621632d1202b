import type { InstallationId } from "../../domain/identifiers.ts";

/** The nonces of the requests that this process is working on or has just taken. */
export interface RecentNonces {
  /** Notes that a request begins; false if its nonce is in flight or was used here, as far as is remembered. */
  begin(installation: InstallationId, nonce: string): boolean;
  /** The request has ended. A nonce that was not used may come again. */
  end(installation: InstallationId, nonce: string, isUsed: boolean): void;
}

/** How many used nonces are remembered, about 200 bytes each. */
const MANY = 10_000;

/**
 * Makes a memory of nonces that spares the reading of a body, and proves nothing: the nonce store has the last word, and
 * knows what other processes have taken.
 */
export function createRecentNonces(): RecentNonces {
  const inFlight = new Set<string>();
  const used = new Set<string>();
  // No nonce has a line break, so no two pairs have one key.
  const keyOf = (installation: InstallationId, nonce: string): string => `${nonce}\n${installation}`;

  return {
    begin: (installation, nonce) => {
      const key = keyOf(installation, nonce);
      if (inFlight.has(key) || used.has(key)) return false;
      inFlight.add(key);
      return true;
    },
    end: (installation, nonce, isUsed) => {
      const key = keyOf(installation, nonce);
      inFlight.delete(key);
      if (!isUsed) return;
      used.add(key);
      if (used.size > MANY) for (const oldest of used) return void used.delete(oldest);
    },
  };
}
