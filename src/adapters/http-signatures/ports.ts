import type { ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { ConnectionId, InstallationId, Instant } from "../../domain/identifiers.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";
import type { Jwk } from "./key-material.ts";
import type { KeyRefusal } from "./key-refusal.ts";

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
  /** The connection that the key was registered for, where the host has an id of it: handed to the receiver. */
  readonly connectionId?: ConnectionId | undefined;
  /** Bound to the key: a message that names another algorithm is refused (RFC 9421, section 7.3.6). */
  readonly algorithm: SignatureAlgorithm;
  /** Whether the signature is this key's over these bytes. */
  verify(base: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** A public key of the cloud, with which a server checks answers. `importCloudKey` makes one of a JWK or PEM. */
export interface CloudKey extends Pick<VerificationKey, "algorithm" | "verify"> {
  /** The id under which the cloud signs: 1 to 255 printable ASCII characters. */
  readonly keyId: string;
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

/** A challenge that a server has to sign before its key is registered. */
export interface OfferedChallenge {
  readonly installation: InstallationId;
  /** 16 to 128 printable ASCII characters, given out once. */
  readonly challenge: string;
  /** From when on it is refused. */
  readonly until: Instant;
}

/** A public key that its owner has proven to hold. `createKeyRegistrar` makes one of what a server sends. */
export interface ProvenKey {
  /** The id under which the server signs: 1 to 255 printable ASCII characters. */
  readonly keyId: string;
  /** The key's own thumbprint (RFC 7638), 43 characters. */
  readonly thumbprint: string;
  readonly installation: InstallationId;
  readonly algorithm: SignatureAlgorithm;
  /** The public members, and no others. */
  readonly jwk: Jwk;
  /** The challenge that the key has signed. */
  readonly challenge: string;
  /** The present instant. */
  readonly at: Instant;
}

/** A key directory that keeps the keys itself. Each operation is atomic. */
export interface KeyRegistry extends KeyDirectory {
  /** KD2: remembers the one challenge of an installation; a later one of the same installation takes its place. */
  offer(challenge: OfferedChallenge): ResultAsync<void, StorageFault>;
  /**
   * Registers a key, which is found from then on.
   *
   * KD3: the challenge has to be the installation's present one, before its `until`, or the refusal is `unknown-challenge`.
   * It is used up, even if the key is refused. KD4: an id that any key ever had is refused as `reused-key-id`. KD5: so is a
   * key that was ever registered, for whichever installation, as `reused-key`. Of two at once only one is registered.
   */
  register(key: ProvenKey): ResultAsync<void, KeyRefusal | StorageFault>;
  /** KD6: ends a key for ever; harmless if no live key has this id. */
  revoke(keyId: string, at: Instant): ResultAsync<void, StorageFault>;
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
