import type { CalendarDate } from "./calendar-date.ts";
import { type ContributionWindow, lastDayOf, totalOf } from "./contribution-window.ts";
import type { Instant } from "./identifiers.ts";

/** What a deletion removed: the days it covered, both ends included, and how many contributions they counted. */
export interface RemovedCounts {
  readonly first: CalendarDate;
  readonly last: CalendarDate;
  /** The sum of the counts that were removed. */
  readonly contributions: number;
}

/** Proof that one link's counts were deleted. It is written once, with the deletion, and never changes. */
export interface DeletionReceipt {
  /** When the receiver committed the deletion. */
  readonly deletedAt: Instant;
  /** What was removed, or null where nothing had been kept. */
  readonly removed: RemovedCounts | null;
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

/** What deleting a window removes. */
export function removedBy(window: ContributionWindow | null): RemovedCounts | null {
  return window && { first: window.first, last: lastDayOf(window), contributions: totalOf(window) };
}
