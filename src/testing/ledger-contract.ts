import type { CalendarDate } from "../domain/calendar-date.ts";
import { MAX_CHOICES } from "../domain/choice.ts";
import type { InstallationId, Instant, LinkId } from "../domain/identifiers.ts";
import type { LedgerPlace } from "../domain/ledger-place.ts";
import { MAX_RECORDS } from "../domain/message.ts";
import type { EndedLink } from "../domain/receipt.ts";
import { digestOf } from "../ghec/ledger.ts";
import type { DeletionLedger, LedgerCursor, LedgerEntry, RecordedEntry } from "../ghec/ports.ts";
import { answerOf, type ContractCheck, check, expectEqual, expectThat, type MakeFresh } from "./contract.ts";
import { NAMES_AS_WRITTEN, NAMES_IN_ORDER, ODD_IDS } from "./odd-ids.ts";

/** A check of a ledger of deletions. */
export type LedgerCheck = ContractCheck<MakeFresh<DeletionLedger>>;

const ledgerCheck: typeof check<DeletionLedger> = check;

/** 2026-03-01T12:00:00Z, the present of every check. */
const NOW = 1_772_366_400_000 as Instant;

const SERVER = "server-1" as InstallationId;
const OTHER_SERVER = "server-2" as InstallationId;

const DAYS = { first: "2025-12-02" as CalendarDate, last: "2026-03-01" as CalendarDate };

/** As many links as one request can withdraw. Every second link had counts, and of every third a choice has ended. */
const LINKS: readonly EndedLink[] = Array.from({ length: MAX_RECORDS }, (_, index) => ({
  linkId: `link_${index}_0123456789` as LinkId,
  choice: index % 3 === 0 ? (index % MAX_CHOICES) + 1 : null,
  receipt: { deletedAt: (NOW + index) as Instant, removed: index % 2 === 0 ? DAYS : null },
}));

/** Entries of each type, with each field filled and empty. */
const ENTRIES: readonly LedgerEntry[] = [
  { type: "links-ended", installation: SERVER, links: LINKS },
  { type: "epochs-off", installation: SERVER, epoch: 2_147_483_647, disabledAt: NOW },
  { type: "links-ended", installation: SERVER, links: LINKS.slice(0, 1) },
  { type: "epochs-off", installation: SERVER, epoch: 1, disabledAt: null },
  {
    type: "links-ended",
    installation: SERVER,
    links: ["0123456789abcdef", "_-".repeat(32), "-".repeat(16)].map((id) => ({
      linkId: id as LinkId,
      choice: null,
      receipt: { deletedAt: 0 as Instant, removed: null },
    })),
  },
];

/** Returns an entry that its epoch identifies. */
function entryOf(epoch: number, installation: InstallationId = SERVER): LedgerEntry {
  return { type: "epochs-off", installation, epoch, disabledAt: null };
}

/** Returns an id that no other entry has. */
function entryId(number: number | string): string {
  return `entry_${String(number).padStart(16, "0")}`;
}

/** Appends entries one after another, and returns their places. */
async function append(
  ledger: DeletionLedger,
  entries: readonly LedgerEntry[],
): Promise<readonly LedgerPlace[]> {
  const places: LedgerPlace[] = [];
  for (const [index, entry] of entries.entries()) {
    places.push(await answerOf(ledger.append(entry, entryId(`${entry.installation}.${index}`))));
  }
  return places;
}

function read(
  ledger: DeletionLedger,
  from = 1,
  limit = 100,
  installation: InstallationId = SERVER,
): Promise<readonly RecordedEntry[]> {
  return answerOf(ledger.read({ installation, from, limit }));
}

/** Returns the positions of the entries from one on. */
async function positions(ledger: DeletionLedger, from = 1, limit = 100): Promise<readonly number[]> {
  return (await read(ledger, from, limit)).map(({ place }) => place.position);
}

/** Returns the heads of all pages of this size. */
async function headsOf(ledger: DeletionLedger, limit: number): Promise<readonly LedgerCursor[]> {
  const heads: LedgerCursor[] = [];
  for (;;) {
    const after: InstallationId | null = heads.at(-1)?.installation ?? null;
    const page = await answerOf(ledger.loadHeads({ after, limit }));
    expectThat(`a page of at most ${limit} has ${page.length}`, page.length <= limit);
    if (page.length === 0) return heads;
    heads.push(...page);
    expectThat("there are no more heads than installations", heads.length < 100);
  }
}

const ONE_TO_TEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/**
 * The rules of every `DeletionLedger`, under the numbers L1 to L5 of its doc comments. Each check needs an empty one.
 */
export const ledgerContract: readonly LedgerCheck[] = [
  ledgerCheck("L1", "an entry that was appended is found, whole, in its place", async (ledger) => {
    const places = await append(ledger, ENTRIES);

    const expected = ENTRIES.map((entry, index) => ({ place: places[index], entry }));
    expectEqual("the entries", await read(ledger), expected);
  }),

  ledgerCheck("L1", "its place is behind the last one, and has the id that it was given", async (ledger) => {
    const places = await append(ledger, [entryOf(1), entryOf(2), entryOf(3)]);

    const expected = [0, 1, 2].map((index) => ({
      position: index + 1,
      entryId: entryId(`${SERVER}.${index}`),
    }));
    expectEqual("the places", places, expected);
  }),

  ledgerCheck(
    "L1",
    "each installation has entries of its own, told apart by every character",
    async (ledger) => {
      for (const [index, id] of ODD_IDS.entries()) {
        const places = await append(ledger, [entryOf(index, id as InstallationId)]);
        expectEqual("the position of its first entry", places[0]?.position, 1);
      }

      for (const [index, id] of ODD_IDS.entries()) {
        const [first, ...others] = await read(ledger, 1, 100, id as InstallationId);
        expectEqual("its entry", first?.entry, entryOf(index, id as InstallationId));
        expectEqual("its other entries", others, []);
      }
    },
  ),

  ledgerCheck(
    "L1",
    "entries that are appended at once have places of their own, without a gap",
    async (ledger) => {
      const places = await Promise.all(
        ONE_TO_TEN.map((epoch) => answerOf(ledger.append(entryOf(epoch), entryId(epoch)))),
      );

      const found = await read(ledger);
      const given = places.map(({ position }) => position).sort((a, b) => a - b);
      expectEqual("the positions", given, ONE_TO_TEN);
      const expected = places
        .map((place, index) => ({ place, entry: entryOf(index + 1) }))
        .sort((a, b) => a.place.position - b.place.position);
      expectEqual("the entries", found, expected);
    },
  ),

  ledgerCheck("L1", "no entry appears below one that a reader has seen", async (ledger) => {
    let seen: readonly RecordedEntry[] = [];
    const appended = ONE_TO_TEN.map((epoch) => answerOf(ledger.append(entryOf(epoch), entryId(epoch))));
    for (const append of appended) {
      const found = await read(ledger);
      expectEqual("what was seen before", found.slice(0, seen.length), seen);
      seen = found;
      await append;
    }

    expectEqual("what was seen at last", (await read(ledger)).slice(0, seen.length), seen);
  }),

  ledgerCheck("L1", "an entry that is appended again, under another id, is another one", async (ledger) => {
    await append(ledger, [entryOf(1), entryOf(1)]);

    const found = (await read(ledger)).map(({ entry }) => entry);
    expectEqual("the entries", found, [entryOf(1), entryOf(1)]);
  }),

  ledgerCheck("L2", "an installation that nothing was appended for has no entries", async (ledger) => {
    await append(ledger, [entryOf(1)]);

    expectEqual("the entries", await read(ledger, 1, 100, OTHER_SERVER), []);
  }),

  ledgerCheck("L2", "entries come from a position on, that one included, up to the limit", async (ledger) => {
    await append(
      ledger,
      ONE_TO_TEN.map((epoch) => entryOf(epoch)),
    );

    expectEqual("from the first", await positions(ledger, 1, 3), [1, 2, 3]);
    expectEqual("from the fourth", await positions(ledger, 4, 3), [4, 5, 6]);
    expectEqual("from the ninth", await positions(ledger, 9, 3), [9, 10]);
    expectEqual("from behind the last", await positions(ledger, 11, 3), []);
  }),

  ledgerCheck("L3", "a ledger that nothing was appended to has no heads", async (ledger) => {
    expectEqual("the heads", await headsOf(ledger, 10), []);
  }),

  ledgerCheck("L3", "the head of an installation is its last place", async (ledger) => {
    await append(ledger, [entryOf(1), entryOf(2), entryOf(3)]);
    await append(ledger, [entryOf(9, OTHER_SERVER), entryOf(8, OTHER_SERVER)]);

    const expected = [
      { installation: SERVER, readTo: { position: 3, entryId: entryId(`${SERVER}.2`) } },
      { installation: OTHER_SERVER, readTo: { position: 2, entryId: entryId(`${OTHER_SERVER}.1`) } },
    ];
    expectEqual("the heads", await headsOf(ledger, 10), expected);
  }),

  ledgerCheck(
    "L3",
    "heads come in the order of their installations' characters, in pages",
    async (ledger) => {
      for (const name of NAMES_AS_WRITTEN) await append(ledger, [entryOf(1, name as InstallationId)]);

      for (const limit of [1, 3, 100]) {
        const ids = (await headsOf(ledger, limit)).map(({ installation }) => installation);
        expectEqual(`the installations, ${limit} at once`, ids, NAMES_IN_ORDER);
      }
    },
  ),

  ledgerCheck("L3", "heads of odd ids come once", async (ledger) => {
    // Of two spellings of one letter, only one is used here. L1 tells them apart.
    const ids = ODD_IDS.filter((id) => id === id.normalize());
    for (const id of ids) await append(ledger, [entryOf(1, id as InstallationId)]);

    const found = (await headsOf(ledger, 2)).map(({ installation }) => installation as string);

    expectEqual("the ids", [...found].sort(), [...ids].sort());
  }),

  ledgerCheck("L4", "the digest of a ledger that nothing was appended to is 0", async (ledger) => {
    expectEqual("the digest", await answerOf(ledger.loadDigest()), "0");
  }),

  ledgerCheck("L4", "the digest is that of the last entries of all installations", async (ledger) => {
    const entries = [entryOf(1), entryOf(1, OTHER_SERVER), entryOf(2), entryOf(2, OTHER_SERVER)];
    const lastOf = new Map<InstallationId, LedgerPlace>();
    for (const [index, entry] of entries.entries()) {
      const { position } = await answerOf(ledger.append(entry, entryId(index)));
      lastOf.set(entry.installation, { position, entryId: entryId(index) });

      expectEqual("the digest", await answerOf(ledger.loadDigest()), digestOf(lastOf.values()));
    }
  }),

  ledgerCheck("L4", "the digest stays where entries are pruned", async (ledger) => {
    await append(ledger, [entryOf(1), entryOf(2), entryOf(3)]);

    await answerOf(ledger.prune(SERVER, 3));

    const last = { position: 3, entryId: entryId(`${SERVER}.2`) };
    expectEqual("the digest", await answerOf(ledger.loadDigest()), digestOf([last]));
  }),

  ledgerCheck("L5", "entries below a position go, and that one stays", async (ledger) => {
    await append(
      ledger,
      ONE_TO_TEN.map((epoch) => entryOf(epoch)),
    );

    await answerOf(ledger.prune(SERVER, 8));

    expectEqual("the positions", await positions(ledger), [8, 9, 10]);
  }),

  ledgerCheck("L5", "the last one stays, however high the position", async (ledger) => {
    await append(ledger, [entryOf(1), entryOf(2), entryOf(3)]);

    await answerOf(ledger.prune(SERVER, 100));

    expectEqual("the positions", await positions(ledger), [3]);
  }),

  ledgerCheck("L5", "positions go on where they were", async (ledger) => {
    await append(ledger, [entryOf(1), entryOf(2), entryOf(3)]);
    await answerOf(ledger.prune(SERVER, 100));

    const place = await answerOf(ledger.append(entryOf(4), entryId("fourth")));

    expectEqual("the position of the next", place.position, 4);
  }),

  ledgerCheck("L5", "entries of other installations stay", async (ledger) => {
    await append(ledger, [entryOf(1, OTHER_SERVER), entryOf(2, OTHER_SERVER)]);
    await append(ledger, [entryOf(1), entryOf(2), entryOf(3)]);

    await answerOf(ledger.prune(OTHER_SERVER, 2));

    expectEqual("the positions", await positions(ledger), [1, 2, 3]);
  }),

  ledgerCheck("L5", "pruning what is not there is no fault", async (ledger) => {
    await append(ledger, [entryOf(1), entryOf(2)]);

    await answerOf(ledger.prune(SERVER, 0));
    await answerOf(ledger.prune(OTHER_SERVER, 100));

    expectEqual("the positions", await positions(ledger), [1, 2]);
  }),
];
