import { err, errAsync, ok, okAsync, type ResultAsync } from "neverthrow";
import type { InstallationId } from "../../domain/identifiers.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";
import { importVerificationKey, isKeyId, keyThumbprint } from "./import-key.ts";
import { type KeyMaterial, type UnusableKey, unusable } from "./key-material.ts";
import type { KeyDirectory, VerificationKey } from "./ports.ts";

/** A key is not registered, because its id or the key itself was registered before. */
export interface ReusedKey {
  readonly type: "reused-key-id" | "reused-key";
  /** What is wrong and what to do. */
  readonly message: string;
}

/** A key directory in memory, for one process: for a small cloud, an example or a test. */
export interface MemoryKeyDirectory extends KeyDirectory {
  /**
   * Registers a public key and returns its id. It refuses an id that any key ever had, and a key that was ever
   * registered: a revoked key stays revoked, and no installation can claim the key of another.
   *
   * @param key.keyId the id under which the server signs; the key's thumbprint (RFC 7638) if left out
   */
  register(
    key: KeyMaterial & {
      readonly installation: InstallationId;
      readonly algorithm: SignatureAlgorithm;
      readonly keyId?: string;
    },
  ): ResultAsync<string, UnusableKey | ReusedKey>;
  /** Ends a key; harmless if no key has this id. */
  revoke(keyId: string): void;
}

const REUSED_ID: ReusedKey = {
  type: "reused-key-id",
  message:
    "A key had this id before: register the new key under an id of its own, its thumbprint for example.",
};
const REUSED_KEY: ReusedKey = {
  type: "reused-key",
  message: "This key was registered before: make another key.",
};

/** Makes a key directory in memory. It keeps the ids and the thumbprints of revoked keys for ever. */
export function createMemoryKeyDirectory(): MemoryKeyDirectory {
  const live = new Map<string, VerificationKey>();
  const usedIds = new Set<string>();
  const usedKeys = new Set<string>();

  return {
    find: (keyId) => okAsync(live.get(keyId) ?? null),
    register: (key) => {
      if (!(key.keyId === undefined || isKeyId(key.keyId)))
        return errAsync(unusable("The key id has to be 1 to 255 printable ASCII characters."));
      return importVerificationKey(key).andThen((imported) =>
        keyThumbprint(key).andThen((thumbprint) => {
          const keyId = key.keyId ?? thumbprint;
          // From here on nothing waits, so of two registrations at once only one finds the id free.
          if (usedIds.has(keyId)) return err(REUSED_ID);
          if (usedKeys.has(thumbprint)) return err(REUSED_KEY);
          usedIds.add(keyId);
          usedKeys.add(thumbprint);
          live.set(keyId, imported);
          return ok(keyId);
        }),
      );
    },
    revoke: (keyId) => {
      live.delete(keyId);
    },
  };
}
