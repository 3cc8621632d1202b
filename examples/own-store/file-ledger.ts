import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { type Instant, okAsync, Result, type StorageFault } from "unified-contributions";
import type { DeletionLedger, LedgerEntry } from "unified-contributions/storage";

/**
 * A ledger of deletions in a file: one line of JSON an entry. Appending waits for the disk, since L1 promises that an
 * entry is there before its deletion is committed. For one process; keep the file outside of the store's backups.
 */
export function createFileLedger(file: string): DeletionLedger {
  // A line that a crash cut off was never acknowledged.
  if (existsSync(file)) truncateSync(file, readFileSync(file).lastIndexOf("\n") + 1);

  const append = Result.fromThrowable(
    (entry: LedgerEntry) => appendFileSync(file, `${JSON.stringify(entry)}\n`, { flush: true }),
    fault("unavailable", "The ledger's file cannot be written: check the disk and its rights."),
  );
  const readSince = Result.fromThrowable(
    (at: Instant) => {
      const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
      return lines.map((line): LedgerEntry => JSON.parse(line)).filter((entry) => entry.at >= at);
    },
    fault("corrupt", "The ledger's file cannot be read: mend it before anything is shown."),
  );

  return {
    append: (entry) => append(entry).asyncAndThen(() => okAsync(undefined)),
    entriesSince: (at) => readSince(at).asyncAndThen((entries) => okAsync(entries)),
  };
}

function fault(reason: StorageFault["reason"], message: string): () => StorageFault {
  return () => ({ type: "storage-fault", reason, message });
}
