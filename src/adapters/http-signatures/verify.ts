import {
  isSignatureError,
  type RequestDescriptor,
  type SignatureErrorCode,
  verifySignature,
} from "http-message-sig";
import { err, ok, type Result, type ResultAsync } from "neverthrow";
import type { Clock } from "../../domain/environment.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../../domain/fault.ts";
import type { InstallationId, Instant } from "../../domain/identifiers.ts";
import { requirePorts } from "../../domain/require-ports.ts";
import { checkCoverage, checkTime, type TimeWindow } from "./check-policy.ts";
import { isContentDigestOf } from "./content-digest.ts";
import { describeRequest } from "./describe-request.ts";
import type { KeyDirectory, NonceStore, VerificationKey } from "./ports.ts";
import { type ClaimedSignature, readSignature } from "./read-signature.ts";
import { refusal, type SignatureRefusal, type SignatureRefusalType } from "./refusal.ts";
import { requireSeconds } from "./require-seconds.ts";

/** What a request verifier is made of. Nothing of it has a default that lets anybody in. */
export interface RequestVerifierOptions {
  readonly directory: KeyDirectory;
  readonly nonces: NonceStore;
  readonly clock: Pick<Clock, "now">;
  /**
   * The address that servers send to, as they know it, up to where the path of an arriving request begins:
   * `https://cloud.example`, or with the prefix that a proxy takes away, `https://cloud.example/api`. It is also the
   * audience: what was signed for another address is refused.
   */
  readonly publicUrl: string;
  /** How old a signature may be, in whole seconds from 1 to 86,400; 300 if left out. */
  readonly maxAgeSeconds?: number;
  /** How far the clocks of both sides may differ, in whole seconds from 0 to 3,600; 60 if left out. */
  readonly toleranceSeconds?: number;
}

/**
 * Says whose request this is, or why that cannot be told: the `authenticate` of the HTTP handler. The body is the bytes
 * as they came, still compressed. Never rejects.
 */
export type AuthenticateRequest = (
  request: Request,
  body: Uint8Array,
) => Promise<Result<InstallationId, SignatureRefusal>>;

const FACTORY = "createRequestVerifier";

/**
 * Makes what checks the signatures of arriving requests (RFC 9421), body included (RFC 9530).
 *
 * In this order, each with its own refusal: the signature is there and can be read; it covers what it has to; its time;
 * the key; the signature itself; the body's digest; the nonce. So what costs more than a look comes last, and only who
 * has a key can fill the nonce store. A wrong option is a mistake in the program and throws a `TypeError`.
 */
export function createRequestVerifier(options: RequestVerifierOptions): AuthenticateRequest {
  requirePorts(FACTORY, options, {
    directory: ["find"],
    nonces: ["remember"],
    clock: ["now"],
  });
  const { directory, nonces, clock, maxAgeSeconds = 300, toleranceSeconds = 60 } = options;
  const publicUrl = readPublicUrl(options.publicUrl);
  requireSeconds(FACTORY, "maxAgeSeconds", maxAgeSeconds, 1, 86_400);
  requireSeconds(FACTORY, "toleranceSeconds", toleranceSeconds, 0, 3_600);
  const window: TimeWindow = { maxAgeSeconds, toleranceSeconds };

  return async (request, body) => {
    const at = clock.now();
    const claim = readSignature(request.headers).andThen((read) =>
      checkCoverage(read, request).andThen(() =>
        checkTime(read, window, at).map((until) => ({ ...read, until })),
      ),
    );
    if (claim.isErr()) return err(claim.error);
    const { keyId, nonce, until } = claim.value;

    const key = await findKey(directory, keyId);
    if (key.isErr()) return err(key.error);
    const { installation } = key.value;

    const forged = await findForgery(request, publicUrl, claim.value, key.value, at);
    if (forged !== null) return err(refusal(forged));
    const digest = request.headers.get("content-digest") ?? "";
    if (!(await isContentDigestOf(digest, body))) return err(refusal("content-digest-mismatch"));

    const isNew = await callPort(() => nonces.remember({ installation, nonce, until, at }), STORAGE_THREW);
    if (isNew.isErr()) return err(refusal("authentication-unavailable"));
    return isNew.value ? ok(installation) : err(refusal("signature-replayed"));
  };
}

function findKey(directory: KeyDirectory, keyId: string): ResultAsync<VerificationKey, SignatureRefusal> {
  return callPort<VerificationKey | null, StorageFault>(() => directory.find(keyId), STORAGE_THREW)
    .mapErr(() => refusal("authentication-unavailable"))
    .andThen((key) => (key ? ok(key) : err(refusal("unknown-key"))));
}

/** Why the signature does not prove that the key's owner sent this request, or null where it does. */
async function findForgery(
  request: Request,
  publicUrl: string,
  claim: ClaimedSignature,
  key: VerificationKey,
  at: Instant,
): Promise<SignatureRefusalType | null> {
  const arrivedAt = request.url.replace(/#.*$/, "");
  const target = publicUrl + arrivedAt.slice(new URL(arrivedAt).origin.length);
  const forged = await prove(request, target, claim, key, at);
  if (forged !== "signature-invalid") return forged;
  // A valid signature for the address as the request has it: the server was told another address than the public one.
  for (const address of new Set([arrivedAt, arrivedAt.replace(/^http:/, "https:")])) {
    if (address !== target && (await prove(request, address, claim, key, at)) === null)
      return "wrong-audience";
  }
  return forged;
}

async function prove(
  request: Request,
  target: string,
  { label, fields }: ClaimedSignature,
  key: VerificationKey,
  at: Instant,
): Promise<SignatureRefusalType | null> {
  const described: RequestDescriptor = describeRequest(request, target, [
    ...new Set(["signature", "signature-input", ...fields]),
  ]);
  try {
    await verifySignature(described, {
      label,
      policy: {
        algorithms: [key.algorithm],
        requiredComponents: ["@method", "content-digest"],
        requiredParameters: ["created", "keyid", "nonce", "tag"],
        // Time was checked, under its own names, with the tolerance at both ends.
        now: Math.floor(at / 1000),
        clockSkew: 90_000,
      },
      resolveVerifier: () => key,
    });
    return null;
  } catch (error) {
    return isSignatureError(error) ? REFUSED_AS[error.code] : "authentication-unavailable";
  }
}

const REFUSED_AS: Readonly<Record<SignatureErrorCode, SignatureRefusalType>> = {
  MissingField: "signature-insufficient",
  MalformedField: "signature-malformed",
  LabelRequired: "signature-malformed",
  LabelMismatch: "signature-malformed",
  DuplicateLabel: "signature-malformed",
  InvalidComponent: "signature-malformed",
  DuplicateComponent: "signature-malformed",
  UnsupportedFeature: "signature-malformed",
  AlgorithmMismatch: "algorithm-refused",
  // Of the policy that the library is given, only the algorithm was not checked before.
  PolicyViolation: "algorithm-refused",
  VerificationFailed: "signature-invalid",
  ResolverFailed: "authentication-unavailable",
};

function readPublicUrl(value: string): string {
  const isAddress = typeof value === "string" && /^https?:\/\/[^/?#@]+(?:\/[^?#]*)?$/.test(value);
  if (!isAddress) {
    throw new TypeError(
      `${FACTORY}: \`publicUrl\` has to be an address such as https://cloud.example, without a query.`,
    );
  }
  return new URL(value).href.replace(/\/$/, "");
}
