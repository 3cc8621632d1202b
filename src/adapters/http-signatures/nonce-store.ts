import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { InstallationId, Instant } from "../../domain/identifiers.ts";
import { refuseUnknownOptions } from "../../domain/require-ports.ts";
import type { NonceStore } from "./ports.ts";

/** The bounds on what a {@link createMemoryNonceStore} remembers. */
export interface MemoryNonceStoreOptions {
  /** The most nonces of all installations, about 200 bytes each; 100,000 if left out. */
  readonly limit?: number;
  /** The most nonces of one installation, so that none can fill the store for the others; 2,000 if left out. */
  readonly limitPerInstallation?: number;
}

const OPTIONS: Readonly<Record<keyof MemoryNonceStoreOptions, true>> = {
  limit: true,
  limitPerInstallation: true,
};

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
 * Returns a store that remembers nonces in memory, for one process. A wrong option throws a `TypeError`.
 *
 * It is bounded and fails closed: a full store answers with a fault until a nonce has expired. A restart forgets all
 * nonces. Until the oldest accepted signature has expired, the new process does not notice a replay. The receiver then
 * answers it like any repetition.
 */
export function createMemoryNonceStore(options: MemoryNonceStoreOptions = {}): NonceStore {
  refuseUnknownOptions("createMemoryNonceStore", options, OPTIONS);
  const { limit = 100_000, limitPerInstallation = 2_000 } = options;
  if (!isLimit(limit) || !isLimit(limitPerInstallation))
    throw new TypeError("createMemoryNonceStore: the limits have to be whole numbers from 1 on.");
  /** They are in the order in which they came, which is nearly the order in which they expire. */
  const remembered = new Map<string, RememberedNonce>();
  const held = new Map<InstallationId, number>();

  /** Looks at the expired nonces and one more, so that each nonce is looked at once. */
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
      // A nonce has no line break, so two pairs never share a key.
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
