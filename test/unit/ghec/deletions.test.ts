import { errAsync, okAsync } from "neverthrow";
import type { StorageFault } from "unified-contributions";
import { createMemoryLedger, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { describe, expect, test } from "vitest";
import { connectInstallation, disconnectInstallation } from "../../../src/ghec/connections.ts";
import { deleteLinks, recover } from "../../../src/ghec/deletions.ts";
import { createGhec, report, withdraw } from "../../support/ghec-cloud.ts";
import {
  FIRST_CONNECTION,
  HQ,
  instant,
  LAB,
  MONA_ACCOUNT,
  OCTO_ACCOUNT,
  SECOND_CONNECTION,
} from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");
const FULL: StorageFault = { type: "storage-fault", reason: "read-only", message: "The disk is full." };
const LOST: StorageFault = { type: "storage-fault", reason: "unavailable", message: "The ledger is lost." };
const THREW = { type: "storage-fault", reason: "unavailable" };
const NOTHING_KEPT = { deletedAt: NOON, removed: null };

function boom(): never {
  throw new Error("secret");
}

describe("connecting an installation", () => {
  test("registers it, and is no deletion", async () => {
    const { options, store, ledger } = createGhec();

    const registration = (await connectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap();

    expect(registration).toMatchObject({
      installation: HQ,
      connectionId: FIRST_CONNECTION,
      isConnected: true,
    });
    expect(store.snapshot().registrations).toEqual([{ value: registration, version: 1 }]);
    expect((await ledger.entriesSince(instant("1970-01-01T00:00:00Z")))._unsafeUnwrap()).toEqual([]);
  });

  test("again changes nothing", async () => {
    const { options, store, ledger } = createGhec();
    const registration = (await connectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap();

    expect((await connectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap()).toEqual(registration);
    expect(store.snapshot().registrations).toEqual([{ value: registration, version: 1 }]);
    expect((await ledger.entriesSince(NOON))._unsafeUnwrap()).toEqual([]);
  });

  test("by another connection writes the end of the earlier one down and hides what it carried", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const linkId = await cloud.open();
    await cloud.say({ type: "deliver", sessionId, records: [report(linkId)] });

    const connected = await connectInstallation(cloud.options, HQ, SECOND_CONNECTION);

    expect(connected._unsafeUnwrap()).toMatchObject({
      connectionId: SECOND_CONNECTION,
      isConnected: true,
      featureSwitch: { epoch: 2, status: "off" },
    });
    expect((await cloud.ledger.entriesSince(NOON))._unsafeUnwrap()).toEqual([
      { type: "installation-disconnected", installation: HQ, connectionId: null, at: NOON },
    ]);
    expect((await cloud.receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
  });

  test("after a disconnection writes no other end down", async () => {
    const { options, ledger } = createGhec();
    (await connectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap();
    (await disconnectInstallation(options, HQ, null))._unsafeUnwrap();

    (await connectInstallation(options, HQ, SECOND_CONNECTION))._unsafeUnwrap();

    expect((await ledger.entriesSince(NOON))._unsafeUnwrap()).toHaveLength(1);
  });

  test("by another connection changes nothing where the ledger fails", async () => {
    const { options, store } = createGhec({ brokenLedger: { append: () => errAsync(LOST) } });
    (await connectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap();
    const before = store.snapshot();

    expect((await connectInstallation(options, HQ, SECOND_CONNECTION))._unsafeUnwrapErr()).toBe(LOST);
    expect(store.snapshot()).toEqual(before);
  });

  test("hands on the fault of a storage, and names that of one that throws", async () => {
    const loading = createGhec({ broken: { loadRegistration: () => errAsync(FULL) } });
    const committing = createGhec({ broken: { commitRegistration: () => errAsync(FULL) } });
    const throwing = createGhec({ broken: { loadRegistration: boom } });

    expect((await connectInstallation(loading.options, HQ, null))._unsafeUnwrapErr()).toBe(FULL);
    expect((await connectInstallation(committing.options, HQ, null))._unsafeUnwrapErr()).toBe(FULL);
    expect((await connectInstallation(throwing.options, HQ, null))._unsafeUnwrapErr()).toMatchObject(THREW);
  });
});

describe("disconnecting an installation", () => {
  const UNKNOWN = {
    type: "unknown-installation",
    message: "This installation was never registered: check its id.",
  };

  test("hides everything at once, without asking, and writes it down (R10)", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const linkId = await cloud.open();
    await cloud.say({ type: "deliver", sessionId, records: [report(linkId)] });

    const registration = (await disconnectInstallation(cloud.options, HQ, null))._unsafeUnwrap();

    expect(registration).toMatchObject({
      isConnected: false,
      featureSwitch: { epoch: 2, status: "off" },
      disabledAt: NOON,
    });
    expect((await cloud.receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
    expect((await cloud.ledger.entriesSince(NOON))._unsafeUnwrap()).toEqual([
      { type: "installation-disconnected", installation: HQ, connectionId: null, at: NOON },
    ]);
  });

  test("again changes nothing", async () => {
    const cloud = createGhec();
    await cloud.startSending();
    const registration = (await disconnectInstallation(cloud.options, HQ, null))._unsafeUnwrap();
    const before = cloud.store.snapshot();
    cloud.clock.advance(60_000);

    expect((await disconnectInstallation(cloud.options, HQ, null))._unsafeUnwrap()).toEqual(registration);
    expect(cloud.store.snapshot()).toEqual(before);
  });

  test("by a connection's id ends that one, and leaves one that was made meanwhile as it is", async () => {
    const { options, store, ledger } = createGhec();
    (await connectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap();
    const second = (await connectInstallation(options, HQ, SECOND_CONNECTION))._unsafeUnwrap();
    const before = store.snapshot();

    const late = (await disconnectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap();
    expect(late).toEqual(second);
    expect(store.snapshot()).toEqual(before);

    const ended = (await disconnectInstallation(options, HQ, SECOND_CONNECTION))._unsafeUnwrap();
    expect(ended.isConnected).toBe(false);
    const written = (await ledger.entriesSince(NOON))._unsafeUnwrap();
    expect(written.map((entry) => "connectionId" in entry && entry.connectionId)).toEqual([
      FIRST_CONNECTION,
      FIRST_CONNECTION,
      SECOND_CONNECTION,
    ]);
  });

  test("of one that was never registered is refused, and nothing is written down", async () => {
    const { options, ledger } = createGhec();

    expect((await disconnectInstallation(options, HQ, null))._unsafeUnwrapErr()).toEqual(UNKNOWN);
    expect((await ledger.entriesSince(NOON))._unsafeUnwrap()).toEqual([]);
  });

  test("of one that vanishes in between is refused", async () => {
    const registered = createGhec();
    await registered.startSending();
    let loads = 0;
    const { options } = createGhec({
      broken: {
        loadRegistration: (installation) =>
          loads++ === 0 ? registered.store.loadRegistration(installation) : okAsync(null),
      },
    });

    expect((await disconnectInstallation(options, HQ, null))._unsafeUnwrapErr()).toEqual(UNKNOWN);
    expect(loads).toBe(2);
  });

  test("changes nothing where the ledger fails", async () => {
    const cloud = createGhec({ brokenLedger: { append: () => errAsync(LOST) } });
    await cloud.startSending();
    const before = cloud.store.snapshot();

    expect((await disconnectInstallation(cloud.options, HQ, null))._unsafeUnwrapErr()).toBe(LOST);
    expect(cloud.store.snapshot()).toEqual(before);
  });

  test("hands on the fault of a storage", async () => {
    const store = createMemoryReceiverStore();
    await createGhec({ store }).startSending();
    const loading = createGhec({ broken: { loadRegistration: () => errAsync(FULL) } });
    const committing = createGhec({ store, broken: { commitRegistration: () => errAsync(FULL) } });

    expect((await disconnectInstallation(loading.options, HQ, null))._unsafeUnwrapErr()).toBe(FULL);
    expect((await disconnectInstallation(committing.options, HQ, null))._unsafeUnwrapErr()).toBe(FULL);
  });
});

describe("killing an account's links", () => {
  async function linked() {
    const cloud = createGhec();
    await cloud.startSending(HQ);
    await cloud.startSending(LAB);
    return {
      ...cloud,
      links: {
        hq: await cloud.open(OCTO_ACCOUNT, HQ),
        lab: await cloud.open(OCTO_ACCOUNT, LAB),
        mona: await cloud.open(MONA_ACCOUNT, HQ),
      },
    };
  }

  test("of one that was deleted ends all of them, and writes it down first", async () => {
    const { options, links, ledger, store } = await linked();

    const killed = await deleteLinks(options, { type: "account-deleted", account: OCTO_ACCOUNT, at: NOON });

    expect(killed._unsafeUnwrap()).toEqual([
      { status: "deleted", linkId: links.hq, installation: HQ, receipt: NOTHING_KEPT },
      { status: "deleted", linkId: links.lab, installation: LAB, receipt: NOTHING_KEPT },
    ]);
    expect(store.snapshot().links.map(({ status }) => status)).toEqual(["deleted", "deleted", "live"]);
    expect((await ledger.entriesSince(NOON))._unsafeUnwrap()).toEqual([
      { type: "account-deleted", account: OCTO_ACCOUNT, at: NOON },
    ]);
  });

  test("on one installation ends that one alone, and writes it down first", async () => {
    const { options, links, ledger, store } = await linked();
    const exit = {
      type: "authorization-revoked",
      account: OCTO_ACCOUNT,
      installation: LAB,
      at: NOON,
    } as const;

    const killed = await deleteLinks(options, exit);

    expect(killed._unsafeUnwrap()).toEqual([
      { status: "deleted", linkId: links.lab, installation: LAB, receipt: NOTHING_KEPT },
    ]);
    expect(store.snapshot().links.map(({ status }) => status)).toEqual(["live", "deleted", "live"]);
    expect((await ledger.entriesSince(NOON))._unsafeUnwrap()).toEqual([exit]);
  });

  test.each([
    ["fails", () => errAsync(LOST), LOST],
    ["throws", boom, THREW],
  ])("changes nothing where the ledger %s", async (_, append, fault) => {
    const { options, store } = await linked();
    const before = store.snapshot();
    const broken = { ...options, ledger: { ...options.ledger, append } };

    const killed = await deleteLinks(broken, { type: "account-deleted", account: OCTO_ACCOUNT, at: NOON });

    expect(killed._unsafeUnwrapErr()).toMatchObject(fault);
    expect(store.snapshot()).toEqual(before);
  });

  test.each([
    ["hands on the fault of a storage", () => errAsync(FULL), FULL],
    ["names the fault of a storage that throws", boom, THREW],
  ])("%s", async (_, broken, fault) => {
    const { options } = createGhec({ broken: { deleteLinks: broken } });

    const killed = await deleteLinks(options, { type: "account-deleted", account: OCTO_ACCOUNT, at: NOON });

    expect(killed._unsafeUnwrapErr()).toMatchObject(fault);
  });
});

describe("recovering from a backup (R11)", () => {
  const BACKUP_AT = instant("2026-03-01T12:30:00Z");

  /** A cloud with links of both accounts on both servers, and its store as it was half an hour later. */
  async function backedUp() {
    const cloud = createGhec();
    const sessionId = await cloud.startSending(HQ);
    const lab = await cloud.startSending(LAB);
    const links = {
      octo: await cloud.open(OCTO_ACCOUNT, HQ),
      octoLab: await cloud.open(OCTO_ACCOUNT, LAB),
      mona: await cloud.open(MONA_ACCOUNT, HQ),
    };
    await cloud.say({
      type: "deliver",
      sessionId,
      records: [report(links.octo), report(links.mona)],
    });
    await cloud.say({ type: "deliver", sessionId: lab, records: [report(links.octoLab)] }, LAB);
    cloud.clock.set(BACKUP_AT);
    return { ...cloud, links, sessionId, backup: cloud.store.snapshot() };
  }

  test("drops every count, voids every session and replays every deletion born since", async () => {
    const { backup, clock, receiver, ledger, links, sessionId } = await backedUp();
    (await receiver.revokeAuthorization(LAB, OCTO_ACCOUNT))._unsafeUnwrap();
    clock.advance(60_000);
    (await receiver.deleteAccount(MONA_ACCOUNT))._unsafeUnwrap();
    const store = createMemoryReceiverStore(backup);
    const restored = createGhec({ store, ledger });

    const result = await recover(restored.options, BACKUP_AT);

    expect(result._unsafeUnwrap()).toEqual({ installations: 2, links: 3 });
    const after = store.snapshot();
    expect(after.links).toEqual([
      expect.objectContaining({
        status: "live",
        linkId: links.octo,
        report: expect.objectContaining({ window: null }),
      }),
      {
        status: "deleted",
        linkId: links.octoLab,
        installation: LAB,
        receipt: { deletedAt: BACKUP_AT, removed: null },
      },
      {
        status: "deleted",
        linkId: links.mona,
        installation: HQ,
        receipt: { deletedAt: BACKUP_AT + 60_000, removed: null },
      },
    ]);
    expect(after.registrations.map(({ value: registration }) => registration.session.attachedBy)).toEqual([
      null,
      null,
    ]);
    expect(await restored.say({ type: "deliver", sessionId, records: [report(links.octo)] })).toMatchObject({
      type: "detached",
      current: { isVacant: true },
      outcomes: [{ type: "not-applied" }],
    });
  });

  test("replays a disconnection, also of an installation that the backup does not know", async () => {
    const { backup, receiver, ledger, startSending } = await backedUp();
    const later = "later" as typeof HQ;
    await startSending(later);
    (await receiver.disconnectInstallation(later))._unsafeUnwrap();
    (await receiver.disconnectInstallation(HQ))._unsafeUnwrap();
    const store = createMemoryReceiverStore(backup);
    const restored = createGhec({ store, ledger });

    expect((await recover(restored.options, BACKUP_AT)).isOk()).toBe(true);

    expect(store.snapshot().registrations.map(({ value: registration }) => registration)).toMatchObject([
      {
        installation: HQ,
        isConnected: false,
        featureSwitch: { epoch: 2, status: "off" },
        disabledAt: BACKUP_AT,
      },
      { installation: LAB, isConnected: true, featureSwitch: { epoch: 1, status: "on" } },
    ]);
  });

  test("replays what the servers asked for: withdrawals of their own links, and an epoch's end", async () => {
    const { backup, say, ledger, links, sessionId } = await backedUp();
    await say({
      type: "deliver",
      sessionId,
      records: [report(links.octo), withdraw(links.mona), withdraw(links.octoLab)],
    });
    await say({ type: "disable", epoch: 1 }, LAB);
    const store = createMemoryReceiverStore(backup);
    const restored = createGhec({ store, ledger });

    expect((await recover(restored.options, BACKUP_AT)).isOk()).toBe(true);

    const after = store.snapshot();
    expect(after.links.map(({ linkId, status }) => [linkId, status])).toEqual([
      [links.octo, "live"],
      [links.octoLab, "live"],
      [links.mona, "deleted"],
    ]);
    expect(after.registrations.map(({ value: registration }) => registration)).toMatchObject([
      { installation: HQ, featureSwitch: { epoch: 1, status: "on" }, disabledAt: null },
      { installation: LAB, featureSwitch: { epoch: 1, status: "off" }, disabledAt: BACKUP_AT },
    ]);
  });

  test("replays an epoch's end only where the backup knows the installation", async () => {
    const ledger = createMemoryLedger();
    (
      await ledger.append({ type: "installation-disabled", installation: HQ, epoch: 1, at: NOON })
    )._unsafeUnwrap();
    const { options, store } = createGhec({ ledger });

    expect((await recover(options, NOON))._unsafeUnwrap()).toEqual({ installations: 0, links: 0 });
    expect(store.snapshot().registrations).toEqual([]);
  });

  test("asks the storage to end exactly what the ledger names", async () => {
    const { links, ledger, receiver, say, sessionId } = await backedUp();
    await say({ type: "deliver", sessionId, records: [withdraw(links.mona)] });
    (await receiver.revokeAuthorization(LAB, OCTO_ACCOUNT))._unsafeUnwrap();
    (await receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
    const asked: unknown[] = [];
    const { options } = createGhec({
      ledger,
      broken: {
        deleteLinks: (selection, at) => {
          asked.push([selection, at]);
          return okAsync([]);
        },
      },
    });

    expect((await recover(options, BACKUP_AT)).isOk()).toBe(true);

    expect(asked).toEqual([
      [{ type: "links", linkIds: [links.mona], installation: HQ }, BACKUP_AT],
      [{ type: "account-on-installation", account: OCTO_ACCOUNT, installation: LAB }, BACKUP_AT],
      [{ type: "account", account: OCTO_ACCOUNT }, BACKUP_AT],
    ]);
  });

  test.each([
    ["what began in the hour before the backup and may have ended after it", 3_600_000, "deleted"],
    ["nothing from before that hour", 3_600_001, "live"],
  ])("replays %s", async (_, since, status) => {
    const { backup, clock, receiver, ledger } = await backedUp();
    (await receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
    const restored = createGhec({ store: createMemoryReceiverStore(backup), ledger });
    clock.advance(since);

    expect((await recover(restored.options, clock.now())).isOk()).toBe(true);

    expect(restored.store.snapshot().links.map((link) => link.status)).toEqual([status, status, "live"]);
  });

  test.each([
    ["a restore", { broken: { recover: () => errAsync(FULL) } }, FULL],
    ["a restore that throws", { broken: { recover: boom } }, THREW],
    ["a replayed deletion", { broken: { deleteLinks: () => errAsync(FULL) } }, FULL],
    ["a replayed withdrawal", { broken: { deleteLinks: boom } }, THREW],
    ["a replayed disconnection", { broken: { commitRegistration: () => errAsync(FULL) } }, FULL],
    ["the ledger", { brokenLedger: { entriesSince: () => errAsync(LOST) } }, LOST],
    ["a ledger that throws", { brokenLedger: { entriesSince: boom } }, THREW],
  ])("hands on the fault of %s", async (_, parts, fault) => {
    const { backup, receiver, ledger, say, sessionId, links } = await backedUp();
    await say({ type: "deliver", sessionId, records: [withdraw(links.mona)] });
    (await receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
    (await receiver.disconnectInstallation(HQ))._unsafeUnwrap();
    const restored = createGhec({ store: createMemoryReceiverStore(backup), ledger, ...parts });

    expect((await recover(restored.options, BACKUP_AT))._unsafeUnwrapErr()).toMatchObject(fault);
  });

  test("stops at the first deletion that fails, so that it is done again", async () => {
    const ledger = createMemoryLedger();
    (await ledger.append({ type: "account-deleted", account: OCTO_ACCOUNT, at: NOON }))._unsafeUnwrap();
    (await ledger.append({ type: "account-deleted", account: MONA_ACCOUNT, at: NOON }))._unsafeUnwrap();
    const asked: unknown[] = [];
    const { options } = createGhec({
      ledger,
      broken: {
        deleteLinks: (selection) => {
          asked.push(selection);
          return errAsync(FULL);
        },
      },
    });

    expect((await recover(options, NOON))._unsafeUnwrapErr()).toBe(FULL);
    expect(asked).toEqual([{ type: "account", account: OCTO_ACCOUNT }]);
  });
});
