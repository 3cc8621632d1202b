import type { DeletionReceipt } from "../../domain/receipt.ts";
import type { EndedLink } from "../../ghec/ports.ts";
import type { Row } from "./client.ts";
import { dateOfDay, dayOf, numberArray, textArray } from "./pack.ts";
import { numberIn, numberOrNullIn, textIn } from "./read-row.ts";

/** Ended links as four arrays of as many elements: ids, when they were deleted, first and last day of what was removed. */
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

/** The link of a row, which is deleted, and its receipt. */
export function endedLinkIn(row: Row): EndedLink {
  return { linkId: textIn(row, "link"), receipt: receiptIn(row) };
}

/** The receipt of a link whose row says when it was deleted; throws where it does not. */
export function receiptIn(row: Row): DeletionReceipt {
  const deletedAt = numberIn<DeletionReceipt["deletedAt"]>(row, "deleted_at");
  const first = numberOrNullIn(row, "first_day");
  if (first === null) return { deletedAt, removed: null };
  return { deletedAt, removed: { first: dateOfDay(first), last: dateOfDay(numberIn(row, "last_day")) } };
}

/** In the order of their ids. */
export function byLinkId(a: { readonly linkId: string }, b: { readonly linkId: string }): number {
  return a.linkId < b.linkId ? -1 : 1;
}
