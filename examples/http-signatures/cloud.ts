import type { InstallationId } from "unified-contributions";
import { createHttpHandler, type HttpHandler } from "unified-contributions/adapters/http";
import {
  createKeyRegistrar,
  createMemoryKeyDirectory,
  createMemoryNonceStore,
  createRequestVerifier,
  type KeyDirectory,
  type KeyRegistrar,
  type KeyRegistry,
} from "unified-contributions/adapters/http-signatures";
import { createMemoryLedger, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { createReceiver, type Receiver } from "unified-contributions/ghec";

/** The one server of this example. */
export const SERVER: InstallationId = "server-1" as InstallationId;

/** A cloud that knows its servers by the public keys that they registered. */
export interface Cloud {
  readonly receiver: Receiver;
  readonly handler: HttpHandler;
}

/** A cloud at which servers register their keys. */
export interface RegisteringCloud extends Cloud {
  readonly registrar: KeyRegistrar;
  /** From now on the key opens nothing any more. */
  revoke(keyId: string): Promise<void>;
}

/** Makes a cloud that its servers reach under this address, and that takes the keys which they prove. */
export async function createRegisteringCloud(publicUrl: string): Promise<RegisteringCloud> {
  // With PostgreSQL this is `createPostgresKeyDirectory`. It is asked for each request, so a revocation holds at once.
  const directory: KeyRegistry = createMemoryKeyDirectory();
  return {
    ...(await createCloud(publicUrl, directory)),
    registrar: createKeyRegistrar({ directory, clock: systemClock, random: systemRandom, publicUrl }),
    revoke: async (keyId) => {
      (await directory.revoke(keyId, systemClock.now()))._unsafeUnwrap();
    },
  };
}

/** Makes a cloud that its servers reach under this address, and that knows the keys of this directory. */
export async function createCloud(publicUrl: string, directory: KeyDirectory): Promise<Cloud> {
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
  return { receiver, handler: createHttpHandler({ receiver, authenticate }) };
}
