import { type ConnectionId, ResultAsync } from "unified-contributions";
import { createReceiver } from "unified-contributions/ghec";
import { describe, expect, it } from "vitest";
import {
  type Cloud,
  createCloud,
  createServer,
  OCTO,
  OCTO_CLOUD,
  SERVER,
  type Server,
} from "../../support/journey.ts";
import { HUBOT, HUBOT_CLOUD } from "../../support/proof-life.ts";

async function twoSendingUsers() {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.contribute(HUBOT, "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z");
  await server.connect(OCTO);
  await server.optIn(OCTO, OCTO_CLOUD);
  await server.connect(HUBOT);
  await server.optIn(HUBOT, HUBOT_CLOUD);
  await server.sync();
  return { cloud, server };
}

/** Takes a backup of the cloud's store, and answers what restores it; nothing is said to anybody. */
async function backUp(cloud: ReturnType<typeof createCloud>): Promise<() => void> {
  const backup = await cloud.receiverStore.backUp();
  return () => {
    cloud.receiver = createReceiver({ ...cloud.options, store: backup });
  };
}

async function shownOfBoth(cloud: Cloud) {
  return [await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)];
}

describe("a cloud that was restored from a backup", () => {
  it("shows what it had, and once the servers have reported again what is true now", async () => {
    const { cloud, server } = await twoSendingUsers();
    const restore = await backUp(cloud);
    await server.contribute(OCTO, "2026-03-01T11:00:00Z");
    await server.sync();
    expect(await shownOfBoth(cloud)).toEqual([[2], [2]]);

    restore();
    expect(await shownOfBoth(cloud)).toEqual([[1], [2]]);
    expect(await server.sync()).toMatchObject({ outcome: "completed", isContested: false, kept: 2 });
    expect(await shownOfBoth(cloud)).toEqual([[2], [2]]);
  });

  it("brings nobody back who has opted out since", async () => {
    const { cloud, server } = await twoSendingUsers();
    const restore = await backUp(cloud);
    await server.optOut(OCTO);
    await server.sync();

    restore();
    expect(await shownOfBoth(cloud)).toEqual([[], [2]]);
    await server.sync();
    expect(await shownOfBoth(cloud)).toEqual([[], [2]]);
  });

  it("ends the choice of who has opted out since, so that nothing can bring it back", async () => {
    const { cloud, server } = await twoSendingUsers();
    const restore = await backUp(cloud);
    await server.optOut(OCTO);
    const [receipt] = (await server.sync()).receipts;
    restore();
    await server.sync();

    const { session } = (await server.senderStore.loadServer())._unsafeUnwrap().value as {
      readonly session: { readonly sessionId: string; readonly follows: readonly string[] };
    };
    const { linkId } = receipt ?? {};
    const source = "GitHub Enterprise Server";
    const late = {
      version: 1,
      type: "deliver",
      requestId: "a-late-request-0000",
      sessionId: session.sessionId,
      follows: session.follows,
      records: [{ type: "report", linkId, choice: 1, source, first: "2026-03-01", counts: [7] }],
    };
    const answer = (await cloud.receiver.handle(SERVER, late))._unsafeUnwrap();
    expect(answer).toMatchObject({
      type: "delivered",
      outcomes: [{ type: "ended", choice: 1, receipt: receipt?.receipt }],
    });
  });

  it("brings nobody back whose account was deleted or whose authorization was revoked since", async () => {
    const { cloud, server } = await twoSendingUsers();
    const restore = await backUp(cloud);
    cloud.clock.advance(3_600_000);
    (await cloud.receiver.deleteAccount(OCTO_CLOUD))._unsafeUnwrap();
    (await cloud.receiver.revokeAuthorization(SERVER, HUBOT_CLOUD))._unsafeUnwrap();

    restore();
    expect(await shownOfBoth(cloud)).toEqual([[], []]);
    await server.contribute(OCTO, "2026-03-01T11:00:00Z");
    await server.contribute(HUBOT, "2026-03-01T11:00:00Z");
    expect(await server.sync()).toMatchObject({ kept: 0, ended: 2 });
    expect(await shownOfBoth(cloud)).toEqual([[], []]);
  });

  it("brings nobody back whose deletion was under way while the backup was taken", async () => {
    const { cloud, server } = await twoSendingUsers();
    let restore = (): void => undefined;
    // The backup is taken just before the store gets to the deletion.
    const store = {
      ...cloud.receiverStore,
      deleteLinks: (...given: Parameters<typeof cloud.receiverStore.deleteLinks>) =>
        ResultAsync.fromSafePromise(
          (async () => {
            cloud.clock.advance(1_200_000);
            restore = await backUp(cloud);
          })(),
        ).andThen(() => cloud.receiverStore.deleteLinks(...given)),
    };
    const patient = createReceiver({ ...cloud.options, store, callDeadlineMs: 3_600_000 });
    (await patient.deleteAccount(OCTO_CLOUD))._unsafeUnwrap();

    restore();
    expect(await shownOfBoth(cloud)).toEqual([[], [2]]);
    await server.contribute(OCTO, "2026-03-01T11:00:00Z");
    expect(await server.sync()).toMatchObject({ kept: 0, ended: 1 });
    expect(await shownOfBoth(cloud)).toEqual([[], [2]]);
  });

  it.each([
    ["before the backup was taken", []],
    ["before, though the earlier end was heard of after it", ["connection-1" as ConnectionId]],
  ])("leaves a server connected that was connected again %s", async (_, late) => {
    const { cloud, server } = await twoSendingUsers();
    const [earlier, present] = ["connection-1", "connection-2"] as ConnectionId[];
    (await cloud.receiver.connectInstallation(SERVER, earlier))._unsafeUnwrap();
    (await cloud.receiver.connectInstallation(SERVER, present))._unsafeUnwrap();
    cloud.clock.advance(600_000);
    const restore = await backUp(cloud);
    cloud.clock.advance(600_000);
    for (const ended of late) (await cloud.receiver.disconnectInstallation(SERVER, ended))._unsafeUnwrap();

    restore();
    expect((await server.sync()).fault).toBeNull();
    const { connectionId, isConnected } = (await cloud.receiver.connectInstallation(SERVER))._unsafeUnwrap();
    expect([connectionId, isConnected]).toEqual([present, true]);
  });

  it("shows nothing of a server whose GitHub Connect was turned off since, and tells it that it is off", async () => {
    const { cloud, server } = await twoSendingUsers();
    const restore = await backUp(cloud);
    cloud.clock.advance(3_600_000);
    (await cloud.receiver.disconnectInstallation(SERVER))._unsafeUnwrap();

    restore();
    expect(await shownOfBoth(cloud)).toEqual([[], []]);
    expect((await server.sync()).fault).toBeNull();
    expect((await server.sender.status())._unsafeUnwrap().settings.status).toBe("disabled");
    expect(await shownOfBoth(cloud)).toEqual([[], []]);
  });

  it("to a time before the owner disabled knows that it is off", async () => {
    const { cloud, server } = await twoSendingUsers();
    const restore = await backUp(cloud);
    await server.disable();
    await server.sync();

    restore();
    expect(await shownOfBoth(cloud)).toEqual([[], []]);
    await server.sync();
    const registered = (await cloud.receiverStore.loadRegistration(SERVER))._unsafeUnwrap();
    expect(registered?.value.featureSwitch).toEqual({ epoch: 1, status: "off" });
  });

  it("to a time before the present enabling takes the server's word for it, and users reconnect", async () => {
    const { cloud, server } = await twoSendingUsers();
    const restore = await backUp(cloud);
    await server.disable();
    await server.enable();
    await server.connect(OCTO);
    await server.optIn(OCTO, OCTO_CLOUD);
    await server.sync();
    expect(await shownOfBoth(cloud)).toEqual([[1], []]);

    restore();
    expect(await server.sync()).toMatchObject({ outcome: "completed", unknown: 1 });
    expect(await shownOfBoth(cloud)).toEqual([[], []]);
    expect((await server.sharing(OCTO)).attention).not.toBeNull();
    await server.disconnect(OCTO);
    await server.connect(OCTO);
    await server.optIn(OCTO, OCTO_CLOUD);
    await server.sync();
    expect(await shownOfBoth(cloud)).toEqual([[1], []]);
  });
});

describe("a deletion that was acknowledged", () => {
  it.each([
    ["an opting out", (server: Server) => server.optOut(OCTO)],
    ["a disabling", (server: Server) => server.disable()],
  ])("stays done although both sides are restored from backups: %s", async (_, deletion) => {
    const { cloud, server } = await twoSendingUsers();
    const serverBackup = await server.senderStore.backUp();
    const restoreCloud = await backUp(cloud);
    cloud.clock.advance(3_600_000);
    await deletion(server);
    await server.sync();
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);

    restoreCloud();
    const { source } = server;
    const restored = createServer(cloud, { source, senderStore: serverBackup });
    await restored.sync();
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
    await restored.contribute(OCTO, "2026-03-01T12:30:00Z");
    await restored.sync();
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
  });
});
