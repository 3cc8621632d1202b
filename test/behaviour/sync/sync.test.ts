import { errAsync } from "neverthrow";
import { createSender } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { nextHourlySyncAt } from "../../../src/ghes/sync/schedule.ts";
import {
  answerLost,
  conflict,
  failing,
  garbled,
  lost,
  meanwhile,
  pass,
  STORAGE_AWAY,
  storageAway,
  throws,
  UNREACHABLE,
} from "../../support/ghes-meddling.ts";
import { instant, linkId, NOW, OCTO, request, sessionId, user } from "../../support/ghes-values.ts";
import { createGhesWorld, createSendingWorld, SERVER } from "../../support/ghes-world.ts";

const MONA = user("mona");
const HOURS_ROUND = nextHourlySyncAt(SERVER, NOW);
const AN_HOUR_LATER = instant("2026-03-01T13:00:00Z");

describe("a round", () => {
  it("attaches and enables at first, and completes", async () => {
    const world = createGhesWorld();
    (await world.receiver.connectInstallation(SERVER))._unsafeUnwrap();
    await world.connectServer();
    await world.enable();

    const report = await world.sync();

    expect(world.said()).toEqual(["attach", "attach", "enable after 0", "complete"]);
    expect(report).toEqual({
      outcome: "completed",
      startedAt: NOW,
      endedAt: NOW,
      requests: 4,
      kept: 0,
      unchanged: 0,
      gone: 0,
      withdrawn: 0,
      receipts: [],
      disabling: null,
      failures: [],
      failed: 0,
      saturatedDays: 0,
      isContested: false,
      fault: null,
      nextSyncAt: HOURS_ROUND,
    });
  });

  it("reports what is due and plans the hour's next", async () => {
    const world = createGhesWorld();
    await world.turnOn();
    await world.startSending(OCTO);
    await world.contribute(OCTO, 3);

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-octo", "complete"]);
    expect(report).toMatchObject({ outcome: "completed", requests: 2, kept: 1, nextSyncAt: HOURS_ROUND });
    expect(await world.shown()).toBe(3);
    expect(await world.server()).toMatchObject({
      lease: null,
      inFlight: null,
      lastSyncAt: NOW,
      nextSyncAt: HOURS_ROUND,
      failures: 0,
    });
  });

  it("asks the store for no more than this where nothing is due", async () => {
    const world = await createSendingWorld();
    world.store.calls.length = 0;

    await world.sync();

    expect(world.said()).toEqual(["complete"]);
    expect(world.store.calls).toEqual([
      "loadServer",
      "commitServer",
      "pendingWithdrawals",
      "dueLinks",
      "commitServer",
      "loadServer",
      "commitServer",
    ]);
  });

  it("withdraws first, and hands over the receipt", async () => {
    const world = await createSendingWorld();
    await world.startSending(MONA);
    await world.optOut();

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: withdraw link-octo", "deliver: report link-mona", "complete"]);
    expect(report.withdrawn).toBe(1);
    expect(report.receipts).toEqual([
      {
        linkId: "link-octo_______",
        receipt: {
          deletedAt: NOW,
          removed: { first: "2025-12-02", last: "2026-03-01", contributions: 3 },
        },
      },
    ]);
  });

  it("says when it began and when it ended", async () => {
    const world = await createSendingWorld();
    world.wire.on(
      "complete",
      meanwhile(async () => world.clock.advance(1_500)),
    );

    const report = await world.sync();

    expect(report.startedAt).toBe(NOW);
    expect(report.endedAt).toBe(NOW + 1_500);
  });

  it("does nothing while GitHub Connect is off", async () => {
    const world = createGhesWorld();

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "not-connected", requests: 0, fault: null, nextSyncAt: null });
    expect(world.said()).toEqual([]);
    expect((await world.memory.loadServer())._unsafeUnwrap().version).toBe(0);
  });

  it("asks how the switch stands while the feature is off, and is complete", async () => {
    const world = await createSendingWorld();
    await world.disable();
    await world.sync();
    world.wire.sent.length = 0;

    const report = await world.sync();

    expect(world.said()).toEqual(["disable 1"]);
    expect(report).toMatchObject({ outcome: "completed", requests: 1, nextSyncAt: HOURS_ROUND });
  });

  it("of the deletions leaves everything else to the hour's round", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    await world.startSending(MONA);
    await world.optOut(MONA);
    world.clock.advance(60_000);

    const report = await world.sync({ scope: "deletions" });

    expect(world.said()).toEqual(["deliver: withdraw link-mona"]);
    expect(report).toMatchObject({ outcome: "completed", withdrawn: 1, nextSyncAt: HOURS_ROUND });
    expect(await world.server()).toMatchObject({ lastSyncAt: NOW, nextSyncAt: HOURS_ROUND });
  });

  it("of the deletions does not swallow the hour's round that is due", async () => {
    const world = await createSendingWorld();
    world.clock.set(HOURS_ROUND);

    await world.sync({ scope: "deletions" });

    expect((await world.server()).nextSyncAt).toBe(HOURS_ROUND);
  });

  it("of the deletions asks for the end of the feature, and no more", async () => {
    const world = await createSendingWorld();
    await world.disable();
    await world.enable();

    const report = await world.sync({ scope: "deletions" });

    expect(world.said()).toEqual(["disable 1"]);
    expect(report.disabling).toEqual({ epoch: 1, disabledAt: NOW });
  });
});

describe("a round that gets no answer", () => {
  it("changes nobody's state, and plans the next attempt", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const before = await world.record();
    world.wire.on("deliver", lost);

    const report = await world.sync();

    expect(report).toMatchObject({
      outcome: "failed",
      fault: UNREACHABLE,
      kept: 0,
      requests: 0,
      nextSyncAt: instant("2026-03-01T12:00:22.500Z"),
    });
    expect(await world.record()).toEqual(before);
    expect(await world.server()).toMatchObject({ failures: 1, lastFault: UNREACHABLE, lease: null });
  });

  it("waits longer after each, and starts over after one that is answered", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", lost, lost, lost);

    const waits: number[] = [];
    for (let round = 0; round < 4; round++) {
      waits.push(((await world.sync()).nextSyncAt ?? 0) - NOW);
    }

    expect(waits).toEqual([22_500, 45_000, 90_000, HOURS_ROUND - NOW]);
    expect(await world.server()).toMatchObject({ failures: 0, lastFault: null });
  });

  it("waits as long as the receiver asks for", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", failing({ reason: "busy", retryAfterMs: 3_600_000 }));

    expect((await world.sync()).nextSyncAt).toBe(AN_HOUR_LATER);
  });

  it("waits for nothing in particular where the storage fails", async () => {
    const world = await createSendingWorld();
    world.store.on("dueLinks", storageAway);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "failed", fault: STORAGE_AWAY });
    expect(report.nextSyncAt).toBe(NOW + 22_500);
  });

  it("waits longer each time where the receiver rejects what it is told", async () => {
    const world = await createSendingWorld();
    const rejected = garbled((answer) => ({
      version: 1,
      type: "rejected",
      requestId: "requestId" in answer ? answer.requestId : null,
      reason: "unsupported-version",
      supported: { first: 2, last: 2 },
    }));
    world.wire.on("complete", rejected, rejected);

    const first = await world.sync();
    const second = await world.sync();

    expect(first).toMatchObject({
      outcome: "failed",
      fault: { type: "rejected", reason: "unsupported-version" },
      nextSyncAt: NOW + 22_500,
    });
    expect(second.nextSyncAt).toBe(NOW + 45_000);
  });

  it("keeps what was answered before", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.wire.on("complete", answerLost);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "failed", kept: 1, requests: 1 });
    expect((await world.record()).reported?.window.counts.at(-1)).toBe(4);
  });

  it("is not planned sooner for having been tried for the deletions alone", async () => {
    const world = await createSendingWorld();
    await world.optOut();
    world.wire.on("deliver", failing({ reason: "busy", retryAfterMs: 7_200_000 }));

    const report = await world.sync({ scope: "deletions" });

    expect(report.nextSyncAt).toBe(instant("2026-03-01T14:00:00Z"));
  });
});

describe("a storage that fails", () => {
  it("before the round begins is answered as it is", async () => {
    const world = await createSendingWorld();
    world.store.on("loadServer", storageAway);

    expect((await world.sender.sync())._unsafeUnwrapErr()).toEqual(STORAGE_AWAY);
    expect(world.said()).toEqual([]);
  });

  it("when the round ends is answered as it is", async () => {
    const world = await createSendingWorld();
    world.store.on("commitServer", pass, pass, storageAway, storageAway);

    expect((await world.sender.sync())._unsafeUnwrapErr()).toEqual(STORAGE_AWAY);
    expect(world.said()).toEqual(["complete"]);
  });

  it("against its contract by throwing is answered with a fault that repeats nothing", async () => {
    const world = await createSendingWorld();
    world.store.on("commitServer", throws);

    expect((await world.sender.sync())._unsafeUnwrapErr()).toEqual({
      type: "storage-fault",
      reason: "unavailable",
      message: "The adapter threw instead of answering: run it through its contract in `testing`.",
    });
  });

  it("by conflicts is tried again, 20 times in all", async () => {
    const world = await createSendingWorld();
    world.store.on("commitServer", ...Array.from({ length: 19 }, () => conflict));

    expect((await world.sync()).outcome).toBe("completed");

    world.store.on("commitServer", ...Array.from({ length: 20 }, () => conflict));

    expect((await world.sender.sync())._unsafeUnwrapErr()).toEqual({
      type: "storage-fault",
      reason: "timed-out",
      message: "Others kept writing in between: try again.",
    });
  });
});

describe("two processes of one server", () => {
  it("do not run a round at once", async () => {
    const world = await createSendingWorld();
    const other = createSender(world.options);
    world.wire.on(
      "complete",
      meanwhile(async () => {
        const report = await world.sync({}, other);

        expect(report).toMatchObject({ outcome: "busy", requests: 0, fault: null, nextSyncAt: null });
      }),
    );

    expect((await world.sync()).outcome).toBe("completed");
    expect(world.said()).toEqual(["complete"]);
  });

  it("take over from one another when the lease has expired, and not a millisecond before", async () => {
    const world = await createSendingWorld();
    const other = createSender(world.options);
    const outcomes: string[] = [];
    world.wire.on(
      "complete",
      meanwhile(async () => {
        world.clock.advance(599_999);
        outcomes.push((await world.sync({}, other)).outcome);
        world.clock.advance(1);
        outcomes.push((await world.sync({}, other)).outcome);
      }),
    );

    const report = await world.sync();

    expect(outcomes).toEqual(["busy", "completed"]);
    expect(report).toMatchObject({ outcome: "busy", fault: null, nextSyncAt: HOURS_ROUND });
    expect(world.said()).toEqual(["complete", "complete"]);
  });

  it("leave the round to whoever took it over", async () => {
    const world = await createSendingWorld();
    const taken = { id: request("other"), until: instant("2026-03-01T12:20:00Z") };
    world.wire.on(
      "complete",
      meanwhile(() => world.setLease(taken)),
    );

    expect((await world.sync()).outcome).toBe("busy");
    expect((await world.server()).lease).toEqual(taken);
  });

  it("renew the lease with each commit", async () => {
    const world = await createSendingWorld();
    const other = createSender(world.options);
    await world.contribute(OCTO, 4);
    const wait = meanwhile(async () => world.clock.advance(400_000));
    const look = meanwhile(async () => {
      world.clock.advance(400_000);

      expect((await world.sync({}, other)).outcome).toBe("busy");
    });
    world.wire.on("deliver", wait);
    world.wire.on("complete", look);

    expect((await world.sync()).outcome).toBe("completed");
  });

  it.each([
    ["at this very instant", 0, "completed"],
    ["a millisecond later", 1, "busy"],
    ["a little later than any of its own, by a clock a little ahead", 602_000, "busy"],
    ["a day later, the longest there is", 86_400_000, "busy"],
    ["later than that, by a clock far ahead", 86_400_001, "completed"],
  ])("find a lease that ends %s", async (_, endsIn, outcome) => {
    const world = await createSendingWorld();
    await world.setLease({ id: request("other"), until: (NOW + endsIn) as typeof NOW });

    expect((await world.sync()).outcome).toBe(outcome);
  });
});

describe("a signal", () => {
  it("that is up before the round lets nothing leave", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);

    const report = await world.sync({ signal: AbortSignal.abort() });

    expect(report).toMatchObject({ outcome: "aborted", requests: 0, kept: 0 });
    expect(await world.server()).toMatchObject({ failures: 0, lease: null, nextSyncAt: HOURS_ROUND });
  });

  it("ends the round between two requests", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const abort = new AbortController();
    world.wire.on(
      "deliver",
      meanwhile(async () => abort.abort()),
    );
    const report = await world.sync({ signal: abort.signal });

    expect(report).toMatchObject({ outcome: "aborted", fault: null, kept: 1 });
    expect(world.said()).toEqual(["deliver: report link-octo"]);
    expect((await world.server()).nextSyncAt).toBe(HOURS_ROUND);
  });

  it("ends the round while the contributions are read, which fails nobody", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const abort = new AbortController();
    world.source.on("read", () => {
      abort.abort();
      return errAsync({ type: "source-fault", message: "The source was told to stop." });
    });

    const report = await world.sync({ signal: abort.signal });

    expect(report).toMatchObject({ outcome: "aborted", fault: null, failed: 0, failures: [] });
    expect(world.said()).toEqual([]);
  });

  it("ends the round where the transport gives up because of it, which counts as no failure", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", failing({ reason: "aborted" }));

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "aborted", fault: { ...UNREACHABLE, reason: "aborted" } });
    expect((await world.server()).failures).toBe(0);
  });
});

describe("disconnecting in mid-round", () => {
  it("ends the round, plans nothing, and the answer that comes then proves nothing", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.wire.on(
      "deliver",
      meanwhile(() => world.disconnectServer()),
    );

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "not-connected", kept: 0, fault: null, nextSyncAt: null });
    expect(await world.server()).toMatchObject({
      settings: { status: "disconnected", connectionOrdinal: 1 },
      lease: null,
      inFlight: null,
      nextSyncAt: null,
      lastSyncAt: null,
    });
    expect((await world.record()).reported?.window.counts.at(-1)).toBe(3);
  });

  it("and connecting anew has the new connection's round due at once", async () => {
    const world = await createSendingWorld();
    world.wire.on(
      "complete",
      meanwhile(async () => {
        await world.disconnectServer();
        await world.connectServer();
      }),
    );

    const report = await world.sync();

    expect(report.outcome).toBe("busy");
    expect((await world.server()).lease).toBeNull();
    expect((await world.sender.status())._unsafeUnwrap().nextSyncAt).toBe(NOW);
  });
});

describe("another copy of the server (S5)", () => {
  async function meetAnotherCopy(): Promise<ReturnType<typeof createGhesWorld>> {
    const world = await createSendingWorld();
    await world.startSending(MONA);
    await world.optOut();
    const server = await world.server();
    const own = server.session.status === "attached" ? server.session.sessionId : sessionId("none");
    const attach = { version: 1, type: "attach", requestId: request("copy"), replaces: own } as const;
    const answer = await world.receiver.handle(SERVER, { ...attach, featureSwitch: server.featureSwitch });
    expect(answer._unsafeUnwrap()).toMatchObject({ type: "attached" });
    return world;
  }

  it("stops the reports, not the withdrawals", async () => {
    const world = await meetAnotherCopy();
    world.wire.on("deliver", lost);
    await world.sync();
    world.wire.sent.length = 0;
    world.clock.set(AN_HOUR_LATER);

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: withdraw link-octo"]);
    expect(report).toMatchObject({
      outcome: "incomplete",
      isContested: true,
      withdrawn: 1,
      kept: 0,
      fault: null,
      nextSyncAt: HOURS_ROUND + 3_600_000,
    });
    expect((await world.sender.status())._unsafeUnwrap().isContested).toBe(true);
    expect(await world.server()).toMatchObject({ lastSyncAt: NOW, failures: 0, lastFault: null });
  });

  it("keeps the reports back hour after hour, until the operator takes over", async () => {
    const world = await meetAnotherCopy();
    await world.sync();
    world.wire.sent.length = 0;

    expect((await world.sync()).isContested).toBe(true);
    expect(world.said()).toEqual([]);

    (await world.sender.takeOver())._unsafeUnwrap();
    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", isContested: false, kept: 1 });
    expect(world.said()).toEqual(["attach", "deliver: report link-mona", "complete"]);
  });
});

describe("the lost answer to an attach", () => {
  it("is not another copy, also where a withdrawal goes before its repetition", async () => {
    const world = await createSendingWorld();
    await world.startSending(MONA);
    (await world.receiver.recover(NOW))._unsafeUnwrap();
    world.wire.on("attach", answerLost);
    await world.sync();
    await world.optOut();

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", isContested: false, withdrawn: 1, kept: 1 });
    expect(await world.record(MONA)).toMatchObject({ reported: { linkId: linkId("link-mona") } });
  });
});
