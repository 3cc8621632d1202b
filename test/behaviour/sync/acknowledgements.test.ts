import { okAsync } from "neverthrow";
import { createSender } from "unified-contributions/ghes";
import type { ServerCommit, ServerState } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import {
  answerLost,
  conflict,
  garbled,
  lost,
  meanwhile,
  noting,
  pass,
  storageAway,
  throws,
} from "../../support/ghes-interventions.ts";
import { type createGhesWorld, createSendingWorld, createWorldOf } from "../../support/ghes-world.ts";
import { NOW, OCTO, requestId } from "../../support/values.ts";

/** The answer to a `deliver` with these outcomes in place of its own. */
function withOutcomes(...outcomes: readonly object[]): ReturnType<typeof garbled> {
  return garbled((answer) => ({ ...answer, outcomes }));
}

/** The request is not understood, whatever became of it. */
const rejected = garbled((answer) => ({
  version: 1,
  type: "rejected",
  requestId: "requestId" in answer ? answer.requestId : null,
  reason: "malformed-message",
  supported: { first: 1, last: 1 },
}));

describe("a request", () => {
  it("leaves after it was stored (S4)", async () => {
    const world = await createSendingWorld();
    const stored: ServerState[] = [];
    world.wire.on("complete", (proceed) =>
      okAsync(null)
        .map(async () => stored.push(await world.server()))
        .andThen(proceed),
    );

    await world.sync();

    const requestId = world.wire.sent.at(-1)?.requestId;
    expect(stored).toEqual([
      expect.objectContaining({
        inFlight: requestId,
        session: expect.objectContaining({ follows: [expect.any(String), requestId] }),
      }),
    ]);
  });

  it("follows the last answered one, and every one since", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", lost, answerLost);

    for (let round = 0; round < 4; round++) await world.sync();

    const [first, second, third, fourth] = world.wire.sent.map((message) => ({ follows: [], ...message }));
    expect(first?.follows).toHaveLength(1);
    expect(second?.follows).toEqual([...(first?.follows ?? []), first?.requestId]);
    expect(third?.follows).toEqual([...(second?.follows ?? []), second?.requestId]);
    expect(fourth?.follows).toEqual([third?.requestId]);
    expect((await world.server()).session).toMatchObject({ follows: [fourth?.requestId] });
  });

  it("does not leave if it could not be stored", async () => {
    const world = await createSendingWorld();
    world.store.on("commitServer", pass, storageAway);

    const report = await world.sync();

    expect(world.said()).toEqual([]);
    expect(report).toMatchObject({ outcome: "failed", fault: { type: "storage-fault" } });
  });

  it("is planned again, under the same id, if another writer commits in between", async () => {
    const world = await createSendingWorld();
    world.store.on("commitServer", pass, conflict);

    expect((await world.sync()).outcome).toBe("completed");
    expect(world.said()).toEqual(["complete"]);
  });

  it("counts as lost if the transport throws, and the thrown value is not repeated", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", throws);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "failed", requests: 0 });
    expect(report.fault).toEqual({
      type: "transport-fault",
      reason: "unreachable",
      retryAfterMs: null,
      message:
        "The adapter threw, or answered with something that is not a Result. The event `port-failed` names the method: run the adapter through its contract in `testing`.",
    });
  });

  it("is handed to the transport with the sync's signal", async () => {
    const world = await createSendingWorld();
    const { signal } = new AbortController();
    const signals: AbortSignal[] = [];
    const transport = {
      send: (message: never, given: AbortSignal) => {
        signals.push(given);
        return world.wire.send(message, given);
      },
    };

    await world.sync({ signal }, createSender({ ...world.options, transport }));

    expect(signals).toHaveLength(1);
    expect(signals[0]).toBe(signal);
  });
});

describe("an answer", () => {
  it("to a request that is not awaited any more proves nothing (S3)", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.wire.on(
      "deliver",
      meanwhile(async () => {
        const { value, version } = (await world.memory.loadServer())._unsafeUnwrap();
        const server = { ...value, inFlight: requestId("another") };
        const commit = { expectedVersion: version, server, audit: null, reported: [], withdrawn: [] };
        (await world.memory.commitServer(commit))._unsafeUnwrap();
      }),
    );

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "busy", kept: 0, requests: 0 });
    expect(await countOfToday(world)).toBe(3);
  });

  it("is stored with everything that it proves, and with its switch, in one commit", async () => {
    const world = await createSendingWorld();
    world.wire.on(
      "complete",
      garbled((answer) => ({ ...answer, featureSwitch: { epoch: 1, status: "off" } })),
    );

    await world.sync();

    expect((await world.server()).settings.status).toBe("disabled");
    expect(world.memory.auditLog().at(-1)).toEqual({
      action: "unified_contributions.disable",
      actor: null,
      user: null,
      createdAt: NOW,
    });
  });

  it("is applied again if another writer commits in between", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.store.on("commitServer", pass, pass, conflict);

    expect((await world.sync()).kept).toBe(1);
    expect(await countOfToday(world)).toBe(4);
  });
});

describe("the commit of an answer", () => {
  it.each<[string, object, readonly string[]]>([
    ["kept", { type: "kept" }, ["link-octo_______"]],
    ["ended", { type: "ended", choice: null, receipt: { deletedAt: NOW, removed: null } }, []],
    ["a choice ended", { type: "ended", choice: 1, receipt: { deletedAt: NOW, removed: null } }, []],
    ["unknown", { type: "unknown" }, ["link-octo_______"]],
    ["not applied", { type: "not-applied" }, []],
    ["refused", { type: "refused", reason: "clock-ahead" }, []],
  ])("stores exactly what the answer proves: %s", async (_, outcome, reported) => {
    const world = await createWorldOf(OCTO);
    const commits: ServerCommit[] = [];
    world.store.on("commitServer", pass, pass, noting(commits));
    world.wire.on("deliver", withOutcomes(outcome));

    await world.sync();

    expect(commits).toHaveLength(1);
    expect(world.wire.sent).not.toHaveLength(1);
    expect(commits[0]?.reported.map((one) => one.reported.linkId)).toEqual(reported);
    expect(commits[0]?.withdrawn).toEqual([]);
  });

  it("stores nothing if the session is not current any more", async () => {
    const world = await createWorldOf(OCTO);
    const commits: ServerCommit[] = [];
    world.store.on("commitServer", pass, pass, noting(commits));
    world.vacate();

    await world.sync();

    expect(commits).toEqual([expect.objectContaining({ reported: [], withdrawn: [] })]);
  });

  it("stores nothing if the request is rejected", async () => {
    const world = await createWorldOf(OCTO);
    const commits: ServerCommit[] = [];
    world.store.on("commitServer", pass, pass, noting(commits));
    world.wire.on("deliver", rejected);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "failed", fault: { type: "rejected" }, kept: 0 });
    expect(commits).toEqual([expect.objectContaining({ reported: [], withdrawn: [] })]);
  });

  it("stores unchanged links if nothing has to be sent", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 3);
    const commits: ServerCommit[] = [];
    world.store.on("commitServer", pass, noting(commits));

    await world.sync();

    expect(commits[0]?.reported.map((one) => one.reported)).toEqual([
      expect.objectContaining({ changes: 2 }),
    ]);
    expect(commits[0]?.withdrawn).toEqual([]);
  });

  it("stores only the lease and the completed sync if nothing was proved", async () => {
    const world = await createWorldOf(OCTO);
    const commits: ServerCommit[] = [];
    const note = noting(commits);
    world.store.on("commitServer", note, note, note, note);
    world.source.on("read", throws);

    await world.sync();

    expect(world.said()).toEqual(["complete"]);
    expect(commits).toHaveLength(3);
    for (const commit of commits) expect(commit).toMatchObject({ reported: [], withdrawn: [] });
  });
});

describe("a completion", () => {
  it("whose answer is lost is sent again", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", answerLost);

    await world.sync();
    await world.sync();

    expect(world.said()).toEqual(["complete", "complete"]);
  });
});

/** The last count that the receiver is known to have of octo. */
async function countOfToday(world: ReturnType<typeof createGhesWorld>): Promise<number | undefined> {
  const { reported } = await world.record();
  return reported?.type === "kept" ? reported.window.counts.at(-1) : undefined;
}
