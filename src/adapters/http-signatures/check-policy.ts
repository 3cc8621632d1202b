import { err, ok, type Result } from "neverthrow";
import type { Instant } from "../../domain/identifiers.ts";
import type { ClaimedSignature } from "./read-signature.ts";
import { refusal, type SignatureRefusal } from "./refusal.ts";

/** The components that a signature always has to cover, so that no part of the message can be exchanged. */
const ALWAYS_COVERED = ["@method", "content-digest", "content-type"] as const;

/** The time in which signatures are valid. */
export interface TimeWindow {
  readonly maxAgeSeconds: number;
  readonly toleranceSeconds: number;
}

/** Checks that a signature covers the whole address and every field that describes the body. */
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
 * Returns the instant from which a signature is refused for its age, or the refusal if it is not valid at this instant.
 *
 * It is valid from `created` to `expires`, but never longer than the window's age. Both ends are extended by the
 * permitted difference of the clocks.
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
