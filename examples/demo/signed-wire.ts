import { gunzipSync } from "node:zlib";
import { type Clock, okAsync, type Random, type ResultAsync } from "unified-contributions";
import {
  createHttpHandler,
  createHttpTransport,
  type HttpFetch,
  type HttpHandler,
  type HttpTransportOptions,
} from "unified-contributions/adapters/http";
import {
  createMemoryNonceStore,
  createRequestSigner,
  createRequestVerifier,
  generateKeyPair,
  importSigningKey,
  importVerificationKey,
  type Jwk,
  type SigningKey,
} from "unified-contributions/adapters/http-signatures";
import type { Receiver } from "unified-contributions/ghec";
import type { Transport } from "unified-contributions/ghes";
import { SERVER } from "./cloud.ts";
import { type Mistake, mistake } from "./mistake.ts";

/** The public half of a server's key, as the cloud is shown it. */
export interface ShownKey {
  readonly keyId: string;
  readonly publicKey: Jwk;
}

const KEY_ID = "the-server-2026";

/** Makes a key: the private half stays, the public half is shown to the cloud. */
export function makeKey(): ResultAsync<{ readonly key: SigningKey; readonly shown: ShownKey }, Mistake> {
  return generateKeyPair("ed25519")
    .andThen(({ privateKey, publicKey }) =>
      importSigningKey({ keyId: KEY_ID, algorithm: "ed25519", jwk: privateKey }).map((key) => ({
        key,
        shown: { keyId: KEY_ID, publicKey },
      })),
    )
    .mapErr(({ message }) => mistake(message));
}

/** The parts of a signed transport besides its address and its key. */
interface SignedTransportOptions extends Pick<HttpTransportOptions, "verifyAnswers" | "onEvent"> {
  readonly clock: Clock;
  readonly random: Random;
  /** Told of every message as it leaves. */
  readonly onSent: (text: string) => void;
}

/** The server's end of the wire: every request is signed, and told of as it leaves. */
export function createSignedTransport(
  url: string,
  key: SigningKey,
  { clock, random, onSent, ...options }: SignedTransportOptions,
): Transport {
  // Written down where the bytes leave: what the socket is given, inflated.
  const recording: HttpFetch = (address, init) => {
    const isPacked = init.headers.some(([name]) => name === "content-encoding");
    onSent(Buffer.from(isPacked ? gunzipSync(init.body) : init.body).toString());
    return fetch(address, init);
  };
  return createHttpTransport({
    ...options,
    url,
    fetch: recording,
    sign: createRequestSigner({ key: () => key, clock, random }),
  });
}

/** The cloud's end: only the server whose key it was shown is heard. */
export async function createSignedHandler(
  receiver: Receiver,
  clock: Clock,
  publicUrl: string,
  { keyId, publicKey }: ShownKey,
): Promise<HttpHandler> {
  const imported = await importVerificationKey({
    installation: SERVER,
    algorithm: "ed25519",
    jwk: publicKey,
  });
  if (imported.isErr()) throw new Error(imported.error.message);
  const authenticate = createRequestVerifier({
    directory: { find: (id) => okAsync(id === keyId ? imported.value : null) },
    nonces: createMemoryNonceStore(),
    clock,
    publicUrl,
  });
  return createHttpHandler({ receiver, authenticate });
}
