import type { DayRange } from "./calendar-date.ts";
import { type ContributionWindow, lastDayOf } from "./contribution-window.ts";
import type { Instant } from "./identifiers.ts";

/** Proof that one link's counts were deleted. It is written once, with the deletion, and never changes. */
export interface DeletionReceipt {
  /** When the receiver committed the deletion. */
  readonly deletedAt: Instant;
  /**
   * The days whose counts were removed, both ends included, or null where none had been kept. It names no sum: that
   * would keep what was deleted.
   */
  readonly removed: DayRange | null;
}

/**
 * Proof that an installation was disabled: from {@link disabledAt} on nothing of this or an earlier epoch is kept to be
 * shown, however many links that is.
 */
export interface DisablingReceipt {
  readonly epoch: number;
  /** When the receiver committed it. */
  readonly disabledAt: Instant;
}

/** The days whose counts are removed with a window. */
export function removedBy(window: ContributionWindow | null): DayRange | null {
  return window && { first: window.first, last: lastDayOf(window) };
}
