import { errAsync, okAsync } from "neverthrow";
import type { StorageFault } from "unified-contributions";
import { createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { describe, expect, test } from "vitest";
import { connectInstallation, disconnectInstallation } from "../../../src/ghec/connections.ts";
import { createGhec, report } from "../../support/ghec-cloud.ts";
import {
  entryId,
  FIRST_CONNECTION,
  HQ,
  instant,
  OCTO_ACCOUNT,
  SECOND_CONNECTION,
} from "../../support/values.ts";

const NOON = instant("2026-03-01T12:00:00Z");
const FULL: StorageFault = { type: "storage-fault", reason: "read-only", message: "The disk is full." };
const LOST: StorageFault = { type: "storage-fault", reason: "unavailable", message: "The ledger is lost." };
const THREW = { type: "storage-fault", reason: "outcome-unknown" };

function boom(): never {
  throw new Error("secret");
}

describe("connecting an installation", () => {
  test("registers it, and is no deletion", async () => {
    const { options, store, recorded } = createGhec();

    const registration = (await connectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap();

    expect(registration).toMatchObject({
      installation: HQ,
      connectionId: FIRST_CONNECTION,
      isConnected: true,
    });
    expect(store.snapshot().registrations).toMatchObject([{ value: registration }]);
    expect(await recorded()).toEqual([]);
  });

  test("again changes nothing", async () => {
    const { options, store, recorded } = createGhec();
    const registration = (await connectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap();
    const before = store.snapshot();

    expect((await connectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap()).toEqual(registration);
    expect((await connectInstallation(options, HQ, null))._unsafeUnwrap()).toEqual(registration);
    expect(store.snapshot()).toEqual(before);
    expect(await recorded()).toEqual([]);
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
    expect(await cloud.recorded()).toEqual([
      { type: "epochs-off", installation: HQ, epoch: 2, disabledAt: NOON },
    ]);
    expect((await cloud.receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
  });

  test("after a disconnection writes no other end down", async () => {
    const { options, recorded } = createGhec();
    (await connectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap();
    (await disconnectInstallation(options, HQ, null))._unsafeUnwrap();

    (await connectInstallation(options, HQ, SECOND_CONNECTION))._unsafeUnwrap();

    expect(await recorded()).toHaveLength(1);
  });

  test("that the store has lost reads what the ledger has of it first", async () => {
    const cloud = createGhec();
    await cloud.startSending();
    await cloud.say({ type: "disable", epoch: 1 });
    const restored = createGhec({ ledger: cloud.ledger });

    const connected = (await connectInstallation(restored.options, HQ, FIRST_CONNECTION))._unsafeUnwrap();

    expect(connected).toMatchObject({
      isConnected: true,
      featureSwitch: { epoch: 1, status: "off" },
      disabledAt: NOON,
      readTo: { position: 1 },
      recordedOff: 1,
    });
  });

  test("by another connection is not answered while the ledger fails, and yet nothing is shown", async () => {
    const cloud = createGhec({ brokenLedger: { append: () => errAsync(LOST) } });
    const sessionId = await cloud.startSending();
    const linkId = await cloud.open();
    await cloud.say({ type: "deliver", sessionId, records: [report(linkId)] });

    for (let attempt = 0; attempt < 3; attempt++) {
      const connected = await connectInstallation(cloud.options, HQ, SECOND_CONNECTION);

      expect(connected._unsafeUnwrapErr()).toBe(LOST);
    }
    expect((await cloud.receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
  });

  test("hands on the fault of a storage, and names that of one that throws", async () => {
    const loading = createGhec({ broken: { loadRegistration: () => errAsync(FULL) } });
    const committing = createGhec({ broken: { commitRegistration: () => errAsync(FULL) } });
    const throwing = createGhec({ broken: { loadRegistration: boom } });
    const unread = createGhec({ brokenLedger: { read: () => errAsync(LOST) } });

    expect((await connectInstallation(loading.options, HQ, null))._unsafeUnwrapErr()).toBe(FULL);
    expect((await connectInstallation(committing.options, HQ, null))._unsafeUnwrapErr()).toBe(FULL);
    expect((await connectInstallation(throwing.options, HQ, null))._unsafeUnwrapErr()).toMatchObject(THREW);
    expect((await connectInstallation(unread.options, HQ, null))._unsafeUnwrapErr()).toBe(LOST);
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
      recordedOff: 2,
    });
    expect((await cloud.receiver.shownCounts(OCTO_ACCOUNT))._unsafeUnwrap()).toEqual([]);
    expect(await cloud.recorded()).toEqual([
      { type: "epochs-off", installation: HQ, epoch: 2, disabledAt: NOON },
    ]);
  });

  test("again changes nothing, here or in the ledger", async () => {
    const cloud = createGhec();
    await cloud.startSending();
    const registration = (await disconnectInstallation(cloud.options, HQ, null))._unsafeUnwrap();
    cloud.clock.advance(60_000);

    const again = (await disconnectInstallation(cloud.options, HQ, null))._unsafeUnwrap();
    const before = cloud.store.snapshot();
    const third = (await disconnectInstallation(cloud.options, HQ, null))._unsafeUnwrap();

    expect(again).toEqual(third);
    expect(again).toMatchObject({ featureSwitch: registration.featureSwitch, disabledAt: NOON });
    expect(cloud.store.snapshot()).toEqual(before);
    expect(await cloud.recorded()).toHaveLength(1);
  });

  test("by a connection's id ends that one, and leaves one that was made meanwhile as it is", async () => {
    const { options, store, recorded } = createGhec();
    (await connectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap();
    (await connectInstallation(options, HQ, SECOND_CONNECTION))._unsafeUnwrap();
    const before = store.snapshot();

    const late = (await disconnectInstallation(options, HQ, FIRST_CONNECTION))._unsafeUnwrap();
    expect(late).toEqual(before.registrations[0]?.value);
    expect(store.snapshot()).toEqual(before);

    const ended = (await disconnectInstallation(options, HQ, SECOND_CONNECTION))._unsafeUnwrap();
    expect(ended.isConnected).toBe(false);
    expect(await recorded()).toMatchObject([{ epoch: 1 }, { epoch: 2 }]);
  });

  test("of one that was never registered is refused, and nothing is written down", async () => {
    const { options, store, recorded } = createGhec();

    expect((await disconnectInstallation(options, HQ, null))._unsafeUnwrapErr()).toEqual(UNKNOWN);
    expect(store.snapshot().registrations).toEqual([]);
    expect(await recorded()).toEqual([]);
  });

  test("of one whose connecting the store has lost, and whose ends the ledger has, is no refusal", async () => {
    const cloud = createGhec();
    await cloud.startSending();
    (await disconnectInstallation(cloud.options, HQ, null))._unsafeUnwrap();
    const restored = createGhec({ ledger: cloud.ledger });

    expect((await disconnectInstallation(restored.options, HQ, null))._unsafeUnwrap()).toMatchObject({
      isConnected: false,
      featureSwitch: { epoch: 2, status: "off" },
    });
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
  });

  test("is not answered before the ledger has it, nor when it is repeated", async () => {
    let isDown = true;
    const cloud = createGhec();
    const broken = {
      ...cloud.options,
      ledger: {
        ...cloud.ledger,
        append: (...entry: Parameters<typeof cloud.ledger.append>) =>
          isDown ? errAsync(LOST) : cloud.ledger.append(...entry),
      },
    };
    await cloud.startSending();

    const attempts = [
      await disconnectInstallation(broken, HQ, null),
      await disconnectInstallation(broken, HQ, null),
    ];
    const shownOff = cloud.store.snapshot().registrations[0]?.value;
    isDown = false;
    const last = await disconnectInstallation(broken, HQ, null);

    expect(attempts.map((attempt) => attempt._unsafeUnwrapErr())).toEqual([LOST, LOST]);
    expect(shownOff).toMatchObject({ isConnected: false, recordedOff: 0 });
    expect(last._unsafeUnwrap()).toMatchObject({ isConnected: false, disabledAt: NOON, recordedOff: 2 });
    expect(await cloud.recorded()).toHaveLength(1);
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

test("an id of an entry is of the host's random, and no other has it", async () => {
  const cloud = createGhec();
  await cloud.startSending();
  (await disconnectInstallation(cloud.options, HQ, null))._unsafeUnwrap();

  const [entry] = (await cloud.ledger.read({ installation: HQ, from: 1, limit: 1 }))._unsafeUnwrap();

  expect(entry?.place).toEqual({ position: 1, entryId: expect.stringMatching(/^minted-/) });
  expect(entry?.place.entryId).not.toBe(entryId(1));
});
