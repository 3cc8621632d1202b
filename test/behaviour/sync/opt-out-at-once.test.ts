import { createSender } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { nextHourlySyncAt } from "../../../src/ghes/sync/schedule.ts";
import { failing, lost, meanwhile, pausedFor } from "../../support/ghes-interventions.ts";
import { createSendingWorld, createWorldOf, SERVER } from "../../support/ghes-world.ts";
import { NOW, OCTO, user } from "../../support/values.ts";

const HOURS_ROUND = nextHourlySyncAt(SERVER, NOW);
const ANNA = user("anna");
const BORA = user("bora");

describe("a user who opts out while a sync runs", () => {
  it("is withdrawn before the next page of reports", async () => {
    const world = await createWorldOf(ANNA, BORA);
    const sender = createSender({ ...world.options, batchSize: 1 });
    world.wire.on(
      "deliver",
      meanwhile(() => world.optOut(ANNA)),
    );

    const report = await world.sync({}, sender);

    expect(world.said()).toEqual([
      "deliver: report link-anna",
      "deliver: withdraw link-anna",
      "deliver: report link-bora",
      "complete",
    ]);
    expect(report).toMatchObject({ outcome: "completed", kept: 2, withdrawn: 1 });
  });

  it("is withdrawn before the page that is being read", async () => {
    const world = await createSendingWorld();
    await world.startSending(ANNA);
    world.source.on("read", (proceed) => proceed().map(pausedFor(() => world.optOut())));

    await world.sync();

    expect(world.said()).toEqual(["deliver: withdraw link-octo", "deliver: report link-anna", "complete"]);
  });

  it("is not reported by the page that waits for the pause", async () => {
    const world = await createWorldOf(ANNA, BORA);
    const clock = {
      now: world.clock.now,
      wait: async (forMs: number, signal: AbortSignal, isBeside = false): Promise<void> => {
        if (!isBeside && world.wire.sent.length === 1) await world.optOut(BORA);
        await world.clock.wait(forMs, signal, isBeside);
      },
    };

    await world.sync({}, createSender({ ...world.options, clock, batchSize: 1, pauseMs: 1 }));

    expect(world.said()).toEqual(["deliver: report link-anna", "deliver: withdraw link-bora", "complete"]);
  });

  it("is withdrawn before `complete`, which would be the last request", async () => {
    const world = await createWorldOf(ANNA);
    world.wire.on(
      "deliver",
      meanwhile(() => world.optOut(ANNA)),
    );

    await world.sync();

    expect(world.said()).toEqual(["deliver: report link-anna", "deliver: withdraw link-anna", "complete"]);
  });

  it("costs one look for each page and one before `complete`", async () => {
    const world = await createWorldOf(ANNA, BORA);
    const sender = createSender({ ...world.options, batchSize: 1 });
    world.store.calls.length = 0;

    await world.sync({}, sender);

    expect(world.store.calls.filter((name) => name === "pendingWithdrawals")).toHaveLength(4);
  });

  it("is not withdrawn twice by the same sync if the withdrawal is refused", async () => {
    const world = await createWorldOf(ANNA, BORA);
    await world.optOut(ANNA);
    await world.optOut(BORA);
    const sender = createSender({ ...world.options, batchSize: 1 });
    await world.startSending(OCTO);
    world.wire.on("deliver", (proceed) =>
      proceed().map((answer) => ({
        ...(answer as object),
        outcomes: [{ type: "refused", reason: "malformed-record" }],
      })),
    );

    const report = await world.sync({}, sender);

    expect(world.said()).toEqual([
      "deliver: withdraw link-anna",
      "deliver: withdraw link-bora",
      "deliver: report link-octo",
      "complete",
    ]);
    expect(report.withdrawn).toBe(1);
    expect((await world.sync({ scope: "deletions" }, sender)).withdrawn).toBe(1);
  });
});

describe("a sync of the deletions that meets one that runs", () => {
  it("is carried out by that one before it ends, even after its last request", async () => {
    const world = await createSendingWorld();
    const other = createSender(world.options);
    world.wire.on(
      "complete",
      meanwhile(async () => {
        await world.optOut();
        const busy = await world.sync({ scope: "deletions" }, other);

        expect(busy).toMatchObject({ outcome: "busy", requests: 0, nextSyncAt: NOW + 60_000 });
      }),
    );

    const report = await world.sync();

    expect(world.said()).toEqual(["complete", "deliver: withdraw link-octo"]);
    expect(report).toMatchObject({ outcome: "completed", withdrawn: 1, nextSyncAt: HOURS_ROUND });
    expect(await world.server()).toMatchObject({ lease: null, deletionsAskedBy: null, lastSyncAt: NOW });
  });

  it("is carried out by one that also runs for the deletions, each time it is requested", async () => {
    const world = await createWorldOf(ANNA, BORA);
    await world.sync();
    await world.optOut(ANNA);
    world.wire.sent.length = 0;
    const ask = meanwhile(async () => {
      if ((await world.record(BORA)).link.status === "sending") await world.optOut(BORA);
      await world.sync({ scope: "deletions" });
    });
    world.wire.on("deliver", ask, ask);

    const report = await world.sync({ scope: "deletions" });

    expect(world.said()).toEqual(["deliver: withdraw link-anna", "deliver: withdraw link-bora"]);
    expect(report).toMatchObject({ outcome: "completed", withdrawn: 2 });
    expect((await world.server()).deletionsAskedBy).toBeNull();
  });

  it("also asks for the end of the feature", async () => {
    const world = await createSendingWorld();
    await world.optOut();
    world.wire.on(
      "deliver",
      meanwhile(async () => {
        await world.disable();
        await world.sync({ scope: "deletions" });
      }),
    );

    const report = await world.sync({ scope: "deletions" });

    expect(world.said()).toEqual(["deliver: withdraw link-octo", "disable 1"]);
    expect(report.disabling).toEqual({ epoch: 1, disabledAt: NOW });
  });

  it("makes a sync due at once if that one is cut short", async () => {
    const world = await createSendingWorld();
    world.wire.on(
      "complete",
      meanwhile(async () => {
        await world.optOut();
        await world.sync({ scope: "deletions" });
      }),
    );
    world.wire.on("deliver", failing({ reason: "aborted" }), failing({ reason: "aborted" }));

    const report = await world.sync();
    const next = await world.sync();

    expect([report.outcome, next.outcome]).toEqual(["aborted", "aborted"]);
    expect((await world.sender.status())._unsafeUnwrap().nextSyncAt).toBe(NOW);
    expect((await world.sync()).withdrawn).toBe(1);
    expect((await world.sender.status())._unsafeUnwrap().nextSyncAt).toBe(HOURS_ROUND);
  });

  it("waits for the next attempt if that one gets no answer", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", (_, message) => {
      const asked = world
        .optOut()
        .then(() => world.sync({ scope: "deletions" }))
        .then(() => undefined);
      return world.receiver
        .sweep()
        .map(() => asked)
        .mapErr((fault) => fault as never)
        .andThen(() => lost(() => undefined as never, message));
    });

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "failed", nextSyncAt: NOW + 22_500 });
    expect((await world.server()).deletionsAskedBy).toBeNull();
    world.clock.advance(22_500);
    expect((await world.sync()).withdrawn).toBe(1);
  });

  it("leaves no mark if it is not for the deletions alone", async () => {
    const world = await createSendingWorld();
    world.wire.on(
      "complete",
      meanwhile(async () => {
        await world.sync();

        expect((await world.server()).deletionsAskedBy).toBeNull();
      }),
    );

    await world.sync();

    expect(world.said()).toEqual(["complete"]);
  });
});
