import type { LinkId } from "unified-contributions";
import { describe, expect, it } from "vitest";
import { createCloud, createServer, OCTO } from "../../support/journey.ts";

async function sendingUser() {
  const cloud = createCloud();
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.optIn();
  await server.sync();
  return { cloud, server };
}

describe("forgetting a user", () => {
  it("deletes the counts first, and is done when their receipt has come", async () => {
    const { cloud, server } = await sendingUser();

    const asked = (await server.sender.forgetUser(OCTO))._unsafeUnwrap();
    const shownMeanwhile = await cloud.shown();
    await server.sync("deletions");
    const done = (await server.sender.forgetUser(OCTO))._unsafeUnwrap();

    expect(asked).toEqual({
      status: "waiting",
      deletion: { status: "pending", requestedAt: cloud.clock.now() },
    });
    expect(shownMeanwhile).toEqual([1]);
    expect(await cloud.shown()).toEqual([]);
    expect(done).toEqual({ status: "forgotten" });
    expect((await server.senderStore.loadLink(OCTO))._unsafeUnwrap().version).toBe(0);
    expect((await server.sharing()).deletion).toEqual({ status: "none" });
  });

  it("asks for the receipt once more a day later, in nobody's name", async () => {
    const { cloud, server } = await sendingUser();
    (await server.sender.forgetUser(OCTO))._unsafeUnwrap();
    await server.sync("deletions");
    (await server.sender.forgetUser(OCTO))._unsafeUnwrap();

    cloud.clock.advance(86_400_000);
    server.sent.length = 0;
    await server.sync();

    expect(server.sent.filter((text) => text.includes('"withdraw"'))).toHaveLength(1);
  });

  it("waits for a link that is not known yet", async () => {
    const cloud = createCloud();
    const server = createServer(cloud, {
      wireThrough: (transport) => ({
        send: (message, signal) =>
          transport.send(
            isUp || message.type !== "redeem" ? message : { ...message, version: 9 as never },
            signal,
          ),
      }),
    });
    let isUp = false;
    await server.enable();
    await server.connect();
    await expect(server.goToCloud()).rejects.toThrow();

    const waiting = (await server.sender.forgetUser(OCTO))._unsafeUnwrap();
    isUp = true;
    await server.sync();
    await server.sync("deletions");

    expect(waiting.status).toBe("waiting");
    expect((await server.sender.forgetUser(OCTO))._unsafeUnwrap()).toEqual({ status: "forgotten" });
  });

  it("is done at once when GitHub Connect is off, and the cloud deletes by itself", async () => {
    const { cloud, server } = await sendingUser();
    await server.disconnectEnterprise();

    expect((await server.sender.forgetUser(OCTO))._unsafeUnwrap()).toEqual({ status: "forgotten" });
    expect(await cloud.shown()).toEqual([]);
  });

  it("withdraws a connected link once more although the owner has disabled the feature", async () => {
    const { cloud, server } = await sendingUser();
    await server.disable();

    const statuses = [(await server.sender.forgetUser(OCTO))._unsafeUnwrap().status];
    await server.sync();
    statuses.push((await server.sender.forgetUser(OCTO))._unsafeUnwrap().status);

    expect(statuses).toEqual(["waiting", "forgotten"]);
    expect(await cloud.shown()).toEqual([]);
  });

  it("is done at once for a user of whom nothing is stored", async () => {
    const { server } = await sendingUser();

    expect((await server.sender.forgetUser("nobody" as never))._unsafeUnwrap()).toEqual({
      status: "forgotten",
    });
    expect((await server.sender.forgetUser("" as never))._unsafeUnwrapErr()).toMatchObject({
      type: "invalid-identifier",
    });
  });

  it("lets the user begin anew", async () => {
    const { cloud, server } = await sendingUser();
    (await server.sender.forgetUser(OCTO))._unsafeUnwrap();
    await server.sync("deletions");
    (await server.sender.forgetUser(OCTO))._unsafeUnwrap();

    await server.optIn();
    await server.sync();

    expect(await cloud.shown()).toEqual([1]);
  });

  it("waits for a link that the cloud does not know, for 90 days", async () => {
    const { cloud, server } = await sendingUser();
    (await server.sender.forgetUser(OCTO))._unsafeUnwrap();
    const { value, version } = (await server.senderStore.loadServer())._unsafeUnwrap();
    const query = { connectionOrdinal: 1, now: cloud.clock.now(), after: null, limit: 9 };
    const [asked] = (await server.senderStore.pendingWithdrawals(query))._unsafeUnwrap();
    const unknown = {
      linkId: asked?.linkId as LinkId,
      choice: asked?.choice ?? null,
      receipt: null,
      answeredAt: cloud.clock.now(),
      nextAskAt: cloud.clock.now(),
    };
    const commit = {
      expectedVersion: version,
      server: value,
      audit: null,
      reported: [],
      withdrawn: [unknown],
    };
    (await server.senderStore.commitServer(commit))._unsafeUnwrap();

    const soon = (await server.sender.forgetUser(OCTO))._unsafeUnwrap();
    cloud.clock.advance(90 * 86_400_000);
    const late = (await server.sender.forgetUser(OCTO))._unsafeUnwrap();

    expect(soon).toMatchObject({ status: "waiting", deletion: { status: "not-found" } });
    expect(late).toEqual({ status: "forgotten" });
  });
});

describe("a preview", () => {
  it("is the record that leaves, byte for byte", async () => {
    const cloud = createCloud();
    const server = createServer(cloud);
    await server.enable();
    server.source.add(OCTO, [{ occurredAt: "2026-03-01T09:00:00Z" }]);
    const before = (await server.sender.preview(OCTO))._unsafeUnwrap();
    await server.optIn();
    const preview = (await server.sender.preview(OCTO))._unsafeUnwrap();
    server.sent.length = 0;
    await server.sync();

    expect(before.isSent).toBe(false);
    expect(JSON.parse(before.record)).toEqual({
      ...JSON.parse(preview.record),
      linkId: "00000000-0000-0000-0000-000000000000",
    });
    expect(preview.isSent).toBe(true);
    expect(server.sent.filter((text) => text.includes(preview.record))).toHaveLength(1);
  });

  it("is the record that leaves after opting in again, if the user has opted out", async () => {
    const cloud = createCloud();
    const server = createServer(cloud);
    await server.enable();
    await server.optIn();
    await server.sync();
    await server.optOut();
    await server.sync();

    const preview = (await server.sender.preview(OCTO))._unsafeUnwrap();
    server.sent.length = 0;
    (await server.select())._unsafeUnwrap();
    await server.sync();

    expect(preview.isSent).toBe(false);
    expect(server.sent.filter((text) => text.includes(preview.record))).toHaveLength(1);
  });

  it("names what keeps the counts from being read, and sends nothing", async () => {
    const cloud = createCloud();
    const server = createServer(cloud);
    server.source.add(OCTO, [{ occurredAt: "yesterday" }]);

    expect((await server.sender.preview(OCTO))._unsafeUnwrapErr()).toMatchObject({
      type: "malformed-contribution",
    });
    expect((await server.sender.preview("" as never))._unsafeUnwrapErr()).toMatchObject({
      type: "invalid-identifier",
    });
    expect(server.sent).toEqual([]);
  });
});

describe("the audit log", () => {
  it("is pruned up to an instant, however many entries that are", async () => {
    const cloud = createCloud();
    const server = createServer(cloud);
    for (let pages = 0; pages < 1_100; pages++) {
      const { version } = (await server.senderStore.loadServer())._unsafeUnwrap();
      const audit = {
        action: "unified_contributions.enable",
        actor: null,
        user: null,
        createdAt: cloud.clock.now(),
      } as const;
      const { value } = (await server.senderStore.loadServer())._unsafeUnwrap();
      const commit = { expectedVersion: version, server: value, audit, reported: [], withdrawn: [] };
      (await server.senderStore.commitServer(commit))._unsafeUnwrap();
    }
    cloud.clock.advance(1);

    expect((await server.sender.pruneAudit(cloud.clock.now()))._unsafeUnwrap()).toBe(1_100);
    expect((await server.sender.pruneAudit(cloud.clock.now()))._unsafeUnwrap()).toBe(0);
    expect((await server.sender.pruneAudit(new Date() as never))._unsafeUnwrapErr()).toEqual({
      type: "invalid-options",
      field: "before",
      message: "`before` has to be a whole number of milliseconds since 1970, not a Date.",
    });
  });
});
