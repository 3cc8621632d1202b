import { describe, expect, it } from "vitest";
import { createCloud, createServer, OCTO, OCTO_CLOUD } from "../../support/journey.ts";
import { HUBOT, HUBOT_CLOUD } from "../../support/proof-life.ts";
import { cut } from "../../support/proof-trouble.ts";

async function twoSendingUsers() {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z", "2026-02-01T09:00:00Z");
  await server.contribute(HUBOT, "2026-02-27T09:00:00Z");
  await server.connect(OCTO);
  await server.optIn(OCTO, OCTO_CLOUD);
  await server.connect(HUBOT);
  await server.optIn(HUBOT, HUBOT_CLOUD);
  await server.sync();
  return { cloud, server };
}

describe("an owner who disables unified contributions", () => {
  it("sees everybody's counts vanish, and gets a receipt", async () => {
    const { cloud, server } = await twoSendingUsers();
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[2], [1]]);

    await server.disable();
    const report = await server.sync("deletions");

    expect(report.disabling).toEqual({ epoch: 1, disabledAt: Date.parse("2026-03-01T12:00:00Z") });
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[], []]);
    const swept = (await cloud.receiver.sweep())._unsafeUnwrap();
    expect(swept).toEqual({ deleted: 2, trimmed: 0, forgotten: 0, isDone: true });
  });

  it("and enables again finds nobody sending, until each user reconnects and opts in", async () => {
    const { cloud, server } = await twoSendingUsers();
    await server.disable();
    await server.enable();
    expect((await server.sharing(OCTO)).link).toEqual({
      status: "suspended",
      reason: "unified-contributions-disabled",
    });
    expect((await server.sharing(OCTO)).decision).toMatchObject({ gate: "connected-account" });
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[], []]);

    await server.connect(OCTO);
    await server.goToCloud(OCTO, OCTO_CLOUD);
    await server.sync();
    expect((await server.sharing(OCTO)).decision).toMatchObject({ gate: "send-contribution-counts" });
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);

    (await server.select(OCTO))._unsafeUnwrap();
    await server.sync();
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[2], []]);
  });

  it("while the cloud can't be reached sees the deletion wait, and land when it can", async () => {
    const { cloud, server } = await twoSendingUsers();
    const { source, senderStore } = server;
    const cutOff = createServer(cloud, { source, senderStore, wireThrough: cut });

    await cutOff.disable();
    const failed = await cutOff.sync("deletions");
    expect(failed.disabling).toBeNull();
    expect((await cutOff.sender.status())._unsafeUnwrap().disabling).toEqual({
      epoch: 1,
      requestedAt: Date.parse("2026-03-01T12:00:00Z"),
      receipt: null,
    });
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([2]);

    cloud.clock.set("2026-03-03T12:00:00Z");
    await server.sync();
    expect((await server.sender.status())._unsafeUnwrap().disabling?.receipt).toEqual({
      epoch: 1,
      disabledAt: Date.parse("2026-03-03T12:00:00Z"),
    });
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
  });
});
