/**
 * The supported algorithms of RFC 9421 (sections 3.3.6, 3.3.4 and 3.3.1).
 *
 * A key is for one of them, and nothing in a message can change that.
 */
export type SignatureAlgorithm = "ed25519" | "ecdsa-p256-sha256" | "rsa-pss-sha512";

interface Parameters {
  readonly name: string;
  readonly [parameter: string]: unknown;
}

/** WebCrypto's parameters for the keys of one algorithm. */
interface WebCryptoAlgorithm {
  /** The parameters to make a key. */
  readonly generation: Parameters;
  /** The parameters to read a key. */
  readonly key: Parameters;
  /** The parameters to sign and verify. */
  readonly use: Parameters;
}

const ED25519 = { name: "Ed25519" };
const RSA_PSS = { name: "RSA-PSS", hash: "SHA-512" };

/** WebCrypto's parameters of each algorithm. */
export const WEB_CRYPTO: Readonly<Record<SignatureAlgorithm, WebCryptoAlgorithm>> = {
  ed25519: { generation: ED25519, key: ED25519, use: ED25519 },
  "ecdsa-p256-sha256": {
    generation: { name: "ECDSA", namedCurve: "P-256" },
    key: { name: "ECDSA", namedCurve: "P-256" },
    use: { name: "ECDSA", hash: "SHA-256" },
  },
  "rsa-pss-sha512": {
    generation: { ...RSA_PSS, modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]) },
    key: RSA_PSS,
    use: { name: "RSA-PSS", saltLength: 64 },
  },
};

/** Whether a value names one of the algorithms. */
export function isSignatureAlgorithm(value: unknown): value is SignatureAlgorithm {
  return typeof value === "string" && Object.hasOwn(WEB_CRYPTO, value);
}
