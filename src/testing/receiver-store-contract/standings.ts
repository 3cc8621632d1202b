import type { AccountId, InstallationId } from "../../domain/identifiers.ts";
import { digestOf } from "../../ghec/ledger.ts";
import type { LedgerCursor, LedgerEntry, ReceiverStore } from "../../ghec/ports.ts";
import { answerOf, expectEqual, expectThat } from "../contract.ts";
import { NAMES_AS_WRITTEN, NAMES_IN_ORDER, ODD_IDS } from "../odd-ids.ts";
import { open, openReported } from "./consents.ts";
import {
  after,
  commitEnded,
  deleteLinksOf,
  deliver,
  endedOf,
  linkId,
  MONA,
  NOW,
  OTHER_SERVER,
  placeOf,
  REMOVED,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  SERVER,
  stored,
} from "./samples.ts";

/** Returns the cursors of all pages of this size. */
async function cursorsOf(store: ReceiverStore, limit: number): Promise<readonly LedgerCursor[]> {
  const cursors: LedgerCursor[] = [];
  for (;;) {
    const after: InstallationId | null = cursors.at(-1)?.installation ?? null;
    const page = await answerOf(store.loadCursors({ after, limit }));
    expectThat(`a page of at most ${limit} has ${page.length}`, page.length <= limit);
    if (page.length === 0) return cursors;
    cursors.push(...page);
    expectThat("there are no more cursors than registrations", cursors.length < 100);
  }
}

function loadUnrecorded(store: ReceiverStore, limit = 100): Promise<readonly LedgerEntry[]> {
  return answerOf(store.loadUnrecorded(limit));
}

/** RS10: how the store compares with the ledger. RS12: the deletions that it still has to write there. */
export const standingChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS10", "a store that nothing was written to has read nothing", async (store) => {
    const standing = await answerOf(store.loadLedgerStanding());

    expectEqual("the answer", standing, { digest: "0", hasUnrecorded: false });
    expectEqual("the cursors", await cursorsOf(store, 10), []);
  }),

  receiverCheck("RS10", "the digest is that of all cursors", async (store) => {
    const digest = async () => (await answerOf(store.loadLedgerStanding())).digest;
    await register(store, { readTo: placeOf(7) });
    await register(store, { readTo: placeOf(8) });
    const ofOne = await digest();
    await register(store, { installation: OTHER_SERVER, isConnected: false, readTo: placeOf(5_000_000_000) });
    await register(store, { installation: "server-3" as InstallationId });
    const ofTwo = await digest();
    await answerOf(store.takeForUnrecorded({ installation: SERVER, readTo: placeOf(3) }));
    const takenBack = await digest();
    await answerOf(store.takeForUnrecorded({ installation: SERVER, readTo: null }));

    expectEqual("the digest of one", ofOne, digestOf([placeOf(8)]));
    expectEqual("the digest of two", ofTwo, digestOf([placeOf(8), placeOf(5_000_000_000)]));
    expectEqual("where a cursor was taken back", takenBack, digestOf([placeOf(3), placeOf(5_000_000_000)]));
    expectEqual("where one was taken from its place", await digest(), digestOf([placeOf(5_000_000_000)]));
  }),

  receiverCheck("RS10", "a link that is deleted and not recorded is seen", async (store) => {
    await register(store);
    await open(store, "a");
    const before = await answerOf(store.loadLedgerStanding());
    await deleteLinksOf(store, after(5));
    const deleted = await answerOf(store.loadLedgerStanding());
    await commitEnded(store, [endedOf("a", after(5))]);
    const recorded = await answerOf(store.loadLedgerStanding());

    expectEqual("hasUnrecorded while it lives", before.hasUnrecorded, false);
    expectEqual("hasUnrecorded when it is deleted", deleted.hasUnrecorded, true);
    expectEqual("hasUnrecorded when it is recorded", recorded.hasUnrecorded, false);
  }),

  receiverCheck("RS10", "so is an epoch that is over and not recorded", async (store) => {
    const seen: boolean[] = [];
    for (const changed of [
      { epoch: 0, status: "off" },
      { epoch: 1, status: "on" },
      { epoch: 2, status: "on" },
      { epoch: 2, status: "on", recordedOff: 1 },
      { epoch: 2, status: "off", recordedOff: 1 },
      { epoch: 2, status: "off", recordedOff: 2 },
    ] as const) {
      await register(store, changed);
      seen.push((await answerOf(store.loadLedgerStanding())).hasUnrecorded);
    }

    expectEqual("hasUnrecorded", seen, [false, false, true, false, true, false]);
  }),

  receiverCheck(
    "RS10",
    "cursors come in the order of their installations' characters, in pages",
    async (store) => {
      for (const [index, name] of NAMES_AS_WRITTEN.entries()) {
        const readTo = index % 2 === 0 ? placeOf(index + 1) : null;
        await register(store, { installation: name as InstallationId, readTo });
      }
      const expected = NAMES_IN_ORDER.map((name) => {
        const index = NAMES_AS_WRITTEN.indexOf(name);
        return { installation: name, readTo: index % 2 === 0 ? placeOf(index + 1) : null };
      });

      for (const limit of [1, 3, 100]) {
        expectEqual(`the cursors, ${limit} at once`, await cursorsOf(store, limit), expected);
      }
    },
  ),

  receiverCheck("RS10", "cursors of odd ids come once", async (store) => {
    // Of two spellings of one letter, only one is used here. RS1 tells them apart.
    const ids = ODD_IDS.filter((id) => id === id.normalize());
    for (const id of ids) await register(store, { installation: id as InstallationId });

    const found = (await cursorsOf(store, 2)).map(({ installation }) => installation as string);

    expectEqual("the ids", [...found].sort(), [...ids].sort());
  }),

  receiverCheck("RS12", "where nothing was deleted nothing is unrecorded", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    expectEqual("the entries", await loadUnrecorded(store), []);
  }),

  receiverCheck(
    "RS12",
    "deleted links are answered with their receipts, those of an installation together",
    async (store) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      await openReported(store, "b", 1);
      await open(store, "a", { account: MONA });
      await open(store, "c", { installation: OTHER_SERVER });
      await open(store, "d", { installation: OTHER_SERVER, account: MONA });
      await deleteLinksOf(store, after(5));
      await deliver(store, 2, { withdrawals: ["a"], at: after(6) });

      const expected: readonly LedgerEntry[] = [
        {
          type: "links-ended",
          installation: SERVER,
          links: [endedOf("a", after(6)), endedOf("b", after(5), REMOVED)],
        },
        { type: "links-ended", installation: OTHER_SERVER, links: [endedOf("c", after(5))] },
      ];
      expectEqual("the entries", await loadUnrecorded(store), expected);
    },
  ),

  receiverCheck("RS12", "a link that is recorded is left out", async (store) => {
    await register(store);
    await open(store, "a");
    await open(store, "b", { account: MONA });
    await deleteLinksOf(store, after(5));
    await deleteLinksOf(store, after(6), MONA);

    await commitEnded(store, [endedOf("a", after(5))]);

    const links = [endedOf("b", after(6))];
    expectEqual("the entries", await loadUnrecorded(store), [
      { type: "links-ended", installation: SERVER, links },
    ]);
  }),

  receiverCheck(
    "RS12",
    "an epoch that is off is answered with when, an earlier one without",
    async (store) => {
      await register(store, { epoch: 4, status: "off", disabledAt: after(3), recordedOff: 3 });
      await register(store, { installation: OTHER_SERVER, epoch: 4 });

      expectEqual("the entries", await loadUnrecorded(store), [
        { type: "epochs-off", installation: SERVER, epoch: 4, disabledAt: after(3) },
        { type: "epochs-off", installation: OTHER_SERVER, epoch: 3, disabledAt: null },
      ]);
    },
  ),

  receiverCheck("RS12", "an epoch that is recorded, or was never on, is left out", async (store) => {
    await register(store, { epoch: 4, status: "off", recordedOff: 4 });
    await register(store, { installation: OTHER_SERVER, epoch: 4, recordedOff: 3 });
    const never = "server-3" as InstallationId;
    await register(store, { installation: never, epoch: 0, status: "off" });

    expectEqual("the entries", await loadUnrecorded(store), []);
  }),

  receiverCheck(
    "RS12",
    "no more links than the limit are answered, and the rest comes when those are recorded",
    async (store) => {
      await prepareSix(store);

      const found: string[] = [];
      for (let rounds = 0; ; rounds++) {
        expectThat("six links, two at once, are found in six rounds at the most", rounds <= 6);
        const entries = await loadUnrecorded(store, 2);
        if (entries.length === 0) break;
        const kinds = entries.map(({ type, installation }) => `${type} ${installation}`);
        expectEqual("the kinds of entries, each once for an installation", [...new Set(kinds)], kinds);
        const links = entries.flatMap((entry) => (entry.type === "links-ended" ? entry.links : []));
        expectThat(`at most 2 links were asked for, and ${links.length} came`, links.length <= 2);
        found.push(...links.map(({ linkId }) => linkId));
        for (const entry of entries) {
          if (entry.type === "links-ended") await commitEnded(store, entry.links, entry.installation);
          else await register(store, { ...entry, status: "off", recordedOff: entry.epoch });
        }
      }

      expectEqual("the links that were found", found.sort(), ["a", "b", "c", "d", "e", "f"].map(linkId));
    },
  ),
];

/** Stores six links that are deleted and unrecorded, and an installation that is off. */
async function prepareSix(store: ReceiverStore): Promise<void> {
  await register(store);
  await register(store, { installation: OTHER_SERVER });
  for (const name of ["a", "c", "e"]) {
    await open(store, name, { account: name as AccountId });
    await deleteLinksOf(store, NOW, name as AccountId);
  }
  for (const name of ["b", "d", "f"]) {
    await open(store, name, { installation: OTHER_SERVER, account: name as AccountId });
    await deleteLinksOf(store, NOW, name as AccountId);
  }
  const { value } = await stored(store, OTHER_SERVER);
  await register(store, { installation: OTHER_SERVER, epoch: value.featureSwitch.epoch, status: "off" });
}
