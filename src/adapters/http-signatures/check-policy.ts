import { err, ok, type Result } from "neverthrow";
import type { Instant } from "../../domain/identifiers.ts";
import type { ClaimedSignature } from "./read-signature.ts";
import { refusal, type SignatureRefusal } from "./refusal.ts";

/** What a signature always has to cover, so that nothing of the message can be exchanged. */
const ALWAYS_COVERED = ["@method", "content-digest", "content-type"] as const;

/** When signatures are taken. */
export interface TimeWindow {
  readonly maxAgeSeconds: number;
  readonly toleranceSeconds: number;
}

/** Whether a signature covers what it has to: the whole address, and every field that says what the body is. */
export function checkCoverage(
  { covered }: ClaimedSignature,
  request: { readonly url: string; readonly headers: { get(name: string): string | null } },
): Result<void, SignatureRefusal> {
  const isAddressCovered =
    covered.has("@target-uri") ||
    (covered.has("@authority") &&
      covered.has("@path") &&
      (covered.has("@query") || !request.url.includes("?")));
  const isEncodingCovered =
    covered.has("content-encoding") || request.headers.get("content-encoding") === null;
  const isCovered =
    isAddressCovered && isEncodingCovered && ALWAYS_COVERED.every((component) => covered.has(component));
  return isCovered ? ok() : err(refusal("signature-insufficient"));
}

/**
 * Whether a signature is taken at this instant; answers from when on it is taken no more. It is good from `created` to
 * `expires`, never longer than the window's age, and at both ends as much longer as the clocks may differ.
 */
export function checkTime(
  { created, expires }: ClaimedSignature,
  { maxAgeSeconds, toleranceSeconds }: TimeWindow,
  now: Instant,
): Result<Instant, SignatureRefusal> {
  const nowSeconds = Math.floor(now / 1000);
  if (created > nowSeconds + toleranceSeconds) return err(refusal("signature-not-yet-valid"));
  const lastSecond =
    Math.min(created + maxAgeSeconds, expires ?? Number.POSITIVE_INFINITY) + toleranceSeconds;
  if (nowSeconds > lastSecond) return err(refusal("signature-expired"));
  return ok(((lastSecond + 1) * 1000) as Instant);
}
