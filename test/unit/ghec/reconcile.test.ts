import { errAsync, okAsync, ResultAsync } from "neverthrow";
import type { InstallationId, StorageFault } from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  type MemoryReceiverStore,
} from "unified-contributions/adapters/memory";
import type { Registration } from "unified-contributions/ghec";
import type { DeletionLedger, LedgerEntry, ReceiverStore, Versioned } from "unified-contributions/storage";
import { createTestClock } from "unified-contributions/testing";
import { describe, expect, test } from "vitest";
import { NOTHING_UNREAD } from "../../../src/ghec/ledger.ts";
import { createFreshLook, loadUnread, reconcile } from "../../../src/ghec/reconcile.ts";
import { unconnected } from "../../../src/ghec/registration.ts";
import { createGhec, report } from "../../support/ghec-cloud.ts";
import { HQ, instant, LAB, linkId, MONA_ACCOUNT, OCTO_ACCOUNT, sessionId } from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");
const FULL: StorageFault = { type: "storage-fault", reason: "read-only", message: "The disk is full." };
const LOST: StorageFault = { type: "storage-fault", reason: "unavailable", message: "The ledger is lost." };
const CORRUPT: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message: "An entry makes no sense.",
};
const THREW = { type: "storage-fault", reason: "outcome-unknown" };
const NOTHING_NEW = { entries: 0, recorded: 0, cutOff: [] };

/** Lets everything that can go on do so. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function boom(): never {
  throw new Error("secret");
}

/** The parts of a cloud that note which of their methods are called. */
function noting({ store, ledger }: { readonly store: MemoryReceiverStore; readonly ledger: DeletionLedger }) {
  const calls: string[] = [];
  const noted = <Port extends object>(port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, method]) => [
        name,
        (...given: unknown[]) => {
          calls.push(name);
          return (method as (...args: unknown[]) => unknown)(...given);
        },
      ]),
    ) as Port;
  return { calls, ...createGhec({ store: noted(store), ledger: noted(ledger) }) };
}

/** A cloud with reported links of both accounts on both servers, and its store before anything was deleted. */
async function linked() {
  const cloud = createGhec();
  const session = await cloud.startSending(HQ);
  const lab = await cloud.startSending(LAB);
  const links = {
    octo: await cloud.open(OCTO_ACCOUNT, HQ),
    octoLab: await cloud.open(OCTO_ACCOUNT, LAB),
    mona: await cloud.open(MONA_ACCOUNT, HQ),
  };
  await cloud.say({ type: "deliver", sessionId: session, records: [report(links.octo), report(links.mona)] });
  await cloud.say({ type: "deliver", sessionId: lab, records: [report(links.octoLab)] }, LAB);
  return { ...cloud, links, session, backup: cloud.store.snapshot() };
}

/** The same after octo's links were deleted, and the store has forgotten that. */
async function forgetful() {
  const cloud = await linked();
  (await cloud.receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
  return { ...cloud, store: createMemoryReceiverStore(cloud.backup) };
}

/** The same parts, where the entries of one installation make no sense. */
function corruptAtHq({ store, ledger }: Awaited<ReturnType<typeof forgetful>>) {
  const read: DeletionLedger["read"] = (query) =>
    query.installation === HQ ? errAsync(CORRUPT) : ledger.read(query);
  return createGhec({ store, ledger, brokenLedger: { read } });
}

function off(installation: InstallationId, epoch: number): LedgerEntry {
  return { type: "epochs-off", installation, epoch, disabledAt: NOON };
}

function ended(installation: InstallationId, link: number, choice: number | null = null): LedgerEntry {
  const receipt = { deletedAt: NOON, removed: null };
  return { type: "links-ended", installation, links: [{ linkId: linkId(link), choice, receipt }] };
}

describe("reconciling", () => {
  test("where nothing is new takes one read of each, and no other call", async () => {
    const cloud = await linked();
    (await cloud.receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
    const { options, calls } = noting(cloud);

    expect((await reconcile(options))._unsafeUnwrap()).toEqual(NOTHING_NEW);
    expect(calls).toEqual(["loadLedgerStanding", "loadDigest"]);
  });

  test("of nothing at all has nothing to do", async () => {
    const { options } = createGhec();

    expect((await reconcile(options))._unsafeUnwrap()).toEqual(NOTHING_NEW);
  });

  test("applies what the store has lost, of every installation", async () => {
    const { options } = createGhec(await forgetful());

    expect((await reconcile(options))._unsafeUnwrap()).toEqual({ entries: 2, recorded: 0, cutOff: [] });

    expect((await options.store.loadShown(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
    expect((await options.store.loadShown(MONA_ACCOUNT))._unsafeUnwrap()).toHaveLength(1);
    expect((await reconcile(options))._unsafeUnwrap()).toEqual(NOTHING_NEW);
  });

  test("also of installations that the store has forgotten altogether", async () => {
    const { ledger } = await forgetful();
    const { options, store } = createGhec({ ledger });

    expect((await reconcile(options))._unsafeUnwrap()).toEqual({ entries: 2, recorded: 0, cutOff: [] });
    expect(store.snapshot().registrations).toMatchObject([
      { value: { installation: HQ, isConnected: false, readTo: { position: 1 } } },
      { value: { installation: LAB, isConnected: false, readTo: { position: 1 } } },
    ]);
    expect((await reconcile(options))._unsafeUnwrap()).toEqual(NOTHING_NEW);
  });

  test("tells the ledger what a crash kept from it", async () => {
    const cloud = await linked();
    (await cloud.store.deleteLinks({ account: OCTO_ACCOUNT, installation: null }, NOON))._unsafeUnwrap();

    expect((await reconcile(cloud.options))._unsafeUnwrap()).toEqual({ entries: 0, recorded: 2, cutOff: [] });
    expect(await cloud.recorded(LAB)).toMatchObject([{ links: [{ linkId: cloud.links.octoLab }] }]);
    expect((await reconcile(cloud.options))._unsafeUnwrap()).toEqual(NOTHING_NEW);
  });

  test("tells a ledger again what it has lost", async () => {
    const cloud = await linked();
    (await cloud.receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
    await cloud.say({ type: "disable", epoch: 1 });
    const { options, recorded } = createGhec({ store: cloud.store });

    expect((await reconcile(options))._unsafeUnwrap()).toEqual({ entries: 0, recorded: 3, cutOff: [] });

    expect(await recorded(HQ)).toMatchObject([
      { type: "epochs-off", epoch: 1, disabledAt: NOON },
      { type: "links-ended", links: [{ linkId: cloud.links.octo }] },
    ]);
    expect(await recorded(LAB)).toMatchObject([{ links: [{ linkId: cloud.links.octoLab }] }]);
    expect((await reconcile(options))._unsafeUnwrap()).toEqual(NOTHING_NEW);
  });

  test("heals both at once, where either has lost something of another installation", async () => {
    const cloud = await linked();
    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    const backup = cloud.store.snapshot();
    const ledger = createMemoryLedger();
    (await cloud.receiver.revokeAuthorization(LAB, OCTO_ACCOUNT))._unsafeUnwrap();
    const [entry] = await cloud.recorded(LAB);
    (await ledger.append(entry as LedgerEntry, "of-the-lab-000001"))._unsafeUnwrap();
    (await ledger.append(ended(LAB, 99), "of-the-lab-000002"))._unsafeUnwrap();
    const { options } = createGhec({ store: createMemoryReceiverStore(backup), ledger });

    expect((await reconcile(options))._unsafeUnwrap()).toEqual({ entries: 2, recorded: 1, cutOff: [] });
    expect((await options.store.loadShown(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
    expect((await reconcile(options))._unsafeUnwrap()).toEqual(NOTHING_NEW);
  });

  test("names the installations that are older than what the ledger was kept for", async () => {
    const cloud = await forgetful();
    (await cloud.ledger.append(ended(HQ, 98), "of-the-hq-0000002"))._unsafeUnwrap();
    (await cloud.ledger.prune(HQ, 2))._unsafeUnwrap();
    const { options, store } = createGhec(cloud);

    expect((await reconcile(options))._unsafeUnwrap()).toEqual({ entries: 2, recorded: 1, cutOff: [HQ] });
    expect(store.snapshot().registrations[0]?.value).toMatchObject({
      featureSwitch: { epoch: 2, status: "off" },
      recordedOff: 2,
    });
    expect((await reconcile(options))._unsafeUnwrap()).toEqual(NOTHING_NEW);
  });

  test("of thousands of installations goes page by page, and touches those alone that differ", async () => {
    const count = 2_500;
    const id = (n: number) => `server-${String(n).padStart(5, "0")}` as InstallationId;
    const ledger = createMemoryLedger();
    const registrations: Versioned<Registration>[] = [];
    for (let n = 0; n < count; n++) {
      const place = (
        await ledger.append(off(id(n), 1), `entry-${String(n).padStart(12, "0")}`)
      )._unsafeUnwrap();
      const value = {
        ...unconnected(id(n), sessionId(n)),
        featureSwitch: { epoch: 1, status: "off" as const },
      };
      registrations.push({ value: { ...value, readTo: place, recordedOff: 1 }, version: 1 });
    }
    for (const n of [3, 999, 1_000, 2_499]) {
      (await ledger.append(off(id(n), 2), `more-${String(n).padStart(13, "0")}`))._unsafeUnwrap();
    }
    const store = createMemoryReceiverStore({
      registrations,
      links: [],
      attempts: [],
      audit: [],
      sweepClock: null,
    });
    const { options, calls } = noting({ store, ledger });

    expect((await reconcile(options))._unsafeUnwrap()).toEqual({ entries: 4, recorded: 0, cutOff: [] });

    const counted = (name: string) => calls.filter((call) => call === name).length;
    expect([counted("loadCursors"), counted("loadHeads")]).toEqual([3, 3]);
    expect(counted("commitRegistration")).toBe(4);
    expect(counted("read")).toBe(8);
  });

  test("finds what the ledger and the store have each lost, also where they have as many entries", async () => {
    const cloud = await linked();
    (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    const store = createMemoryReceiverStore(cloud.store.snapshot());
    (await cloud.receiver.revokeAuthorization(LAB, OCTO_ACCOUNT))._unsafeUnwrap();
    const [entry] = await cloud.recorded(LAB);
    const ledger = createMemoryLedger();
    (await ledger.append(entry as LedgerEntry, "of-the-lab-000001"))._unsafeUnwrap();
    const { options } = createGhec({ store, ledger });

    expect((await reconcile(options))._unsafeUnwrap()).toEqual({ entries: 1, recorded: 1, cutOff: [] });
    expect((await store.loadShown(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
    expect((await reconcile(options))._unsafeUnwrap()).toEqual(NOTHING_NEW);
  });

  test("of an installation that is corrupt tells so, and holds no other up", async () => {
    const cloud = await forgetful();
    const { options } = corruptAtHq(cloud);

    expect((await reconcile(options))._unsafeUnwrapErr()).toBe(CORRUPT);

    const shown = (await options.store.loadShown(OCTO_ACCOUNT))._unsafeUnwrap();
    expect(shown.map(({ installation }) => installation)).toEqual([HQ]);
  });

  test("of one that is corrupt and has something unrecorded reads what the others have", async () => {
    const cloud = await forgetful();
    const selection = { account: MONA_ACCOUNT, installation: HQ };
    (await cloud.store.deleteLinks(selection, NOON))._unsafeUnwrap();
    const { options } = corruptAtHq(cloud);

    expect((await reconcile(options))._unsafeUnwrapErr()).toBe(CORRUPT);

    const shown = (await options.store.loadShown(OCTO_ACCOUNT))._unsafeUnwrap();
    expect(shown.map(({ installation }) => installation)).toEqual([HQ]);
  });

  test("of two that are corrupt tells of the first", async () => {
    const second: StorageFault = { ...CORRUPT, message: "Another one makes no sense." };
    const { options } = createGhec({
      ...(await forgetful()),
      brokenLedger: { read: ({ installation }) => errAsync(installation === HQ ? CORRUPT : second) },
    });

    expect((await reconcile(options))._unsafeUnwrapErr()).toBe(CORRUPT);
  });

  test.each<[string, { broken?: Partial<ReceiverStore>; brokenLedger?: Partial<DeletionLedger> }, object]>([
    ["the store's standing", { broken: { loadLedgerStanding: () => errAsync(FULL) } }, FULL],
    ["a store that throws", { broken: { loadLedgerStanding: boom } }, THREW],
    ["the ledger's digest", { brokenLedger: { loadDigest: () => errAsync(LOST) } }, LOST],
    ["a ledger that throws", { brokenLedger: { loadDigest: boom } }, THREW],
    ["the cursors", { broken: { loadCursors: () => errAsync(FULL) } }, FULL],
    ["cursors that throw", { broken: { loadCursors: boom } }, THREW],
    ["the heads", { brokenLedger: { loadHeads: () => errAsync(LOST) } }, LOST],
    ["heads that throw", { brokenLedger: { loadHeads: boom } }, THREW],
    ["the entries", { brokenLedger: { read: () => errAsync(LOST) } }, LOST],
    ["entries that throw", { brokenLedger: { read: boom } }, THREW],
    ["the commit of what was read", { broken: { commitRegistration: () => errAsync(FULL) } }, FULL],
    ["what is unrecorded", { broken: { loadUnrecorded: () => errAsync(FULL) } }, FULL],
  ])("hands on the fault of %s", async (_, broken, fault) => {
    const { options } = createGhec({ ...(await forgetful()), ...broken });

    expect((await reconcile(options))._unsafeUnwrapErr()).toMatchObject(fault);
  });

  test("hands on the fault of recording, and goes on where it stopped", async () => {
    const cloud = await linked();
    (await cloud.store.deleteLinks({ account: OCTO_ACCOUNT, installation: null }, NOON))._unsafeUnwrap();
    let writes = 0;
    const broken = {
      ...cloud.options,
      ledger: {
        ...cloud.ledger,
        append: (...entry: Parameters<DeletionLedger["append"]>) =>
          ++writes === 2 ? errAsync(LOST) : cloud.ledger.append(...entry),
      },
    };

    expect((await reconcile(broken))._unsafeUnwrapErr()).toBe(LOST);
    expect((await reconcile(broken))._unsafeUnwrap()).toEqual({ entries: 0, recorded: 1, cutOff: [] });
    expect((await reconcile(broken))._unsafeUnwrap()).toEqual(NOTHING_NEW);
  });
});

describe("what is unread, for those who may only read", () => {
  test("is nothing where the store has read all: one small read of each, and no other call", async () => {
    const cloud = await linked();
    (await cloud.receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
    const { options, calls } = noting(cloud);

    expect((await loadUnread(options))._unsafeUnwrap()).toBe(NOTHING_UNREAD);
    expect(calls).toEqual(["loadLedgerStanding", "loadDigest"]);
  });

  test("are the links and the highest epochs that the entries above the cursors name", async () => {
    const cloud = await forgetful();
    for (const epoch of [2, 5, 3]) {
      (await cloud.ledger.append(off(LAB, epoch), `of-the-lab-00000${epoch}`))._unsafeUnwrap();
    }
    const { options, store } = createGhec(cloud);
    const before = store.snapshot();

    expect((await loadUnread(options))._unsafeUnwrap()).toEqual({
      epochsOff: new Map([[LAB, 5]]),
      ended: new Map([
        [cloud.links.octo, null],
        [cloud.links.octoLab, null],
      ]),
    });
    expect(store.snapshot()).toEqual(before);
  });

  test("are read page by page", async () => {
    const ledger = createMemoryLedger();
    for (let n = 0; n < 2_500; n++) {
      (await ledger.append(ended(HQ, n), `entry-${String(n).padStart(12, "0")}`))._unsafeUnwrap();
    }
    const { options, calls } = noting({ store: createMemoryReceiverStore(), ledger });

    expect((await loadUnread(options))._unsafeUnwrap().ended.size).toBe(2_500);
    expect(calls.filter((call) => call === "read")).toHaveLength(4);
  });

  test("names of each link the last choice that has ended, or the link itself", async () => {
    const ledger = createMemoryLedger();
    const entries = [
      ended(HQ, 1, 2),
      ended(HQ, 1, 1),
      ended(HQ, 2, 1),
      ended(HQ, 2, 3),
      ended(HQ, 3),
      ended(HQ, 3, 9),
      ended(HQ, 4, 9),
      ended(HQ, 4),
    ];
    for (const [n, entry] of entries.entries()) {
      (await ledger.append(entry, `entry-${String(n).padStart(12, "0")}`))._unsafeUnwrap();
    }
    const { options } = createGhec({ ledger });

    expect([...(await loadUnread(options))._unsafeUnwrap().ended]).toEqual([
      [linkId(1), 2],
      [linkId(2), 3],
      [linkId(3), null],
      [linkId(4), null],
    ]);
  });

  test("is everything of an installation whose unread entries were pruned", async () => {
    const cloud = await forgetful();
    (await cloud.ledger.append(ended(HQ, 98), "of-the-hq-0000002"))._unsafeUnwrap();
    (await cloud.ledger.prune(HQ, 2))._unsafeUnwrap();
    const { options } = createGhec(cloud);

    expect((await loadUnread(options))._unsafeUnwrap()).toEqual({
      epochsOff: new Map([[HQ, Number.POSITIVE_INFINITY]]),
      ended: new Map([[cloud.links.octoLab, null]]),
    });
  });

  test("are what the ledger has written since in the place of entries that it has lost", async () => {
    const { receiver, store } = await linked();
    (await receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
    (await receiver.revokeAuthorization(HQ, MONA_ACCOUNT))._unsafeUnwrap();
    const ledger = createMemoryLedger();
    (await ledger.append(ended(HQ, 7), "written-since-0001"))._unsafeUnwrap();
    const { options } = createGhec({ store, ledger });

    expect((await loadUnread(options))._unsafeUnwrap().ended).toEqual(new Map([[linkId(7), null]]));
  });

  test("is nothing where the ledger has lost all that was read", async () => {
    const cloud = await linked();
    (await cloud.receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
    const { options } = createGhec({ store: cloud.store });

    expect((await loadUnread(options))._unsafeUnwrap()).toEqual({ epochsOff: new Map(), ended: new Map() });
  });

  test("of an installation that is corrupt is left out, and that of the others is not", async () => {
    const cloud = await forgetful();
    const { options } = corruptAtHq(cloud);

    expect((await loadUnread(options))._unsafeUnwrap().ended).toEqual(new Map([[cloud.links.octoLab, null]]));
  });

  test.each<[string, { broken?: Partial<ReceiverStore>; brokenLedger?: Partial<DeletionLedger> }, object]>([
    ["the store's standing", { broken: { loadLedgerStanding: () => errAsync(FULL) } }, FULL],
    ["the ledger's digest", { brokenLedger: { loadDigest: () => errAsync(LOST) } }, LOST],
    ["the cursors", { broken: { loadCursors: () => errAsync(FULL) } }, FULL],
    ["the heads", { brokenLedger: { loadHeads: () => errAsync(LOST) } }, LOST],
    ["the entries", { brokenLedger: { read: () => errAsync(LOST) } }, LOST],
    ["entries that throw", { brokenLedger: { read: boom } }, THREW],
  ])("hands on the fault of %s", async (_, broken, fault) => {
    const { options } = createGhec({ ...(await forgetful()), ...broken });

    expect((await loadUnread(options))._unsafeUnwrapErr()).toMatchObject(fault);
  });
});

/** Looks that were begun and are not waited for. */
const begun: unknown[] = [];

describe("a look that is repeated", () => {
  /** A look whose reads end when they are told to. */
  function looking() {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const reads: ((result: { value: string } | { fault: StorageFault } | "threw") => void)[] = [];
    const { look } = createFreshLook(
      { clock },
      "nothing",
      () =>
        new ResultAsync<string, StorageFault>(
          new Promise((resolve, reject) => {
            reads.push((result) => {
              if (result === "threw") reject(new Error("secret"));
              else
                resolve(
                  "value" in result ? okAsync<string, StorageFault>(result.value) : errAsync(result.fault),
                );
            });
          }),
        ),
    );
    /** What a call gets, or "waiting" where it gets nothing yet. */
    async function settled(call: ResultAsync<string, never>): Promise<string> {
      const waiting = turn().then(() => "waiting");
      return Promise.race([call.unwrapOr(""), waiting]);
    }
    return { clock, look, settled, reads };
  }

  test("sees what was read, and is fresh for a minute", async () => {
    const { look, reads, settled, clock } = looking();
    const first = look();

    expect(await settled(first)).toBe("waiting");
    reads[0]?.({ value: "first" });
    expect(await settled(first)).toBe("first");
    clock.advance(59_999);
    expect(await settled(look())).toBe("first");
    expect(reads).toHaveLength(1);

    clock.advance(1);
    const second = look();
    reads[1]?.({ value: "second" });
    expect(await settled(second)).toBe("second");
    expect(reads).toHaveLength(2);
  });

  test("is shared by all calls at one time", async () => {
    const { look, reads, settled } = looking();
    const calls = [look(), look(), look()];

    reads[0]?.({ value: "seen" });

    expect(await Promise.all(calls.map(settled))).toEqual(["seen", "seen", "seen"]);
    expect(reads).toHaveLength(1);
  });

  test("that failed is tried again after five seconds, and what was seen stays", async () => {
    const { look, reads, settled, clock } = looking();
    const first = look();
    reads[0]?.({ value: "seen" });
    expect((await first).isOk()).toBe(true);
    clock.advance(60_000);

    const failing = look();
    reads[1]?.({ fault: LOST });

    expect(await settled(failing)).toBe("seen");
    clock.advance(4_999);
    expect(await settled(look())).toBe("seen");
    expect(reads).toHaveLength(2);
    clock.advance(1);
    begun.push(look());
    expect(reads).toHaveLength(3);
  });

  test("that an adapter makes throw is one that failed", async () => {
    const { look, reads, settled, clock } = looking();
    const failing = look();
    reads[0]?.("threw");

    expect(await settled(failing)).toBe("nothing");
    expect(await settled(look())).toBe("nothing");
    clock.advance(5_000);
    begun.push(look());
    expect(reads).toHaveLength(2);
  });

  test("that hangs is waited for two seconds, and the next calls wait for nothing", async () => {
    const { look, reads, settled, clock } = looking();
    const calls = [look(), look()];

    clock.advance(1_999);
    expect(await Promise.all(calls.map(settled))).toEqual(["waiting", "waiting"]);
    clock.advance(1);
    expect(await Promise.all(calls.map(settled))).toEqual(["nothing", "nothing"]);
    expect(await settled(look())).toBe("nothing");
    clock.advance(2_999);
    expect(await settled(look())).toBe("nothing");
    expect(reads).toHaveLength(1);
  });

  test("that hangs is not begun twice, and is waited for again after five seconds", async () => {
    const { look, reads, settled, clock } = looking();
    const first = look();
    clock.advance(2_000);
    expect((await first).isOk()).toBe(true);
    clock.advance(3_000);

    const again = look();

    expect(await settled(again)).toBe("waiting");
    expect(reads).toHaveLength(1);
    reads[0]?.({ value: "at last" });
    expect(await settled(again)).toBe("at last");
  });

  test("that came too late is seen by the calls after it, and is as old as its beginning", async () => {
    const { look, reads, settled, clock } = looking();
    const first = look();
    clock.advance(2_000);
    expect(await settled(first)).toBe("nothing");
    clock.advance(1_000);
    reads[0]?.({ value: "late" });
    await turn();

    expect(await settled(look())).toBe("late");
    clock.advance(56_999);
    expect(await settled(look())).toBe("late");
    expect(reads).toHaveLength(1);
    clock.advance(1);
    begun.push(look());
    expect(reads).toHaveLength(2);
  });

  test("that never ends is given up after five minutes, so that the ledger's return is seen", async () => {
    const { look, reads, settled, clock } = looking();
    const hung = look();
    clock.advance(2_000);
    expect((await hung).isOk()).toBe(true);

    clock.advance(297_999);
    begun.push(look());
    expect(reads).toHaveLength(1);
    clock.advance(2_000);
    clock.advance(3_000);
    const fresh = look();

    expect(reads).toHaveLength(2);
    reads[1]?.({ value: "back" });
    expect(await settled(fresh)).toBe("back");
  });

  test("that was given up is not seen over a later one, and makes nothing fresh", async () => {
    const { look, reads, settled, clock } = looking();
    begun.push(look());
    clock.advance(300_000);
    const later = look();
    reads[1]?.({ value: "later" });
    expect(await settled(later)).toBe("later");

    reads[0]?.({ value: "earlier" });
    await turn();

    expect(await settled(look())).toBe("later");
    clock.advance(60_000);
    begun.push(look());
    expect(reads).toHaveLength(3);
  });

  test("that was given up is seen where nothing later was", async () => {
    const { look, reads, settled, clock } = looking();
    begun.push(look());
    clock.advance(300_000);
    const hanging = look();
    reads[0]?.({ value: "earlier" });
    await turn();
    clock.advance(2_000);

    expect(await settled(hanging)).toBe("earlier");
  });

  test.each([
    ["an hour back", "2026-03-01T11:00:00Z"],
    ["a millisecond back", "2026-03-01T11:59:59.999Z"],
    ["a year ahead", "2027-03-01T12:00:00Z"],
  ])("is repeated at once where the clock was set %s", async (_, now) => {
    const { look, reads, settled, clock } = looking();
    const first = look();
    reads[0]?.({ value: "first" });
    await settled(first);

    clock.set(now);
    const second = look();
    reads[1]?.({ value: "second" });

    expect(await settled(second)).toBe("second");
    expect(await settled(look())).toBe("second");
    expect(reads).toHaveLength(2);
  });

  test("that hangs is given up where the clock was set back, too", async () => {
    const { look, reads, clock } = looking();
    begun.push(look());
    clock.set("2026-03-01T11:00:00Z");
    begun.push(look());

    expect(reads).toHaveLength(2);
  });
});

describe("a ledger that hangs", () => {
  test("delays a call of a receiver by two seconds at the most, and the next ones not at all", async () => {
    const cloud = await linked();
    const hanging = createGhec({
      store: cloud.store,
      brokenLedger: { loadDigest: () => ResultAsync.fromSafePromise(new Promise(() => {})) },
    });
    const ask = () =>
      hanging.receiver.shownCounts(OCTO_ACCOUNT).then((shown) => shown._unsafeUnwrap().length);

    const first = ask();
    expect(await Promise.race([first, turn()])).toBeUndefined();
    hanging.clock.advance(2_000);
    expect(await first).toBe(2);
    expect(await Promise.race([ask(), turn()])).toBe(2);
  });
});
