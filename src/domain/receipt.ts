import type { DayRange } from "./calendar-date.ts";
import type { LinkChoice } from "./choice.ts";
import { type ContributionWindow, lastDayOf } from "./contribution-window.ts";
import type { Instant } from "./identifiers.ts";

/**
 * The cloud's statement that one link's counts were deleted. It is written once, with the deletion, and never changes.
 *
 * It proves the deletion to a server that checks who signed the answer (`verifyAnswers`). To any other server, some
 * machine on the way may have made it.
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
}

/** Returns the days whose counts go when a window is deleted; null for no window. */
export function removedBy(window: ContributionWindow | null): DayRange | null {
  return window && { first: window.first, last: lastDayOf(window) };
}
