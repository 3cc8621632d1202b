import { errAsync, ResultAsync } from "neverthrow";
import type { InstallationId } from "../../domain/identifiers.ts";
import { keyThumbprint } from "./import-key.ts";
import { type KeyMaterial, type UnusableKey, unusable } from "./key-material.ts";
import { type KeyRefusal, keyRefusal } from "./key-refusal.ts";
import { isNonce } from "./nonce.ts";
import type { SigningKey } from "./ports.ts";
import { readPublicUrl } from "./public-url.ts";

/** The subject of a proof: the key's owner, the cloud, and one of its challenges. */
export interface ProofSubject {
  readonly installation: InstallationId;
  /** The challenge that the cloud has issued for this one registration. */
  readonly challenge: string;
  /** The cloud's public address as the server was told it, not as the challenge's sender says. */
  readonly publicUrl: string;
}

const DID_NOT_SIGN = "The key did not sign: check that it is there and may sign.";

/**
 * Signs a challenge of the cloud with the key that is to be registered, and returns the proof in base64.
 *
 * The proof is valid only for this key, this installation, this cloud and this challenge. It fails with
 * `unknown-challenge` if the challenge is not 16 to 128 printable ASCII characters. A wrong `publicUrl` throws a
 * `TypeError`.
 *
 * @param subject.key the private half
 * @param subject.publicKey the public half, as it is sent to the cloud
 */
export function proveKey(
  subject: ProofSubject & { readonly key: SigningKey; readonly publicKey: KeyMaterial },
): ResultAsync<string, UnusableKey | KeyRefusal> {
  const { key, publicKey, challenge } = subject;
  const publicUrl = readPublicUrl("proveKey", subject.publicUrl);
  if (!isNonce(challenge)) return errAsync(keyRefusal("unknown-challenge"));
  return keyThumbprint({ algorithm: key.algorithm, ...publicKey }).andThen((thumbprint) =>
    ResultAsync.fromPromise(
      Promise.resolve(key.sign(provenBytes({ ...subject, publicUrl }, thumbprint))).then((signature) =>
        btoa(String.fromCharCode(...signature)),
      ),
      () => unusable(DID_NOT_SIGN),
    ),
  );
}

/**
 * Returns the bytes that a proof signs: five lines in UTF-8, of which only the last may hold a line break.
 *
 * The text that a request signs begins with a quotation mark (RFC 9421), so neither signature can pass for the other.
 */
export function provenBytes(
  { installation, challenge, publicUrl }: ProofSubject,
  thumbprint: string,
): Uint8Array {
  const lines = ["unified-contributions key registration", publicUrl, challenge, thumbprint, installation];
  return new TextEncoder().encode(lines.join("\n"));
}
