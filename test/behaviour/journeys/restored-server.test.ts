import type { SenderStore } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import {
  type Cloud,
  createCloud,
  createServer,
  OCTO,
  OCTO_CLOUD,
  type Server,
} from "../../support/journey.ts";
import { HUBOT, HUBOT_CLOUD } from "../../support/proof-life.ts";
import type { Stored } from "../../support/storage.ts";

/** The server as a backup remembers it; what its users contributed is what it is. */
function restore(cloud: Cloud, server: Server, backup: Stored<SenderStore>): Server {
  return createServer(cloud, { source: server.source, senderStore: backup });
}

async function oneSendingUser() {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.connect(OCTO);
  await server.optIn(OCTO, OCTO_CLOUD);
  await server.sync();
  return { cloud, server };
}

/** Another user begins to send one contribution. */
async function hubotJoins(server: Server): Promise<void> {
  await server.contribute(HUBOT, "2026-03-01T09:00:00Z");
  await server.connect(HUBOT);
  await server.optIn(HUBOT, HUBOT_CLOUD);
  await server.sync();
}

describe("a server that was restored from an old backup", () => {
  it("finds out at its first request, forgets what it believed, and reports everything again", async () => {
    const { cloud, server } = await oneSendingUser();
    const backup = await server.senderStore.backUp();
    server.source.clear(OCTO);
    await server.contribute(OCTO, "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z");
    await server.sync();
    expect(await cloud.shown()).toEqual([3]);

    // The backup believes that the cloud has one contribution; by now it has three, and there is one again.
    server.source.clear(OCTO);
    server.source.add(OCTO, [{ occurredAt: "2026-03-01T09:00:00Z" }]);
    const restored = restore(cloud, server, backup);
    expect(await restored.sync()).toMatchObject({ outcome: "completed", kept: 1, isContested: false });
    expect(await cloud.shown()).toEqual([1]);
    expect(restored.wire.map((text) => JSON.parse(text).type)).toEqual([
      "complete",
      "detached",
      "attach",
      "attached",
      "deliver",
      "delivered",
      "complete",
      "completed",
    ]);
  });

  it("does not send for a user who has opted out since", async () => {
    const { cloud, server } = await oneSendingUser();
    const backup = await server.senderStore.backUp();
    await server.optOut(OCTO);
    await server.sync();

    const restored = restore(cloud, server, backup);
    expect((await restored.sharing(OCTO)).link.status).toBe("sending");
    expect(await restored.sync()).toMatchObject({ outcome: "completed", kept: 0 });
    expect((await restored.sharing(OCTO)).link.status).toBe("connected");
    expect(await cloud.shown()).toEqual([]);
  });

  it("leaves no counts behind of a user whose opting in it has forgotten", async () => {
    const { cloud, server } = await oneSendingUser();
    const backup = await server.senderStore.backUp();
    await hubotJoins(server);
    expect(await cloud.shown(HUBOT_CLOUD)).toEqual([1]);

    const restored = restore(cloud, server, backup);
    await restored.sync();
    expect((await restored.sharing(HUBOT)).link.status).toBe("never-connected");
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[1], []]);
  });

  it("does so though another user's counts cannot be read, which stay as they were", async () => {
    const { cloud, server } = await oneSendingUser();
    const backup = await server.senderStore.backUp();
    await hubotJoins(server);
    server.source.add(OCTO, [{ occurredAt: "at no time" }]);

    const restored = restore(cloud, server, backup);
    const report = await restored.sync();

    expect(report).toMatchObject({ kept: 0, failed: 1, isContested: false });
    expect(restored.sent.map((text) => JSON.parse(text).records?.[0]?.type)).toContain("hold");
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[1], []]);
    restored.source.clear(OCTO);
    await restored.contribute(OCTO, "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z");
    await restored.sync();
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[2], []]);
  });

  it("to a time before its owner disabled it learns that it is off", async () => {
    const { cloud, server } = await oneSendingUser();
    const backup = await server.senderStore.backUp();
    await server.disable();
    await server.sync();

    const restored = restore(cloud, server, backup);
    await restored.sync();
    expect((await restored.sender.status())._unsafeUnwrap().settings).toMatchObject({
      status: "disabled",
      disabled: { by: null },
    });
    expect(await cloud.shown()).toEqual([]);
  });

  it("to a time before its owner enabled it turns off what nobody there wants", async () => {
    const cloud = createCloud("2026-03-01T12:00:00Z");
    const server = createServer(cloud);
    await server.connectEnterprise();
    const backup = await server.senderStore.backUp();
    await server.enable();
    await server.contribute(OCTO, "2026-03-01T09:00:00Z");
    await server.connect();
    await server.optIn();
    await server.sync();
    expect(await cloud.shown()).toEqual([1]);

    const restored = restore(cloud, server, backup);
    await restored.sync();
    expect(await cloud.shown()).toEqual([]);
    expect((await restored.sender.status())._unsafeUnwrap().featureSwitch).toEqual({
      epoch: 1,
      status: "off",
    });
  });

  it("to a time between two enablings follows the second one only when its owner enables a third time", async () => {
    const { cloud, server } = await oneSendingUser();
    await server.disable();
    await server.sync();
    const backup = await server.senderStore.backUp();
    await server.enable();
    await server.connect();
    await server.optIn();
    await server.sync();
    expect(await cloud.shown()).toEqual([1]);

    const restored = restore(cloud, server, backup);
    await restored.sync();
    expect(await cloud.shown()).toEqual([]);
    await restored.enable();
    await restored.connect();
    await restored.optIn();
    await restored.sync();
    expect((await restored.sender.status())._unsafeUnwrap().featureSwitch).toEqual({
      epoch: 3,
      status: "on",
    });
    expect(await cloud.shown()).toEqual([1]);
  });
});
