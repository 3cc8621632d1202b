import {
  errAsync,
  type InstallationId,
  okAsync,
  ResultAsync,
  type StorageFault,
} from "unified-contributions";
import { createMemoryLedger } from "unified-contributions/adapters/memory";
import type { DeletionLedger, RecordedEntry } from "unified-contributions/storage";
import { ledgerContract } from "unified-contributions/testing";
import { type Broken, testBroken } from "./break-adapter.ts";

function broken(
  rule: string,
  mistake: string,
  breakIt: (sound: DeletionLedger) => Partial<DeletionLedger>,
): Broken<() => DeletionLedger> {
  const make = (): DeletionLedger => {
    const sound = createMemoryLedger();
    return { ...sound, ...breakIt(sound) };
  };
  return { rule, mistake, make };
}

const CORRUPT: StorageFault = { type: "storage-fault", reason: "corrupt", message: "It does not fit." };

/** The entries are not read as they were appended. */
function reading(
  sound: DeletionLedger,
  change: (entries: readonly RecordedEntry[]) => readonly RecordedEntry[],
): Partial<DeletionLedger> {
  return { read: (query) => sound.read(query).map(change) };
}

/** Comes back after others had a moment to run. */
function aMoment(): ResultAsync<void, never> {
  return ResultAsync.fromSafePromise(Promise.resolve());
}

testBroken(ledgerContract, [
  broken("L1", "loses the days of a receipt", (sound) =>
    reading(sound, (entries) =>
      entries.map(({ place, entry }) =>
        entry.type === "links-ended"
          ? {
              place,
              entry: {
                ...entry,
                links: entry.links.map(({ linkId, choice, receipt }) => ({
                  linkId,
                  choice,
                  receipt: { ...receipt, removed: null },
                })),
              },
            }
          : { place, entry },
      ),
    ),
  ),
  broken("L1", "takes the end of a choice for that of its link", (sound) =>
    reading(sound, (entries) =>
      entries.map(({ place, entry }) => ({
        place,
        entry:
          entry.type === "links-ended"
            ? { ...entry, links: entry.links.map((link) => ({ ...link, choice: null })) }
            : entry,
      })),
    ),
  ),
  broken("L1", "gives an entry an id of its own", (sound) => ({
    append: (entry, entryId) =>
      sound.append(entry, entryId).map((place) => ({ ...place, entryId: `${entryId}?` })),
  })),
  broken("L1", "takes two spellings of one letter for the same", (sound) => {
    const fold = (id: InstallationId): InstallationId => id.normalize() as InstallationId;
    return {
      append: (entry, entryId) => sound.append({ ...entry, installation: fold(entry.installation) }, entryId),
      read: (query) =>
        sound.read({ ...query, installation: fold(query.installation) }).map((entries) =>
          entries.map(({ place, entry }) => ({
            place,
            entry: { ...entry, installation: query.installation },
          })),
        ),
    };
  }),
  broken("L1", "gives two that are appended at once one place", (sound) => {
    let appending = 0;
    return {
      append: (entry, entryId) => {
        const before = appending++;
        return aMoment()
          .andThen(() => sound.append(entry, entryId))
          .map((place) => {
            appending--;
            return before > 0 ? { ...place, position: 1 } : place;
          });
      },
    };
  }),
  broken("L1", "shows an entry before the one that it waits for", (sound) => {
    let appended = 0;
    return {
      append: (entry, entryId) => {
        appended++;
        return sound.append(entry, entryId);
      },
      prune: (installation, below) => {
        appended++;
        return sound.prune(installation, below);
      },
      read: (query) =>
        sound.read(query).map((entries) => {
          const isEarly = appended === 10 && query.limit === 100;
          appended++;
          return isEarly ? entries.slice(1) : entries;
        }),
    };
  }),
  broken("L1", "takes an entry that is there already for a fault", (sound) => {
    const known = new Set<string>();
    return {
      append: (entry, entryId) => {
        const text = JSON.stringify(entry);
        if (known.has(text)) return errAsync(CORRUPT);
        known.add(text);
        return sound.append(entry, entryId);
      },
    };
  }),
  broken("L2", "takes an installation without entries for a fault", (sound) => ({
    read: (query) => (query.installation === "server-2" ? errAsync(CORRUPT) : sound.read(query)),
  })),
  broken("L2", "leaves out the position itself", (sound) => ({
    read: (query) => sound.read({ ...query, from: query.from > 1 ? query.from + 1 : 1 }),
  })),
  broken("L2", "does not look at the limit", (sound) => ({
    read: (query) => sound.read({ ...query, limit: 1_000 }),
  })),
  broken("L3", "makes up a head if there is none", (sound) => ({
    loadHeads: (query) =>
      sound
        .loadHeads(query)
        .map((heads) =>
          heads.length === 0 && query.after === null
            ? [{ installation: "server-1" as InstallationId, readTo: null }]
            : heads,
        ),
  })),
  broken("L3", "takes the first place of an installation for its last", (sound) => ({
    loadHeads: (query) =>
      sound.loadHeads(query).map((heads) =>
        heads.map(({ installation, readTo }) => ({
          installation,
          readTo: readTo && { ...readTo, position: 1 },
        })),
      ),
  })),
  broken("L3", "puts heads in the order of a language", (sound) => ({
    loadHeads: (query) =>
      sound
        .loadHeads(query)
        .map((heads) =>
          heads.toSorted((one, other) => one.installation.localeCompare(other.installation, "en")),
        ),
  })),
  broken("L3", "leaves out the first head of a later page", (sound) => ({
    loadHeads: (query) =>
      sound.loadHeads(query).map((heads) => (query.after === null ? heads : heads.slice(1))),
  })),
  broken("L4", "knows no digest of nothing", (sound) => ({
    loadDigest: () => sound.loadDigest().map((digest) => (digest === "0" ? "" : digest)),
  })),
  broken("L4", "sums positions", (sound) => ({
    loadDigest: () =>
      sound
        .loadHeads({ after: null, limit: 100 })
        .map((heads) => String(heads.reduce((sum, { readTo }) => sum + (readTo?.position ?? 0), 0))),
  })),
  broken("L4", "forgets what it has pruned", (sound) => {
    let isPruned = false;
    return {
      prune: (installation, below) => {
        isPruned = true;
        return sound.prune(installation, below);
      },
      loadDigest: () => (isPruned ? okAsync("0") : sound.loadDigest()),
    };
  }),
  broken("L5", "prunes nothing", () => ({ prune: () => okAsync(undefined) })),
  broken("L5", "prunes the position itself", (sound) => ({
    prune: (installation, below) => sound.prune(installation, below + 1),
  })),
  broken("L5", "prunes the last one", (sound) => {
    let isPruned = false;
    return {
      prune: (installation, below) => {
        isPruned = below === 100 && installation === "server-1";
        return sound.prune(installation, below);
      },
      ...reading(sound, (entries) => (isPruned ? entries.slice(1) : entries)),
    };
  }),
  broken("L5", "restarts the positions after pruning", (sound) => {
    let isPruned = false;
    return {
      prune: (installation, below) => {
        isPruned = true;
        return sound.prune(installation, below);
      },
      append: (entry, entryId) =>
        sound.append(entry, entryId).map((place) => (isPruned ? { ...place, position: 1 } : place)),
    };
  }),
  broken("L5", "prunes every installation", (sound) => ({
    prune: (installation, below) =>
      sound.prune(installation, below).andThen(() => sound.prune("server-1" as InstallationId, below)),
  })),
  broken("L5", "takes an installation without entries for a fault", (sound) => ({
    prune: (installation, below) =>
      sound
        .read({ installation, from: 1, limit: 1 })
        .andThen((entries) => (entries.length === 0 ? errAsync(CORRUPT) : sound.prune(installation, below))),
  })),
]);
