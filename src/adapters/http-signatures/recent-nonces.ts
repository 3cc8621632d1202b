import type { InstallationId } from "../../domain/identifiers.ts";

/** The nonces of the requests that this process is working on or has just taken. */
export interface RecentNonces {
  /** Notes the start of a request; false if its nonce is in flight or is remembered as used here. */
  begin(installation: InstallationId, nonce: string): boolean;
  /** Notes the end of a request. A nonce that was not used may come again. */
  end(installation: InstallationId, nonce: string, isUsed: boolean): void;
}

/** How many used nonces are remembered, about 200 bytes each. */
const MANY = 10_000;

/**
 * Returns a memory of nonces that saves the reading of a body, and proves nothing.
 *
 * The nonce store decides, because it also knows the nonces that other processes have taken.
 */
export function createRecentNonces(): RecentNonces {
  const inFlight = new Set<string>();
  const used = new Set<string>();
  // A nonce has no line break, so two pairs never share a key.
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
