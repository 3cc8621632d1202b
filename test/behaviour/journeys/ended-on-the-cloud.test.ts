import { describe, expect, it } from "vitest";
import { createCloud, createServer, OCTO, OCTO_CLOUD, SERVER } from "../../support/journey.ts";

async function oneSendingUser() {
  const cloud = createCloud("2026-03-01T12:00:00Z");
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.connect();
  await server.optIn();
  await server.sync();
  return { cloud, server };
}

const RECEIPT = {
  deletedAt: Date.parse("2026-03-01T12:00:00Z"),
  removed: { first: "2025-12-02", last: "2026-03-01" },
};

describe("a link that ends on the cloud's side", () => {
  it("by deleting the account is gone at once, with the days that were removed", async () => {
    const { cloud } = await oneSendingUser();
    const killed = (await cloud.receiver.deleteAccount(OCTO_CLOUD))._unsafeUnwrap();
    expect(killed.map(({ receipt }) => receipt)).toEqual([RECEIPT]);
    expect(await cloud.shown()).toEqual([]);
  });

  it("is learned of by the server with the next change, and nothing is sent any more", async () => {
    const { cloud, server } = await oneSendingUser();
    (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();

    await server.contribute(OCTO, "2026-03-01T10:00:00Z");
    expect(await server.sync()).toMatchObject({ outcome: "completed", kept: 0, ended: 1 });
    expect((await server.sharing()).link).toEqual({
      status: "ended",
      reason: "link-ended",
      endedAt: Date.parse("2026-03-01T12:00:00Z"),
      receipt: RECEIPT,
    });
    expect((await server.sharing()).deletion).toEqual({ status: "by-cloud", receipt: RECEIPT });
    expect((await server.sharing()).decision).toMatchObject({ gate: "connected-account" });

    server.wire.length = 0;
    await server.contribute(OCTO, "2026-03-01T11:00:00Z");
    await server.sync();
    expect(server.wire.filter((text) => text.includes('"report"'))).toEqual([]);
  });

  it("is learned of within a day even if nothing changes", async () => {
    const { cloud, server } = await oneSendingUser();
    (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();

    let ended = 0;
    for (let hour = 0; hour < 24; hour++) {
      cloud.clock.advance(3_600_000);
      ended += (await server.sync()).ended;
    }
    expect(ended).toBe(1);
    expect((await server.sharing()).link.status).toBe("ended");
  });

  it("can be begun anew by its user, with the 90 days before", async () => {
    const { cloud, server } = await oneSendingUser();
    (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();
    await server.contribute(OCTO, "2026-02-10T10:00:00Z");
    await server.sync();

    await server.connect();
    await server.optIn();
    await server.sync();
    expect(await cloud.shown()).toEqual([2]);
  });
});
