import type { SignatureAlgorithm } from "./algorithm.ts";
import { bytesOfBase64url } from "./base64url.ts";

/** The members of a public JWK, as WebCrypto writes them. */
export interface PublicMembers {
  readonly [member: string]: unknown;
}

/** The reason why a key proves nothing, or costs too much to check, although WebCrypto accepts it. */
export type KeyWeakness = "weak-point" | "weak-modulus" | "weak-exponent";

/**
 * Returns why a public key must not be trusted, or null if nothing speaks against it.
 *
 * WebCrypto imports keys with which anyone can sign: an Ed25519 point of small order, or RSA with the exponent 1.
 */
export function weaknessOf(algorithm: SignatureAlgorithm, jwk: PublicMembers): KeyWeakness | null {
  switch (algorithm) {
    case "ed25519":
      return isStrongEd25519(bytesOf(jwk["x"])) ? null : "weak-point";
    case "ecdsa-p256-sha256":
      // WebCrypto takes no point beside the curve, whose group has a prime order: every point is strong.
      return null;
    case "rsa-pss-sha512":
      return weaknessOfRsa(numberOf(jwk["n"]), numberOf(jwk["e"]));
  }
}

/** The prime of edwards25519 (RFC 8032, section 5.1). */
const P25519 = 2n ** 255n - 19n;
/** The curve's d, −121665/121666. */
const D25519 = mod(-121_665n * power(121_666n, P25519 - 2n, P25519), P25519);

/**
 * Whether 32 bytes are the one encoding of a point on edwards25519 whose order is not 1, 2, 4 or 8.
 *
 * Points of those orders verify signatures that no key made.
 */
function isStrongEd25519(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false;
  const encoded = numberFrom(bytes.toReversed());
  const y = encoded & (2n ** 255n - 1n);
  // RFC 8032 (5.1.3): a y that is not below the prime is a second encoding of a point.
  if (y >= P25519) return false;
  const y2 = mod(y * y, P25519);
  const isOfSmallOrder = y2 === 0n || y2 === 1n || mod(D25519 * y2 * y2 + 2n * y2 - 1n, P25519) === 0n;
  // x² = (y² − 1) / (d·y² + 1) has to be a square, or no point has this y. Only y² = 1 makes it zero.
  const x2 = (y2 - 1n) * power(D25519 * y2 + 1n, P25519 - 2n, P25519);
  return !isOfSmallOrder && power(x2, (P25519 - 1n) / 2n, P25519) === 1n;
}

/** The exponents in use begin at 65,537 (FIPS 186-5, A.1.1). Each additional bit makes a verification slower. */
const LEAST_EXPONENT = 65_537n;
const MAX_EXPONENT = 2n ** 32n - 1n;
/** SP 800-89 (5.3.3): no factor of a modulus is below 752. */
const SMALLEST_FACTOR = 752n;

function weaknessOfRsa(n: bigint, e: bigint): KeyWeakness | null {
  if (e < LEAST_EXPONENT || e > MAX_EXPONENT || e % 2n === 0n) return "weak-exponent";
  for (let factor = 2n; factor < SMALLEST_FACTOR; factor++) if (n % factor === 0n) return "weak-modulus";
  return null;
}

function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = mod(base, modulus);
  for (let bits = exponent; bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function numberOf(value: unknown): bigint {
  return numberFrom(bytesOf(value));
}

function numberFrom(bytes: Iterable<number>): bigint {
  let hex = "0x0";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return BigInt(hex);
}

/** Returns the bytes of a member. There are none in what WebCrypto did not write, and that is weak for each algorithm. */
function bytesOf(member: unknown): Uint8Array {
  return bytesOfBase64url(String(member)) ?? new Uint8Array(0);
}
