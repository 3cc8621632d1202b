import type { ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { ConnectionId, InstallationId, Instant } from "../../domain/identifiers.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";
import type { Jwk } from "./key-material.ts";
import type { KeyRefusal } from "./key-refusal.ts";

/** A private key of a server, which may stay where it cannot be read. `importSigningKey` makes one of a JWK. */
export interface SigningKey {
  /** The id under which the cloud knows the public half: 1 to 255 printable ASCII characters. It need not be secret. */
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  /** Returns the signature over these bytes, in the form of RFC 9421 (section 3.3). */
  sign(base: Uint8Array): Promise<Uint8Array>;
}

/** A public key, its owner, and its one algorithm. `importVerificationKey` makes one of a JWK. */
export interface VerificationKey {
  /** The installation that a valid signature of this key proves, whatever the message says. */
  readonly installation: InstallationId;
  /** The connection for which the key was registered, if the host has an id of it. The receiver gets it. */
  readonly connectionId?: ConnectionId | undefined;
  /** The key's one algorithm. A message that names another is refused (RFC 9421, section 7.3.6). */
  readonly algorithm: SignatureAlgorithm;
  /** Whether this key made the signature over these bytes. */
  verify(base: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/**
 * A public key of the cloud, with which a server checks answers and receipts. `importCloudKey` makes one of a JWK or
 * PEM.
 */
export interface CloudKey extends Pick<VerificationKey, "algorithm" | "verify"> {
  /** The id under which the cloud signs: 1 to 255 printable ASCII characters. */
  readonly keyId: string;
}

/**
 * The host's own directory in which the cloud looks up public keys.
 *
 * Several keys of one installation are live at once while it rotates them. Each has its own id.
 */
export interface KeyDirectory {
  /**
   * KD1: returns the key of this id, with its installation and connection, or null if there is none or it is not live
   * any more.
   *
   * The id is any text of an unknown sender, 1 to 255 printable ASCII characters. The method is called for each
   * request, so it answers from memory or with a quick query. A fault refuses the request with
   * `authentication-unavailable`.
   */
  find(keyId: string): ResultAsync<VerificationKey | null, StorageFault>;
}

/** A challenge that a server has to sign before its key is registered. */
export interface OfferedChallenge {
  readonly installation: InstallationId;
  /** The challenge, 16 to 128 printable ASCII characters, issued once. */
  readonly challenge: string;
  /** The instant from which the challenge is refused. */
  readonly until: Instant;
}

/** A public key that its owner has proven to hold. `createKeyRegistrar` makes one from a server's application. */
export interface ProvenKey {
  /** The id under which the server signs: 1 to 255 printable ASCII characters. */
  readonly keyId: string;
  /** The key's own thumbprint (RFC 7638), 43 characters. */
  readonly thumbprint: string;
  readonly installation: InstallationId;
  /** The host's own id of the connection for which the key is registered, if the host gave one. */
  readonly connectionId?: ConnectionId | undefined;
  readonly algorithm: SignatureAlgorithm;
  /** The public members, and no others. */
  readonly jwk: Jwk;
  /** The challenge that the key has signed. */
  readonly challenge: string;
  /** The present instant. */
  readonly at: Instant;
}

/** A key directory that stores the keys itself. Each operation is atomic. */
export interface KeyRegistry extends KeyDirectory {
  /** KD2: remembers the one challenge of an installation. A later challenge of the same installation replaces it. */
  offer(challenge: OfferedChallenge): ResultAsync<void, StorageFault>;
  /**
   * Registers a key, which is found from then on.
   *
   * KD3: the challenge must be the installation's present one, before its `until`, or the refusal is
   * `unknown-challenge`. It is used up, even if the key is refused.
   * KD4: an id that another key ever had is refused as `reused-key-id`.
   * KD5: a key that was ever registered, for any installation and under any id, is refused as `reused-key`. Of two
   * simultaneous registrations, only one succeeds.
   */
  register(key: ProvenKey): ResultAsync<void, KeyRefusal | StorageFault>;
  /** KD6: ends a key for ever; has no effect if no live key has this id. */
  revoke(keyId: string, at: Instant): ResultAsync<void, StorageFault>;
  /**
   * KD7: ends every live key of an installation for ever, and makes its challenge void; has no effect if there are none.
   *
   * After a fault, call it again.
   */
  revokeAll(installation: InstallationId, at: Instant): ResultAsync<void, StorageFault>;
}

/** One use of a nonce by an installation whose signature was valid. */
export interface NonceUse {
  readonly installation: InstallationId;
  /** 16 to 128 printable ASCII characters. */
  readonly nonce: string;
  /** The instant from which the signature is refused for its age, so that the nonce may be forgotten. */
  readonly until: Instant;
  /** The present instant. */
  readonly at: Instant;
}

/** Remembers nonces, so that a request cannot be sent a second time. Processes that share the load share one store. */
export interface NonceStore {
  /**
   * NS1: remembers a nonce of an installation and returns whether it is new. The operation is atomic: of two
   * simultaneous uses, only one is new.
   * NS2: a nonce is forgotten after `until`, never before. A store that is full answers with a fault.
   */
  remember(use: NonceUse): ResultAsync<boolean, StorageFault>;
}
