import { err, errAsync, ok, type Result, ResultAsync } from "neverthrow";
import { isSignatureAlgorithm, type SignatureAlgorithm, WEB_CRYPTO } from "./algorithm.ts";
import { type KeyWeakness, weaknessOf } from "./weak-key.ts";

/** A JSON Web Key (RFC 7517), parsed. */
export type Jwk = Readonly<Record<string, unknown>>;

/** A key as a JWK, or as PEM: `BEGIN PRIVATE KEY` (PKCS#8) to sign, `BEGIN PUBLIC KEY` (SPKI) to verify. */
export type KeyMaterial = { readonly jwk: Jwk } | { readonly pem: string };

/** The error for a key that cannot be used. It does not repeat the key. */
export interface UnusableKey {
  readonly type: "unusable-key";
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

/** A key of WebCrypto, which only `crypto.subtle` can use. */
export type ImportedKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** A usable key and its members as WebCrypto writes them, which are the same for the same key. */
export interface ReadKey {
  readonly imported: ImportedKey;
  readonly members: Jwk;
}

type Usage = "sign" | "verify";

const MIN_RSA_BITS = 2_048;
/** The most bits of a modulus. With a longer one the owner of a key could choose the cost of each of its requests. */
const MAX_RSA_BITS = 4_096;
/** The words for material that is not a key of the algorithm. */
export const NOT_A_KEY: string =
  "Not a JWK or PEM of this algorithm for this use: give the private half to sign, the public one to verify.";
const NOT_PEM =
  "Not PEM of the right kind: give BEGIN PRIVATE KEY (openssl pkcs8 -topk8 -nocrypt) to sign, BEGIN PUBLIC KEY to verify.";
const RSA_LENGTH = "An RSA key has to have 2,048 to 4,096 bits: make another.";
const WEAKNESSES: Readonly<Record<KeyWeakness, string>> = {
  "weak-point": "The key's point is not on its curve, or anyone can sign for it: make another key.",
  "weak-modulus": "The RSA modulus has a small factor, so anyone can sign for it: make another key.",
  "weak-exponent": "The RSA exponent has to be odd, from 65,537 to 4,294,967,295: make another key.",
};

/** The refusal of an algorithm that is not supported. */
export const UNKNOWN_ALGORITHM: UnusableKey = unusable(
  "The algorithm has to be ed25519, ecdsa-p256-sha256 or rsa-pss-sha512.",
);

/** Returns a key that was read for one use and checked. The material may come from a stranger. */
export function readKey(
  algorithm: SignatureAlgorithm,
  material: KeyMaterial,
  usage: Usage,
): ResultAsync<ReadKey, UnusableKey> {
  if (!isSignatureAlgorithm(algorithm)) return errAsync(UNKNOWN_ALGORITHM);
  const spec = WEB_CRYPTO[algorithm].key;
  return readMembers(material, spec, usage)
    .andThen((read) => checkStrength(algorithm, read))
    .andThen((members) =>
      ResultAsync.fromPromise(
        crypto.subtle
          .importKey("jwk", members, spec, false, [usage])
          .then((imported) => ({ imported, members })),
        () => unusable(NOT_A_KEY),
      ),
    );
}

/** Returns a refusal in these words. */
export function unusable(message: string): UnusableKey {
  return { type: "unusable-key", message };
}

/** Returns how many bits the modulus of an RSA key has, or null for another key. */
export function rsaBits({ algorithm }: ImportedKey): number | null {
  return (algorithm as { readonly modulusLength?: number }).modulusLength ?? null;
}

interface Extractable {
  readonly key: ImportedKey;
  readonly members: Jwk;
}

/** WebCrypto reads the key and writes it again, so that one key has one form: no padding, no leading zeros. */
function readMembers(
  material: KeyMaterial,
  spec: { readonly name: string },
  usage: Usage,
): ResultAsync<Extractable, UnusableKey> {
  const { subtle } = crypto;
  const importing = (): ResultAsync<ImportedKey, UnusableKey> => {
    if (!("pem" in material)) {
      // The key may be marked as not exportable. It is exported here only to check it.
      const jwk = { ...material.jwk, ext: true };
      return ResultAsync.fromPromise(subtle.importKey("jwk", jwk, spec, true, [usage]), () =>
        unusable(NOT_A_KEY),
      );
    }
    const format = usage === "sign" ? "pkcs8" : "spki";
    return bytesOfPem(material.pem, usage === "sign" ? "PRIVATE KEY" : "PUBLIC KEY").asyncAndThen((bytes) =>
      ResultAsync.fromPromise(subtle.importKey(format, bytes, spec, true, [usage]), () =>
        unusable(NOT_A_KEY),
      ),
    );
  };
  return importing().andThen((key) =>
    ResultAsync.fromPromise(
      subtle.exportKey("jwk", key).then((exported) => ({ key, members: exported as Jwk })),
      () => unusable(NOT_A_KEY),
    ),
  );
}

function checkStrength(
  algorithm: SignatureAlgorithm,
  { key, members }: Extractable,
): Result<Jwk, UnusableKey> {
  const bits = rsaBits(key);
  if (bits !== null && (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS)) return err(unusable(RSA_LENGTH));
  const weakness = weaknessOf(algorithm, members);
  return weakness === null ? ok(members) : err(unusable(WEAKNESSES[weakness]));
}

/** More characters than the PEM of any accepted key has. */
const MAX_PEM_LENGTH = 8_192;

function bytesOfPem(pem: unknown, label: string): Result<Uint8Array, UnusableKey> {
  if (typeof pem !== "string" || pem.length > MAX_PEM_LENGTH) return err(unusable(NOT_PEM));
  const [, base64] =
    new RegExp(`^\\s*-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]*)-----END ${label}-----\\s*$`).exec(pem) ??
    [];
  if (base64 === undefined) return err(unusable(NOT_PEM));
  try {
    return ok(Uint8Array.from(atob(base64.replace(/\s/g, "")), (character) => character.charCodeAt(0)));
  } catch {
    return err(unusable(NOT_PEM));
  }
}
