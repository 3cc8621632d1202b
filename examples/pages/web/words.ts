import type { DayRange, DeletionReceipt } from "unified-contributions";

/** An instant as the pages show it. */
export function timeOf(instant: number | null): string {
  return instant === null ? "never" : `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** A receipt in a sentence. */
export function receiptOf({ deletedAt, removed }: DeletionReceipt): string {
  return `Deleted at ${timeOf(deletedAt)}: ${removedOf(removed)}.`;
}

function removedOf(days: DayRange | null): string {
  return days ? `the counts of ${days.first} to ${days.last}` : "no counts had been kept";
}

/** `1 sync`, `2 syncs`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
