import { describe, expect, it } from "vitest";
import { createForgetfulCloud } from "../../support/forgetful-cloud.ts";
import { createServer, OCTO } from "../../support/journey.ts";

const HOUR_MS = 3_600_000;

/** Octo sends three contributions, of which the cloud has heard. What it hears from now on, it can lose. */
async function forgetfulWorld() {
  const cloud = createForgetfulCloud("2026-03-01T12:00:00Z");
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z");
  await server.connect();
  await server.optIn();
  await server.sync();
  await cloud.keep();
  return { cloud, server };
}

describe("a cloud that loses an opt-out which it had acknowledged", () => {
  it("ends the choice again, and its user can opt in again without a browser", async () => {
    const { cloud, server } = await forgetfulWorld();
    await server.optOut();
    const [first] = (await server.sync()).receipts;
    cloud.lose();
    cloud.waitForBound();
    expect(await cloud.shown()).toEqual([]);

    await server.sync();
    expect((await server.sharing()).deletion).toEqual({ status: "deleted", receipt: first?.receipt });
    (await server.select())._unsafeUnwrap();
    await server.sync();

    expect(await cloud.shown()).toEqual([3]);
    expect((await server.sharing()).link).toMatchObject({ status: "sending", choice: 2 });
  });

  it("shows nothing of the ended choice, and what its user sends again comes back by itself", async () => {
    const { cloud, server } = await forgetfulWorld();
    await server.optOut();
    await server.sync();
    (await server.select())._unsafeUnwrap();
    await server.contribute(OCTO, "2026-03-01T11:00:00Z");
    await server.sync();
    expect(await cloud.shown()).toEqual([4]);

    cloud.lose();
    cloud.waitForBound();
    expect(await cloud.shown()).toEqual([]);
    cloud.clock.advance(HOUR_MS);
    expect(await server.sync()).toMatchObject({ outcome: "completed", isContested: false, kept: 1 });

    expect(await cloud.shown()).toEqual([4]);
    expect((await server.sharing()).link).toMatchObject({ status: "sending", choice: 2 });
  });

  it("keeps what came under the later choice, if it lost only the answer to the receipt's repetition", async () => {
    const { cloud, server } = await forgetfulWorld();
    await server.optOut();
    await server.sync();
    (await server.select())._unsafeUnwrap();
    await server.sync();
    await cloud.keep();
    cloud.clock.advance(24 * HOUR_MS);
    await server.sync();

    cloud.lose();
    cloud.waitForBound();
    (await cloud.receiver.reconcile())._unsafeUnwrap();

    expect(await cloud.shown()).toEqual([3]);
  });

  it("ends a later choice again, too, and shows nothing of either", async () => {
    const { cloud, server } = await forgetfulWorld();
    for (let time = 0; time < 2; time++) {
      await server.optOut();
      await server.sync();
      (await server.select())._unsafeUnwrap();
      await server.sync();
    }
    await server.optOut();
    await server.sync();

    cloud.lose();
    cloud.waitForBound();

    expect(await cloud.shown()).toEqual([]);
    cloud.clock.advance(HOUR_MS);
    await server.sync();
    expect(await cloud.shown()).toEqual([]);
  });

  it("shows nothing of it while a copy of the server holds the session, and still believes in it", async () => {
    const { cloud, server } = await forgetfulWorld();
    const copy = createServer(cloud, {
      source: server.source,
      senderStore: await server.senderStore.backUp(),
    });
    const both = async (): Promise<void> => {
      cloud.clock.advance(HOUR_MS);
      await server.sync();
      await copy.sync();
    };
    await both();
    await both();
    expect((await server.sender.status())._unsafeUnwrap().isContested).toBe(true);
    await cloud.keep();
    await server.optOut();
    const [first] = (await server.sync("deletions")).receipts;

    cloud.lose();
    cloud.waitForBound();
    expect(await cloud.shown()).toEqual([]);
    expect((await copy.sharing()).link.status).toBe("sending");
    for (let hour = 0; hour < 30; hour++) {
      await both();
      expect(await cloud.shown()).toEqual([]);
    }

    expect((await server.sender.status())._unsafeUnwrap().isContested).toBe(true);
    expect((await server.sharing()).deletion).toEqual({ status: "deleted", receipt: first?.receipt });
    expect((await copy.sharing()).link).toMatchObject({ status: "connected" });
  });

  it("and a disconnect after it lets nothing come under the link any more", async () => {
    const { cloud, server } = await forgetfulWorld();
    const senderStore = await server.senderStore.backUp();
    await server.optOut();
    await server.sync();
    await server.disconnect();
    await server.sync();

    cloud.lose();
    cloud.waitForBound();
    const restored = createServer(cloud, { source: server.source, senderStore });
    await restored.sync();

    expect((await restored.sharing()).link).toMatchObject({ status: "ended", reason: "link-ended" });
    expect(await cloud.shown()).toEqual([]);
  });
});
