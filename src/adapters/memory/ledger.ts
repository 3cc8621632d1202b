import { okAsync } from "neverthrow";
import type { InstallationId } from "../../domain/identifiers.ts";
import { digestOf } from "../../ghec/ledger.ts";
import type { DeletionLedger, LedgerCursor, RecordedEntry } from "../../ghec/ports.ts";

/** A ledger of deletions in memory, which can show all its entries. */
export interface MemoryLedger extends DeletionLedger {
  /** Returns all entries, as a backup would hold them. */
  snapshot(): MemoryLedgerSnapshot;
}

/** Every entry that a {@link MemoryLedger} holds at one moment. The entries of one installation keep their order. */
export type MemoryLedgerSnapshot = readonly RecordedEntry[];

/**
 * Returns a ledger of deletions in memory, for tests. It is lost with its process, but a ledger must outlive the
 * store.
 *
 * @param backup the entries it starts with; none if left out
 */
export function createMemoryLedger(backup: MemoryLedgerSnapshot = []): MemoryLedger {
  const entries = new Map<InstallationId, RecordedEntry[]>();
  for (const recorded of backup) entriesOf(recorded.entry.installation).push(recorded);

  function entriesOf(installation: InstallationId): RecordedEntry[] {
    const known = entries.get(installation) ?? [];
    entries.set(installation, known);
    return known;
  }

  function heads(): readonly LedgerCursor[] {
    return [...entries]
      .flatMap(([installation, recorded]): LedgerCursor[] => {
        const last = recorded.at(-1);
        return last ? [{ installation, readTo: last.place }] : [];
      })
      .sort((a, b) => (a.installation < b.installation ? -1 : 1));
  }

  return {
    snapshot: () => [...entries.values()].flat(),

    append: (entry, entryId) => {
      const recorded = entriesOf(entry.installation);
      const place = { position: (recorded.at(-1)?.place.position ?? 0) + 1, entryId };
      recorded.push({ place, entry });
      return okAsync(place);
    },

    read: ({ installation, from, limit }) =>
      okAsync(
        entriesOf(installation)
          .filter(({ place }) => place.position >= from)
          .slice(0, limit),
      ),

    loadHeads: ({ after, limit }) =>
      okAsync(
        heads()
          .filter(({ installation }) => after === null || installation > after)
          .slice(0, limit),
      ),

    loadDigest: () => okAsync(digestOf(heads().map(({ readTo }) => readTo))),

    prune: (installation, below) => {
      const recorded = entriesOf(installation);
      const kept = recorded.filter(
        ({ place }, index) => place.position >= below || index === recorded.length - 1,
      );
      entries.set(installation, kept);
      return okAsync(undefined);
    },
  };
}
