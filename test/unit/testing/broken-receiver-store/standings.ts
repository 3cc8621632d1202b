import { type LinkId, okAsync, ResultAsync } from "unified-contributions";
import type { DeletedLink } from "unified-contributions/ghec";
import type { LedgerEntry, LedgerStanding, ReceiverStore } from "unified-contributions/storage";

import { type BrokenStore, broken, SERVER } from "./break-receiver-store.ts";

function standing(sound: ReceiverStore, change: (standing: LedgerStanding) => Partial<LedgerStanding>) {
  return {
    loadLedgerStanding: () => sound.loadLedgerStanding().map((found) => ({ ...found, ...change(found) })),
  };
}

/** What is unrecorded is not answered as it is. */
function telling(
  sound: ReceiverStore,
  change: (entries: readonly LedgerEntry[]) => readonly LedgerEntry[],
): Partial<ReceiverStore> {
  return { loadUnrecorded: (limit) => sound.loadUnrecorded(limit).map(change) };
}

/** Whether something of one kind is unrecorded, and nothing else. */
function seeing(sound: ReceiverStore, type: LedgerEntry["type"]): Partial<ReceiverStore> {
  return {
    loadLedgerStanding: () =>
      sound
        .loadLedgerStanding()
        .andThen(({ digest }) =>
          sound
            .loadUnrecorded(1)
            .map((entries) => ({ digest, hasUnrecorded: entries.some((entry) => entry.type === type) })),
        ),
  };
}

export const STANDINGS: readonly BrokenStore[] = [
  broken("RS10", "always has something unrecorded", (sound) =>
    standing(sound, () => ({ hasUnrecorded: true })),
  ),
  broken("RS10", "has a digest of 53 bits", (sound) =>
    standing(sound, ({ digest }) => ({ digest: String(Number(digest)) })),
  ),
  broken("RS10", "knows no digest of nothing", (sound) =>
    standing(sound, ({ digest }) => ({ digest: digest === "0" ? "" : digest })),
  ),
  broken("RS10", "does not see what is unrecorded of links", (sound) => seeing(sound, "epochs-off")),
  broken("RS10", "does not see what is unrecorded of epochs", (sound) => seeing(sound, "links-ended")),
  broken("RS10", "puts cursors in the order of a language", (sound) => ({
    loadCursors: (query) =>
      sound
        .loadCursors(query)
        .map((cursors) =>
          cursors.toSorted((one, other) => one.installation.localeCompare(other.installation, "en")),
        ),
  })),
  broken("RS10", "leaves out the first cursor of a later page", (sound) => ({
    loadCursors: (query) =>
      sound.loadCursors(query).map((cursors) => (query.after === null ? cursors : cursors.slice(1))),
  })),
  broken("RS12", "makes up an entry although nothing was deleted", (sound) =>
    telling(sound, (entries) =>
      entries.length > 0 ? entries : [{ type: "links-ended", installation: SERVER, links: [] }],
    ),
  ),
  broken("RS12", "answers an entry for each link", (sound) =>
    telling(sound, (entries) =>
      entries.flatMap((entry): readonly LedgerEntry[] =>
        entry.type === "links-ended" ? entry.links.map((link) => ({ ...entry, links: [link] })) : [entry],
      ),
    ),
  ),
  broken("RS12", "goes on telling what an account's deletion has ended", (sound) => {
    const dead = new Map<LinkId, DeletedLink>();
    return {
      deleteLinks: (selection, when) =>
        sound.deleteLinks(selection, when).map((killed) => {
          for (const link of killed) dead.set(link.linkId, link);
          return killed;
        }),
      ...telling(sound, (entries) => {
        const told = new Set(
          entries.flatMap((entry) =>
            entry.type === "links-ended" ? entry.links.map(({ linkId }) => linkId) : [],
          ),
        );
        const forgotten = [...dead.values()].filter(({ linkId }) => !told.has(linkId));
        return [
          ...entries,
          ...forgotten.map(({ installation, linkId, receipt }) => ({
            type: "links-ended" as const,
            installation,
            links: [{ linkId, choice: null, receipt }],
          })),
        ];
      }),
    };
  }),
  broken("RS12", "does not say when an epoch was switched off", (sound) =>
    telling(sound, (entries) =>
      entries.map((entry) => (entry.type === "epochs-off" ? { ...entry, disabledAt: null } : entry)),
    ),
  ),
  broken("RS12", "tells every epoch that is over", (sound) => ({
    loadUnrecorded: (limit) =>
      sound.loadUnrecorded(limit).andThen((entries) =>
        sound.loadCursors({ after: null, limit: 100 }).andThen((cursors) =>
          ResultAsync.combine(cursors.map(({ installation }) => sound.loadRegistration(installation))).map(
            (stored) => [
              ...entries,
              ...stored.flatMap((found): readonly LedgerEntry[] => {
                if (!found) return [];
                const { installation, featureSwitch, disabledAt } = found.value;
                const isTold = entries.some((entry) => entry.installation === installation);
                const { epoch, status } = featureSwitch;
                const isOver = status === "off" && epoch > 1;
                return isOver && !isTold ? [{ type: "epochs-off", installation, epoch, disabledAt }] : [];
              }),
            ],
          ),
        ),
      ),
  })),
  broken("RS12", "does not look at the limit", (sound) => ({
    loadUnrecorded: () => sound.loadUnrecorded(1_000),
  })),
  broken("RS12", "never comes to the links behind the limit", (sound) => {
    let told = 0;
    return {
      loadUnrecorded: (limit) => {
        if (limit > 2) return sound.loadUnrecorded(limit);
        told += limit;
        return told > 4 ? okAsync([]) : sound.loadUnrecorded(limit);
      },
    };
  }),
];
