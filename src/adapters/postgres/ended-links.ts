import type { DeletionReceipt, EndedLink } from "../../domain/receipt.ts";
import type { Row } from "./client.ts";
import { dateOfDay, dayOf, numberArray, textArray } from "./pack.ts";
import { asText, numberIn, numberOrNullIn, textIn } from "./read-row.ts";

/** The ending of a link itself: it is the one of a choice that is later than all. */
export const LINK_ITSELF = 2_147_483_647;

/** Whether the link `l` is live. */
export const IS_LIVE: string = `l.ended_to < ${LINK_ITSELF}`;

/** The columns of a link's ending. */
export const ENDING_AS_TEXT: string = asText("ended_to", "ended_at", "removed_first", "removed_last");

/** Returns the column of an ending. */
export function columnOfChoice(choice: number | null): number {
  return choice ?? LINK_ITSELF;
}

/** Returns the choice that has ended by a column, or null for the link itself. */
export function choiceIn(row: Row, column: string): number | null {
  const choice = numberIn(row, column);
  return choice === LINK_ITSELF ? null : choice;
}

/**
 * Returns endings as five arrays of equal length: ids, choices, times of deletion, first and last day of the removed
 * counts.
 */
export function endedArrays(
  links: readonly EndedLink[],
): readonly [links: string, endedTo: string, endedAt: string, firstDays: string, lastDays: string] {
  const receipts = links.map(({ receipt }) => receipt);
  return [
    textArray(links.map(({ linkId }) => linkId)),
    numberArray(links.map(({ choice }) => columnOfChoice(choice))),
    numberArray(receipts.map(({ deletedAt }) => deletedAt)),
    numberArray(receipts.map(({ removed }) => removed && dayOf(removed.first))),
    numberArray(receipts.map(({ removed }) => removed && dayOf(removed.last))),
  ];
}

/** Returns what has ended of the link of a row, with the receipt. */
export function endedLinkIn(row: Row): EndedLink {
  return { linkId: textIn(row, "link"), choice: choiceIn(row, "ended_to"), receipt: receiptIn(row) };
}

/** Returns the receipt of a link. Throws if its row has no time of deletion. */
export function receiptIn(row: Row): DeletionReceipt {
  const deletedAt = numberIn<DeletionReceipt["deletedAt"]>(row, "ended_at");
  const first = numberOrNullIn(row, "removed_first");
  if (first === null) return { deletedAt, removed: null };
  return { deletedAt, removed: { first: dateOfDay(first), last: dateOfDay(numberIn(row, "removed_last")) } };
}

/** Compares links, for the order of their ids. */
export function byLinkId(a: { readonly linkId: string }, b: { readonly linkId: string }): number {
  return a.linkId < b.linkId ? -1 : 1;
}
