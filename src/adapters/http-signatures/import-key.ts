import { errAsync, okAsync, ResultAsync } from "neverthrow";
import { isSignatureAlgorithm, type SignatureAlgorithm, WEB_CRYPTO } from "./algorithm.ts";
import {
  type ImportedKey,
  type Jwk,
  type KeyMaterial,
  readKey,
  rsaBits,
  UNKNOWN_ALGORITHM,
  type UnusableKey,
  unusable,
} from "./key-material.ts";
import type { CloudKey, SigningKey, VerificationKey } from "./ports.ts";
import { thumbprintOf } from "./thumbprint.ts";

/** Both halves of a new key. The private one stays on the server, and the public one goes to the cloud. */
export interface KeyPair {
  readonly privateKey: Jwk;
  readonly publicKey: Jwk;
}

const NOT_SUPPORTED = "This runtime's WebCrypto cannot make keys of this algorithm: choose another.";
const KEY_ID_LENGTH = "The key id has to be 1 to 255 printable ASCII characters.";
const KEY_ID = /^[\x20-\x7e]{1,255}$/;

/** Returns a new key pair, for a rotation, an example or a test. RSA keys have 3,072 bits. */
export function generateKeyPair(algorithm: SignatureAlgorithm): ResultAsync<KeyPair, UnusableKey> {
  if (!isSignatureAlgorithm(algorithm)) return errAsync(UNKNOWN_ALGORITHM);
  const { subtle } = crypto;
  const generate = async (): Promise<KeyPair> => {
    const { generation } = WEB_CRYPTO[algorithm];
    const pair = (await subtle.generateKey(generation, true, ["sign", "verify"])) as ImportedKeyPair;
    const privateKey = (await subtle.exportKey("jwk", pair.privateKey)) as Jwk;
    const publicKey = (await subtle.exportKey("jwk", pair.publicKey)) as Jwk;
    return { privateKey, publicKey };
  };
  return ResultAsync.fromPromise(generate(), () => unusable(NOT_SUPPORTED));
}

/**
 * Returns the signing key in a private JWK or PEM.
 *
 * @param key.keyId the id under which the cloud knows its public half; the key's thumbprint (RFC 7638) if left out
 */
export function importSigningKey(
  key: KeyMaterial & { readonly keyId?: string; readonly algorithm: SignatureAlgorithm },
): ResultAsync<SigningKey, UnusableKey> {
  const { keyId, algorithm } = key;
  if (!(keyId === undefined || isKeyId(keyId))) return errAsync(unusable(KEY_ID_LENGTH));
  return readKey(algorithm, key, "sign").andThen(({ imported, members }) =>
    (keyId === undefined ? thumbprintOf(members) : okAsync(keyId)).map((id) => ({
      keyId: id,
      algorithm,
      sign: async (base: Uint8Array) =>
        new Uint8Array(await crypto.subtle.sign(WEB_CRYPTO[algorithm].use, imported, base)),
    })),
  );
}

/**
 * Returns the verification key in a public JWK or PEM, even if a stranger gave it.
 *
 * It refuses a private key and a key for another algorithm. It also refuses every key with which anyone can sign or
 * whose verification is slow:
 *
 * - Ed25519 points of small order or in a second encoding;
 * - points that are not on P-256;
 * - RSA keys of fewer than 2,048 or more than 4,096 bits, or with a small factor;
 * - RSA exponents that are even, below 65,537 or above 4,294,967,295.
 *
 * @param key.installation the installation that owns the key
 * @param key.connectionId the connection for which the key was registered, if the host has an id of it
 */
export function importVerificationKey(
  key: KeyMaterial & Pick<VerificationKey, "installation" | "connectionId" | "algorithm">,
): ResultAsync<VerificationKey, UnusableKey> {
  const { installation, connectionId, algorithm } = key;
  return readKey(algorithm, key, "verify").map(({ imported }) => ({
    ...{ installation, connectionId, algorithm },
    verify: verifierOf(algorithm, imported),
  }));
}

/**
 * Returns the key with which the cloud signs its answers or receipts, from a public JWK or PEM.
 *
 * It refuses the same keys as {@link importVerificationKey}.
 *
 * @param key.keyId the id under which the cloud signs; the key's thumbprint (RFC 7638) if left out
 */
export function importCloudKey(
  key: KeyMaterial & { readonly algorithm: SignatureAlgorithm; readonly keyId?: string },
): ResultAsync<CloudKey, UnusableKey> {
  const { keyId, algorithm } = key;
  if (!(keyId === undefined || isKeyId(keyId))) return errAsync(unusable(KEY_ID_LENGTH));
  return readKey(algorithm, key, "verify").andThen(({ imported, members }) =>
    (keyId === undefined ? thumbprintOf(members) : okAsync(keyId)).map((id) => ({
      ...{ keyId: id, algorithm },
      verify: verifierOf(algorithm, imported),
    })),
  );
}

function verifierOf(algorithm: SignatureAlgorithm, key: ImportedKey): VerificationKey["verify"] {
  // Some platforms take an RSA signature without its leading zeros. RFC 8017 (8.1.2) allows one length only.
  return async (base, signature) =>
    signature.length === signatureLength(key) &&
    (await crypto.subtle.verify(WEB_CRYPTO[algorithm].use, key, signature, base).catch(() => false));
}

/**
 * Returns the thumbprint of a public key (RFC 7638, with SHA-256), 43 characters.
 *
 * It is the id of a key that gets no other. A JWK and a PEM of one key have the same thumbprint, whatever else the JWK
 * says.
 */
export function keyThumbprint(
  key: KeyMaterial & { readonly algorithm: SignatureAlgorithm },
): ResultAsync<string, UnusableKey> {
  return readKey(key.algorithm, key, "verify").andThen(({ members }) => thumbprintOf(members));
}

/** Whether a value can be a key's id. */
export function isKeyId(value: unknown): value is string {
  return typeof value === "string" && KEY_ID.test(value);
}

interface ImportedKeyPair {
  readonly privateKey: ImportedKey;
  readonly publicKey: ImportedKey;
}

/** Returns how many bytes a signature of this key has. */
function signatureLength(key: ImportedKey): number {
  const bits = rsaBits(key);
  return bits === null ? 64 : Math.ceil(bits / 8);
}
