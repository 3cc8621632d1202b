import type { AccountId } from "unified-contributions";
import { describe, expect, it } from "vitest";
import { createCloud, createServer, OCTO, OCTO_CLOUD } from "../../support/journey.ts";
import { HUBOT } from "../../support/proof-life.ts";

const NEW_ACCOUNT = "octo-new" as AccountId;

describe("a user who switches accounts", () => {
  it("disconnects one, connects the other: the counts leave the one and appear on the other", async () => {
    const cloud = createCloud("2026-03-01T12:00:00Z");
    const server = createServer(cloud);
    await server.enable();
    await server.contribute(OCTO, "2026-03-01T09:00:00Z");
    await server.connect();
    await server.optIn(OCTO, OCTO_CLOUD);
    await server.sync();
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(NEW_ACCOUNT)]).toEqual([[1], []]);

    await server.disconnect();
    await server.connect();
    await server.optIn(OCTO, NEW_ACCOUNT);
    const report = await server.sync();

    expect(report.receipts.map(({ receipt }) => receipt.removed)).toEqual([
      { first: "2025-12-02", last: "2026-03-01" },
    ]);
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(NEW_ACCOUNT)]).toEqual([[], [1]]);
  });
});

describe("two users who connect one account, one after the other", () => {
  it("leave the later one's counts on it, and the earlier one learns with the same sync", async () => {
    const cloud = createCloud("2026-03-01T12:00:00Z");
    const server = createServer(cloud);
    await server.enable();
    await server.contribute(OCTO, "2026-03-01T09:00:00Z");
    await server.contribute(HUBOT, "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z");
    await server.connect(OCTO);
    await server.optIn(OCTO, OCTO_CLOUD);
    await server.sync();

    await server.connect(HUBOT);
    await server.optIn(HUBOT, OCTO_CLOUD);
    expect(await server.sync()).toMatchObject({ kept: 1, ended: 1 });
    expect((await server.sharing(OCTO)).link).toMatchObject({ status: "ended", reason: "link-ended" });
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([2]);
  });
});
