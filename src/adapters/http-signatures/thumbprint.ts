import { ResultAsync } from "neverthrow";
import { base64urlOf } from "./base64url.ts";
import { type Jwk, type UnusableKey, unusable } from "./key-material.ts";

/** The members that identify a key, in the order of RFC 7638 (section 3.2) and RFC 8037 (section 2). */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  OKP: ["crv", "kty", "x"],
  EC: ["crv", "kty", "x", "y"],
  RSA: ["e", "kty", "n"],
};

/**
 * Returns the SHA-256 thumbprint of a key's public members in base64url, 43 characters.
 *
 * The members must have the form in which WebCrypto writes them, so that one key has one thumbprint.
 */
export function thumbprintOf(members: Jwk): ResultAsync<string, UnusableKey> {
  const text = JSON.stringify(publicMembersOf(members));
  return ResultAsync.fromPromise(crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)), () =>
    unusable("This runtime's WebCrypto has no SHA-256."),
  ).map((digest) => base64urlOf(new Uint8Array(digest)));
}

/** Returns the members that identify a public key, in the order of RFC 7638, and no others. */
export function publicMembersOf(members: Jwk): Jwk {
  const names = MEMBERS[String(members["kty"])] ?? [];
  return Object.fromEntries(names.map((name) => [name, members[name]]));
}
