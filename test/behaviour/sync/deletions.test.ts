import { createSender } from "unified-contributions/ghes";
import type { ServerCommit } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import { nextHourlySyncAt } from "../../../src/ghes/sync/schedule.ts";
import {
  answerLost,
  garbled,
  lost,
  meanwhile,
  noting,
  pass,
  storageAway,
} from "../../support/ghes-interventions.ts";
import { createGhesWorld, createSendingWorld, SERVER } from "../../support/ghes-world.ts";
import { MONA, NOW, OCTO, user } from "../../support/values.ts";

const HOURS_ROUND = nextHourlySyncAt(SERVER, NOW);
const USERS = ["anna", "bora", "carl", "dana", "emil"].map(user);
const ANNA = user("anna");

/** Octo opted out, and the withdrawal waits. */
async function createLeavingWorld(): Promise<ReturnType<typeof createGhesWorld>> {
  const world = await createSendingWorld();
  await world.optOut();
  return world;
}

describe("a withdrawal", () => {
  it("is sent until its receipt has come, which is stored with its user", async () => {
    const world = await createLeavingWorld();
    world.wire.on("deliver", lost, answerLost);

    await world.sync({ scope: "deletions" });
    await world.sync({ scope: "deletions" });
    world.clock.advance(60_000);
    const report = await world.sync({ scope: "deletions" });

    expect(world.said()).toEqual([
      "deliver: withdraw link-octo",
      "deliver: withdraw link-octo",
      "deliver: withdraw link-octo",
    ]);
    // The receiver's first receipt: the second request had reached it.
    const receipt = {
      deletedAt: NOW,
      removed: { first: "2025-12-02", last: "2026-03-01" },
    };
    expect(report.receipts).toEqual([{ linkId: "link-octo_______", receipt }]);
    expect((await world.record()).deletion).toEqual({
      linkId: "link-octo_______",
      choice: 1,
      connectionOrdinal: 1,
      requestedAt: NOW,
      receipt,
      notFoundSince: null,
    });
    expect((await world.sync({ scope: "deletions" })).requests).toBe(0);
  });

  it("that is refused waits for the next sync, and is no proof", async () => {
    const world = await createLeavingWorld();
    world.wire.on(
      "deliver",
      garbled((answer) => ({ ...answer, outcomes: [{ type: "refused", reason: "malformed-record" }] })),
    );

    const refused = await world.sync();
    const report = await world.sync();

    expect(refused).toMatchObject({ outcome: "completed", receipts: [], withdrawn: 0 });
    expect(report.withdrawn).toBe(1);
  });

  it("that is rejected with its whole request waits for the next sync", async () => {
    const world = await createLeavingWorld();
    world.wire.on(
      "deliver",
      garbled((answer) => ({
        version: 1,
        type: "rejected",
        requestId: "requestId" in answer ? answer.requestId : null,
        reason: "malformed-message",
        supported: { first: 1, last: 1 },
      })),
    );

    const commits: ServerCommit[] = [];
    world.store.on("commitServer", pass, pass, noting(commits));

    const report = await world.sync();

    expect(commits).toEqual([expect.objectContaining({ reported: [], withdrawn: [] })]);
    expect(report).toMatchObject({ outcome: "failed", receipts: [], requests: 1 });
    expect(report.fault).toMatchObject({ type: "rejected", reason: "malformed-message" });
    expect((await world.record()).deletion?.receipt).toBeNull();
  });

  it("is acknowledged even in a session that is not current any more (R3)", async () => {
    const world = await createLeavingWorld();
    world.vacate();

    const report = await world.sync({ scope: "deletions" });

    expect(report).toMatchObject({ outcome: "completed", withdrawn: 1, isContested: false });
  });

  it("proves nothing as long as its receipt is not stored", async () => {
    const world = await createLeavingWorld();
    // The lease, the request, and then the receipt.
    world.store.on("commitServer", pass, pass, storageAway);

    const report = await world.sync({ scope: "deletions" });

    expect(report).toMatchObject({ outcome: "failed", receipts: [], withdrawn: 0 });
    expect((await world.record()).deletion?.receipt).toBeNull();
    expect((await world.sync({ scope: "deletions" })).withdrawn).toBe(1);
  });
});

describe("many withdrawals", () => {
  it("are split into requests, with a pause between two", async () => {
    const world = createGhesWorld();
    await world.turnOn();
    await world.startSending(...USERS);
    await world.sync();
    for (const one of USERS) await world.optOut(one);
    world.wire.sent.length = 0;
    const sender = createSender({ ...world.options, batchSize: 2, pauseMs: 5_000 });

    const report = await world.sync({ scope: "deletions" }, sender);

    expect(world.said()).toEqual([
      "deliver: withdraw link-anna, withdraw link-bora",
      "deliver: withdraw link-carl, withdraw link-dana",
      "deliver: withdraw link-emil",
    ]);
    expect(report.withdrawn).toBe(5);
    expect(report.endedAt - report.startedAt).toBe(10_000);
  });

  it("keep no caller waiting after the last answer", async () => {
    const world = await createSendingWorld();
    await world.optOut();

    const report = await world.sync(
      { scope: "deletions" },
      createSender({ ...world.options, pauseMs: 5_000 }),
    );

    expect(report).toMatchObject({ outcome: "completed", withdrawn: 1, endedAt: report.startedAt });
  });

  it("stop if the storage cannot list them", async () => {
    const world = await createLeavingWorld();
    world.store.on("pendingWithdrawals", storageAway);

    expect(await world.sync()).toMatchObject({ outcome: "failed", fault: { type: "storage-fault" } });
    expect(world.said()).toEqual([]);
  });

  it("stop when the signal aborts", async () => {
    const world = await createSendingWorld();
    await world.startSending(ANNA);
    await world.optOut(ANNA);
    await world.optOut();
    const abort = new AbortController();
    const sender = createSender({ ...world.options, batchSize: 1 });
    world.wire.on(
      "deliver",
      meanwhile(async () => abort.abort()),
    );

    const report = await world.sync({ signal: abort.signal }, sender);

    expect(report).toMatchObject({ outcome: "aborted", withdrawn: 1 });
    expect(world.said()).toEqual(["deliver: withdraw link-anna"]);
  });

  it("stop if the owner disconnects in between, so that no link id reaches another platform", async () => {
    const world = await createSendingWorld();
    await world.startSending(ANNA);
    await world.optOut(ANNA);
    await world.optOut();
    const sender = createSender({
      ...world.options,
      batchSize: 1,
      pauseMs: 1_000,
      clock: {
        now: world.clock.now,
        wait: async (_, __, isBeside = false) => {
          if (isBeside) return;
          await world.disconnectServer();
          await world.connectServer();
        },
      },
    });

    const report = await world.sync({ scope: "deletions" }, sender);

    expect(world.said()).toEqual(["deliver: withdraw link-anna"]);
    expect(report.withdrawn).toBe(1);
    expect((await world.record()).deletion?.receipt).toBeNull();
    expect((await world.sender.sharing(OCTO))._unsafeUnwrap().deletion).toEqual({
      status: "left-to-cloud",
      requestedAt: NOW,
    });
  });

  it("stop if the owner disconnects in between, and the sync says so", async () => {
    const world = await createSendingWorld();
    await world.startSending(...USERS);
    for (const one of USERS) await world.optOut(one);
    let waits = 0;
    const wait = async (_: number, __: AbortSignal, isBeside = false): Promise<void> => {
      if (isBeside) return;
      waits++;
      await world.disconnectServer();
    };
    const clock = { now: world.clock.now, wait };
    const sender = createSender({ ...world.options, batchSize: 1, pauseMs: 1_000, clock });

    const report = await world.sync({ scope: "deletions" }, sender);

    expect(world.said()).toEqual(["deliver: withdraw link-anna"]);
    expect(report).toMatchObject({ outcome: "not-connected", withdrawn: 1, nextSyncAt: null });
    expect(waits).toBe(1);
  });
});

describe("a sync", () => {
  it("withdraws first, and returns the receipt", async () => {
    const world = await createSendingWorld();
    await world.startSending(MONA);
    await world.optOut();

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: withdraw link-octo", "deliver: report link-mona", "complete"]);
    expect(report.withdrawn).toBe(1);
    expect(report.receipts).toEqual([
      {
        linkId: "link-octo_______",
        receipt: {
          deletedAt: NOW,
          removed: { first: "2025-12-02", last: "2026-03-01" },
        },
      },
    ]);
  });

  it("of the deletions leaves everything else to the hour's sync", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    await world.startSending(MONA);
    await world.optOut(MONA);
    world.clock.advance(60_000);

    const report = await world.sync({ scope: "deletions" });

    expect(world.said()).toEqual(["deliver: withdraw link-mona"]);
    expect(report).toMatchObject({ outcome: "completed", withdrawn: 1, nextSyncAt: HOURS_ROUND });
    expect(await world.server()).toMatchObject({ lastSyncAt: NOW, nextSyncAt: HOURS_ROUND });
  });

  it("of the deletions does not swallow the hour's sync that is due", async () => {
    const world = await createSendingWorld();
    world.clock.set(HOURS_ROUND);

    await world.sync({ scope: "deletions" });

    expect((await world.server()).nextSyncAt).toBe(HOURS_ROUND);
  });

  it("of the deletions asks for the end of the feature, and no more", async () => {
    const world = await createSendingWorld();
    await world.disable();
    await world.enable();

    const report = await world.sync({ scope: "deletions" });

    expect(world.said()).toEqual(["disable 1"]);
    expect(report.disabling).toEqual({ epoch: 1, disabledAt: NOW });
  });
});
