import { type InstallationId, okAsync } from "unified-contributions";
import { createHttpHandler, type HttpHandler } from "unified-contributions/adapters/http";
import {
  createMemoryNonceStore,
  createRequestVerifier,
  importVerificationKey,
  type Jwk,
  type SignatureAlgorithm,
  type VerificationKey,
} from "unified-contributions/adapters/http-signatures";
import { createMemoryLedger, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { createReceiver, type Receiver } from "unified-contributions/ghec";

const SERVER = "server-1" as InstallationId;

/** A cloud that knows its servers by the public keys that they registered. */
export interface Cloud {
  readonly receiver: Receiver;
  readonly handler: HttpHandler;
  /** The host's registration of a public key; another one of the same server may be live beside it. */
  register(keyId: string, algorithm: SignatureAlgorithm, jwk: Jwk): Promise<void>;
  /** From now on the key opens nothing any more. */
  revoke(keyId: string): void;
}

/** Makes a cloud that its servers reach under this address. */
export async function createCloud(publicUrl: string): Promise<Cloud> {
  // The host's own table of keys. It is looked into for each request, so a key that is revoked is revoked at once.
  const keys = new Map<string, VerificationKey>();
  const authenticate = createRequestVerifier({
    directory: { find: (keyId) => okAsync(keys.get(keyId) ?? null) },
    nonces: createMemoryNonceStore(),
    clock: systemClock,
    publicUrl,
  });
  const receiver = createReceiver({
    store: createMemoryReceiverStore(),
    ledger: createMemoryLedger(),
    clock: systemClock,
    random: systemRandom,
  });
  (await receiver.connectInstallation(SERVER))._unsafeUnwrap();
  return {
    receiver,
    handler: createHttpHandler({ receiver, authenticate }),
    register: async (keyId, algorithm, jwk) => {
      const key = await importVerificationKey({ installation: SERVER, algorithm, jwk });
      if (key.isErr()) throw new Error(key.error.message);
      keys.set(keyId, key.value);
    },
    revoke: (keyId) => {
      keys.delete(keyId);
    },
  };
}
