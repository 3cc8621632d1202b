import type { ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { InstallationId, Instant } from "../../domain/identifiers.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";

/** A private key of a server, which its owner may keep where it never comes out. `importSigningKey` makes one of a JWK. */
export interface SigningKey {
  /** The id under which the cloud knows the public half: 1 to 255 printable ASCII characters. It need not be secret. */
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  /** The signature over these bytes, in the form RFC 9421 gives it (section 3.3). */
  sign(base: Uint8Array): Promise<Uint8Array>;
}

/** A public key, whose it is, and the one algorithm it is for. `importVerificationKey` makes one of a JWK. */
export interface VerificationKey {
  /** Who speaks when a signature of this key is valid, whatever the message says. */
  readonly installation: InstallationId;
  /** Bound to the key: a message that names another algorithm is refused (RFC 9421, section 7.3.6). */
  readonly algorithm: SignatureAlgorithm;
  /** Whether the signature is this key's over these bytes. */
  verify(base: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/**
 * Where the cloud looks up public keys: the host's own. Several keys of one installation are live at once while it
 * rotates them; each has an id of its own.
 */
export interface KeyDirectory {
  /**
   * KD1: the key of this id, or null where there is none or it is live no more. The id is what an unknown sender
   * wrote, 1 to 255 printable ASCII characters. It is asked for each request, so it answers from memory or a quick
   * query; a fault refuses the request with `authentication-unavailable`.
   */
  find(keyId: string): ResultAsync<VerificationKey | null, StorageFault>;
}

/** One use of a nonce by an installation whose signature was valid. */
export interface NonceUse {
  readonly installation: InstallationId;
  /** 16 to 128 printable ASCII characters. */
  readonly nonce: string;
  /** From when on the signature is refused for its age, so that the nonce may be forgotten. */
  readonly until: Instant;
  /** The present instant. */
  readonly at: Instant;
}

/** What remembers nonces, so that nobody can send a request a second time. Processes that share the load share one. */
export interface NonceStore {
  /**
   * NS1: remembers a nonce of an installation; answers whether it was not remembered yet. One atomic operation: of two
   * at once only one is new. NS2: what was remembered is forgotten after `until`, never before: a store that is full
   * answers with a fault.
   */
  remember(use: NonceUse): ResultAsync<boolean, StorageFault>;
}
