import type { DeletionReceipt, EndedLink } from "../../domain/receipt.ts";
import type { Row } from "./client.ts";
import { dateOfDay, dayOf, numberArray, textArray } from "./pack.ts";
import { numberIn, numberOrNullIn, textIn } from "./read-row.ts";

/**
 * Returns ended links as four arrays of equal length: ids, times of deletion, first and last day of the removed counts.
 */
export function endedArrays(
  links: readonly EndedLink[],
): readonly [links: string, deletedAt: string, firstDays: string, lastDays: string] {
  const receipts = links.map(({ receipt }) => receipt);
  return [
    textArray(links.map(({ linkId }) => linkId)),
    numberArray(receipts.map(({ deletedAt }) => deletedAt)),
    numberArray(receipts.map(({ removed }) => removed && dayOf(removed.first))),
    numberArray(receipts.map(({ removed }) => removed && dayOf(removed.last))),
  ];
}

/** Returns the deleted link of a row, with its receipt. */
export function endedLinkIn(row: Row): EndedLink {
  return { linkId: textIn(row, "link"), receipt: receiptIn(row) };
}

/** Returns the receipt of a link. Throws if its row has no time of deletion. */
export function receiptIn(row: Row): DeletionReceipt {
  const deletedAt = numberIn<DeletionReceipt["deletedAt"]>(row, "deleted_at");
  const first = numberOrNullIn(row, "first_day");
  if (first === null) return { deletedAt, removed: null };
  return { deletedAt, removed: { first: dateOfDay(first), last: dateOfDay(numberIn(row, "last_day")) } };
}

/** Compares links, for the order of their ids. */
export function byLinkId(a: { readonly linkId: string }, b: { readonly linkId: string }): number {
  return a.linkId < b.linkId ? -1 : 1;
}
