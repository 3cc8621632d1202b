import type { SignatureAlgorithm } from "./algorithm.ts";

/** The `typ` of a receipt's signature. So it passes for no other JWS, and no other JWS passes for it (RFC 8725, 3.11). */
export const RECEIPT_TYPE = "unified-contributions-receipt";

/**
 * The `alg` for the keys of each algorithm (RFC 8037, RFC 7518), or null. Each signs the same bytes in JWS and in RFC
 * 9421.
 *
 * RSA signs no receipts. 1,000 such signatures do not fit into an answer, and take seconds.
 */
export const JWS_ALGORITHM: Readonly<Record<SignatureAlgorithm, string | null>> = {
  ed25519: "EdDSA",
  "ecdsa-p256-sha256": "ES256",
  "rsa-pss-sha512": null,
};
