import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import type { InstallationId, LinkId, StorageFault } from "unified-contributions";
import { createMemoryLedger, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import type {
  DeletionLedger,
  EntryQuery,
  LedgerEntry,
  ReceiverStore,
  RegistrationCommit,
} from "unified-contributions/storage";
import { describe, expect, test } from "vitest";
import {
  catchUp,
  changeRecorded,
  deleteLinks,
  record,
  recordUnrecorded,
  settle,
} from "../../../src/ghec/deletions.ts";
import { disable } from "../../../src/ghec/registration.ts";
import { createGhec, hold, report, withdraw } from "../../support/ghec-cloud.ts";
import {
  attemptId,
  HQ,
  instant,
  LAB,
  linkId,
  MONA_ACCOUNT,
  OCTO_ACCOUNT,
  requestId,
} from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");
const FULL: StorageFault = { type: "storage-fault", reason: "read-only", message: "The disk is full." };
const LOST: StorageFault = { type: "storage-fault", reason: "unavailable", message: "The ledger is lost." };
const CORRUPT: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "An entry makes no sense.",
};
const THREW = { type: "storage-fault", reason: "outcome-unknown" };
const NO_PROGRESS = {
  type: "storage-fault",
  reason: "corrupt",
  message:
    "Reading the ledger of deletions makes no progress: check that no other program writes to it or to the store's registrations.",
};
const NOT_RECORDED = {
  type: "storage-fault",
  reason: "outcome-unknown",
  message: "The ledger of deletions does not have the entry that was just written: try again.",
};
const NOTHING_KEPT = { deletedAt: NOON, removed: null };

function boom(): never {
  throw new Error("secret");
}

function linksEnded(links: readonly LinkId[], installation: InstallationId = HQ): LedgerEntry {
  return {
    type: "links-ended",
    installation,
    links: links.map((id) => ({ linkId: id, choice: null, receipt: NOTHING_KEPT })),
  };
}

/** A ledger that already has these entries, written by somebody else. */
async function ledgerOf(...entries: readonly LedgerEntry[]) {
  const ledger = createMemoryLedger();
  for (const [index, entry] of entries.entries()) {
    (await ledger.append(entry, `entry-${String(index + 1).padStart(12, "0")}`))._unsafeUnwrap();
  }
  return ledger;
}

/** A cloud with links of both accounts, reported, and its store as it was before anything of them was deleted. */
async function linked() {
  const cloud = createGhec();
  const sessionId = await cloud.startSending(HQ);
  const labSession = await cloud.startSending(LAB);
  const links = {
    octo: await cloud.open(OCTO_ACCOUNT, HQ),
    octoLab: await cloud.open(OCTO_ACCOUNT, LAB),
    mona: await cloud.open(MONA_ACCOUNT, HQ),
  };
  await cloud.say({ type: "deliver", sessionId, records: [report(links.octo), report(links.mona)] });
  await cloud.say({ type: "deliver", sessionId: labSession, records: [report(links.octoLab)] }, LAB);
  return { ...cloud, links, sessionId, backup: cloud.store.snapshot() };
}

/** The same, and octo has consented anew: redeemed, that ends their link. */
async function consentedAnew() {
  const cloud = await linked();
  return { ...cloud, consented: await cloud.consent(OCTO_ACCOUNT) };
}

function statuses(cloud: Pick<ReturnType<typeof createGhec>, "store">): Record<string, string> {
  return Object.fromEntries(cloud.store.snapshot().links.map((link) => [link.linkId, link.status]));
}

describe("reading the ledger to its end (R11)", () => {
  test("does nothing where neither side knows the installation", async () => {
    const { options, store } = createGhec();

    expect((await catchUp(options, HQ))._unsafeUnwrap()).toEqual({
      registration: null,
      entries: 0,
      isCutOff: false,
    });
    expect(store.snapshot().registrations).toEqual([]);
  });

  test("deletes again what the store has lost, with the first receipts, and nothing else", async () => {
    const cloud = await linked();
    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    await cloud.say({ type: "disable", epoch: 1 }, LAB);
    const restored = createGhec({ store: createMemoryReceiverStore(cloud.backup), ledger: cloud.ledger });
    restored.clock.advance(60_000);

    const hq = (await catchUp(restored.options, HQ))._unsafeUnwrap();
    const lab = (await catchUp(restored.options, LAB))._unsafeUnwrap();

    expect(hq).toMatchObject({ entries: 1, isCutOff: false, registration: { readTo: { position: 1 } } });
    expect(lab).toMatchObject({
      entries: 1,
      registration: { featureSwitch: { epoch: 1, status: "off" }, disabledAt: NOON, recordedOff: 1 },
    });
    expect(restored.store.snapshot().links).toEqual([
      {
        status: "deleted",
        linkId: cloud.links.octo,
        installation: HQ,
        openedAt: NOON,
        cause: "recorded",
        receipt: { deletedAt: NOON, removed: { first: "2026-03-01", last: "2026-03-01" } },
        isRecorded: true,
        account: null,
      },
      expect.objectContaining({ linkId: cloud.links.octoLab, status: "live" }),
      expect.objectContaining({ linkId: cloud.links.mona, status: "live" }),
    ]);
    expect((await restored.receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
  });

  test("again finds nothing new", async () => {
    const cloud = await linked();
    (await cloud.receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
    const before = cloud.store.snapshot();

    expect((await catchUp(cloud.options, HQ))._unsafeUnwrap()).toMatchObject({ entries: 0, isCutOff: false });
    expect(cloud.store.snapshot()).toEqual(before);
  });

  test("keeps what is known of an installation that the store does not have", async () => {
    const ledger = await ledgerOf({ type: "epochs-off", installation: HQ, epoch: 3, disabledAt: NOON });
    const { options, store } = createGhec({ ledger });

    const { registration } = (await catchUp(options, HQ))._unsafeUnwrap();

    expect(registration).toMatchObject({
      isConnected: false,
      featureSwitch: { epoch: 3, status: "off" },
      recordedOff: 3,
    });
    expect(store.snapshot().registrations).toMatchObject([{ value: registration }]);
  });

  test("goes page by page, and the cursor moves in the commit that applies a page", async () => {
    const links = Array.from({ length: 250 }, (_, index) => linkId(index));
    const ledger = await ledgerOf(...links.map((id) => linksEnded([id])));
    const commits: RegistrationCommit[] = [];
    const queries: EntryQuery[] = [];
    const store = createMemoryReceiverStore();
    const { options } = createGhec({
      store,
      broken: {
        commitRegistration: (commit) => {
          commits.push(commit);
          return store.commitRegistration(commit);
        },
      },
      brokenLedger: {
        read: (query) => {
          queries.push(query);
          return ledger.read(query);
        },
      },
    });

    expect((await catchUp(options, HQ))._unsafeUnwrap()).toMatchObject({
      entries: 250,
      registration: { readTo: { position: 250 } },
    });

    expect(queries.map(({ from }) => from)).toEqual([1, 100, 199, 250]);
    expect(new Set(queries.map(({ limit }) => limit))).toEqual(new Set([100]));
    expect(commits.map(({ registration, ended }) => [registration.readTo?.position, ended.length])).toEqual([
      [100, 100],
      [199, 99],
      [250, 51],
    ]);
    expect(commits.flatMap(({ ended }) => ended.map((end) => end.linkId))).toEqual(links);
  });

  test("beside another process applies each entry once, though both read the same page", async () => {
    const ledger = await ledgerOf(...[1, 2, 3].map((n) => linksEnded([linkId(n)])));
    const store = createMemoryReceiverStore();
    const other = createGhec({ store, ledger });
    const commits: unknown[] = [];
    let isFirst = true;
    const { options } = createGhec({
      store,
      ledger,
      broken: {
        commitRegistration: (commit) => {
          commits.push(commit.registration.readTo?.position);
          if (!isFirst) return store.commitRegistration(commit);
          isFirst = false;
          return catchUp(other.options, HQ).andThen(() => store.commitRegistration(commit));
        },
      },
    });

    expect((await catchUp(options, HQ))._unsafeUnwrap()).toMatchObject({
      entries: 0,
      registration: { readTo: { position: 3 } },
    });
    expect(commits).toEqual([3]);
  });

  test("never counts another process's getting on as its own standing still", async () => {
    const ledger = await ledgerOf(...Array.from({ length: 60 }, (_, n) => linksEnded([linkId(n)])));
    const store = createMemoryReceiverStore();
    const other = createGhec({ store, ledger });
    let reads = 0;
    const { options } = createGhec({
      store,
      ledger,
      brokenLedger: {
        // One new entry per page, and after every other read the other process has applied the page.
        read: (query) => {
          const page = ledger.read({ ...query, limit: 2 });
          const others = { ...other.options, ledger: { ...ledger, read: firstOf(ledger) } };
          return reads++ % 2 === 1
            ? catchUp(others, HQ)
                .orElse(() => okAsync(null))
                .andThen(() => page)
            : page;
        },
      },
    });

    expect((await catchUp(options, HQ))._unsafeUnwrap()).toMatchObject({
      registration: { readTo: { position: 60 } },
    });
  });

  test("hands on the fault of each step", async () => {
    const ledger = await ledgerOf(linksEnded([linkId(1)]));
    const parts: readonly [Parameters<typeof createGhec>[0], object][] = [
      [{ ledger, broken: { loadRegistration: () => errAsync(FULL) } }, FULL],
      [{ ledger, broken: { loadRegistration: boom } }, THREW],
      [{ ledger, broken: { commitRegistration: () => errAsync(FULL) } }, FULL],
      [{ ledger, broken: { commitRegistration: boom } }, THREW],
      [{ ledger, brokenLedger: { read: () => errAsync(LOST) } }, LOST],
      [{ ledger, brokenLedger: { read: boom } }, THREW],
    ];

    for (const [broken, fault] of parts) {
      const { options, store } = createGhec(broken);

      expect((await catchUp(options, HQ))._unsafeUnwrapErr()).toMatchObject(fault);
      expect(store.snapshot().registrations).toEqual([]);
    }
  });
});

/** A ledger's `read` that answers one new entry at a time. */
function firstOf(ledger: DeletionLedger): DeletionLedger["read"] {
  return (query) => ledger.read({ ...query, limit: 2 });
}

describe("a ledger that does not get on is named, and read no more:", () => {
  test.each<[string, (ledger: DeletionLedger) => Partial<DeletionLedger>]>([
    [
      "it answers from its first entry, wherever one reads from",
      (ledger) => ({ read: (query) => ledger.read({ ...query, from: 1 }) }),
    ],
    [
      "it never has the entry that was read last",
      (ledger) => ({ read: (query) => (query.from === 1 ? ledger.read(query) : okAsync([])) }),
    ],
  ])("%s", async (_, broken) => {
    const ledger = await ledgerOf(linksEnded([linkId(1)]), linksEnded([linkId(2)]));
    const { options } = createGhec({ ledger, brokenLedger: broken(ledger) });

    expect((await catchUp(options, HQ))._unsafeUnwrapErr()).toEqual(NO_PROGRESS);
  });

  test("the store does not keep how far it was read", async () => {
    const ledger = await ledgerOf(linksEnded([linkId(1)]));
    const { options } = createGhec({ ledger, broken: { commitRegistration: () => okAsync(1) } });

    expect((await catchUp(options, HQ))._unsafeUnwrapErr()).toEqual(NO_PROGRESS);
  });

  test("the store keeps what it had lost before", async () => {
    const entries = [1, 2].map((n) => linksEnded([linkId(n)]));
    const cloud = createGhec({ ledger: await ledgerOf(...entries) });
    (await catchUp(cloud.options, HQ))._unsafeUnwrap();
    const { options } = createGhec({
      store: cloud.store,
      broken: { takeForUnrecorded: () => okAsync(undefined) },
    });

    expect((await catchUp(options, HQ))._unsafeUnwrapErr()).toEqual(NO_PROGRESS);
  });
});

describe("a ledger that has lost its last entries", () => {
  test("is told again of everything that is deleted here", async () => {
    const cloud = await linked();
    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    const ledgerBackup = createMemoryLedger();
    const { options, store } = createGhec({ store: cloud.store, ledger: ledgerBackup });

    const caughtUp = (await catchUp(options, HQ))._unsafeUnwrap();
    const unrecorded = (await store.loadUnrecorded(1_000))._unsafeUnwrap();
    const recorded = (await recordUnrecorded(options))._unsafeUnwrap();

    expect(caughtUp).toMatchObject({ entries: 0, isCutOff: false, registration: { readTo: null } });
    expect(unrecorded).toEqual([
      {
        type: "links-ended",
        installation: HQ,
        links: [
          {
            linkId: cloud.links.octo,
            choice: null,
            receipt: { deletedAt: NOON, removed: { first: "2026-03-01", last: "2026-03-01" } },
          },
        ],
      },
    ]);
    expect(recorded).toBe(1);
    expect(ledgerBackup.snapshot().map(({ entry }) => entry)).toEqual(unrecorded);
    expect((await store.loadUnrecorded(1_000))._unsafeUnwrap()).toEqual([]);
  });

  test("is told again of the epochs that are over", async () => {
    const cloud = await linked();
    await cloud.say({ type: "disable", epoch: 1 });
    const { options, ledger } = createGhec({ store: cloud.store });

    (await settle(options, HQ))._unsafeUnwrap();

    expect((await ledger.read({ installation: HQ, from: 1, limit: 9 }))._unsafeUnwrap()).toMatchObject([
      { place: { position: 1 }, entry: { type: "epochs-off", epoch: 1, disabledAt: NOON } },
    ]);
  });

  test("is read anew from its beginning, with what others have written since", async () => {
    const cloud = await linked();
    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    const ledger = await ledgerOf(linksEnded([cloud.links.mona]));
    const { options, store } = createGhec({ store: cloud.store, ledger });

    expect((await catchUp(options, HQ))._unsafeUnwrap()).toMatchObject({
      entries: 1,
      registration: { readTo: { position: 1, entryId: "entry-000000000001" } },
    });

    expect(statuses({ store })).toMatchObject({
      [cloud.links.octo]: "deleted",
      [cloud.links.mona]: "deleted",
    });
    expect((await store.loadUnrecorded(9))._unsafeUnwrap()).toMatchObject([
      { links: [{ linkId: cloud.links.octo }] },
    ]);
  });

  test("and whose first ones were pruned is read from the first that is left, and cuts nothing off", async () => {
    const entries = [1, 2, 3, 4].map((n) => linksEnded([linkId(n)]));
    const cloud = createGhec({ ledger: await ledgerOf(...entries) });
    await cloud.startSending();
    (await catchUp(cloud.options, HQ))._unsafeUnwrap();
    const ledger = await ledgerOf(...entries.slice(0, 3));
    (await ledger.prune(HQ, 2))._unsafeUnwrap();
    const { options } = createGhec({ store: cloud.store, ledger });

    expect((await catchUp(options, HQ))._unsafeUnwrap()).toMatchObject({
      entries: 2,
      isCutOff: false,
      registration: { featureSwitch: { epoch: 1, status: "on" }, readTo: { position: 3 } },
    });
  });

  test("is read anew however long it is", async () => {
    const entries = Array.from({ length: 2_500 }, (_, n) => linksEnded([linkId(n)]));
    const cloud = createGhec({ ledger: await ledgerOf(...entries) });
    (await catchUp(cloud.options, HQ))._unsafeUnwrap();
    const { options } = createGhec({ store: cloud.store, ledger: await ledgerOf(...entries.slice(0, -1)) });

    expect((await catchUp(options, HQ))._unsafeUnwrap()).toMatchObject({
      entries: 2_499,
      registration: { readTo: { position: 2_499 } },
    });
  });

  test("hands on a fault of being told again", async () => {
    const cloud = await linked();
    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    const full = createGhec({ store: cloud.store, broken: { takeForUnrecorded: () => errAsync(FULL) } });
    const throwing = createGhec({ store: cloud.store, broken: { takeForUnrecorded: boom } });

    expect((await catchUp(full.options, HQ))._unsafeUnwrapErr()).toBe(FULL);
    expect((await catchUp(throwing.options, HQ))._unsafeUnwrapErr()).toMatchObject(THREW);
  });
});

describe("a store that is older than what the ledger was kept for", () => {
  async function pruned() {
    const cloud = await linked();
    for (const account of [OCTO_ACCOUNT, MONA_ACCOUNT]) {
      (await cloud.receiver.revokeAuthorization(HQ, account))._unsafeUnwrap();
    }
    (await cloud.ledger.prune(HQ, 2))._unsafeUnwrap();
    return {
      ...cloud,
      restored: createGhec({ store: createMemoryReceiverStore(cloud.backup), ledger: cloud.ledger }),
    };
  }

  test("shows nothing of the installation until it is enabled anew, and says so", async () => {
    const { restored, links } = await pruned();

    expect((await catchUp(restored.options, HQ))._unsafeUnwrap()).toMatchObject({
      isCutOff: true,
      entries: 1,
      registration: {
        isConnected: true,
        featureSwitch: { epoch: 2, status: "off" },
        disabledAt: NOON,
        readTo: { position: 2 },
      },
    });
    expect((await restored.receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toMatchObject([
      { installation: LAB },
    ]);
    expect(statuses(restored)).toMatchObject({ [links.octo]: "live", [links.mona]: "deleted" });
    expect(await restored.say({ type: "push", attempt: attemptId(1) })).toMatchObject({ reason: "disabled" });
  });

  test("is not cut off twice", async () => {
    const { restored } = await pruned();
    (await catchUp(restored.options, HQ))._unsafeUnwrap();
    (await settle(restored.options, HQ))._unsafeUnwrap();
    const before = restored.store.snapshot();

    expect((await catchUp(restored.options, HQ))._unsafeUnwrap()).toMatchObject({
      isCutOff: false,
      entries: 0,
    });
    expect(restored.store.snapshot()).toEqual(before);
  });

  test("has its cutting off in the ledger before it answers anything that depends on it", async () => {
    const { restored, recorded } = await pruned();

    await restored.say({ type: "enable", after: 2 });

    expect(await recorded()).toMatchObject([{ type: "links-ended" }, { type: "epochs-off", epoch: 2 }]);
    expect(restored.store.snapshot().registrations[0]?.value).toMatchObject({
      featureSwitch: { epoch: 3, status: "on" },
      recordedOff: 2,
    });
  });
});

describe("recording a deletion", () => {
  test("writes it down, and marks it", async () => {
    const { options, links, store, recorded } = await linked();
    (await store.deleteLinks({ account: OCTO_ACCOUNT, installation: HQ }, NOON))._unsafeUnwrap();

    expect((await record(options, linksEnded([links.octo])))._unsafeUnwrap()).toBeUndefined();

    expect(await recorded()).toEqual([linksEnded([links.octo])]);
    expect(store.snapshot().links[0]).toMatchObject({ status: "deleted", isRecorded: true, account: null });
    expect(store.snapshot().registrations[0]?.value.readTo?.position).toBe(1);
  });

  test("is no success where the ledger loses it at once", async () => {
    const ledger = createMemoryLedger();
    const cloud = createGhec({
      brokenLedger: {
        append: () => okAsync({ position: 1, entryId: "entry-000000000001" }),
        read: ledger.read,
      },
    });
    await cloud.startSending();
    const linkId = await cloud.open();

    const revoked = await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT);

    expect(revoked._unsafeUnwrapErr()).toEqual(NOT_RECORDED);
    expect(cloud.store.snapshot().links).toMatchObject([{ linkId, status: "deleted", isRecorded: false }]);
  });

  test("is no success where the ledger loses it at once, of an installation that the store does not know", async () => {
    const { options } = createGhec({
      brokenLedger: { append: () => okAsync({ position: 1, entryId: "entry-000000000001" }) },
    });

    expect((await record(options, linksEnded([linkId(1)])))._unsafeUnwrapErr()).toEqual(NOT_RECORDED);
  });
});

describe("what a crash left unrecorded", () => {
  /** Another process, which died between the store and the ledger. */
  async function crashed() {
    const cloud = await linked();
    const dying = { ...cloud.options, ledger: { ...cloud.ledger, append: () => errAsync(LOST) } };
    const died = await deleteLinks(dying, { account: OCTO_ACCOUNT, installation: null });
    expect(died._unsafeUnwrapErr()).toBe(LOST);
    return cloud;
  }

  test("is recorded, with the receipt of the deletion", async () => {
    const { options, store, links, recorded, clock } = await crashed();
    clock.advance(60_000);

    expect((await recordUnrecorded(options))._unsafeUnwrap()).toBe(2);

    const receipt = { deletedAt: NOON, removed: { first: "2026-03-01", last: "2026-03-01" } };
    expect(await recorded(HQ)).toMatchObject([{ links: [{ linkId: links.octo, choice: null, receipt }] }]);
    expect(await recorded(LAB)).toMatchObject([
      { links: [{ linkId: links.octoLab, choice: null, receipt }] },
    ]);
    expect(store.snapshot().links).toMatchObject([
      { linkId: links.octo, status: "deleted", isRecorded: true },
      { linkId: links.octoLab, status: "deleted", isRecorded: true },
      { linkId: links.mona, status: "live" },
    ]);
    expect((await recordUnrecorded(options))._unsafeUnwrap()).toBe(0);
  });

  test("is only marked where it is in the ledger, so that no crash writes it twice", async () => {
    const cloud = await linked();
    const dying = { ...cloud.options, store: { ...cloud.store, commitRegistration: () => errAsync(FULL) } };
    const died = await deleteLinks(dying, { account: OCTO_ACCOUNT, installation: null });
    expect(died._unsafeUnwrapErr()).toBe(FULL);
    expect(await cloud.recorded(HQ)).toHaveLength(1);

    expect((await recordUnrecorded(cloud.options))._unsafeUnwrap()).toBe(1);

    expect(await cloud.recorded(HQ)).toHaveLength(1);
    expect(await cloud.recorded(LAB)).toHaveLength(1);
    expect((await cloud.store.loadUnrecorded(9))._unsafeUnwrap()).toEqual([]);
  });

  test("is not written again and again while the store cannot mark it", async () => {
    const cloud = await linked();
    const full = { ...cloud.options, store: { ...cloud.store, commitRegistration: () => errAsync(FULL) } };
    expect((await deleteLinks(full, { account: MONA_ACCOUNT, installation: null })).isErr()).toBe(true);

    for (let attempt = 0; attempt < 5; attempt++) {
      expect((await recordUnrecorded(full))._unsafeUnwrapErr()).toBe(FULL);
    }
    expect(await cloud.recorded(HQ)).toHaveLength(1);
  });

  test("is recorded in entries of 1,000 links", async () => {
    const cloud = await linked();
    const links = Array.from({ length: 2_500 }, (_, n) => ({
      status: "deleted" as const,
      linkId: linkId(n),
      installation: HQ,
      openedAt: NOON,
      cause: "account-deleted" as const,
      receipt: NOTHING_KEPT,
      isRecorded: false,
      account: MONA_ACCOUNT,
    }));
    const store = createMemoryReceiverStore({ ...cloud.store.snapshot(), links });
    const { options, recorded } = createGhec({ store });

    expect((await recordUnrecorded(options))._unsafeUnwrap()).toBe(3);

    const entries = await recorded();
    expect(entries.map((entry) => entry.type === "links-ended" && entry.links.length)).toEqual([
      1_000, 1_000, 500,
    ]);
  });

  test("of one installation whose entries are corrupt holds that of no other up, and is told", async () => {
    const cloud = await crashed();
    const read: DeletionLedger["read"] = (query) =>
      query.installation === HQ ? errAsync(CORRUPT) : cloud.ledger.read(query);

    const recorded = await recordUnrecorded({ ...cloud.options, ledger: { ...cloud.ledger, read } });

    expect(recorded._unsafeUnwrapErr()).toBe(CORRUPT);
    expect(await cloud.recorded(HQ)).toEqual([]);
    expect(await cloud.recorded(LAB)).toHaveLength(1);
  });

  test("stays so where the store or the ledger fails", async () => {
    const { options } = await crashed();
    const parts: readonly [object, object, object][] = [
      [{ loadUnrecorded: () => errAsync(FULL) }, {}, FULL],
      [{ loadUnrecorded: boom }, {}, THREW],
      [{ loadRegistration: () => errAsync(FULL) }, {}, FULL],
      [{}, { append: () => errAsync(LOST) }, LOST],
      [{}, { append: boom }, THREW],
      [{}, { read: () => errAsync(LOST) }, LOST],
    ];

    for (const [store, ledger, fault] of parts) {
      const broken = {
        ...options,
        store: { ...options.store, ...store },
        ledger: { ...options.ledger, ...ledger },
      };

      expect((await recordUnrecorded(broken))._unsafeUnwrapErr()).toMatchObject(fault);
    }
    expect((await options.store.loadUnrecorded(9))._unsafeUnwrap()).toHaveLength(2);
  });

  test("and that no mark ever reaches is not written for ever", async () => {
    const cloud = await crashed();
    let writes = 0;
    const broken = {
      ...cloud.options,
      store: { ...cloud.store, loadUnrecorded: () => okAsync([linksEnded([linkId(99)])]) },
      ledger: {
        ...cloud.ledger,
        append: (...entry: Parameters<DeletionLedger["append"]>) => {
          writes++;
          return cloud.ledger.append(...entry);
        },
      },
    };

    expect((await recordUnrecorded(broken)).isOk()).toBe(true);
    expect(writes).toBe(1_000);
  });
});

describe("changing a registration", () => {
  test("reads the ledger to its end first", async () => {
    const cloud = await linked();
    await cloud.say({ type: "disable", epoch: 1 });
    const restored = createGhec({ store: createMemoryReceiverStore(cloud.backup), ledger: cloud.ledger });

    const seen = await changeRecorded(restored.options, HQ, "server", (before) => ({
      registration: before,
      value: before,
    }));

    expect(seen._unsafeUnwrap()).toMatchObject({
      featureSwitch: { epoch: 1, status: "off" },
      recordedOff: 1,
    });
  });

  test("is answered once the ledger has every epoch that is over", async () => {
    const { options, store, recorded } = await linked();

    const said = await changeRecorded(options, HQ, "server", (before) => ({
      registration: before && disable(before, 1, NOON),
      value: "disabled",
    }));

    expect(said._unsafeUnwrap()).toBe("disabled");
    expect(await recorded()).toEqual([{ type: "epochs-off", installation: HQ, epoch: 1, disabledAt: NOON }]);
    expect(store.snapshot().registrations[0]?.value).toMatchObject({
      readTo: { position: 1 },
      recordedOff: 1,
    });
  });

  test("of an installation that stays unknown writes nothing", async () => {
    const { options, store, recorded } = createGhec();

    const said = await changeRecorded(options, HQ, "server", () => ({
      registration: null,
      value: "nothing",
    }));

    expect(said._unsafeUnwrap()).toBe("nothing");
    expect(store.snapshot().registrations).toEqual([]);
    expect(await recorded()).toEqual([]);
  });
});

describe("deleting an account's links (R10)", () => {
  test("ends all of them, and writes down each installation's", async () => {
    const { options, links, recorded, store } = await linked();
    const receipt = { deletedAt: NOON, removed: { first: "2026-03-01", last: "2026-03-01" } };

    const deleted = await deleteLinks(options, { account: OCTO_ACCOUNT, installation: null });

    const end = { openedAt: NOON, cause: "account-deleted", receipt };
    const gone = { status: "deleted", ...end, isRecorded: true, account: null };
    expect(deleted._unsafeUnwrap()).toEqual([
      { ...gone, linkId: links.octo, installation: HQ },
      { ...gone, linkId: links.octoLab, installation: LAB },
    ]);
    expect(store.snapshot().links.map(({ status }) => status)).toEqual(["deleted", "deleted", "live"]);
    expect(await recorded(HQ)).toEqual([
      { type: "links-ended", installation: HQ, links: [{ linkId: links.octo, choice: null, receipt }] },
    ]);
    expect(await recorded(LAB)).toEqual([
      { type: "links-ended", installation: LAB, links: [{ linkId: links.octoLab, choice: null, receipt }] },
    ]);
  });

  test("on one installation ends that one alone", async () => {
    const { options, links, recorded } = await linked();

    const deleted = await deleteLinks(options, { account: OCTO_ACCOUNT, installation: LAB });

    expect(deleted._unsafeUnwrap()).toMatchObject([{ linkId: links.octoLab }]);
    expect([await recorded(HQ), await recorded(LAB)]).toMatchObject([[], [{ type: "links-ended" }]]);
  });

  test("that are deleted already writes nothing down", async () => {
    const { options, recorded } = await linked();
    const selection = { account: OCTO_ACCOUNT, installation: HQ };
    (await deleteLinks(options, selection))._unsafeUnwrap();

    expect((await deleteLinks(options, selection))._unsafeUnwrap()).toEqual([]);
    expect(await recorded()).toHaveLength(1);
  });

  test.each([
    ["hands on the fault of a storage", () => errAsync(FULL), FULL],
    ["names the fault of a storage that throws", boom, THREW],
  ])("%s", async (_, broken, fault) => {
    const { options } = createGhec({ broken: { deleteLinks: broken } });

    const deleted = await deleteLinks(options, { account: OCTO_ACCOUNT, installation: null });

    expect(deleted._unsafeUnwrapErr()).toMatchObject(fault);
  });
});

describe("nothing is acknowledged before the store knows that the ledger has it:", () => {
  type Cloud = Awaited<ReturnType<typeof consentedAnew>>;
  /** Every way to ask for a deletion, in words that can be repeated. */
  const WAYS: readonly (readonly [string, (cloud: Cloud, n: number) => ResultAsync<unknown, unknown>])[] = [
    [
      "a withdrawal",
      (cloud, n) => cloud.receiver.handle(HQ, deliver(cloud, n, [withdraw(cloud.links.octo)])),
    ],
    [
      "a withdrawal beside a report of what it ends and a hold",
      (cloud, n) =>
        cloud.receiver.handle(
          HQ,
          deliver(cloud, n, [report(cloud.links.octo), hold(cloud.links.mona), withdraw(cloud.links.octo)]),
        ),
    ],
    [
      "a withdrawal in no session",
      (cloud, n) =>
        cloud.receiver.handle(HQ, {
          ...deliver(cloud, n, [withdraw(cloud.links.octo)]),
          sessionId: null,
          follows: [],
        }),
    ],
    ["a disabling", ({ receiver }, n) => receiver.handle(HQ, { ...envelope(n), type: "disable", epoch: 1 })],
    [
      "a disabling that reaches too far",
      ({ receiver }, n) => receiver.handle(HQ, { ...envelope(n), type: "disable", epoch: 9 }),
    ],
    ["a revocation", ({ receiver }) => receiver.revokeAuthorization(HQ, OCTO_ACCOUNT)],
    ["the deletion of an account", ({ receiver }) => receiver.deleteAccount(OCTO_ACCOUNT)],
    ["a disconnection", ({ receiver }) => receiver.disconnectInstallation(HQ)],
    ["another connection", ({ receiver }) => receiver.connectInstallation(HQ, "another" as never)],
    [
      "a newer consent",
      ({ receiver, consented }, n) => receiver.handle(HQ, { ...envelope(n), type: "redeem", ...consented }),
    ],
  ];
  /** Each step after the store's, and how it breaks. */
  const STEPS: readonly (readonly [string, (cloud: Cloud, isBroken: () => boolean) => void])[] = [
    [
      "the ledger refuses to be written",
      ({ options, ledger }, isBroken) => {
        options.ledger.append = (...entry) => (isBroken() ? errAsync(LOST) : ledger.append(...entry));
      },
    ],
    [
      "the ledger is written, and its answer is lost",
      ({ options, ledger }, isBroken) => {
        options.ledger.append = (...entry) =>
          ledger.append(...entry).andThen((place) => (isBroken() ? errAsync(LOST) : okAsync(place)));
      },
    ],
    [
      "the ledger loses what it answered",
      ({ options, ledger }, isBroken) => {
        options.ledger.append = (...entry) =>
          isBroken() ? okAsync({ position: 1, entryId: "lost-at-once-0001" }) : ledger.append(...entry);
      },
    ],
    [
      "the ledger cannot be read",
      ({ options, ledger }, isBroken) => {
        options.ledger.read = (query) => (isBroken() ? errAsync(LOST) : ledger.read(query));
      },
    ],
    [
      "the store cannot move its cursor",
      ({ options, store }, isBroken) => {
        options.store.commitRegistration = (commit) => {
          const stored = store.snapshot().registrations.find(({ value }) => value.installation === HQ);
          const isMark = commit.registration.readTo?.position !== stored?.value.readTo?.position;
          return isBroken() && isMark ? errAsync(FULL) : store.commitRegistration(commit);
        };
      },
    ],
  ];

  function envelope(n: number) {
    return { version: 1, requestId: requestId(500 + n) };
  }
  function deliver(cloud: Cloud, n: number, records: readonly object[]) {
    const earlier = Array.from({ length: n }, (_, index) => requestId(500 + index));
    const last = cloud.backup.registrations[0]?.value.session.lastRequestId;
    return {
      ...envelope(n),
      type: "deliver",
      sessionId: cloud.sessionId,
      follows: [last, ...earlier],
      records,
    };
  }
  /** Whether the store knows of no deletion that the ledger does not have. */
  async function isRecorded(store: ReceiverStore): Promise<boolean> {
    return (await store.loadUnrecorded(1_000))._unsafeUnwrap().length === 0;
  }

  /** Where the ledger has it in spite of all, a repeated call reads that it does. */
  const CASES = WAYS.flatMap(([way, ask]) => STEPS.map(([step, breakIt]) => ({ way, ask, step, breakIt })));

  test.each(CASES)("$way, where $step", async ({ ask, breakIt }) => {
    const cloud = await consentedAnew();
    let isBroken = true;
    breakIt(cloud, () => isBroken);

    const answers: boolean[] = [];
    for (let n = 0; n < 3; n++) {
      const early = await ask(cloud, n);
      answers.push(early.isErr() || (await isRecorded(cloud.store)));
    }
    isBroken = false;
    const answer = await ask(cloud, 3);

    expect(answers).toEqual([true, true, true]);
    expect(answer.isOk()).toBe(true);
    expect(await isRecorded(cloud.store)).toBe(true);
    expect((await cloud.recorded(HQ)).length).toBeGreaterThanOrEqual(1);

    // The store loses all of it, and gets it back from the ledger alone.
    const restored = createGhec({ store: createMemoryReceiverStore(cloud.backup), ledger: cloud.ledger });
    expect((await restored.receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).not.toContainEqual(
      expect.objectContaining({ installation: HQ }),
    );
  });
});
