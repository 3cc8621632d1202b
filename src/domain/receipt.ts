import type { DayRange } from "./calendar-date.ts";
import type { LinkChoice } from "./choice.ts";
import { type ContributionWindow, lastDayOf } from "./contribution-window.ts";
import type { Instant } from "./identifiers.ts";

/**
 * The cloud's statement that one link's counts were deleted. It is written once, with the deletion, and never changes.
 *
 * It proves the deletion to a server that checks who signed the answer (`verifyAnswers`). With a signature it proves it
 * to anyone who has the cloud's public key. To any other server, some machine on the way may have made it.
 */
export interface DeletionReceipt {
  /** When the receiver committed the deletion. */
  readonly deletedAt: Instant;
  /**
   * The days whose counts were removed, both ends included, or null if none had been kept.
   *
   * It does not state a sum, because a sum would keep what was deleted.
   */
  readonly removed: DayRange | null;
  /**
   * The cloud's signature over the receipt, its installation and its link: a compact JWS (RFC 7515) that a host can
   * keep and show by itself. Left out if the cloud signs none, and in all that the cloud itself stores.
   */
  readonly signature?: string;
}

/** A link that was deleted, or choices of it, and the receipt. */
export interface EndedLink extends LinkChoice {
  readonly receipt: DeletionReceipt;
}

/**
 * The cloud's statement that an installation was disabled, however many links it had. It proves as much as a
 * {@link DeletionReceipt}.
 *
 * From {@link disabledAt} on, nothing of this or an earlier epoch is kept to be shown.
 */
export interface DisablingReceipt {
  readonly epoch: number;
  /** When the receiver committed the disabling. */
  readonly disabledAt: Instant;
  /** As {@link DeletionReceipt.signature}, over the receipt and its installation. */
  readonly signature?: string;
}

/** Returns the days whose counts go when a window is deleted; null for no window. */
export function removedBy(window: ContributionWindow | null): DayRange | null {
  return window && { first: window.first, last: lastDayOf(window) };
}

/**
 * The most characters of a signature. An answer that names 1,000 endings, each with such a signature, has less than
 * 1 MiB.
 */
export const MAX_SIGNATURE_LENGTH = 846;

const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Whether a value has the form of a receipt's signature. It may still prove nothing. */
export function isReceiptSignature(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_SIGNATURE_LENGTH && COMPACT_JWS.test(value);
}

/**
 * Returns the receipt to keep after another answer about the same deletion: the first one for ever. A signature of the
 * same receipt joins it if it has none, and no answer takes a signature away. Pure.
 */
export function receiptAfter(
  first: DeletionReceipt | null,
  heard: DeletionReceipt | null,
): DeletionReceipt | null {
  if (first === null || heard === null) return first ?? heard;
  const isSame =
    first.deletedAt === heard.deletedAt &&
    first.removed?.first === heard.removed?.first &&
    first.removed?.last === heard.removed?.last;
  return isSame ? signedBy(first, heard) : first;
}

/** Does the same as {@link receiptAfter} for the receipt of a disabling. Pure. */
export function disablingAfter(first: DisablingReceipt | null, heard: DisablingReceipt): DisablingReceipt {
  if (first === null) return heard;
  const isSame = first.epoch === heard.epoch && first.disabledAt === heard.disabledAt;
  return isSame ? signedBy(first, heard) : first;
}

function signedBy<Receipt extends { readonly signature?: string }>(first: Receipt, heard: Receipt): Receipt {
  return first.signature === undefined ? heard : first;
}
