import { okAsync } from "neverthrow";
import { createSender, type SenderEvent, type UserContributions } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import {
  conflict,
  failing,
  garbled,
  lost,
  STORAGE_AWAY,
  storageAway,
  throws,
  UNREACHABLE,
} from "../../support/ghes-interventions.ts";
import { createGhesWorld, createSendingWorld, createWorldOf } from "../../support/ghes-world.ts";
import { MONA, OCTO, sessionId } from "../../support/values.ts";

type World = ReturnType<typeof createGhesWorld>;

/** A second sender over the same parts, and what it tells. */
function listening(world: World) {
  const told: SenderEvent[] = [];
  const sender = createSender({ ...world.options, onEvent: (event) => told.push(event) });
  const ofType = <Type extends SenderEvent["type"]>(type: Type) =>
    told.filter((event): event is Extract<SenderEvent, { type: Type }> => event.type === type);
  return { told, sender, ofType };
}

async function* chunked(): AsyncGenerator<readonly never[]> {
  yield [];
  throw new Error("secret");
}

describe("a sender tells of a sync", () => {
  it("from its beginning to its end, request by request", async () => {
    const world = await createWorldOf(OCTO, MONA);
    const { told, sender } = listening(world);

    const report = await world.sync({}, sender);

    const [began] = told;
    const syncId = began?.type === "sync-began" ? began.syncId : "";
    const [deliver, complete] = world.wire.sent.slice(-2);
    const ofDeliver = { syncId, requestId: deliver?.requestId, message: "deliver" };
    const ofComplete = { syncId, requestId: complete?.requestId, message: "complete" };
    const nothing = { reason: null, outcomes: {}, refusals: {}, durationMs: 0 };
    expect(told).toEqual([
      { type: "sync-began", syncId, scope: "everything" },
      { type: "request-sent", ...ofDeliver, records: 2 },
      { type: "request-answered", ...ofDeliver, ...nothing, answer: "delivered", outcomes: { kept: 2 } },
      { type: "request-sent", ...ofComplete, records: 0 },
      { type: "request-answered", ...ofComplete, ...nothing, answer: "completed" },
      {
        ...{ type: "sync-ended", syncId, scope: "everything", outcome: "completed", durationMs: 0 },
        ...{ requests: 2, kept: 2, unchanged: 0, ended: 0, unknown: 0, withdrawn: 0, notFound: 0, failed: 0 },
        ...{ isContested: false, fault: null, nextSyncAt: report.nextSyncAt },
      },
    ]);
  });

  it("that another one keeps from running", async () => {
    const world = await createSendingWorld();
    await world.setLease({ id: "another-sync-____" as never, until: 9e15 as never, leaseMs: 9e15 });
    const { told, sender } = listening(world);

    await world.sync({}, sender);

    expect(told).toMatchObject([
      { type: "sync-began" },
      { type: "sync-ended", outcome: "busy", requests: 0 },
    ]);
  });

  it("that the storage keeps from beginning", async () => {
    const world = await createSendingWorld();
    const { told, sender } = listening(world);
    world.store.on("loadServer", storageAway);

    expect((await sender.sync())._unsafeUnwrapErr()).toEqual(STORAGE_AWAY);
    expect(told).toMatchObject([
      { type: "sync-began" },
      { type: "port-failed", port: "store", method: "loadServer", fault: STORAGE_AWAY },
      { type: "sync-ended", outcome: "failed", fault: STORAGE_AWAY, nextSyncAt: null },
    ]);
  });
});

describe("a sender tells of a request", () => {
  it("that got no answer, and how long it took", async () => {
    const world = await createSendingWorld();
    const { sender, ofType } = listening(world);
    world.wire.on("complete", (_, message) => {
      world.clock.advance(700);
      return lost(() => okAsync({}), message);
    });

    await world.sync({}, sender);

    expect(ofType("request-failed")).toMatchObject([
      { message: "complete", durationMs: 700, fault: UNREACHABLE },
    ]);
    expect(ofType("request-failed")[0]).not.toHaveProperty("cause");
    expect(ofType("sync-ended")).toMatchObject([{ outcome: "failed", fault: UNREACHABLE }]);
  });

  it("of a user who connects, outside of any sync; the sync that asks for the link once more names itself", async () => {
    const world = await createWorldOf();
    const { sender, ofType } = listening(world);
    const { attempt } = (await sender.connect(OCTO))._unsafeUnwrap();
    const given = { attempt, browser: "browser-of-octo_" as never, account: "octo-cloud" as never };
    const { code } = (await world.receiver.giveConsent(given))._unsafeUnwrap();
    world.wire.on("redeem", lost);
    (await sender.redeem({ user: OCTO, attempt, code }))._unsafeUnwrapErr();
    const progress: number[] = [];

    await world.sync({ onProgress: ({ requests }) => progress.push(requests) }, sender);

    const [began] = ofType("sync-began");
    expect(ofType("request-sent").map(({ message, syncId }) => [message, syncId])).toEqual([
      ["push", null],
      ["redeem", null],
      ["redeem", began?.syncId],
      ["complete", began?.syncId],
    ]);
    expect(ofType("request-answered").map(({ answer, reason }) => [answer, reason])).toEqual([
      ["pushed", null],
      ["redeemed", null],
      ["completed", null],
    ]);
    expect(progress).toEqual([1, 2]);
  });

  it("that the cloud refuses, and why", async () => {
    const world = await createWorldOf();
    const { sender, ofType } = listening(world);
    const { attempt } = (await sender.connect(OCTO))._unsafeUnwrap();

    const refused = await sender.redeem({ user: OCTO, attempt, code: "a-code-of-nobody" as never });

    expect(refused._unsafeUnwrapErr().type).toBe("redemption-refused");
    expect(ofType("request-answered").slice(1)).toMatchObject([
      { message: "redeem", answer: "redemption-refused", reason: "no-such-consent" },
    ]);
  });

  it("on which the transport threw", async () => {
    const world = await createSendingWorld();
    const { sender, ofType } = listening(world);
    world.wire.on("complete", throws);

    await world.sync({}, sender);

    expect(ofType("request-failed")).toMatchObject([{ cause: new Error("acme/secret") }]);
  });

  it("whose answer makes no sense, and says nothing of it", async () => {
    const world = await createSendingWorld();
    const { sender, ofType, told } = listening(world);
    world.wire.on(
      "complete",
      garbled(() => ({ secret: 1 })),
    );

    await world.sync({}, sender);

    expect(ofType("request-failed")).toMatchObject([{ fault: { reason: "malformed-answer" } }]);
    expect(JSON.stringify(told)).not.toContain("secret");
  });
});

describe("a sender tells of a user whose counts were not sent", () => {
  it.each<readonly [string, unknown, string, string]>([
    [
      "because the source says so",
      { type: "source-fault", message: "The index is away." },
      "source-fault",
      "The index is away.",
    ],
    [
      "because a contribution is wrong, without saying which",
      { type: "contributions", contributions: [{ occurredAt: "2026-03-01T09:00:00Z" }, { occurredAt: "?" }] },
      "malformed-contribution",
      "occurredAt",
    ],
    [
      "because nothing can be read",
      { type: "else" },
      "unreadable-contributions",
      "The contributions could not be read: give an iterable, or an async iterable of chunks, that does not throw.",
    ],
  ])("%s", async (_, contributions, reason, detail) => {
    const world = await createWorldOf(OCTO);
    const { sender, ofType } = listening(world);
    world.contributions.set(OCTO, contributions as UserContributions);

    await world.sync({}, sender);

    expect(ofType("user-not-sent")).toMatchObject([{ user: OCTO, reason, detail }]);
    expect(ofType("port-failed")).toEqual([]);
    expect(ofType("sync-ended")).toMatchObject([{ outcome: "incomplete", failed: 1 }]);
  });

  it("because the receiver refused the record", async () => {
    const world = await createWorldOf(OCTO);
    const { sender, ofType } = listening(world);
    world.wire.on(
      "deliver",
      garbled((answer) => ({ ...answer, outcomes: [{ type: "refused", reason: "clock-ahead" }] })),
    );

    await world.sync({}, sender);

    expect(ofType("user-not-sent")).toMatchObject([
      { user: OCTO, reason: "record-refused", detail: "clock-ahead" },
    ]);
    expect(ofType("request-answered")).toMatchObject([
      { outcomes: { refused: 1 }, refusals: { "clock-ahead": 1 } },
      {},
    ]);
  });

  it.each<readonly [string, unknown]>([
    [
      "an iterable that throws",
      {
        type: "contributions",
        contributions: {
          [Symbol.iterator]: () => {
            throw new Error("secret");
          },
        },
      },
    ],
    ["chunks that throw", { type: "chunks", chunks: chunked() }],
    [
      "an entry that throws",
      {
        get type(): never {
          throw new Error("secret");
        },
      },
    ],
  ])("with what was thrown: %s", async (_, contributions) => {
    const world = await createWorldOf(OCTO);
    const { sender, ofType } = listening(world);
    world.contributions.set(OCTO, contributions as UserContributions);

    const report = await world.sync({}, sender);

    expect(ofType("port-failed")).toEqual([
      {
        ...{ type: "port-failed", port: "source", method: "iterate", durationMs: 0 },
        fault: { ...report.failures[0]?.reason, reason: null },
        cause: new Error("secret"),
      },
    ]);
    expect(JSON.stringify(report)).not.toContain("secret");
    expect(ofType("user-not-sent")).toHaveLength(1);
  });

  it("but not of what a source throws once the sync was aborted", async () => {
    const world = await createWorldOf(OCTO);
    const { sender, ofType } = listening(world);
    const stop = new AbortController();
    const contributions = {
      [Symbol.iterator]: () => {
        stop.abort();
        throw new Error("aborted");
      },
    };
    world.contributions.set(OCTO, { type: "contributions", contributions });

    await world.sync({ signal: stop.signal }, sender);

    expect(ofType("port-failed")).toEqual([]);
    expect(ofType("user-not-sent")).toEqual([]);
    expect(ofType("sync-ended")).toMatchObject([{ outcome: "aborted" }]);
  });

  it("and of a source that threw for all of them", async () => {
    const world = await createWorldOf(OCTO, MONA);
    const { sender, ofType } = listening(world);
    world.source.on("read", throws);

    await world.sync({}, sender);

    expect(ofType("port-failed")).toMatchObject([
      { port: "source", method: "read", cause: new Error("acme/secret") },
    ]);
    expect(
      ofType("user-not-sent")
        .map(({ user }) => user)
        .sort(),
    ).toEqual([MONA, OCTO]);
  });
});

describe("a sender tells of a deletion", () => {
  it("of one user that was asked for, once, and of its first receipt", async () => {
    const world = await createSendingWorld();
    const { told, sender, ofType } = listening(world);

    const optOut = { type: "opt-out", by: OCTO, at: world.clock.now() } as const;
    (await sender.changeLink(OCTO, optOut))._unsafeUnwrap();
    expect(told).toEqual([{ type: "deletion-asked", of: "link" }]);
    world.clock.advance(60_000);
    await world.sync({ scope: "deletions" }, sender);
    world.clock.advance(86_400_000);
    await world.sync({ scope: "deletions" }, sender);

    expect(ofType("deletion-asked")).toHaveLength(1);
    expect(ofType("deletion-acknowledged")).toMatchObject([{ of: "link", deletions: 1, waitedMs: 60_000 }]);
    expect(ofType("request-answered").map(({ outcomes }) => outcomes)).toEqual([
      { withdrawn: 1 },
      { withdrawn: 1 },
    ]);
  });

  it("of the whole server that was asked for, and of its receipt", async () => {
    const world = await createSendingWorld();
    const { told, sender, ofType } = listening(world);
    const disable = { type: "disable", by: { userId: OCTO, isEnterpriseOwner: true } } as const;

    (await sender.changeSettings({ ...disable, at: world.clock.now() }))._unsafeUnwrap();
    (await sender.changeSettings({ ...disable, at: world.clock.now() }))._unsafeUnwrap();
    expect(told).toEqual([{ type: "deletion-asked", of: "server" }]);
    world.clock.advance(5_000);
    await world.sync({ scope: "deletions" }, sender);

    expect(ofType("deletion-acknowledged")).toMatchObject([{ of: "server", deletions: 1, waitedMs: 5_000 }]);
  });

  it("not of other choices, nor of a command that a conflict has overtaken", async () => {
    const world = await createSendingWorld();
    const { sender, ofType } = listening(world);
    const disable = { type: "disable", by: { userId: OCTO, isEnterpriseOwner: true } } as const;
    world.store.on("commitServer", () => {
      return world.disable().then(() => conflict()) as never;
    });

    (await sender.changeSettings({ ...disable, at: world.clock.now() }))._unsafeUnwrap();

    expect(ofType("deletion-asked")).toEqual([]);
    expect(ofType("version-conflict")).toEqual([
      { type: "version-conflict", port: "store", method: "commitServer", durationMs: 0 },
    ]);
  });
});

describe("a sender tells of what the receiver says", () => {
  it("where another copy of the server holds the session, once", async () => {
    const world = await createSendingWorld();
    const { sender, ofType } = listening(world);
    const current = { id: sessionId("of-another-copy"), isVacant: false };
    world.wire.on(
      "complete",
      garbled((answer) => {
        const { version, requestId, featureSwitch } = answer as Record<string, unknown>;
        return { version, type: "detached", requestId, featureSwitch, current, outcomes: [] };
      }),
    );

    await world.sync({}, sender);
    await world.sync({}, sender);

    expect(ofType("session-contested")).toMatchObject([{ current: current.id }]);
    expect(ofType("sync-ended")).toMatchObject([{ isContested: true }, { isContested: true }]);
  });

  it("where it switched the feature off by itself", async () => {
    const world = await createSendingWorld();
    const { sender, ofType } = listening(world);
    (await world.receiver.disconnectInstallation("server-1" as never))._unsafeUnwrap();

    await world.sync({}, sender);

    expect(ofType("disabled-by-receiver")).toMatchObject([{ epoch: expect.any(Number) }]);
  });
});

describe("a listener", () => {
  it("changes nothing, whatever it does", async () => {
    const world = await createWorldOf(OCTO);
    world.wire.on("deliver", failing({ reason: "busy" }));
    const sender = createSender({
      ...world.options,
      onEvent: () => {
        throw new Error("a display");
      },
    });

    expect(await world.sync({}, sender)).toMatchObject({ outcome: "failed" });
    expect(await world.sync({}, sender)).toMatchObject({ outcome: "completed", kept: 1 });
  });

  it("has to be a function", () => {
    const { options } = createGhesWorld();

    expect(() => createSender({ ...options, onEvent: 7 as never })).toThrow(
      new TypeError("createSender: `onEvent` has to be a function."),
    );
  });
});
