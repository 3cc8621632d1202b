import { type InstallationId, okAsync } from "unified-contributions";
import {
  createMemoryNonceStore,
  createRequestSigner,
  createRequestVerifier,
  generateKeyPair,
  importSigningKey,
  importVerificationKey,
  type KeyDirectory,
  type KeyPair,
  type SignatureAlgorithm,
  type SigningKey,
  type VerificationKey,
} from "unified-contributions/adapters/http-signatures";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import type { RequestVerifierOptions } from "../../src/adapters/http-signatures/verify.ts";

export const ALGORITHMS: readonly SignatureAlgorithm[] = ["ed25519", "ecdsa-p256-sha256", "rsa-pss-sha512"];
const PUBLIC_URL = "https://cloud.example";
export const ADDRESS = `${PUBLIC_URL}/unified-contributions`;
export const SERVER_1 = "server-1" as InstallationId;
export const BODY = new TextEncoder().encode('{"hello":"world"}');

/** A new key of an installation, both halves. */
export async function createKey(
  algorithm: SignatureAlgorithm = "ed25519",
  keyId = "key-1",
  installation = SERVER_1,
) {
  const pair: KeyPair = (await generateKeyPair(algorithm))._unsafeUnwrap();
  const signing: SigningKey = (
    await importSigningKey({ keyId, algorithm, jwk: pair.privateKey })
  )._unsafeUnwrap();
  const verification: VerificationKey = (
    await importVerificationKey({ installation, algorithm, jwk: pair.publicKey })
  )._unsafeUnwrap();
  return { pair, signing, verification };
}

/** A POST of {@link BODY}, as a transport is about to send it. */
export function createPost(
  headers: Readonly<Record<string, string>> = {},
  url = ADDRESS,
  body = BODY,
): Request {
  return new Request(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}

/** A server that signs with one key, and a cloud that knows it, at the same time by the same clock. */
export async function createSignedWire(
  parts: Partial<RequestVerifierOptions> & { algorithm?: SignatureAlgorithm } = {},
) {
  const { algorithm, ...options } = parts;
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const random = createTestRandom(1);
  const key = await createKey(algorithm);
  const keys = new Map([[key.signing.keyId, key.verification]]);
  const directory: KeyDirectory = { find: (keyId) => okAsync(keys.get(keyId) ?? null) };
  const nonces = createMemoryNonceStore();
  const sign = createRequestSigner({ key: () => key.signing, clock, random });
  const verifier = { directory, nonces, clock, publicUrl: PUBLIC_URL, ...options };
  const verify = createRequestVerifier(verifier);
  return {
    clock,
    random,
    key,
    keys,
    verifier,
    sign,
    verify,
    /** Whose request it is, or the code of the refusal. */
    async outcome(request: Request, body = BODY): Promise<string> {
      return (await verify(request, body)).match(
        (installation) => installation,
        ({ type }) => type,
      );
    },
  };
}

/** The same request with some of its headers set, or taken away by null. */
export function withHeaders(request: Request, changes: Readonly<Record<string, string | null>>): Request {
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return new Request(request.url, { method: request.method, headers });
}
