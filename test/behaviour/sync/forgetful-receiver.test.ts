import { describe, expect, it } from "vitest";
import { garbled, type Mishap } from "../../support/ghes-interventions.ts";
import { type createGhesWorld, createSendingWorld, SERVER } from "../../support/ghes-world.ts";
import { MONA, NOW, OCTO, sessionId } from "../../support/values.ts";

type GhesWorld = ReturnType<typeof createGhesWorld>;

/** The answer says that the session of this name stands, which no server has taken from this one. */
function standing(id: string): Mishap {
  return garbled((answer) => {
    const { version, requestId, featureSwitch } = answer as Record<string, unknown>;
    const current = { id, isVacant: false };
    const outcomes = [{ type: "not-applied" }];
    return { version, type: "detached", requestId, featureSwitch, current, outcomes };
  });
}

/** The answer says that this epoch is the last, and off. */
function knowing(epoch: number): Mishap {
  return garbled((answer) => ({ ...answer, featureSwitch: { epoch, status: "off" } }));
}

const tooFar: Mishap = garbled((answer) => ({
  version: 1,
  type: "rejected",
  requestId: (answer as { readonly requestId: string }).requestId,
  reason: "epoch-too-far",
  supported: { first: 1, last: 1 },
}));

/** The server has lost its session. */
async function detach(world: GhesWorld): Promise<void> {
  const { value: server, version } = (await world.memory.loadServer())._unsafeUnwrap();
  const session = { status: "detached", replaces: null, requestId: null } as const;
  const commit = { expectedVersion: version, server: { ...server, session }, audit: null };
  (await world.memory.commitServer({ ...commit, reported: [], withdrawn: [] }))._unsafeUnwrap();
}

/** What is said in one sync. */
async function said(world: GhesWorld): Promise<readonly string[]> {
  world.wire.sent.length = 0;
  await world.sync();
  return world.said();
}

describe("a receiver that forgot an attach", () => {
  /** The server is in its third session, and the receiver goes back to the one before. */
  async function createForgetting(): Promise<GhesWorld> {
    const world = await createSendingWorld();
    const lose = world.keepCloud();
    world.vacate();
    await world.sync();
    lose();
    return world;
  }

  it("is attached to again in place of its session, without asking an operator", async () => {
    const world = await createForgetting();

    expect(await said(world)).toEqual(["complete", "attach", "deliver: report link-octo", "complete"]);
    expect((await world.sender.status())._unsafeUnwrap().isContested).toBe(false);
    expect(await world.shown()).toBe(3);
  });

  it("is attached to again after GitHub Connect was off and on here", async () => {
    const world = await createSendingWorld();
    await world.disconnectServer();
    await world.connectServer();
    await world.enable();

    // The cloud never heard of it: the session that stands is the one of before.
    expect(await said(world)).toEqual(["attach", "attach", "disable 1", "enable after 1", "complete"]);
    expect((await world.sender.status())._unsafeUnwrap()).toMatchObject({
      isContested: false,
      settings: { status: "enabled", epoch: 2 },
    });
  });

  it("is contested if its session was never this server's", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.wire.on("deliver", standing(sessionId("never-held")));

    expect(await said(world)).toEqual(["deliver: report link-octo"]);
    expect((await world.sender.status())._unsafeUnwrap().isContested).toBe(true);
  });

  it("is attached to again if it forgot that the operator took over", async () => {
    const world = await createSendingWorld();
    const { session, featureSwitch } = await world.server();
    const replaces = session.status === "attached" ? session.sessionId : null;
    const envelope = { version: 1, requestId: "attach-of-the-copy" } as const;
    const attach = { ...envelope, type: "attach", replaces, featureSwitch };
    expect((await world.receiver.handle(SERVER, attach)).isOk()).toBe(true);
    await world.sync();
    expect((await world.sender.status())._unsafeUnwrap().isContested).toBe(true);
    const lose = world.keepCloud();
    (await world.sender.takeOver())._unsafeUnwrap();
    await world.sync();
    lose();

    expect(await said(world)).toEqual(["complete", "attach", "deliver: report link-octo", "complete"]);
    expect((await world.sender.status())._unsafeUnwrap().isContested).toBe(false);
  });
});

describe("a receiver that forgot an enabling", () => {
  /** The feature was turned off and on again in one session, and the receiver goes back to before. */
  async function createForgetting(): Promise<GhesWorld> {
    const world = await createSendingWorld();
    await world.disable();
    await world.sync();
    const lose = world.keepCloud();
    await world.enable();
    await world.sync();
    lose();
    return world;
  }

  it("is told of it by a new session in place of the server's own", async () => {
    const world = await createForgetting();

    await world.sync();

    expect((await world.receiver.connectInstallation(SERVER))._unsafeUnwrap().featureSwitch).toEqual({
      epoch: 2,
      status: "on",
    });
    expect(await world.server()).toMatchObject({
      settings: { status: "enabled", epoch: 2 },
      featureSwitch: { epoch: 2, status: "on" },
    });
    await world.startSending(MONA);
    await world.sync();
    expect(await world.shown(MONA)).toBe(0);
  });

  it("is told after the first answer that shows it, of a report or of `complete`", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", knowing(0));
    expect(await said(world)).toEqual(["complete", "attach", "deliver: report link-octo", "complete"]);

    await world.contribute(OCTO, 4);
    world.wire.on("deliver", knowing(0));
    expect(await said(world)).toEqual([
      "deliver: report link-octo",
      "attach",
      "deliver: report link-octo",
      "complete",
    ]);
  });

  it("is told after the answer to a withdrawal, too", async () => {
    const world = await createSendingWorld();
    await world.startSending(MONA);
    await world.optOut();
    world.wire.on("deliver", knowing(0));

    expect(await said(world)).toEqual([
      "deliver: withdraw link-octo",
      "attach",
      "deliver: report link-mona",
      "complete",
    ]);
  });

  it("is ignored by a server that hears of an earlier epoch outside of its own session", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const elsewhere: Mishap = (proceed, message) =>
      knowing(0)(() => standing(sessionId("never-held"))(proceed, message), message);
    world.wire.on("deliver", elsewhere);

    expect(await said(world)).toEqual(["deliver: report link-octo"]);
    expect(await world.server()).toMatchObject({
      session: { status: "contested" },
      settings: { status: "enabled", epoch: 1 },
      featureSwitch: { epoch: 1, status: "on" },
    });
  });
});

describe("a receiver that is several epochs behind", () => {
  it("is told of the off once per answer that shows it, and not for ever", async () => {
    const world = await createSendingWorld();
    await world.disable();
    world.wire.on("disable", knowing(0));

    expect(await said(world)).toEqual(["disable 1"]);
    expect((await world.server()).disabling).toMatchObject({ receipt: { epoch: 1 } });
  });

  it("is told of the off if an attach names an epoch that is too far ahead", async () => {
    const world = await createSendingWorld();
    await world.disable();
    await world.sync();
    await world.enable();
    world.vacate();
    world.wire.on("attach", tooFar);
    await detach(world);

    const rejected = await world.sync();

    expect(rejected).toMatchObject({ outcome: "failed", fault: { reason: "epoch-too-far" } });
    expect((await world.server()).disabling).toEqual({ epoch: 1, requestedAt: NOW, receipt: null });
    expect((await said(world)).slice(0, 2)).toEqual(["disable 1", "attach"]);
  });

  it("changes no user's state if an attach names an epoch that is on, which the owner has to decide", async () => {
    const world = await createSendingWorld();
    await detach(world);
    const before = await world.server();
    world.wire.on("attach", tooFar);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "failed", fault: { type: "rejected", reason: "epoch-too-far" } });
    expect(await world.server()).toMatchObject({
      settings: before.settings,
      disabling: null,
      featureSwitch: { epoch: 1, status: "on" },
    });
    expect((await world.record()).link.status).toBe("sending");
  });
});
