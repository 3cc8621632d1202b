import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { InstallationId, Instant } from "../../domain/identifiers.ts";
import type { NonceStore } from "./ports.ts";

/** How much a {@link createMemoryNonceStore} remembers at most. */
export interface MemoryNonceStoreOptions {
  /** Nonces of all installations, about 200 bytes each; 100,000 if left out. */
  readonly limit?: number;
  /** Nonces of one installation, so that none can fill the store for the others; 2,000 if left out. */
  readonly limitPerInstallation?: number;
}

interface RememberedNonce {
  readonly installation: InstallationId;
  readonly until: Instant;
}

const FULL: StorageFault = {
  type: "storage-fault",
  reason: "unavailable",
  message: "The nonce store is full: wait until nonces have expired, or raise its limits.",
};

/**
 * Nonces in memory, for one process. It is bounded and fails closed: full, it answers with a fault until something has
 * expired. A restart forgets: until the oldest signature that was taken has expired, a replay to the new process is
 * not noticed here, and the receiver answers it answers any repetition. A wrong limit throws a `TypeError`.
 */
export function createMemoryNonceStore(options: MemoryNonceStoreOptions = {}): NonceStore {
  const { limit = 100_000, limitPerInstallation = 2_000 } = options;
  if (!isLimit(limit) || !isLimit(limitPerInstallation))
    throw new TypeError("createMemoryNonceStore: the limits have to be whole numbers from 1 on.");
  /** In the order they came, which is nearly that in which they expire. */
  const remembered = new Map<string, RememberedNonce>();
  const held = new Map<InstallationId, number>();

  /** Looks at no more than has expired and one more, so that each nonce is paid for once. */
  function forgetExpired(at: Instant): void {
    for (const [key, { installation, until }] of remembered) {
      if (until > at) return;
      remembered.delete(key);
      const left = (held.get(installation) ?? 0) - 1;
      if (left > 0) held.set(installation, left);
      else held.delete(installation);
    }
  }

  return {
    remember: ({ installation, nonce, until, at }): ResultAsync<boolean, StorageFault> => {
      forgetExpired(at);
      // No nonce has a line break, so no two pairs have one key.
      const key = `${nonce}\n${installation}`;
      if (remembered.has(key)) return okAsync(false);
      const count = held.get(installation) ?? 0;
      if (remembered.size >= limit || count >= limitPerInstallation) return errAsync(FULL);
      remembered.set(key, { installation, until });
      held.set(installation, count + 1);
      return okAsync(true);
    },
  };
}

function isLimit(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
