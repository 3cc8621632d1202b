import { okAsync } from "neverthrow";
import type { DeletionLedger, LedgerEntry } from "../../ghec/ports.ts";

/** A ledger of deletions in memory. */
export function createMemoryLedger(): DeletionLedger {
  const entries: LedgerEntry[] = [];
  return {
    append: (entry) => {
      entries.push(entry);
      return okAsync(undefined);
    },
    entriesSince: (at) => okAsync(entries.filter((entry) => entry.at >= at)),
  };
}
