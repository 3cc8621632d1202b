import type { InstallationId } from "unified-contributions";
import { createHttpHandler, type HttpHandler } from "unified-contributions/adapters/http";
import {
  createMemoryKeyDirectory,
  createMemoryNonceStore,
  createRequestVerifier,
  type KeyMaterial,
  type SignatureAlgorithm,
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
  register(keyId: string, algorithm: SignatureAlgorithm, key: KeyMaterial): Promise<void>;
  /** From now on the key opens nothing any more. */
  revoke(keyId: string): void;
}

/** Makes a cloud that its servers reach under this address. */
export async function createCloud(publicUrl: string): Promise<Cloud> {
  // In place of the host's own table of keys. The verifier looks into it for each request, so a revocation holds at once.
  const directory = createMemoryKeyDirectory();
  const authenticate = createRequestVerifier({
    directory,
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
    register: async (keyId, algorithm, key) => {
      const registered = await directory.register({ installation: SERVER, keyId, algorithm, ...key });
      if (registered.isErr()) throw new Error(registered.error.message);
    },
    revoke: directory.revoke,
  };
}
