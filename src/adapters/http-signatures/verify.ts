import { err, ok, type Result } from "neverthrow";
import type { Clock } from "../../domain/environment.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../../domain/fault.ts";
import type { ConnectionId, InstallationId, Instant } from "../../domain/identifiers.ts";
import { refuseUnknownOptions, requirePorts } from "../../domain/require-ports.ts";
import { checkCoverage, checkTime, type TimeWindow } from "./check-policy.ts";
import { isContentDigestOf } from "./content-digest.ts";
import { describeRequest, findFlaw } from "./message-signature.ts";
import type { KeyDirectory, NonceStore, VerificationKey } from "./ports.ts";
import { readPublicUrl } from "./public-url.ts";
import { type ClaimedSignature, readSignature } from "./read-signature.ts";
import { createRecentNonces } from "./recent-nonces.ts";
import { refusal, type SignatureRefusal, type SignatureRefusalType } from "./refusal.ts";
import { requireSeconds } from "./require-seconds.ts";
import { createUnknownKeys } from "./unknown-keys.ts";

/** The options of a request verifier. None of them has an unsafe default. */
export interface RequestVerifierOptions {
  readonly directory: KeyDirectory;
  readonly nonces: NonceStore;
  readonly clock: Pick<Clock, "now">;
  /**
   * Without `/unified-contributions`: the address that servers send to, less the path that the handler sees.
   *
   * It is `https://cloud.example`, or `https://cloud.example/api` with the prefix that a proxy removes. It is also the
   * audience: a signature for another address is refused.
   */
  readonly publicUrl: string;
  /** How old a signature may be, in whole seconds from 1 to 86,400; 300 if left out. */
  readonly maxAgeSeconds?: number;
  /** How far the clocks of both sides may differ, in whole seconds from 0 to 3,600; 60 if left out. */
  readonly toleranceSeconds?: number;
  /**
   * How long an unknown key id is remembered, in whole seconds from 0 to 300; 10 if left out.
   *
   * A key that is registered meanwhile stays unknown for that time. With 0, the directory is asked each time.
   */
  readonly unknownKeySeconds?: number;
}

/**
 * Returns the installation that sent a request, or why it cannot be told; for `authenticate` of the HTTP handler.
 *
 * The handler asks for the head first. The body is the bytes as they came, still compressed. Never rejects.
 */
export interface AuthenticateRequest {
  /** Checks head and body at once. */
  (request: Request, body: Uint8Array): Promise<Result<InstallationId, SignatureRefusal>>;
  /** Checks the head alone, before a byte of the body has arrived. */
  head(request: Request): Promise<Result<ProvenHead, SignatureRefusal>>;
}

/** A head that a live key has signed. Its nonce is in flight until it is released. */
interface ProvenHead {
  readonly installation: InstallationId;
  /** The connection of the key, if the key names one. */
  readonly connectionId?: ConnectionId | undefined;
  /** Checks the time once more, the body's digest and the nonce, which is used from then on. */
  admit(body: Uint8Array): Promise<Result<void, SignatureRefusal>>;
  /** Ends the flight of the nonce: it may come again, unless the body was admitted. To be called once. */
  release(): void;
}

const FACTORY = "createRequestVerifier";

const OPTIONS: Readonly<Record<keyof RequestVerifierOptions, true>> = {
  directory: true,
  nonces: true,
  clock: true,
  publicUrl: true,
  maxAgeSeconds: true,
  toleranceSeconds: true,
  unknownKeySeconds: true,
};

/**
 * Returns the verifier of arriving requests (RFC 9421), body included (RFC 9530).
 *
 * Each check has its own refusal. The head is checked in this order:
 *
 * - the signature is there and can be read;
 * - it covers all that it must cover;
 * - its time;
 * - its key;
 * - the signature itself;
 * - its nonce is neither in flight nor just used.
 *
 * Once the body is there, the time is checked again, then the body's digest, then the nonce. A stranger's head thus
 * costs one look, and a head that names a live key costs one look-up and one verification. Only a server with a key can
 * fill the nonce store. A wrong option is a mistake in the program and throws a `TypeError`.
 */
export function createRequestVerifier(options: RequestVerifierOptions): AuthenticateRequest {
  requirePorts(FACTORY, options, {
    directory: ["find"],
    nonces: ["remember"],
    clock: ["now"],
  });
  refuseUnknownOptions(FACTORY, options, OPTIONS);
  const {
    directory,
    nonces,
    clock,
    maxAgeSeconds = 300,
    toleranceSeconds = 60,
    unknownKeySeconds = 10,
  } = options;
  const publicUrl = readPublicUrl(FACTORY, options.publicUrl);
  requireSeconds(FACTORY, "maxAgeSeconds", maxAgeSeconds, 1, 86_400);
  requireSeconds(FACTORY, "toleranceSeconds", toleranceSeconds, 0, 3_600);
  requireSeconds(FACTORY, "unknownKeySeconds", unknownKeySeconds, 0, 300);
  const window: TimeWindow = { maxAgeSeconds, toleranceSeconds };
  const unknown = createUnknownKeys(unknownKeySeconds);
  const recent = createRecentNonces();
  const mayDiagnose = createDiagnosisBudget();

  async function findKey(keyId: string, at: Instant): Promise<Result<VerificationKey, SignatureRefusal>> {
    if (unknown.has(keyId, at)) return err(refusal("unknown-key"));
    let known: Known = {};
    const found = await callPort<VerificationKey | null, StorageFault>(
      () => directory.find(keyId),
      STORAGE_THREW,
      (cause) => {
        known = { cause };
      },
    );
    if (found.isErr()) return err(unavailable("The key directory", found.error, known));
    if (found.value) return ok(found.value);
    unknown.add(keyId, at);
    return err(refusal("unknown-key"));
  }

  const head = async (request: Request): Promise<Result<ProvenHead, SignatureRefusal>> => {
    const at = clock.now();
    const claim = readSignature(request.headers).andThen((read) =>
      checkCoverage(read, request).andThen(() => checkTime(read, window, at).map(() => read)),
    );
    if (claim.isErr()) return err(claim.error);
    const { keyId, nonce } = claim.value;
    const key = await findKey(keyId, at);
    if (key.isErr()) return err(key.error);
    const { installation, connectionId } = key.value;

    const forged = await findForgery(request, publicUrl, claim.value, key.value, at, mayDiagnose);
    if (forged !== null) return err(refusal(forged, { keyId }));
    if (!recent.begin(installation, nonce)) return err(refusal("signature-replayed", { keyId }));

    const digest = request.headers.get("content-digest") ?? "";
    let isUsed = false;
    const admit = async (body: Uint8Array): Promise<Result<void, SignatureRefusal>> => {
      const now = clock.now();
      const until = checkTime(claim.value, window, now);
      if (until.isErr()) return err({ ...until.error, keyId });
      if (!(await isContentDigestOf(digest, body))) return err(refusal("content-digest-mismatch", { keyId }));
      const use = { installation, nonce, until: until.value, at: now };
      let known: Known = { keyId };
      const isNew = await callPort(
        () => nonces.remember(use),
        STORAGE_THREW,
        (cause) => {
          known = { keyId, cause };
        },
      );
      if (isNew.isErr()) return err(unavailable("The nonce store", isNew.error, known));
      isUsed = true;
      return isNew.value ? ok() : err(refusal("signature-replayed", { keyId }));
    };
    const release = (): void => recent.end(installation, nonce, isUsed);
    return ok({ installation, connectionId, admit, release });
  };

  const whole = async (
    request: Request,
    body: Uint8Array,
  ): Promise<Result<InstallationId, SignatureRefusal>> => {
    const proven = await head(request);
    if (proven.isErr()) return err(proven.error);
    try {
      const { installation, admit } = proven.value;
      return (await admit(body)).map(() => installation);
    } finally {
      proven.value.release();
    }
  };
  return Object.assign(whole, { head });
}

/** The known facts about a request that is refused. */
type Known = Pick<SignatureRefusal, "keyId" | "cause">;

/** Returns the refusal if a part of the host's gave no answer. */
function unavailable(part: string, { message }: StorageFault, known: Known): SignatureRefusal {
  return refusal("authentication-unavailable", { message: `${part} gave no answer. ${message}`, ...known });
}

/** Returns why the signature does not prove that the key's owner sent this request, or null if it does. */
async function findForgery(
  request: Request,
  publicUrl: string,
  claim: ClaimedSignature,
  key: VerificationKey,
  at: Instant,
  mayDiagnose: (at: Instant) => boolean,
): Promise<SignatureRefusalType | null> {
  const arrivedAt = request.url.replace(/#.*$/, "");
  const target = publicUrl + arrivedAt.slice(new URL(arrivedAt).origin.length);
  const forged = await prove(request, target, claim, key, at);
  if (forged !== "signature-invalid" || !mayDiagnose(at)) return forged;
  // If the signature is valid for the request's own address, the server was told another address than the public one.
  for (const address of new Set([arrivedAt, arrivedAt.replace(/^http:/, "https:")])) {
    if (address !== target && (await prove(request, address, claim, key, at)) === null)
      return "wrong-audience";
  }
  return forged;
}

/** How many wrong signatures are verified a second time: this many at once, and then one per second. */
const MAX_DIAGNOSES = 20;

/**
 * Returns a function that allows a second verification now and then.
 *
 * An attacker that knows a live key's id can send wrong signatures, and most of them must not cost more than one
 * verification. A server that was told a wrong address sends few, and gets the reason.
 */
function createDiagnosisBudget(): (at: Instant) => boolean {
  let left = MAX_DIAGNOSES;
  let filledAt: number | null = null;
  return (at) => {
    const seconds = Math.max(0, Math.floor((at - (filledAt ?? at)) / 1_000));
    left = Math.min(MAX_DIAGNOSES, left + seconds);
    if (filledAt === null || seconds > 0 || at < filledAt) filledAt = at;
    if (left === 0) return false;
    left--;
    return true;
  };
}

function prove(
  request: Request,
  target: string,
  { label, fields }: ClaimedSignature,
  key: VerificationKey,
  at: Instant,
): Promise<SignatureRefusalType | null> {
  const described = describeRequest(request, target, [
    ...new Set(["signature", "signature-input", ...fields]),
  ]);
  return findFlaw(described, {
    ...{ label, key },
    components: ["@method", "content-digest"],
    parameters: ["created", "keyid", "nonce", "tag"],
    // The time was checked before, with refusals of its own and with the tolerance at both ends.
    now: Math.floor(at / 1000),
    clockSkew: 90_000,
  });
}
