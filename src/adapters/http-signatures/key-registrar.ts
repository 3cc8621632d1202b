import { err, errAsync, ok, Result, ResultAsync } from "neverthrow";
import type { Clock, Random } from "../../domain/environment.ts";
import type { StorageFault } from "../../domain/fault.ts";
import {
  type ConnectionId,
  type InstallationId,
  type Instant,
  type InvalidIdentifier,
  parseConnectionId,
  parseInstallationId,
} from "../../domain/identifiers.ts";
import { CALL_DEADLINE_MS, callInTime, requireCallDeadline } from "../../domain/in-time.ts";
import { refuseUnknownOptions, requirePorts } from "../../domain/require-ports.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";
import { importVerificationKey, isKeyId } from "./import-key.ts";
import { type KeyMaterial, readKey, type UnusableKey, unusable } from "./key-material.ts";
import { provenBytes } from "./key-proof.ts";
import { type KeyRefusal, keyRefusal } from "./key-refusal.ts";
import { isNonce } from "./nonce.ts";
import type { KeyRegistry, VerificationKey } from "./ports.ts";
import { readPublicUrl } from "./public-url.ts";
import { requireSeconds } from "./require-seconds.ts";
import { publicMembersOf, thumbprintOf } from "./thumbprint.ts";

/** The options of a key registrar. */
export interface KeyRegistrarOptions {
  readonly directory: KeyRegistry;
  readonly clock: Clock;
  /** The source of the challenges. */
  readonly random: Pick<Random, "id">;
  /**
   * Without `/unified-contributions`: the address that servers send to, less the path that the handler sees. It is the
   * same as for `createRequestVerifier`.
   */
  readonly publicUrl: string;
  /** How long a challenge is valid, in whole seconds from 1 to 86,400; 600 if left out. */
  readonly validForSeconds?: number;
  /**
   * How long one call of the directory may take, in milliseconds, from 1,000 to 86,400,000; 120,000 if left out. Then it
   * fails as `outcome-unknown`. The key may be registered all the same: look it up by its id.
   */
  readonly callDeadlineMs?: number;
}

/** The data that the server needs to prove its key. */
export interface KeyChallenge {
  readonly installation: InstallationId;
  /** The text to sign once. */
  readonly challenge: string;
  readonly publicUrl: string;
  /** The instant from which the challenge is refused. */
  readonly until: Instant;
}

/** A public key that a server asks to register, as it was received. */
export type KeyApplication = KeyMaterial & {
  /** The installation that will own the key. The host knows it from the signed-in user, and never from the request. */
  readonly installation: InstallationId;
  /**
   * The host's own id of the present connection, 1 to 255 characters, if it has one. The host sets it as it sets
   * `installation`. The receiver gets it with every message of the key.
   */
  readonly connectionId?: ConnectionId | undefined;
  readonly algorithm: SignatureAlgorithm;
  /** The id under which the server signs, 1 to 255 printable ASCII characters; the key's thumbprint if left out. */
  readonly keyId?: string;
  /** The challenge that the key has signed. */
  readonly challenge: string;
  /** The result of `proveKey`, in base64. */
  readonly proof: string;
};

/** The proof is not a signature of the key over this challenge, installation and address. */
export interface UnprovenKey {
  readonly type: "unproven-key";
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

/** Registers keys if the server proves that it holds the private half. */
export interface KeyRegistrar {
  /** Returns a new challenge for an installation. The one that it had before is void. */
  challenge(installation: InstallationId): ResultAsync<KeyChallenge, InvalidIdentifier | StorageFault>;
  /**
   * Registers a public key and returns its id.
   *
   * A server cannot register the key of another. The proof names the installation, its challenge is valid once, and a
   * key that was ever registered is refused.
   */
  registerKey(
    application: KeyApplication,
  ): ResultAsync<string, InvalidIdentifier | UnusableKey | UnprovenKey | KeyRefusal | StorageFault>;
}

const FACTORY = "createKeyRegistrar";
const OPTIONS: Readonly<Record<keyof KeyRegistrarOptions, true>> = {
  directory: true,
  clock: true,
  random: true,
  publicUrl: true,
  validForSeconds: true,
  callDeadlineMs: true,
};
const KEY_ID = "The key id has to be 1 to 255 printable ASCII characters.";
const UNPROVEN: UnprovenKey = {
  type: "unproven-key",
  message:
    "The proof does not fit: sign this challenge with this key, for this installation and the receiver's public address.",
};

/** A usable key, with the part of it that a directory keeps. */
interface Applicant {
  readonly verification: VerificationKey;
  readonly members: ReturnType<typeof publicMembersOf>;
  readonly thumbprint: string;
}

/** Returns the registrar of the servers' keys. A wrong option is a mistake in the program and throws a `TypeError`. */
export function createKeyRegistrar(options: KeyRegistrarOptions): KeyRegistrar {
  requirePorts(FACTORY, options, {
    directory: ["offer", "register"],
    clock: ["now", "wait"],
    random: ["id"],
  });
  refuseUnknownOptions(FACTORY, options, OPTIONS);
  const { directory, clock, random, validForSeconds = 600, callDeadlineMs = CALL_DEADLINE_MS } = options;
  const publicUrl = readPublicUrl(FACTORY, options.publicUrl);
  requireSeconds(FACTORY, "validForSeconds", validForSeconds, 1, 86_400);
  requireCallDeadline(FACTORY, callDeadlineMs);

  return {
    challenge: (given) =>
      parseInstallationId(given).asyncAndThen((installation) => {
        const until = (clock.now() + validForSeconds * 1_000) as Instant;
        const challenge = random.id();
        const offered = () => directory.offer({ installation, challenge, until });
        return callInTime(clock, offered, callDeadlineMs).map(() => ({
          ...{ installation, challenge, publicUrl, until },
        }));
      }),

    registerKey: (application) => {
      const { algorithm, challenge, proof } = application;
      if (!(application.keyId === undefined || isKeyId(application.keyId))) return errAsync(unusable(KEY_ID));
      if (!isNonce(challenge)) return errAsync(keyRefusal("unknown-challenge"));
      return parseOwner(application).asyncAndThen((owner) =>
        readApplicant(application).andThen(({ verification, members, thumbprint }) => {
          const signed = provenBytes({ ...owner, challenge, publicUrl }, thumbprint);
          return checkProof(verification, proof, signed).andThen(() => {
            const keyId = application.keyId ?? thumbprint;
            const at = clock.now();
            const key = { keyId, thumbprint, ...owner, algorithm, jwk: members, challenge, at };
            return callInTime(clock, () => directory.register(key), callDeadlineMs).map(() => keyId);
          });
        }),
      );
    },
  };
}

/** Returns the owner that the host names. Hosts in plain JavaScript can give anything. */
function parseOwner({
  installation,
  connectionId,
}: KeyApplication): Result<
  { installation: InstallationId; connectionId: ConnectionId | undefined },
  InvalidIdentifier
> {
  return Result.combine([
    parseInstallationId(installation),
    connectionId === undefined ? ok(undefined) : parseConnectionId(connectionId),
  ]).map(([owner, connection]) => ({ installation: owner, connectionId: connection }));
}

function readApplicant(application: KeyApplication): ResultAsync<Applicant, UnusableKey> {
  return importVerificationKey(application).andThen((verification) =>
    readKey(application.algorithm, application, "verify").andThen(({ members }) =>
      thumbprintOf(members).map((thumbprint) => ({
        ...{ verification, members: publicMembersOf(members), thumbprint },
      })),
    ),
  );
}

/** More characters than the signature of any accepted key has. */
const MAX_PROOF_LENGTH = 1_024;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

function checkProof(
  key: VerificationKey,
  proof: unknown,
  signed: Uint8Array,
): ResultAsync<void, UnprovenKey> {
  const signature = bytesOf(proof);
  if (signature.isErr()) return errAsync(UNPROVEN);
  return ResultAsync.fromPromise(key.verify(signed, signature.value), () => UNPROVEN).andThen((isRight) =>
    isRight ? ok() : err(UNPROVEN),
  );
}

function bytesOf(base64: unknown): Result<Uint8Array, UnprovenKey> {
  if (typeof base64 !== "string" || base64.length > MAX_PROOF_LENGTH || !BASE64.test(base64))
    return err(UNPROVEN);
  try {
    return ok(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    return err(UNPROVEN);
  }
}
