import { errAsync } from "neverthrow";
import { createSender } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { nextHourlySyncAt } from "../../../src/ghes/sync/schedule.ts";
import { failing, lost, meanwhile, throws, UNREACHABLE } from "../../support/ghes-interventions.ts";
import { createGhesWorld, createSendingWorld, SERVER } from "../../support/ghes-world.ts";
import { NOW, OCTO } from "../../support/values.ts";

const HOURS_ROUND = nextHourlySyncAt(SERVER, NOW);

describe("a sync", () => {
  it("attaches and enables at first, and completes", async () => {
    const world = createGhesWorld();
    (await world.receiver.connectInstallation(SERVER))._unsafeUnwrap();
    await world.connectServer();
    await world.enable();

    const report = await world.sync();

    expect(world.said()).toEqual(["attach", "attach", "enable after 0", "complete"]);
    expect(report).toEqual({
      outcome: "completed",
      startedAt: NOW,
      endedAt: NOW,
      requests: 4,
      kept: 0,
      unchanged: 0,
      ended: 0,
      unknown: 0,
      withdrawn: 0,
      notFound: 0,
      receipts: [],
      disabling: null,
      failures: [],
      failed: 0,
      saturatedDays: 0,
      isContested: false,
      fault: null,
      nextSyncAt: HOURS_ROUND,
    });
  });

  it("reports the links that are due, and plans the next hour's sync", async () => {
    const world = createGhesWorld();
    await world.turnOn();
    await world.startSending(OCTO);
    await world.contribute(OCTO, 3);

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-octo", "complete"]);
    expect(report).toMatchObject({ outcome: "completed", requests: 2, kept: 1, nextSyncAt: HOURS_ROUND });
    expect(await world.shown()).toBe(3);
    expect(await world.server()).toMatchObject({
      lease: null,
      inFlight: null,
      lastSyncAt: NOW,
      nextSyncAt: HOURS_ROUND,
      failures: 0,
    });
  });

  it("makes only these calls of the store if nothing is due", async () => {
    const world = await createSendingWorld();
    world.store.calls.length = 0;

    await world.sync();

    expect(world.said()).toEqual(["complete"]);
    expect(world.store.calls).toEqual([
      "loadServer",
      "commitServer",
      "pendingRedemptions",
      "pendingWithdrawals",
      "dueLinks",
      "pendingWithdrawals",
      "commitServer",
      "loadServer",
      "commitServer",
    ]);
  });

  it("says when it began and when it ended", async () => {
    const world = await createSendingWorld();
    world.wire.on(
      "complete",
      meanwhile(async () => world.clock.advance(1_500)),
    );

    const report = await world.sync();

    expect(report.startedAt).toBe(NOW);
    expect(report.endedAt).toBe(NOW + 1_500);
  });

  it("does nothing while GitHub Connect is off", async () => {
    const world = createGhesWorld();

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "not-connected", requests: 0, fault: null, nextSyncAt: null });
    expect(world.said()).toEqual([]);
    expect((await world.memory.loadServer())._unsafeUnwrap().version).toBe(0);
  });
});

describe("a signal", () => {
  it("that aborts before the sync lets nothing leave", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);

    const report = await world.sync({ signal: AbortSignal.abort() });

    expect(report).toMatchObject({ outcome: "aborted", requests: 0, kept: 0 });
    expect(await world.server()).toMatchObject({ failures: 0, lease: null, nextSyncAt: HOURS_ROUND });
  });

  it("ends the sync between two requests", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const abort = new AbortController();
    world.wire.on(
      "deliver",
      meanwhile(async () => abort.abort()),
    );
    const report = await world.sync({ signal: abort.signal });

    expect(report).toMatchObject({ outcome: "aborted", fault: null, kept: 1 });
    expect(world.said()).toEqual(["deliver: report link-octo"]);
    expect((await world.server()).nextSyncAt).toBe(HOURS_ROUND);
  });

  it("ends the sync while the contributions are read, and fails no user", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const abort = new AbortController();
    world.source.on("read", () => {
      abort.abort();
      return errAsync({ type: "source-fault", message: "The source was told to stop." });
    });

    const report = await world.sync({ signal: abort.signal });

    expect(report).toMatchObject({ outcome: "aborted", fault: null, failed: 0, failures: [] });
    expect(world.said()).toEqual([]);
  });

  it("ends the sync if the transport gives up because of it, which does not count as a failure", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", failing({ reason: "aborted" }));

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "aborted", fault: { ...UNREACHABLE, reason: "aborted" } });
    expect((await world.server()).failures).toBe(0);
  });
});

describe("progress", () => {
  it("is told after every answer, and only then", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.wire.on("complete", lost);
    const told: number[] = [];

    await world.sync({ onProgress: ({ requests }) => told.push(requests) });

    expect(told).toEqual([1]);
  });

  it("that throws does not stop the sending", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);

    const report = await world.sync({ onProgress: throws });

    expect(report).toMatchObject({ outcome: "completed", kept: 1, requests: 2 });
  });
});

describe("the pace", () => {
  it("waits between two requests, with the sync's signal", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const { signal } = new AbortController();
    const waits: unknown[] = [];
    const clock = {
      now: world.clock.now,
      wait: async (milliseconds: number, given: AbortSignal, isBeside = false): Promise<void> => {
        if (isBeside) return new Promise((resolve) => given.addEventListener("abort", () => resolve()));
        waits.push([milliseconds, given === signal]);
      },
    };

    await world.sync({ signal }, createSender({ ...world.options, clock, pauseMs: 1 }));

    expect(waits).toEqual([[1, true]]);
  });

  it("without a pause does not wait", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const wait = (_: number, signal: AbortSignal, isBeside = false): Promise<void> =>
      isBeside ? new Promise((resolve) => signal.addEventListener("abort", () => resolve())) : throws();
    const clock = { now: world.clock.now, wait };

    const report = await world.sync({}, createSender({ ...world.options, clock, pauseMs: 0 }));

    expect(report).toMatchObject({ outcome: "completed", kept: 1 });
  });
});
