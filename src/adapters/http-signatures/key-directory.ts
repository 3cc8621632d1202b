import { err, ok, okAsync } from "neverthrow";
import type { InstallationId } from "../../domain/identifiers.ts";
import { type KeyRefusal, keyRefusal } from "./key-refusal.ts";
import type { KeyRegistry, OfferedChallenge, VerificationKey } from "./ports.ts";
import { readStoredKey } from "./stored-key.ts";

/**
 * Returns a key directory in memory for one process, such as an example or a test.
 *
 * It also keeps the ids and the thumbprints of revoked keys, and forgets everything when the process ends.
 */
export function createMemoryKeyDirectory(): KeyRegistry {
  const live = new Map<string, VerificationKey>();
  const usedIds = new Set<string>();
  const usedKeys = new Set<string>();
  const challenges = new Map<InstallationId, OfferedChallenge>();

  return {
    find: (keyId) => okAsync(live.get(keyId) ?? null),
    offer: (offered) => {
      challenges.set(offered.installation, offered);
      return okAsync(undefined);
    },
    register: ({ keyId, thumbprint, installation, connectionId, algorithm, jwk, challenge, at }) =>
      readStoredKey({ installation, connectionId, algorithm, jwk }).andThen((imported) => {
        // From here on nothing waits, so only one of two simultaneous registrations can pass these checks.
        const offered = challenges.get(installation);
        if (offered?.challenge !== challenge) return err<void, KeyRefusal>(keyRefusal("unknown-challenge"));
        challenges.delete(installation);
        if (at >= offered.until) return err(keyRefusal("unknown-challenge"));
        if (usedKeys.has(thumbprint)) return err(keyRefusal("reused-key"));
        if (usedIds.has(keyId)) return err(keyRefusal("reused-key-id"));
        usedIds.add(keyId);
        usedKeys.add(thumbprint);
        live.set(keyId, imported);
        return ok();
      }),
    revoke: (keyId) => {
      live.delete(keyId);
      return okAsync(undefined);
    },
    revokeAll: (installation) => {
      challenges.delete(installation);
      for (const [keyId, key] of live) if (key.installation === installation) live.delete(keyId);
      return okAsync(undefined);
    },
  };
}
