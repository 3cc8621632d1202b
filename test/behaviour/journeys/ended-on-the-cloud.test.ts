import type { AccountId, UserId } from "unified-contributions";
import { describe, expect, it } from "vitest";
import { createCloud, createServer, OCTO, OCTO_CLOUD, SERVER } from "../../support/journey.ts";

const MONA = "mona" as UserId;
const MONA_CLOUD = "mona-cloud" as AccountId;

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

  it("reaches the settings page with the next sync, and nothing is sent any more", async () => {
    const { cloud, server } = await oneSendingUser();
    (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();

    server.wire.length = 0;
    expect(await server.sync()).toMatchObject({ outcome: "completed", kept: 0, ended: 1 });
    expect(server.wire.filter((text) => text.includes('"report"'))).toEqual([]);
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

  it("reaches the page of a user who is connected and sends nothing", async () => {
    const { cloud, server } = await oneSendingUser();
    await server.connect(MONA);
    await server.goToCloud(MONA, MONA_CLOUD);
    (await cloud.receiver.deleteAccount(MONA_CLOUD))._unsafeUnwrap();

    expect(await server.sync()).toMatchObject({ outcome: "completed", ended: 1 });
    expect((await server.sharing(MONA)).link).toMatchObject({ status: "ended", reason: "link-ended" });
    expect((await server.sharing(MONA)).deletion).toMatchObject({ status: "by-cloud" });
    expect((await server.sharing()).link.status).toBe("sending");
    server.sent.length = 0;
    expect((await server.sync()).ended).toBe(0);
    // The link is dead already, so nothing asks for its end.
    expect(server.sent.filter((text) => text.includes('"withdraw"'))).toEqual([]);
  });

  it("is learned of within a day where the ledger was pruned of it before the server heard", async () => {
    const { cloud, server } = await oneSendingUser();
    await server.connect(MONA);
    await server.goToCloud(MONA, MONA_CLOUD);
    (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();
    (await cloud.receiver.deleteAccount(MONA_CLOUD))._unsafeUnwrap();
    (await cloud.ledger.prune(SERVER, 2))._unsafeUnwrap();

    let ended = 0;
    for (let hour = 0; hour < 24; hour++) {
      ended += (await server.sync()).ended;
      if (hour === 0) expect((await server.sharing(MONA)).link.status).toBe("ended");
      cloud.clock.advance(3_600_000);
    }
    expect(ended).toBe(2);
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
