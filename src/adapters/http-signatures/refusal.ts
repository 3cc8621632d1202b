/** The refusal of a request whose installation is not proven. It repeats nothing of the request. */
export interface SignatureRefusal {
  /** A stable code. The HTTP handler answers with the problem of the same name. */
  readonly type: SignatureRefusalType;
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
  /** The id of the key that the request names, only if the directory knows it. */
  readonly keyId?: string;
  /** The value that the directory or the nonce store threw; left out if neither did. It may hold anything. */
  readonly cause?: unknown;
}

/** The codes of {@link SignatureRefusal}. */
export type SignatureRefusalType =
  /** Nothing in the request is signed with the tag of this protocol. */
  | "authentication-required"
  /** The signature fields cannot be read, are too long, or there are several signatures with this tag. */
  | "signature-malformed"
  /** It lacks a required component, covers a field that did not arrive, or lacks `created`, `nonce` or `keyid`. */
  | "signature-insufficient"
  /** The signature was made in the future: one of the clocks is wrong. */
  | "signature-not-yet-valid"
  /** The signature is too old, or its own `expires` has passed. */
  | "signature-expired"
  /** The directory does not know the key, or the key is not live any more. */
  | "unknown-key"
  /** The signature names an algorithm that is not its key's. */
  | "algorithm-refused"
  /** The signature fits the address at which the request arrived, but this is not the receiver's public address. */
  | "wrong-audience"
  /** The key did not make this signature over this request. */
  | "signature-invalid"
  /** The body is not the one that was signed. */
  | "content-digest-mismatch"
  /** The request was taken before. */
  | "signature-replayed"
  /** The key directory or the nonce store gave no answer. The same message may be sent again with a new signature. */
  | "authentication-unavailable";

const MESSAGES: Readonly<Record<SignatureRefusalType, string>> = {
  "authentication-required":
    "The request has no signature for this protocol: sign it with a registered key and the tag unified-contributions.",
  "signature-malformed":
    "Signature-Input or Signature cannot be read: send one signature with the tag unified-contributions, as RFC 9421 has it.",
  "signature-insufficient":
    "The signature needs created (whole seconds), keyid and nonce (16 to 128 printable ASCII characters). It has to " +
    "cover @method, @target-uri (or @authority, @path and @query), content-digest and content-type, and content-encoding " +
    "if there is one. Every field that it covers has to arrive.",
  "signature-not-yet-valid": "The signature is from the future: set the server's clock, then send again.",
  "signature-expired": "The signature is too old: set the server's clock, and sign each attempt anew.",
  "unknown-key":
    "The key is not registered, or was revoked: register the server's public key, or sign with a registered key.",
  "algorithm-refused":
    "The key is for another algorithm: leave `alg` out, or name the algorithm for which the key is registered.",
  "wrong-audience":
    "The request was signed for another address than the receiver's: send to the public one, and check `publicUrl`, which ends where the handler's path begins.",
  "signature-invalid":
    "The signature does not fit: another key signed, or a proxy on the way changed the request or its address.",
  "content-digest-mismatch": "The body is not the one that was signed: send exactly the signed bytes.",
  "signature-replayed": "A request with this nonce was taken before: sign each attempt anew.",
  "authentication-unavailable": "Signatures cannot be checked at present: sign again and send later.",
};

/**
 * Returns the refusal of this code.
 *
 * @param known further facts for the host's own listener
 */
export function refusal(
  type: SignatureRefusalType,
  known: Partial<Omit<SignatureRefusal, "type">> = {},
): SignatureRefusal {
  return { type, message: MESSAGES[type], ...known };
}
