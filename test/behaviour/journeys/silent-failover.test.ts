import { type ConnectionId, errAsync, type InstallationId } from "unified-contributions";
import type { DeletionLedger } from "unified-contributions/storage";
import { createTestClock } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import { createForgetfulCloud, type ForgetfulCloud } from "../../support/forgetful-cloud.ts";
import { createServer, OCTO, OCTO_CLOUD, SERVER, type Server } from "../../support/journey.ts";
import { HUBOT, HUBOT_CLOUD } from "../../support/proof-life.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FIRST = "connection-1" as ConnectionId;

/** A server with two users who send: octo three contributions, hubot one. */
async function sendingServer(cloud: ForgetfulCloud) {
  const server = createServer(cloud);
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z");
  await server.contribute(HUBOT, "2026-03-01T09:00:00Z");
  for (const [user, account] of [
    [OCTO, OCTO_CLOUD],
    [HUBOT, HUBOT_CLOUD],
  ] as const) {
    await server.connect(user);
    await server.optIn(user, account);
  }
  await server.sync();
  return server;
}

async function forgetfulWorld() {
  const cloud = createForgetfulCloud("2026-03-01T12:00:00Z");
  return { cloud, server: await sendingServer(cloud) };
}

async function hourly(cloud: ForgetfulCloud, server: Server, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    cloud.clock.advance(HOUR_MS);
    await server.sync();
  }
}

describe("a cloud whose database silently loses its last commits", () => {
  it.each([
    [
      "a revocation",
      async ({ receiver }: ForgetfulCloud) => {
        (await receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();
      },
    ],
    [
      "the end of the account",
      async ({ receiver }: ForgetfulCloud) => {
        (await receiver.deleteAccount(OCTO_CLOUD))._unsafeUnwrap();
      },
    ],
    [
      "GitHub Connect going off",
      async ({ receiver }: ForgetfulCloud) => {
        (await receiver.disconnectInstallation(SERVER))._unsafeUnwrap();
      },
    ],
  ])("shows nothing again of %s that it had acknowledged", async (_, end) => {
    const { cloud } = await forgetfulWorld();
    await cloud.keep();
    await end(cloud);
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);

    cloud.lose();
    cloud.waitForBound();

    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
    cloud.clock.advance(40 * DAY_MS);
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
  });

  it.each([
    ["who only look at profiles", async () => undefined],
    [
      "who call reconcile",
      async (cloud: ForgetfulCloud) => {
        (await cloud.receiver.reconcile())._unsafeUnwrap();
      },
    ],
  ])("keeps an opt-out for hosts %s, though its server never speaks again", async (_, act) => {
    const { cloud, server } = await forgetfulWorld();
    await cloud.keep();
    await server.optOut(OCTO);
    expect((await server.sync("deletions")).receipts).toHaveLength(1);

    cloud.lose();
    cloud.waitForBound();
    await act(cloud);

    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
    expect(await cloud.shown(HUBOT_CLOUD)).toEqual([1]);
  });

  it("keeps an opt-out though another user's counts cannot be read", async () => {
    const { cloud, server } = await forgetfulWorld();
    await cloud.keep();
    await server.optOut(OCTO);
    await server.sync();
    server.source.add(HUBOT, [{ occurredAt: "at no time" }]);

    cloud.lose();
    await hourly(cloud, server, 30);

    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
    expect(await cloud.shown(HUBOT_CLOUD)).toEqual([1]);
  });

  it("repeats the first receipt of a deletion that it had lost", async () => {
    const { cloud, server } = await forgetfulWorld();
    await cloud.keep();
    await server.optOut(OCTO);
    const [first] = (await server.sync("deletions")).receipts;
    cloud.lose();
    cloud.clock.advance(HOUR_MS);

    const again = {
      version: 1,
      type: "deliver",
      requestId: "the-same-once-more",
      sessionId: null,
      follows: [],
      records: [{ type: "withdraw", linkId: first?.linkId, choice: 1 }],
    };
    const answer = (await cloud.receiver.handle(SERVER, again))._unsafeUnwrap();

    expect(answer).toMatchObject({ outcomes: [{ type: "withdrawn", receipt: first?.receipt }] });
  });

  it("does not need the clock of the process that wrote a deletion down", async () => {
    const { cloud } = await forgetfulWorld();
    await cloud.keep();
    const behind = cloud.process({ clock: createTestClock("2026-03-01T09:00:00Z") });
    (await behind.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();

    cloud.lose();
    cloud.waitForBound();

    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
  });

  it("keeps a consent that was given after a revocation, and before what it went back to", async () => {
    const { cloud, server } = await forgetfulWorld();
    (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();
    cloud.clock.advance(600_000);
    await server.sync();
    await server.disconnect(OCTO);
    await server.connect(OCTO);
    await server.optIn(OCTO, OCTO_CLOUD);
    cloud.clock.advance(1_200_000);
    await server.sync();
    await cloud.keep();
    cloud.lose();
    cloud.waitForBound();

    (await cloud.receiver.reconcile())._unsafeUnwrap();
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([3]);
  });

  it("goes on where a reconciliation failed half way", async () => {
    const { cloud, server } = await forgetfulWorld();
    await cloud.keep();
    (await cloud.receiver.deleteAccount(OCTO_CLOUD))._unsafeUnwrap();
    await server.optOut(HUBOT);
    await server.sync("deletions");
    cloud.lose();
    let reads = 0;
    const failing: DeletionLedger = {
      ...cloud.ledger,
      read: (query) =>
        ++reads === 2
          ? errAsync({ type: "storage-fault", reason: "unavailable", message: "down" })
          : cloud.ledger.read({ ...query, limit: 1 }),
    };
    expect((await cloud.process({ ledger: failing }).reconcile()).isErr()).toBe(true);

    cloud.waitForBound();
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[], []]);
  });

  it("writes down again what its ledger has lost", async () => {
    const { cloud, server } = await forgetfulWorld();
    await server.optOut(OCTO);
    await server.sync("deletions");
    await cloud.keep();
    const { ledger } = createForgetfulCloud();
    (await cloud.process({ ledger }).reconcile())._unsafeUnwrap();

    expect(
      (await ledger.read({ installation: server.installation, from: 1, limit: 9 }))._unsafeUnwrap(),
    ).toHaveLength(1);
  });

  it("takes its server's word for an enabling that it forgot, and users can opt in", async () => {
    const { cloud, server } = await forgetfulWorld();
    await server.disable();
    await server.sync();
    await cloud.keep();
    await server.enable();
    cloud.lose();
    cloud.waitForBound();

    await server.sync();
    await server.connect(OCTO);
    await server.optIn(OCTO, OCTO_CLOUD);
    await server.sync();

    expect(await cloud.shown(OCTO_CLOUD)).toEqual([3]);
    const { settings, lastFault } = (await server.sender.status())._unsafeUnwrap();
    expect([settings.status, lastFault]).toEqual(["enabled", null]);
  });

  it("that forgot an attach lets its server attach again, and no other copy is suspected", async () => {
    const cloud = createForgetfulCloud("2026-03-01T12:00:00Z");
    const server = await sendingServer(cloud);
    await cloud.keep();
    // The server's storage was restored, so that it attached anew.
    const restored = createServer(cloud, {
      source: server.source,
      senderStore: await server.senderStore.backUp(),
    });
    await server.sync();
    await restored.sync();
    cloud.lose();
    cloud.waitForBound();

    const report = await restored.sync();

    expect(report).toMatchObject({ outcome: "completed", isContested: false });
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([3]);
  });

  it("that forgot a connection takes the server as it is, off, until its owner says otherwise", async () => {
    const { cloud, server } = await forgetfulWorld();
    await cloud.keep();
    await server.disconnectEnterprise();
    await server.enable();
    await server.connect(OCTO);
    await server.optIn(OCTO, OCTO_CLOUD);
    await server.sync();
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([3]);

    cloud.lose();
    cloud.waitForBound();
    const report = await server.sync();

    expect(report).toMatchObject({ fault: null, isContested: false });
    expect(await cloud.shown(HUBOT_CLOUD)).toEqual([]);
    // The consent was lost with the rest: its user is told, and reconnects.
    expect((await server.sharing(OCTO)).attention).not.toBeNull();
    await server.disconnect(OCTO);
    await server.connect(OCTO);
    await server.optIn(OCTO, OCTO_CLOUD);
    await server.sync();
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([3]);
  });

  it("that never heard of a server registers it by its first message, switched off", async () => {
    const cloud = createForgetfulCloud("2026-03-01T12:00:00Z");
    await cloud.keep();
    const server = await sendingServer(cloud);
    cloud.lose();
    cloud.waitForBound();

    const report = await server.sync();

    expect(report).toMatchObject({ fault: null, isContested: false });
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
    await server.disconnect(OCTO);
    await server.connect(OCTO);
    await server.optIn(OCTO, OCTO_CLOUD);
    await server.sync();
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([3]);
  });
});

describe("a ledger that goes back with the store, of which `sharesServer` warns", () => {
  /** Both are as they were: the ledger had no entry when the store was kept. */
  function loseBoth(cloud: ForgetfulCloud): void {
    cloud.lose();
    cloud.receiver = cloud.process({ ledger: createForgetfulCloud().ledger });
    cloud.waitForBound();
  }

  it("shows what was opted out of until the next sync, and deletes it once the server asks again", async () => {
    const { cloud, server } = await forgetfulWorld();
    await cloud.keep();
    await server.optOut(OCTO);
    expect((await server.sync("deletions")).receipts).toHaveLength(1);

    loseBoth(cloud);

    expect(await cloud.shown(OCTO_CLOUD)).toEqual([3]);
    await hourly(cloud, server, 1);
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
    server.sent.length = 0;
    await hourly(cloud, server, 24);
    expect(server.sent.join()).toContain('"withdraw"');
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
  });

  it("shows what was revoked, until it is revoked again", async () => {
    const { cloud, server } = await forgetfulWorld();
    await cloud.keep();
    (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();

    loseBoth(cloud);

    await hourly(cloud, server, 50);
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([3]);
    expect((await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap()).toHaveLength(1);
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
  });
});

describe("a ledger that was pruned", () => {
  it("has what the oldest backup has not read", async () => {
    const { cloud } = await forgetfulWorld();
    (await cloud.receiver.revokeAuthorization(SERVER, HUBOT_CLOUD))._unsafeUnwrap();
    await cloud.keep();
    const cursors = (await cloud.store.loadCursors({ after: null, limit: 10 }))._unsafeUnwrap();
    (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();
    (await cloud.receiver.pruneLedger(cursors))._unsafeUnwrap();

    cloud.lose();
    cloud.waitForBound();

    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
    expect((await cloud.receiver.reconcile())._unsafeUnwrap()).toMatchObject({ cutOff: [] });
  });

  it("beyond what a restored store has read shows nothing of the installation, and says so", async () => {
    const { cloud, server } = await forgetfulWorld();
    await cloud.keep();
    (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();
    (await cloud.receiver.revokeAuthorization(SERVER, OCTO_CLOUD))._unsafeUnwrap();
    await server.optOut(HUBOT);
    await server.sync("deletions");
    const cursors = (await cloud.store.loadCursors({ after: null, limit: 10 }))._unsafeUnwrap();
    (await cloud.receiver.pruneLedger(cursors))._unsafeUnwrap();

    cloud.lose();
    cloud.waitForBound();

    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[], []]);
    expect((await cloud.receiver.reconcile())._unsafeUnwrap()).toMatchObject({ cutOff: [SERVER] });
    await server.sync();
    expect((await server.sender.status())._unsafeUnwrap().settings.status).toBe("disabled");
  });

  it.each([
    ["has asked to attach", 2],
    ["says anything", 0],
  ])(
    "beyond three epochs of a server cannot be enabled on, whose owner enables it before it %s",
    async (_, hours) => {
      const { cloud, server } = await forgetfulWorld();
      await cloud.keep();
      for (let epoch = 0; epoch < 3; epoch++) {
        await server.disable();
        await server.sync();
        await server.enable();
      }
      // The ledger keeps its last entry, and the backup has read none of the three.
      await server.connect(OCTO);
      await server.optIn(OCTO, OCTO_CLOUD);
      await server.optOut(OCTO);
      await server.sync();
      const cursors = (await cloud.store.loadCursors({ after: null, limit: 10 }))._unsafeUnwrap();
      (await cloud.receiver.pruneLedger(cursors))._unsafeUnwrap();
      cloud.lose();
      cloud.waitForBound();
      expect((await cloud.receiver.reconcile())._unsafeUnwrap()).toMatchObject({ cutOff: [SERVER] });

      await hourly(cloud, server, hours);
      await server.disable();
      await server.sync();
      await server.enable();
      await hourly(cloud, server, 3);

      expect((await server.sender.status())._unsafeUnwrap()).toMatchObject({
        settings: { status: "enabled", epoch: null },
        lastFault: { type: "rejected", reason: "epoch-too-far" },
      });
      await server.disconnectEnterprise();
      await server.enable();
      await server.connect(OCTO);
      await server.optIn(OCTO, OCTO_CLOUD);
      await server.sync();
      expect((await server.sender.status())._unsafeUnwrap().lastFault).toBeNull();
      expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[3], []]);
    },
  );
});

describe("a staging copy of a server that boots once", () => {
  it("costs those who joined since its backup the time until the operator's word, and not their consent", async () => {
    const cloud = createForgetfulCloud("2026-03-01T12:00:00Z");
    const server = createServer(cloud);
    await server.enable();
    await server.contribute(OCTO, "2026-03-01T09:00:00Z");
    await server.contribute(HUBOT, "2026-03-01T09:00:00Z");
    await server.connect(OCTO);
    await server.optIn(OCTO, OCTO_CLOUD);
    await server.sync();
    const backup = await server.senderStore.backUp();
    cloud.clock.advance(DAY_MS);
    await server.connect(HUBOT);
    await server.optIn(HUBOT, HUBOT_CLOUD);
    await server.sync();
    expect(await cloud.shown(HUBOT_CLOUD)).toEqual([1]);

    const copy = createServer(cloud, { source: server.source, senderStore: backup });
    await copy.sync();
    await copy.sync();
    expect(await cloud.shown(HUBOT_CLOUD)).toEqual([]);
    expect((await server.sync()).isContested).toBe(true);

    (await server.sender.takeOver())._unsafeUnwrap();
    await server.sync();
    expect([await cloud.shown(OCTO_CLOUD), await cloud.shown(HUBOT_CLOUD)]).toEqual([[1], [1]]);
    expect((await server.sharing(HUBOT)).link.status).toBe("sending");
  });
});

describe("a cloud that takes one server's key for another's", () => {
  it("does not make anybody say that counts are deleted which are shown", async () => {
    const { cloud, server } = await forgetfulWorld();
    const { receiver } = cloud;
    (await receiver.connectInstallation("another" as InstallationId, FIRST))._unsafeUnwrap();
    cloud.receiver = {
      ...receiver,
      handle: (_, input) => receiver.handle("another" as InstallationId, input),
    };

    await server.optOut(OCTO);
    const report = await server.sync();

    expect(report.receipts).toEqual([]);
    expect((await server.sharing(OCTO)).deletion.status).toBe("not-found");
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([3]);
    expect((await server.sharing(HUBOT)).link.status).toBe("sending");

    cloud.receiver = receiver;
    await hourly(cloud, server, 25);
    expect((await server.sharing(OCTO)).deletion.status).toBe("deleted");
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
    expect(await cloud.shown(HUBOT_CLOUD)).toEqual([1]);
  });
});

describe("an opt-out while the hourly sync runs", () => {
  it("is sent by that sync, before what else it has to report", async () => {
    const { cloud, server } = await forgetfulWorld();
    let isFirst = true;
    const through = createServer(cloud, {
      source: server.source,
      senderStore: server.senderStore,
      wireThrough: (transport) => ({
        send: (message, signal) => {
          const sent = transport.send(message, signal);
          if (!isFirst) return sent;
          isFirst = false;
          return sent.andThen((answer) =>
            server.sender
              .changeLink(OCTO, { type: "opt-out", by: OCTO, at: cloud.clock.now() })
              .map(() => answer)
              .mapErr(() => {
                throw new Error("not opted out");
              }),
          );
        },
      }),
    });
    cloud.clock.advance(DAY_MS);

    const report = await through.sync();

    expect(report.receipts).toHaveLength(1);
    expect(await cloud.shown(OCTO_CLOUD)).toEqual([]);
  });
});
