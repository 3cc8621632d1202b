import { appendFileSync, existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { type InstallationId, okAsync, Result, type StorageFault } from "unified-contributions";
import type { LedgerCursor } from "unified-contributions/ghec";
import {
  type DeletionLedger,
  digestOf,
  type InstallationQuery,
  type RecordedEntry,
} from "unified-contributions/storage";

/**
 * A ledger of deletions in a file: one line of JSON an entry. Appending waits for the disk, since L1 promises that an
 * entry survives before it is answered. For one process; keep the file away from the store's disk and its backups.
 */
export function createFileLedger(file: string): DeletionLedger {
  // A line that a crash cut off was never acknowledged.
  if (existsSync(file)) truncateSync(file, readFileSync(file).lastIndexOf("\n") + 1);

  const readAll = (): readonly RecordedEntry[] =>
    existsSync(file)
      ? readFileSync(file, "utf8")
          .split("\n")
          .slice(0, -1)
          .map((line): RecordedEntry => JSON.parse(line))
      : [];
  const entriesOf = (installation: InstallationId): readonly RecordedEntry[] =>
    readAll().filter(({ entry }) => entry.installation === installation);

  const append = guarded((recorded: Omit<RecordedEntry, "place">, entryId: string) => {
    const position = (entriesOf(recorded.entry.installation).at(-1)?.place.position ?? 0) + 1;
    const place = { position, entryId };
    appendFileSync(file, `${JSON.stringify({ place, ...recorded })}\n`, { flush: true });
    return place;
  });
  const prune = guarded((installation: InstallationId, below: number) => {
    const last = entriesOf(installation).at(-1)?.place.position ?? 0;
    const isKept = ({ place, entry }: RecordedEntry): boolean =>
      entry.installation !== installation || place.position >= Math.min(below, last);
    const lines = readAll()
      .filter(isKept)
      .map((recorded) => `${JSON.stringify(recorded)}\n`);
    writeFileSync(`${file}.new`, lines.join(""), { flush: true });
    renameSync(`${file}.new`, file);
  });
  const read = guarded((installation: InstallationId, from: number, limit: number) =>
    entriesOf(installation)
      .filter(({ place }) => place.position >= from)
      .slice(0, limit),
  );
  const heads = guarded((): readonly LedgerCursor[] => {
    const lastOf = new Map(readAll().map(({ place, entry }) => [entry.installation, place]));
    return [...lastOf]
      .map(([installation, readTo]) => ({ installation, readTo }))
      .sort((a, b) => (a.installation < b.installation ? -1 : 1));
  });

  return {
    append: (entry, entryId) => append({ entry }, entryId).asyncAndThen((place) => okAsync(place)),
    read: ({ installation, from, limit }) =>
      read(installation, from, limit).asyncAndThen((entries) => okAsync(entries)),
    loadHeads: ({ after, limit }: InstallationQuery) =>
      heads().asyncAndThen((all) =>
        okAsync(all.filter(({ installation }) => after === null || installation > after).slice(0, limit)),
      ),
    loadDigest: () => heads().asyncAndThen((all) => okAsync(digestOf(all.map(({ readTo }) => readTo)))),
    prune: (installation, below) => prune(installation, below).asyncAndThen(() => okAsync(undefined)),
  };
}

/** The same function, with a fault instead of what it throws. */
function guarded<Given extends readonly unknown[], Value>(
  act: (...given: Given) => Value,
): (...given: Given) => Result<Value, StorageFault> {
  const fault: StorageFault = {
    type: "storage-fault",
    reason: "unavailable",
    message: "The ledger's file cannot be read or written: check the disk and its rights.",
  };
  return (...given) =>
    Result.fromThrowable(
      () => act(...given),
      () => fault,
    )();
}
