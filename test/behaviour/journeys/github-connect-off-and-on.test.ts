import type { ConnectionId } from "unified-contributions";
import { describe, expect, it } from "vitest";
import { createCloud, createServer, OCTO, OWNER, SERVER } from "../../support/journey.ts";

async function oneSendingUser() {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z", "2026-02-01T09:00:00Z");
  await server.connect();
  await server.optIn();
  await server.sync();
  return { cloud, server };
}

describe("an owner who turns GitHub Connect off", () => {
  it("leaves nothing shown: the cloud deletes on its own, without being asked", async () => {
    const { cloud, server } = await oneSendingUser();
    expect(await cloud.shown()).toEqual([2]);
    server.wire.length = 0;

    await server.disconnectEnterprise();

    expect(await cloud.shown()).toEqual([]);
    expect((await server.sync()).outcome).toBe("not-connected");
    expect(server.wire).toEqual([]);
    expect((await server.sharing()).decision).toMatchObject({ gate: "github-connect" });
    expect((await server.sharing()).link).toEqual({ status: "suspended", reason: "github-connect-disabled" });
  });

  it("and on again finds nobody sending, until the user reconnects", async () => {
    const { cloud, server } = await oneSendingUser();
    await server.disconnectEnterprise();
    await server.enable();
    const { decision } = await server.sharing();
    expect([decision.isAllowed, await cloud.shown()]).toEqual([false, []]);

    await server.connect();
    await server.optIn();
    await server.sync();
    expect(await cloud.shown()).toEqual([2]);
  });

  it("without the cloud's hearing of it is understood when the server connects again", async () => {
    const { cloud, server } = await oneSendingUser();
    const at = cloud.clock.now();
    (await cloud.receiver.connectInstallation(SERVER, "connection-1" as ConnectionId))._unsafeUnwrap();
    (await server.sender.changeSettings({ type: "disconnect", by: OWNER, at }))._unsafeUnwrap();
    expect(await cloud.shown()).toEqual([2]);

    (await cloud.receiver.connectInstallation(SERVER, "connection-2" as ConnectionId))._unsafeUnwrap();
    expect(await cloud.shown()).toEqual([]);

    const connect = {
      type: "connect",
      by: OWNER,
      at,
      platform: { type: "github.com" },
      isCloudOwner: true,
    } as const;
    (await server.sender.changeSettings(connect))._unsafeUnwrap();
    const enable = { type: "enable", by: OWNER, at, terms: { isAccepted: true } } as const;
    (await server.sender.changeSettings(enable))._unsafeUnwrap();
    expect(await server.sync()).toMatchObject({ outcome: "completed", isContested: false });
    await server.connect();
    await server.optIn();
    await server.sync();
    expect(await cloud.shown()).toEqual([2]);
  });

  it("and on with another platform sends there only, and nothing of the old links", async () => {
    const { cloud, server } = await oneSendingUser();
    const { link } = await server.sharing();
    const oldLinks = link.status === "sending" ? [link.consent.linkId] : [];
    expect(oldLinks).toHaveLength(1);
    await server.optOut();
    await server.disconnectEnterprise();
    const elsewhere = createCloud("2026-03-01T12:00:00Z", 2);
    const { source, senderStore } = server;
    const moved = createServer(elsewhere, {
      source,
      senderStore,
      platform: { type: "ghe.com", subdomain: "octocorp" },
    });

    await moved.enable();
    expect((await moved.sharing()).deletion).toEqual({
      status: "left-to-cloud",
      requestedAt: Date.parse("2026-03-01T12:00:00Z"),
    });
    await moved.connect();
    await moved.optIn();
    await moved.sync();

    expect([await cloud.shown(), await elsewhere.shown()]).toEqual([[], [2]]);
    expect(moved.wire.filter((text) => oldLinks.some((linkId) => text.includes(linkId)))).toEqual([]);
  });
});
