import { err, errAsync, ok, ResultAsync } from "neverthrow";
import type { InstallationId } from "../../domain/identifiers.ts";
import { isSignatureAlgorithm, type SignatureAlgorithm, WEB_CRYPTO } from "./algorithm.ts";
import type { SigningKey, VerificationKey } from "./ports.ts";

/** A JSON Web Key (RFC 7517), parsed. */
export type Jwk = Readonly<Record<string, unknown>>;

/** Both halves of a new key. The private one stays on the server; the public one goes to the cloud. */
export interface KeyPair {
  readonly privateKey: Jwk;
  readonly publicKey: Jwk;
}

/** A key cannot be used. It is not repeated. */
export interface UnusableKey {
  readonly type: "unusable-key";
  /** What is wrong and what to do. */
  readonly message: string;
}

const MIN_RSA_BITS = 2_048;
/** A longer modulus would let whoever registered the key choose how much work each of its requests is. */
const MAX_RSA_BITS = 4_096;
const UNKNOWN_ALGORITHM = "The algorithm has to be ed25519, ecdsa-p256-sha256 or rsa-pss-sha512.";
const NOT_SUPPORTED = "This runtime's WebCrypto cannot make keys of this algorithm: choose another.";
const NOT_A_KEY =
  "Not a JWK of this algorithm for this use: give the private half to sign, the public one to verify.";
const RSA_LENGTH = "An RSA key has to have 2,048 to 4,096 bits: make another.";
const KEY_ID = /^[\x20-\x7e]{1,255}$/;

/** Makes a new key pair: for a rotation, an example or a test. RSA keys have 3,072 bits. */
export function generateKeyPair(algorithm: SignatureAlgorithm): ResultAsync<KeyPair, UnusableKey> {
  if (!isSignatureAlgorithm(algorithm)) return errAsync(unusable(UNKNOWN_ALGORITHM));
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
 * Reads a private key.
 *
 * @param key.keyId the id under which the cloud knows its public half
 */
export function importSigningKey(key: {
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  readonly jwk: Jwk;
}): ResultAsync<SigningKey, UnusableKey> {
  const { keyId, algorithm, jwk } = key;
  if (!isKeyId(keyId)) return errAsync(unusable("The key id has to be 1 to 255 printable ASCII characters."));
  return importKey(algorithm, jwk, "sign").map((imported) => ({
    keyId,
    algorithm,
    sign: async (base) => new Uint8Array(await crypto.subtle.sign(WEB_CRYPTO[algorithm].use, imported, base)),
  }));
}

/**
 * Reads a public key, however unknown the server is that gave it: a private key, one for another algorithm, and RSA of
 * fewer than 2,048 or more than 4,096 bits are refused.
 *
 * @param key.installation whose key it is
 */
export function importVerificationKey(key: {
  readonly installation: InstallationId;
  readonly algorithm: SignatureAlgorithm;
  readonly jwk: Jwk;
}): ResultAsync<VerificationKey, UnusableKey> {
  const { installation, algorithm, jwk } = key;
  return importKey(algorithm, jwk, "verify").map((imported) => ({
    installation,
    algorithm,
    // Some platforms take an RSA signature without its leading zeros; RFC 8017 (8.1.2) has one length and no other.
    verify: async (base, signature) =>
      signature.length === signatureLength(imported) &&
      (await crypto.subtle.verify(WEB_CRYPTO[algorithm].use, imported, signature, base).catch(() => false)),
  }));
}

/** Whether a value can be a key's id. */
export function isKeyId(value: unknown): value is string {
  return typeof value === "string" && KEY_ID.test(value);
}

interface ImportedKeyPair {
  readonly privateKey: ImportedKey;
  readonly publicKey: ImportedKey;
}

type ImportedKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

function importKey(
  algorithm: SignatureAlgorithm,
  jwk: Jwk,
  usage: "sign" | "verify",
): ResultAsync<ImportedKey, UnusableKey> {
  if (!isSignatureAlgorithm(algorithm)) return errAsync(unusable(UNKNOWN_ALGORITHM));
  const imported = crypto.subtle.importKey("jwk", jwk, WEB_CRYPTO[algorithm].key, false, [usage]);
  return ResultAsync.fromPromise(imported, () => unusable(NOT_A_KEY)).andThen((read) =>
    hasAllowedLength(read) ? ok(read) : err(unusable(RSA_LENGTH)),
  );
}

function hasAllowedLength(key: ImportedKey): boolean {
  const bits = rsaBits(key);
  return bits === null || (bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS);
}

/** How many bytes a signature of this key has. */
function signatureLength(key: ImportedKey): number {
  const bits = rsaBits(key);
  return bits === null ? 64 : Math.ceil(bits / 8);
}

function rsaBits({ algorithm }: ImportedKey): number | null {
  return (algorithm as { readonly modulusLength?: number }).modulusLength ?? null;
}

function unusable(message: string): UnusableKey {
  return { type: "unusable-key", message };
}
