import { okAsync } from "neverthrow";
import { createSender } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { nextHourlySyncAt } from "../../../src/ghes/sync/schedule.ts";
import { answerLost, garbled, lost, meanwhile } from "../../support/ghes-interventions.ts";
import { createGhesWorld, createSendingWorld, SERVER } from "../../support/ghes-world.ts";
import { NOW, OCTO, requestId } from "../../support/values.ts";

const HOURS_ROUND = nextHourlySyncAt(SERVER, NOW);

describe("turning the feature on", () => {
  it("goes on from where a lost answer stopped it", async () => {
    const world = createGhesWorld();
    (await world.receiver.connectInstallation(SERVER))._unsafeUnwrap();
    await world.connectServer();
    await world.enable();
    world.wire.on("attach", answerLost, answerLost);
    world.wire.on("enable", answerLost);

    for (let round = 0; round < 4; round++) await world.sync();

    expect(world.said()).toEqual([
      "attach",
      "attach",
      "attach",
      "attach",
      "enable after 0",
      "enable after 0",
      "complete",
    ]);
    expect((await world.server()).settings).toMatchObject({ status: "enabled", epoch: 1 });
  });

  it("ends the epoch of an earlier enabling first, so that no user sends before reconnecting", async () => {
    const world = await createSendingWorld();
    await world.disable();
    await world.enable();

    await world.sync();

    expect(world.said()).toEqual(["disable 1", "enable after 1", "complete"]);
    expect((await world.sender.sharing(OCTO))._unsafeUnwrap().link).toEqual({
      status: "suspended",
      reason: "unified-contributions-disabled",
    });
    expect(await world.shown()).toBeNull();
  });

  it("is not complete until it is confirmed", async () => {
    const world = createGhesWorld();
    (await world.receiver.connectInstallation(SERVER))._unsafeUnwrap();
    await world.connectServer();
    await world.enable();
    const unmoved = garbled((answer) => ({ ...answer, featureSwitch: { epoch: 0, status: "off" } }));
    world.wire.on("enable", ...Array.from({ length: 100 }, () => unmoved));

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "incomplete", fault: null, isContested: false });
    expect(world.said()).toEqual(["attach", "attach", ...Array.from({ length: 6 }, () => "enable after 0")]);
  });
});

describe("turning the feature off", () => {
  it("is asked for until its receipt has come", async () => {
    const world = await createSendingWorld();
    await world.disable();
    world.wire.on("disable", lost, answerLost);

    const failed = await world.sync();
    await world.sync();
    const report = await world.sync();

    expect(world.said()).toEqual(["disable 1", "disable 1", "disable 1"]);
    expect(failed).toMatchObject({ outcome: "failed", disabling: null });
    expect(report).toMatchObject({ outcome: "completed", disabling: { epoch: 1, disabledAt: NOW } });
    expect((await world.server()).disabling).toEqual({
      epoch: 1,
      requestedAt: NOW,
      receipt: { epoch: 1, disabledAt: NOW },
    });
    expect(await world.shown()).toBeNull();
  });

  it("and on again during the pause between two requests is carried out in the same sync", async () => {
    const world = await createSendingWorld();
    await world.optOut();
    await world.disable();
    const clock = {
      now: world.clock.now,
      wait: async (_: number, __: AbortSignal, isBeside = false): Promise<void> => {
        if (!isBeside && (await world.server()).settings.status === "disabled") await world.enable();
      },
    };

    await world.sync({}, createSender({ ...world.options, clock, pauseMs: 1 }));

    expect(world.said()).toEqual(["disable 1", "deliver: withdraw link-octo", "enable after 1", "complete"]);
  });

  it("on the cloud's side is learned from the next answer, and nothing is reported any more", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const { session } = await world.server();
    const disable = { version: 1, type: "disable", requestId: requestId("cloud"), epoch: 1 } as const;
    world.wire.on("deliver", (proceed) =>
      world.receiver
        .handle(SERVER, disable)
        .mapErr((fault) => fault as never)
        .andThen(proceed),
    );

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", kept: 0, ended: 0, unknown: 0 });
    expect(world.said()).toEqual(["deliver: report link-octo"]);
    expect((await world.server()).settings).toMatchObject({
      status: "disabled",
      disabled: { at: NOW, by: null },
    });
    expect((await world.server()).session).toMatchObject({
      sessionId: session.status === "attached" && session.sessionId,
    });
    expect((await world.record()).link.status).toBe("sending");
    expect((await world.sender.sharing(OCTO))._unsafeUnwrap().link.status).toBe("suspended");
  });

  it("is not the last word if the owner turns it on while the server asks for the switch", async () => {
    const world = await createSendingWorld();
    await world.disable();
    await world.sync();
    world.wire.sent.length = 0;
    world.wire.on(
      "disable",
      meanwhile(() => world.enable()),
    );

    const report = await world.sync();

    expect(world.said()).toEqual(["disable 1", "enable after 1", "complete"]);
    expect(report.outcome).toBe("completed");
  });

  it("is found out by a server that was restored to a time before it was on", async () => {
    const world = await createSendingWorld();
    const { version } = (await world.memory.loadServer())._unsafeUnwrap();
    const server = { ...(await world.server()), featureSwitch: { epoch: 0, status: "off" } as const };
    const restored = {
      ...server,
      settings: {
        status: "disabled",
        connectionOrdinal: 1,
        platform: { type: "github.com" },
        disabled: null,
      } as const,
    };
    const commit = { expectedVersion: version, server: restored, audit: null, reported: [], withdrawn: [] };
    (await world.memory.commitServer(commit))._unsafeUnwrap();

    const report = await world.sync();

    expect(world.said()).toEqual(["disable 0", "disable 1"]);
    expect(report).toMatchObject({ outcome: "completed", disabling: { epoch: 1, disabledAt: NOW } });
    expect(await world.shown()).toBeNull();
  });
});

describe("a sync", () => {
  it("asks for the state of the switch while the feature is off, and completes", async () => {
    const world = await createSendingWorld();
    await world.disable();
    await world.sync();
    world.wire.sent.length = 0;

    const report = await world.sync();

    expect(world.said()).toEqual(["disable 1"]);
    expect(report).toMatchObject({ outcome: "completed", requests: 1, nextSyncAt: HOURS_ROUND });
  });
});

describe("a completion", () => {
  it("is not sent if the owner turned the feature off after the last report", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.wire.on(
      "deliver",
      meanwhile(() => world.disable()),
    );

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-octo", "disable 1"]);
    expect(report).toMatchObject({ outcome: "completed", disabling: { epoch: 1, disabledAt: NOW } });
  });

  it("does not end the sync if the owner turned the feature off while it was on its way", async () => {
    const world = await createSendingWorld();
    world.wire.on(
      "complete",
      meanwhile(() => world.disable()),
    );

    const report = await world.sync();

    expect(world.said()).toEqual(["complete", "disable 1"]);
    expect(report).toMatchObject({ outcome: "completed", disabling: { epoch: 1, disabledAt: NOW } });
  });
});

describe("a sync whose server is disconnected", () => {
  it("before its first request sends nothing, and says why", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.store.on("pendingWithdrawals", (proceed) =>
      okAsync(null)
        .map(() => world.disconnectServer())
        .andThen(proceed),
    );

    const report = await world.sync();

    expect(world.said()).toEqual([]);
    expect(report).toMatchObject({ outcome: "not-connected", requests: 0, nextSyncAt: null });
    expect(await world.server()).toMatchObject({ lease: null, lastSyncAt: null, nextSyncAt: null });
  });
});

describe("disconnecting in mid-round", () => {
  it("ends the sync, plans nothing, and makes a late answer prove nothing", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.wire.on(
      "deliver",
      meanwhile(() => world.disconnectServer()),
    );

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "not-connected", kept: 0, fault: null, nextSyncAt: null });
    expect(await world.server()).toMatchObject({
      settings: { status: "disconnected", connectionOrdinal: 1 },
      lease: null,
      inFlight: null,
      nextSyncAt: null,
      lastSyncAt: null,
    });
    expect((await world.record()).reported).toMatchObject({ type: "kept", changes: 1 });
  });

  it("and connecting again makes the new connection's sync due at once", async () => {
    const world = await createSendingWorld();
    world.wire.on(
      "complete",
      meanwhile(async () => {
        await world.disconnectServer();
        await world.connectServer();
      }),
    );

    const report = await world.sync();

    expect(report.outcome).toBe("busy");
    expect((await world.server()).lease).toBeNull();
    expect((await world.sender.status())._unsafeUnwrap().nextSyncAt).toBe(NOW);
  });
});
