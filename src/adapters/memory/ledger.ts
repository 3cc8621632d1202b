import { okAsync } from "neverthrow";
import type { InstallationId } from "../../domain/identifiers.ts";
import { digestOf } from "../../ghec/ledger.ts";
import type { DeletionLedger, LedgerCursor, RecordedEntry } from "../../ghec/ports.ts";

/** A ledger of deletions in memory, with a look at all of it. */
export interface MemoryLedger extends DeletionLedger {
  /** All entries, as a backup would hold them. */
  snapshot(): MemoryLedgerSnapshot;
}

/** Every entry that a {@link MemoryLedger} holds at one moment, those of an installation in their order. */
export type MemoryLedgerSnapshot = readonly RecordedEntry[];

/**
 * A ledger of deletions in memory. For tests: it is lost with its process, and a ledger must outlive the store.
 *
 * @param backup what it holds at first; nothing if left out
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
