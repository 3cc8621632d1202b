import type { ConnectionId } from "unified-contributions";
import { createMemoryLedger, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { expect, test } from "vitest";
import { createGhec, report } from "../../support/ghec-cloud.ts";
import { HQ, MONA_ACCOUNT, OCTO_ACCOUNT, requestId } from "../../support/values.ts";

const OLD = "connection-1" as ConnectionId;
const NEW = "connection-2" as ConnectionId;

test("an attach that comes again after the store has forgotten it gives the session that its server has", async () => {
  const cloud = createGhec();
  const { session } = (await cloud.receiver.connectInstallation(HQ))._unsafeUnwrap();
  const before = cloud.store.snapshot();
  const attach = {
    type: "attach",
    requestId: requestId(7),
    replaces: session.id,
    featureSwitch: { epoch: 0, status: "off" },
  } as const;
  const first = await cloud.say(attach);

  const { say } = createGhec({ store: createMemoryReceiverStore(before), ledger: cloud.ledger });
  const again = await say(attach);

  expect(again).toEqual(first);
});

test("a connection that the store has forgotten can be told again and ends nothing", async () => {
  const cloud = createGhec();
  (await cloud.receiver.connectInstallation(HQ, OLD))._unsafeUnwrap();
  await cloud.say({ type: "enable", after: 0 });
  const before = cloud.store.snapshot();
  (await cloud.receiver.connectInstallation(HQ, NEW))._unsafeUnwrap();

  const { receiver, say } = createGhec({ store: createMemoryReceiverStore(before), ledger: cloud.ledger });
  await say({ type: "enable", after: 2 });
  const told = (await receiver.connectInstallation(HQ, NEW))._unsafeUnwrap();

  expect(told).toMatchObject({ connectionId: NEW, featureSwitch: { epoch: 3, status: "on" } });
});

test("viewers see nothing of what a ledger names that has lost the entry which the store read last", async () => {
  const cloud = createGhec();
  const sessionId = await cloud.startSending();
  const octo = await cloud.open(OCTO_ACCOUNT);
  const mona = await cloud.open(MONA_ACCOUNT);
  await cloud.say({ type: "deliver", sessionId, records: [report(octo), report(mona)] });
  (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();
  const before = cloud.store.snapshot();
  const shorter = createMemoryLedger(
    (cloud.ledger as ReturnType<typeof createMemoryLedger>).snapshot().slice(0, -1),
  );
  const later = createGhec({ store: cloud.store, ledger: shorter });
  (await later.receiver.revokeAuthorization(HQ, MONA_ACCOUNT))._unsafeUnwrap();
  (await later.receiver.reconcile())._unsafeUnwrap();

  const { receiver } = createGhec({ store: createMemoryReceiverStore(before), ledger: shorter });
  const shown = (await receiver.shownCounts(MONA_ACCOUNT))._unsafeUnwrap();

  expect(shown).toEqual([]);
});

test("a deletion is not acknowledged whose entry the ledger loses at once for another one", async () => {
  const ledger = createMemoryLedger();
  const cloud = createGhec({
    ledger,
    brokenLedger: {
      append: (entry, entryId) =>
        createMemoryLedger(ledger.snapshot())
          .append(entry, entryId)
          .andThen((lost) => ledger.append(entry, `${entryId}-other`).map(() => lost)),
    },
  });
  await cloud.startSending();
  await cloud.open(OCTO_ACCOUNT);

  const revoked = await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT);

  expect(revoked._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "outcome-unknown" });
});

test("a deletion is acknowledged where another process has written behind it meanwhile", async () => {
  const ledger = createMemoryLedger();
  const brokenLedger = {
    append: (...given: Parameters<typeof ledger.append>) =>
      ledger
        .append(...given)
        .andThen((place) =>
          ledger
            .append({ type: "epochs-off", installation: HQ, epoch: 0, disabledAt: null }, "written-behind-it")
            .map(() => place),
        ),
  };
  const cloud = createGhec({ ledger, brokenLedger });
  await cloud.startSending();
  await cloud.open(OCTO_ACCOUNT);

  const ended = (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrap();

  expect(ended).toHaveLength(1);
});

test("a deletion is not acknowledged where its place in the ledger is empty again", async () => {
  const ledger = createMemoryLedger();
  let isEmpty = false;
  const brokenLedger = {
    append: (...given: Parameters<typeof ledger.append>) =>
      ledger
        .append(...given)
        .andThen((place) =>
          ledger
            .append({ type: "epochs-off", installation: HQ, epoch: 0, disabledAt: null }, "written-behind-it")
            .map(() => place),
        ),
    read: (query: Parameters<typeof ledger.read>[0]) =>
      ledger.read(isEmpty && query.limit === 1 ? { ...query, from: 1_000 } : query),
  };
  const cloud = createGhec({ ledger, brokenLedger });
  await cloud.startSending();
  await cloud.open(OCTO_ACCOUNT);
  isEmpty = true;

  const refused = (await cloud.receiver.revokeAuthorization(HQ, OCTO_ACCOUNT))._unsafeUnwrapErr();

  expect(refused.type).toBe("storage-fault");
});
