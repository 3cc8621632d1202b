import fc from "fast-check";
import type { Instant } from "unified-contributions";
import { createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import type { Registration } from "unified-contributions/ghec";
import { isOpen, type LedgerEntry, type RecordedEntry } from "unified-contributions/storage";
import { describe, expect, test } from "vitest";
import {
  applyEntries,
  continuationOf,
  digestOf,
  endedIn,
  NOTHING_UNREAD,
  placeBefore,
  unrecordedEpochs,
} from "../../../src/ghec/ledger.ts";
import { disable, enable, lastEpochOff, unconnected } from "../../../src/ghec/registration.ts";
import { LIVE, SENDING } from "../../support/ghec-states.ts";
import { entryId, HQ, instant, linkId, sessionId } from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");
const EARLIER = instant("2026-02-01T12:00:00Z");

function place(position: number, id: number | string = position) {
  return { position, entryId: entryId(id) };
}

function epochsOff(epoch: number, disabledAt: Instant | null = NOON): LedgerEntry {
  return { type: "epochs-off", installation: HQ, epoch, disabledAt };
}

function linksEnded(links: readonly number[], deletedAt = NOON): LedgerEntry {
  const ended = links.map((link) => ({
    linkId: linkId(link),
    choice: null,
    receipt: { deletedAt, removed: null },
  }));
  return { type: "links-ended", installation: HQ, links: ended };
}

/** A page of these positions, an entry each. */
function page(...positions: readonly number[]): readonly RecordedEntry[] {
  return positions.map((position) => ({ place: place(position), entry: epochsOff(position) }));
}

describe("the digest of places", () => {
  test("is 0 for none", () => {
    expect(digestOf([])).toBe("0");
    expect(digestOf([null, null])).toBe("0");
  });

  // FNV-1a's own test vectors: 0xaf63dc4c8601ec8c and 0x85944171f73967e8.
  test.each([
    ["a", "-5808556873153909620"],
    ["foobar", "-8821353812377114648"],
  ])("is the same on every side: of %s", (entryId, digest) => {
    expect(digestOf([{ position: 1, entryId }])).toBe(digest);
  });

  test("does not depend on their order, nor on their positions", () => {
    const places = [place(1, "one"), place(2, "two"), null, place(3, "three")];

    expect(digestOf(places.toReversed())).toBe(digestOf(places));
    expect(digestOf([place(9, "one")])).toBe(digestOf([place(1, "one")]));
  });

  test("differs where one of them does", () => {
    expect(digestOf([place(1, "one"), place(1, "two")])).not.toBe(
      digestOf([place(1, "one"), place(1, "other")]),
    );
    expect(digestOf([place(1, "one")])).not.toBe(digestOf([place(1, "one"), place(1, "two")]));
  });
});

describe("a page of the ledger", () => {
  test.each([
    ["is new as a whole where nothing was read", null, page(1, 2), page(1, 2)],
    ["has nothing new where nothing was read and nothing was written", null, [], []],
    ["is new behind the entry that was read last", place(2), page(2, 3, 4), page(3, 4)],
    ["has nothing new where it ends with the entry that was read last", place(2), page(2), []],
    ["is new as a whole where what was read is pruned to its end", place(2), page(3, 4), page(3, 4)],
    ["is new behind the place before the first that is left", placeBefore(place(3)), page(3), page(3)],
  ])("%s", (_, readTo, read, entries) => {
    expect(continuationOf(readTo, read)).toEqual({ type: "continues", entries });
  });

  test.each([
    ["the entry that was read last is not there", place(2), []],
    ["another has its position", place(2, "another"), page(2)],
    ["another has its position, and more follow", place(2, "another"), page(2, 3, 4)],
    ["the ledger answers from before it", place(3), page(1, 2, 3)],
    ["what was pruned is there again", placeBefore(place(3)), page(2, 3)],
  ])("says that the ledger has lost entries where %s", (_, readTo, read) => {
    expect(continuationOf(readTo, read)).toEqual({ type: "lost" });
  });

  test.each([
    ["none was read and the first is gone", null, page(2, 3), 1],
    ["the next one after what was read is gone", place(2), page(4), 3],
    ["many are gone", place(2), page(1_000, 1_001), 999],
  ])("says that unread entries were pruned where %s, and up to which place", (_, readTo, read, position) => {
    expect(continuationOf(readTo, read)).toEqual({ type: "pruned", readTo: { position, entryId: "" } });
  });
});

describe("entries that are applied", () => {
  test("switch off, name the links that they end, and move the cursor to the last of them", () => {
    const entries: readonly RecordedEntry[] = [
      { place: place(5), entry: linksEnded([1, 2]) },
      { place: place(6), entry: epochsOff(2) },
      { place: place(7), entry: linksEnded([3], EARLIER) },
    ];

    expect(applyEntries(SENDING, entries)).toEqual({
      registration: {
        ...SENDING,
        // The store has forgotten what came after, a new connection perhaps.
        connectionId: null,
        featureSwitch: { epoch: 2, status: "off" },
        disabledAt: NOON,
        readTo: place(7),
        recordedOff: 2,
      },
      ended: [
        { linkId: linkId(1), choice: null, receipt: { deletedAt: NOON, removed: null } },
        { linkId: linkId(2), choice: null, receipt: { deletedAt: NOON, removed: null } },
        { linkId: linkId(3), choice: null, receipt: { deletedAt: EARLIER, removed: null } },
      ],
    });
  });

  test("of none change nothing", () => {
    expect(applyEntries(SENDING, [])).toEqual({ registration: SENDING, ended: [] });
  });

  test("of an epoch that passed leave the one that is on, and what is known to be recorded", () => {
    const entries = [{ place: place(5), entry: epochsOff(1, null) }];

    expect(applyEntries({ ...SENDING, recordedOff: 1 }, entries).registration).toEqual({
      ...SENDING,
      readTo: place(5),
    });
  });

  test("of an epoch that was never heard of here pass it", () => {
    const entries = [{ place: place(1), entry: epochsOff(9) }];

    expect(applyEntries(unconnected(HQ, sessionId(1)), entries).registration).toMatchObject({
      isConnected: false,
      featureSwitch: { epoch: 9, status: "off" },
      disabledAt: NOON,
      recordedOff: 9,
    });
  });

  test("keep the first instant at which an epoch was switched off", () => {
    const off = disable(SENDING, 2, EARLIER);

    expect(applyEntries(off, [{ place: place(5), entry: epochsOff(2, NOON) }]).registration.disabledAt).toBe(
      EARLIER,
    );
  });
});

describe("what the ledger has to be told of a registration", () => {
  test.each<[string, Registration, LedgerEntry | null]>([
    ["is nothing where it has every epoch that is over", SENDING, null],
    ["is nothing where none was enabled", unconnected(HQ, sessionId(1)), null],
    ["are the epochs before the one that is on", { ...SENDING, recordedOff: 0 }, epochsOff(1, null)],
    ["is the epoch that was switched off, and when", disable(SENDING, 2, EARLIER), epochsOff(2, EARLIER)],
  ])("%s", (_, registration, entry) => {
    expect(unrecordedEpochs(registration)).toEqual(entry);
  });

  test("is nothing more once that entry is read", () => {
    const off = disable(SENDING, 2, NOON);
    const entry = unrecordedEpochs(off) as LedgerEntry;

    const read = applyEntries(off, [{ place: place(5), entry }]).registration;

    expect(unrecordedEpochs(read)).toBeNull();
  });
});

test("at first nothing is unread", () => {
  expect(NOTHING_UNREAD).toEqual({ epochsOff: new Map(), ended: new Map() });
});

describe("entries that are replayed any number of times, in any order", () => {
  const EPOCHS = 6;
  const anEntry = fc.oneof(
    fc
      .record({ epoch: fc.nat(EPOCHS), at: fc.nat(1_000) })
      .map(({ epoch, at }) => epochsOff(epoch, at as Instant)),
    fc
      .record({ links: fc.array(fc.nat(4), { maxLength: 3 }), at: fc.nat(1_000) })
      .map(({ links, at }) => linksEnded(links, at as Instant)),
  );
  const someEntries = fc
    .array(anEntry, { maxLength: 12 })
    .map((entries) => entries.map((entry, index) => ({ place: place(index + 1), entry })));
  /** What a ledger holds, and a reading of it that repeats, leaves out and mixes up. */
  const aReading = someEntries.chain((entries) =>
    fc.record({
      entries: fc.constant(entries),
      reading:
        entries.length === 0
          ? fc.constant<readonly RecordedEntry[]>([])
          : fc.array(fc.constantFrom(...entries), { maxLength: 30 }),
    }),
  );
  const aRegistration = fc
    .record({
      epoch: fc.integer({ min: 1, max: EPOCHS }),
      status: fc.constantFrom("on" as const, "off" as const),
    })
    .map((featureSwitch): Registration => ({ ...SENDING, featureSwitch, readTo: null, recordedOff: 0 }));

  function highestOff(entries: readonly RecordedEntry[]): number {
    return Math.max(0, ...entries.map(({ entry }) => (entry.type === "epochs-off" ? entry.epoch : 0)));
  }

  test("never switch an epoch on, nor take an epoch back", () => {
    fc.assert(
      fc.property(aRegistration, aReading, (before, { reading }) => {
        const { registration: after } = applyEntries(before, reading);

        expect(after.featureSwitch.epoch).toBeGreaterThanOrEqual(before.featureSwitch.epoch);
        for (let epoch = 0; epoch <= EPOCHS; epoch++) {
          const mayBeOpen = isOpen(before, epoch) && epoch > highestOff(reading);
          expect(isOpen(after, epoch), String(epoch)).toBe(mayBeOpen);
        }
      }),
    );
  });

  test("come to the same switch in every order", () => {
    fc.assert(
      fc.property(aRegistration, aReading, (before, { entries, reading }) => {
        const once = applyEntries(before, entries).registration;
        const mixed = applyEntries(before, [...reading, ...entries.toReversed(), ...reading]).registration;

        expect(mixed.featureSwitch).toEqual(once.featureSwitch);
        expect(mixed.recordedOff).toBe(once.recordedOff);
      }),
    );
  });

  test("change nothing once all of them were applied, except for the cursor", () => {
    fc.assert(
      fc.property(aRegistration, aReading, (before, { entries, reading }) => {
        const once = applyEntries(before, entries).registration;

        expect(applyEntries(once, reading).registration).toEqual({
          ...once,
          readTo: reading.at(-1)?.place ?? once.readTo,
        });
      }),
    );
  });

  test("leave an epoch that was enabled after them as it is", () => {
    fc.assert(
      fc.property(aRegistration, aReading, (before, { entries, reading }) => {
        const off = disable(applyEntries(before, entries).registration, EPOCHS, NOON);
        const again = enable(off, off.featureSwitch.epoch);

        const after = applyEntries(again, reading).registration;

        expect(after.featureSwitch).toEqual({ epoch: off.featureSwitch.epoch + 1, status: "on" });
        expect(lastEpochOff(after)).toBe(off.featureSwitch.epoch);
      }),
    );
  });

  test("never turn a dead link live, and repeat the first receipt that was applied", async () => {
    await fc.assert(
      fc.asyncProperty(aReading, async ({ reading }) => {
        const links = Array.from({ length: 5 }, (_, n) => ({ ...LIVE, linkId: linkId(n) }));
        const store = createMemoryReceiverStore({
          registrations: [{ value: { ...SENDING, readTo: null }, version: 1 }],
          links,
          attempts: [],
          audit: [],
          sweepClock: null,
        });
        const first = new Map<string, Instant>();

        let expectedVersion = 1;
        for (const recorded of reading) {
          const { registration, ended } = applyEntries(SENDING, [recorded]);
          const commit = {
            expectedVersion,
            registration,
            ended,
            hidesUnreported: false,
            audit: [],
          };
          expectedVersion = (await store.commitRegistration(commit))._unsafeUnwrap();
          for (const { linkId: id, receipt } of ended) {
            if (!first.has(id)) first.set(id, receipt.deletedAt);
          }

          const now = store
            .snapshot()
            .links.map((link) => [link.linkId, link.status === "deleted" ? link.receipt.deletedAt : "live"]);
          expect(now).toEqual(links.map(({ linkId: id }) => [id, first.get(id) ?? "live"]));
        }
      }),
    );
  });
});

describe("what `completed` names in a page", () => {
  const entries = (...links: readonly (readonly number[])[]): readonly RecordedEntry[] =>
    links.map((ended, index) => ({ place: place(index + 1), entry: linksEnded(ended) }));
  const namesOf = (ended: readonly { readonly linkId: string }[]): readonly string[] =>
    ended.map(({ linkId: id }) => id);
  const many = (from: number, count: number): readonly number[] =>
    Array.from({ length: count }, (_, index) => from + index);

  test("is every link that ended, with its receipt, up to its last place", () => {
    expect(endedIn(null, entries([1, 2], [3]), 100)).toEqual({
      ended: [1, 2, 3].map((link) => ({
        linkId: linkId(link),
        choice: null,
        receipt: { deletedAt: NOON, removed: null },
      })),
      heardTo: place(2),
      hasMore: false,
    });
  });

  test("is nothing of the place that was heard, and everything of another entry in that place", () => {
    const { ended, heardTo } = endedIn(place(1), entries([1], [2]), 100);
    const instead = endedIn(place(1, "lost"), entries([1], [2]), 100);

    expect([namesOf(ended), heardTo]).toEqual([[linkId(2)], place(2)]);
    expect(namesOf(instead.ended)).toEqual([linkId(1), linkId(2)]);
  });

  test("passes over epochs that are off", () => {
    expect(endedIn(null, page(1, 2), 100)).toEqual({ ended: [], heardTo: place(2), hasMore: false });
  });

  test("is nothing in an empty page", () => {
    expect(endedIn(place(3), [], 100)).toEqual({ ended: [], heardTo: place(3), hasMore: false });
  });

  test("is a thousand links at most, in whole entries, and says that there are more", () => {
    const two = entries(many(0, 999), many(1_000, 1), many(2_000, 1));
    const { ended, heardTo, hasMore } = endedIn(null, two, 100);

    expect([ended.length, heardTo, hasMore]).toEqual([1_000, place(2), true]);
    expect(namesOf(endedIn(heardTo, two.slice(1), 100).ended)).toEqual([linkId(2_000)]);
  });

  test("is no more than that of one entry", () => {
    const { ended, heardTo, hasMore } = endedIn(null, entries(many(0, 1_001)), 100);

    expect([ended.length, heardTo, hasMore]).toEqual([1_000, place(1), false]);
  });

  test("may have more after a full page", () => {
    expect(endedIn(null, page(1, 2), 2).hasMore).toBe(true);
    expect(endedIn(null, page(1, 2), 3).hasMore).toBe(false);
  });
});
