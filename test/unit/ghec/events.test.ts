import { errAsync } from "neverthrow";
import type { AccountId, StorageFault } from "unified-contributions";
import { createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { createReceiver, type ReceiverEvent } from "unified-contributions/ghec";
import { describe, expect, it } from "vitest";
import { createGhec, report, withdraw } from "../../support/ghec-cloud.ts";
import { HQ, OCTO_ACCOUNT, requestId } from "../../support/values.ts";

const AWAY: StorageFault = { type: "storage-fault", reason: "unavailable", message: "The storage is away." };

type Cloud = ReturnType<typeof createGhec>;

/** A second receiver over the same parts, which has looked at the ledger, and what it tells from then on. */
async function listening(cloud: Cloud, parts: Partial<Cloud["options"]> = {}) {
  const told: ReceiverEvent[] = [];
  const receiver = createReceiver({ ...cloud.options, ...parts, onEvent: (event) => told.push(event) });
  (await receiver.deleteAccount("nobody" as AccountId))._unsafeUnwrap();
  told.length = 0;
  return { told, receiver };
}

const enable = { version: 1, requestId: requestId(7), type: "enable", after: 0 };

describe("a receiver tells of a message", () => {
  it("that was answered, with what became of its records", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const linkId = await cloud.open();
    const { told, receiver } = await listening(cloud);
    const follows = [requestId(2)];
    const records = [report(linkId), report(linkId), report("link-of-nobody__"), { type: "else" }];
    const message = { version: 1, requestId: requestId(7), type: "deliver", sessionId, follows, records };

    (await receiver.handle(HQ, message))._unsafeUnwrap();

    expect(told).toEqual([
      {
        ...{ type: "message-answered", installation: HQ, requestId: requestId(7), durationMs: 0 },
        ...{ answer: "delivered", reason: null, outcomes: { kept: 1, unknown: 1, refused: 2 } },
        refusals: { "duplicate-link": 1, "unknown-type": 1 },
      },
    ]);
  });

  it("that was not understood, and repeats nothing of it", async () => {
    const { told, receiver } = await listening(createGhec());

    (await receiver.handle(HQ, { ...enable, requestId: "of_an_unknown_message", secret: 1 }))._unsafeUnwrap();

    expect(told).toMatchObject([{ answer: "rejected", reason: "unexpected-key", requestId: null }]);
    expect(JSON.stringify(told)).not.toMatch(/secret|of_an/);
  });

  it("that got no answer because of its storage", async () => {
    const cloud = createGhec();
    const { told, receiver } = await listening(cloud, {
      store: { ...cloud.store, loadRegistration: () => errAsync(AWAY) },
    });

    expect((await receiver.handle(HQ, enable))._unsafeUnwrapErr()).toEqual(AWAY);
    expect(told).toEqual([
      { type: "port-failed", port: "store", method: "loadRegistration", durationMs: 0, fault: AWAY },
      { type: "message-failed", installation: HQ, durationMs: 0, fault: AWAY },
    ]);
  });

  it("of an installation whose id is none, and does not repeat that", async () => {
    const { told, receiver } = await listening(createGhec());

    expect((await receiver.handle("" as never, enable)).isErr()).toBe(true);
    expect(told).toMatchObject([
      { type: "message-failed", installation: null, fault: { type: "invalid-identifier" } },
    ]);
  });
});

describe("a receiver tells of a deletion that the ledger has", () => {
  it("of links, and of an epoch", async () => {
    const cloud = createGhec();
    const sessionId = await cloud.startSending();
    const linkId = await cloud.open();
    await cloud.open("mona" as never);
    const { told, receiver } = await listening(cloud);
    const message = { version: 1, requestId: requestId(7), type: "deliver", sessionId, follows: [] };

    (await receiver.handle(HQ, { ...message, records: [withdraw(linkId)] }))._unsafeUnwrap();
    (await receiver.disconnectInstallation(HQ))._unsafeUnwrap();

    expect(told.filter(({ type }) => type === "deletion-recorded")).toEqual([
      { type: "deletion-recorded", installation: HQ, of: "links", links: 1, durationMs: 0 },
      { type: "deletion-recorded", installation: HQ, of: "epoch", links: 0, durationMs: 0 },
    ]);
  });

  it("and of one that it does not have nothing", async () => {
    const cloud = createGhec();
    await cloud.startSending();
    await cloud.open();
    const { told, receiver } = await listening(cloud, {
      ledger: { ...cloud.ledger, append: () => errAsync(AWAY) },
    });

    expect((await receiver.deleteAccount(OCTO_ACCOUNT)).isErr()).toBe(true);
    expect(told).toMatchObject([{ type: "port-failed", port: "ledger", method: "append" }]);
  });
});

describe("a receiver tells of the ledger", () => {
  it("that nothing was new, and what was", async () => {
    const cloud = createGhec();
    await cloud.startSending();
    await cloud.open();
    const backup = cloud.store.snapshot();
    (await cloud.receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
    const { told, receiver } = await listening(cloud);
    (await receiver.reconcile())._unsafeUnwrap();
    const nothing = { type: "ledger-reconciled", durationMs: 0, entries: 0, recorded: 0, cutOff: 0 };
    expect(told).toEqual([nothing]);

    const restored: ReceiverEvent[] = [];
    const store = createMemoryReceiverStore(backup);
    const onEvent = (event: ReceiverEvent): void => void restored.push(event);
    (await createReceiver({ ...cloud.options, store, onEvent }).reconcile())._unsafeUnwrap();

    expect(restored).toEqual([{ ...nothing, entries: 1 }]);
  });

  it("that it cannot be read, while everything goes on", async () => {
    const cloud = createGhec();
    const told: ReceiverEvent[] = [];
    const ledger = {
      ...cloud.ledger,
      loadDigest: () => {
        throw new Error("secret");
      },
    };
    const receiver = createReceiver({ ...cloud.options, ledger, onEvent: (event) => told.push(event) });

    expect((await receiver.sweep())._unsafeUnwrap()).toMatchObject({ isDone: true });

    expect(told.slice(0, 2)).toMatchObject([
      { type: "port-failed", port: "ledger", method: "loadDigest", cause: new Error("secret") },
      { type: "reconciliation-failed", durationMs: 0, fault: { reason: "outcome-unknown" } },
    ]);
  });

  it("that an installation was cut off from it", async () => {
    const cloud = createGhec();
    await cloud.startSending();
    await cloud.open();
    const backup = cloud.store.snapshot();
    (await cloud.receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
    await cloud.open();
    (await cloud.receiver.deleteAccount(OCTO_ACCOUNT))._unsafeUnwrap();
    (
      await cloud.receiver.pruneLedger(
        (await cloud.store.loadCursors({ after: null, limit: 9 }))._unsafeUnwrap(),
      )
    )._unsafeUnwrap();
    const { told, receiver } = await listening(cloud, { store: createMemoryReceiverStore() });
    expect(told).toEqual([]);

    const restored: ReceiverEvent[] = [];
    const store = createMemoryReceiverStore(backup);
    const onEvent = (event: ReceiverEvent): void => void restored.push(event);
    (await createReceiver({ ...cloud.options, store, onEvent }).reconcile())._unsafeUnwrap();

    expect(restored.filter(({ type }) => type === "installation-cut-off")).toEqual([
      { type: "installation-cut-off", installation: HQ },
    ]);
    expect(restored.at(-1)).toMatchObject({ type: "ledger-reconciled", cutOff: 1 });
    expect((await receiver.reconcile()).isOk()).toBe(true);
  });
});

describe("a receiver tells of a sweep", () => {
  const swept = { type: "swept", durationMs: 0, deleted: 0, trimmed: 0, forgotten: 0, isDone: true };

  async function sweepAfter(
    waitsMs: readonly number[],
  ): Promise<{ at: number; told: readonly ReceiverEvent[] }> {
    const cloud = createGhec();
    const { told, receiver } = await listening(cloud);
    const at = cloud.clock.now();
    for (const waitMs of waitsMs) {
      cloud.clock.advance(waitMs);
      (await receiver.sweep())._unsafeUnwrap();
    }
    return { at, told: told.filter(({ type }) => type !== "ledger-reconciled") };
  }

  it("and what it removed, without a word of doubt in the first hour of a store", async () => {
    const { told } = await sweepAfter([0, 1_000, 3_599_000]);

    expect(told).toEqual([swept, swept, swept]);
  });

  it("whose clock is in doubt, because another sweep told another time", async () => {
    const { at, told } = await sweepAfter([0, 3_600_000, 9 * 86_400_000]);

    const [lastAt, now] = [at + 3_600_000, at + 3_600_000 + 9 * 86_400_000];
    expect(told).toEqual([swept, swept, { type: "sweep-doubted", at: now, lastAt }, swept]);
  });

  it("that contradicts the first sweep of a store", async () => {
    const { at, told } = await sweepAfter([0, 9 * 86_400_000]);

    expect(told).toEqual([swept, { type: "sweep-doubted", at: at + 9 * 86_400_000, lastAt: 0 }, swept]);
  });
});

it("a listener has to be a function", () => {
  const { options } = createGhec();

  expect(() => createReceiver({ ...options, onEvent: 7 as never })).toThrow(
    new TypeError("createReceiver: `onEvent` has to be a function."),
  );
});
