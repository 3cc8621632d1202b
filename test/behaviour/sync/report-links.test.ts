import { createSender, type SourceRequest } from "unified-contributions/ghes";
import type { ServerCommit } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import { nextRefreshAt } from "../../../src/ghes/sync/schedule.ts";
import {
  answerLost,
  garbled,
  meanwhile,
  noting,
  pass,
  STORAGE_AWAY,
  storageAway,
  throws,
} from "../../support/ghes-meddling.ts";
import { linkId, NOW, OCTO, user } from "../../support/ghes-values.ts";
import { createGhesWorld, createSendingWorld } from "../../support/ghes-world.ts";

const USERS = ["anna", "bora", "carl", "dana", "emil"].map(user);
const ANNA = user("anna");
const MONA = user("mona");
const REFRESH_AT = nextRefreshAt(linkId("link-octo"), NOW);

async function createWorldOf(
  ...users: ReturnType<typeof user>[]
): Promise<ReturnType<typeof createGhesWorld>> {
  const world = createGhesWorld();
  await world.turnOn();
  await world.startSending(...users);
  return world;
}

/** The answer to a `deliver` with these outcomes in place of its own. */
function withOutcomes(...outcomes: readonly object[]): ReturnType<typeof garbled> {
  return garbled((answer) => ({ ...answer, outcomes }));
}

describe("what the receiver took", () => {
  it("is remembered with the session, the counts and when it is reported again", async () => {
    const world = await createWorldOf(OCTO);
    await world.contribute(OCTO, 3);

    await world.sync();

    expect((await world.record()).reported).toEqual({
      linkId: "link-octo_______",
      sessionId: expect.stringMatching(/^id-\d{13}$/),
      changes: 1,
      window: { first: "2025-12-02", counts: [...Array.from({ length: 89 }, () => 0), 3] },
      reportedAt: NOW,
      refreshAt: REFRESH_AT,
    });
    expect((await world.sender.sharing(OCTO))._unsafeUnwrap().lastSyncAt).toBe(NOW);
  });

  it("is not reported again while nothing has changed", async () => {
    const world = await createSendingWorld();

    expect(await world.sync()).toMatchObject({ outcome: "completed", kept: 0, unchanged: 0 });
    expect(world.said()).toEqual(["complete"]);
  });

  it("is not reported again where a change comes to the same counts", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 3);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", kept: 0, unchanged: 1 });
    expect(world.said()).toEqual(["complete"]);
    expect((await world.record()).reported).toMatchObject({ changes: 2, refreshAt: REFRESH_AT });
    expect((await world.sync()).unchanged).toBe(0);
  });

  it("is reported again each day at its own time, also unchanged (S7)", async () => {
    const world = await createSendingWorld();
    world.clock.set((REFRESH_AT - 1) as typeof NOW);
    await world.sync();
    world.clock.set(REFRESH_AT);
    await world.sync();

    expect(world.said()).toEqual(["complete", "deliver: report link-octo", "complete"]);
    expect((await world.record()).reported).toMatchObject({
      reportedAt: REFRESH_AT,
      refreshAt: REFRESH_AT + 86_400_000,
    });
  });

  it("is not believed where the answer is lost: it is reported again", async () => {
    const world = await createWorldOf(OCTO);
    world.wire.on("deliver", answerLost);

    const failed = await world.sync();
    expect((await world.record()).reported).toBeNull();
    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-octo", "deliver: report link-octo", "complete"]);
    expect([failed.kept, report.kept]).toEqual([0, 1]);
  });

  it("is not believed where it could not be stored", async () => {
    const world = await createWorldOf(OCTO);
    world.store.on("commitServer", pass, pass, storageAway);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "failed", fault: STORAGE_AWAY, kept: 0 });
    expect((await world.record()).reported).toBeNull();
  });

  it.each<[string, (answer: object) => unknown]>([
    ["nothing", () => undefined],
    ["a proxy's page", () => "<html>"],
    ["another request's", (answer) => ({ ...answer, requestId: "another-request-" })],
    ["of another kind", (answer) => ({ ...answer, type: "completed" })],
    ["of too few outcomes", (answer) => ({ ...answer, outcomes: [] })],
    ["of an outcome that fits no report", (answer) => ({ ...answer, outcomes: [{ type: "not-applied" }] })],
    ["of one key too many", (answer) => ({ ...answer, debug: true })],
  ])("is not believed where the answer is garbled: %s", async (_, change) => {
    const world = await createWorldOf(OCTO);
    world.wire.on("deliver", garbled(change));

    const report = await world.sync();

    expect(report).toMatchObject({
      outcome: "failed",
      fault: { type: "transport-fault", reason: "malformed-answer" },
      kept: 0,
    });
    expect((await world.record()).reported).toBeNull();
  });

  it("is due again where it has changed while it was on its way", async () => {
    const world = await createWorldOf(OCTO);
    world.wire.on(
      "deliver",
      meanwhile(() => world.contribute(OCTO, 5)),
    );

    await world.sync();
    const report = await world.sync();

    expect(report.kept).toBe(1);
    expect(await world.shown()).toBe(5);
  });

  it("is nothing to a link that was replaced while it was on its way", async () => {
    const world = await createWorldOf(OCTO);
    world.wire.on(
      "deliver",
      meanwhile(() => world.optIn(OCTO, linkId("link-new"))),
    );

    await world.sync();

    expect((await world.record()).reported).toBeNull();
  });
});

describe("what is stored with an answer", () => {
  it.each<[string, object, readonly string[]]>([
    ["kept", { type: "kept" }, ["link-octo_______"]],
    ["gone", { type: "gone" }, []],
    ["refused", { type: "refused", reason: "clock-ahead" }, []],
  ])("is what it proves and no more: %s", async (_, outcome, reported) => {
    const world = await createWorldOf(OCTO);
    const commits: ServerCommit[] = [];
    world.store.on("commitServer", pass, pass, noting(commits));
    world.wire.on("deliver", withOutcomes(outcome));

    await world.sync();

    expect(commits).toHaveLength(1);
    expect(commits[0]?.reported.map((one) => one.reported.linkId)).toEqual(reported);
    expect(commits[0]?.withdrawn).toEqual([]);
  });

  it("is nothing where the session is not current any more", async () => {
    const world = await createWorldOf(OCTO);
    const commits: ServerCommit[] = [];
    world.store.on("commitServer", pass, pass, noting(commits));
    (await world.receiver.recover(NOW))._unsafeUnwrap();

    await world.sync();

    expect(commits).toEqual([expect.objectContaining({ reported: [], withdrawn: [] })]);
  });

  it("is nothing where the request is rejected", async () => {
    const world = await createWorldOf(OCTO);
    const commits: ServerCommit[] = [];
    world.store.on("commitServer", pass, pass, noting(commits));
    world.wire.on("deliver", rejected);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "failed", fault: { type: "rejected" }, kept: 0 });
    expect(commits).toEqual([expect.objectContaining({ reported: [], withdrawn: [] })]);
  });

  it("is what is unchanged, where nothing has to be sent", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 3);
    const commits: ServerCommit[] = [];
    world.store.on("commitServer", pass, noting(commits));

    await world.sync();

    expect(commits[0]?.reported.map((one) => one.reported.changes)).toEqual([2]);
    expect(commits[0]?.withdrawn).toEqual([]);
  });

  it("is nothing where nothing was proved: only the lease is taken and given back", async () => {
    const world = await createWorldOf(OCTO);
    const before = (await world.memory.loadServer())._unsafeUnwrap().version;
    world.source.on("read", throws);

    await world.sync();

    expect((await world.memory.loadServer())._unsafeUnwrap().version).toBe(before + 2);
  });
});

describe("many links", () => {
  it("go in requests of so many, in the order of their ids, with a pause after each", async () => {
    const world = await createWorldOf(...USERS);
    const sender = createSender({ ...world.options, batchSize: 2, pauseMs: 5_000 });

    const report = await world.sync({}, sender);

    expect(world.said()).toEqual([
      "deliver: report link-anna, report link-bora",
      "deliver: report link-carl, report link-dana",
      "deliver: report link-emil",
      "complete",
    ]);
    expect(report).toMatchObject({ outcome: "completed", kept: 5 });
    expect(report.endedAt - report.startedAt).toBe(15_000);
  });

  it("go together where only some have changed, and those that have not are remembered with them", async () => {
    const world = await createWorldOf(OCTO, MONA);
    await world.contribute(MONA, 1);
    await world.sync();
    await world.contribute(MONA, 2);
    await world.contribute(OCTO, 0);
    world.wire.sent.length = 0;

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-mona", "complete"]);
    expect(report).toMatchObject({ kept: 1, unchanged: 1 });
    expect((await world.record()).reported?.changes).toBe(1);
  });

  it("go on after a link that opted in while the contributions were read", async () => {
    const world = await createWorldOf(MONA);
    const sender = createSender({ ...world.options, batchSize: 1 });
    world.source.on("read", (proceed) =>
      proceed().map(pausedFor(() => world.optIn(ANNA, linkId("link-anna")))),
    );

    const report = await world.sync({}, sender);

    expect(world.said()).toEqual(["deliver: report link-mona", "complete"]);
    expect(report).toMatchObject({ outcome: "completed", kept: 1 });
  });

  it("are told of one by one", async () => {
    const world = await createWorldOf(OCTO, MONA);
    const told: unknown[] = [];
    const sender = createSender({ ...world.options, batchSize: 1 });

    await world.sync({ onProgress: (progress) => told.push(progress) }, sender);

    const nothing = { unchanged: 0, gone: 0, withdrawn: 0 };
    expect(told).toEqual([
      { ...nothing, requests: 1, kept: 0 },
      { ...nothing, requests: 2, kept: 1 },
      { ...nothing, requests: 3, kept: 2 },
    ]);
  });
});

describe("a session that is not current any more", () => {
  it("has nothing read that can't be sent", async () => {
    const world = await createWorldOf(...USERS);
    (await world.receiver.recover(NOW))._unsafeUnwrap();
    const sender = createSender({ ...world.options, batchSize: 3 });
    const requests: SourceRequest[] = [];
    world.source.on("read", noting(requests), noting(requests), noting(requests), noting(requests));

    await world.sync({}, sender);

    expect(requests.map(({ users }) => users.join(" "))).toEqual([
      "anna bora carl",
      "anna bora carl",
      "dana emil",
    ]);
  });
});

describe("whoever is not allowed to any more when their turn comes (S2)", () => {
  it("is told from who is by one query for the whole page", async () => {
    const world = await createWorldOf(OCTO, MONA);
    world.store.on("loadLink", throws);

    expect(await world.sync()).toMatchObject({ outcome: "completed", kept: 2 });
  });

  it("sends nothing: opted out while the contributions were read", async () => {
    const world = await createWorldOf(OCTO, MONA);
    world.source.on("read", (proceed) => proceed().map(pausedFor(() => world.optOut())));

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-mona", "complete"]);
    expect(report).toMatchObject({ outcome: "completed", kept: 1 });
  });

  it("sends nothing: under another link by now", async () => {
    const world = await createWorldOf(OCTO);
    world.source.on("read", (proceed) =>
      proceed().map(pausedFor(() => world.optIn(OCTO, linkId("link-new")))),
    );

    await world.sync();

    expect(world.said()).toEqual(["complete"]);
  });

  it("sends nothing, and nobody does, where the owner turned the feature off", async () => {
    const world = await createWorldOf(OCTO);
    world.source.on("read", (proceed) => proceed().map(pausedFor(() => world.disable())));

    const report = await world.sync();

    expect(world.said()).toEqual(["disable 1"]);
    expect(report).toMatchObject({ outcome: "completed", kept: 0 });
  });

  it.each(["dueLinks", "loadLink"] as const)(
    "is not guessed where the storage can't say: %s",
    async (name) => {
      const world = await createWorldOf(OCTO);
      world.source.on("read", (proceed) =>
        proceed().map(
          pausedFor(async () => {
            await world.optOut();
            world.store.on(name, storageAway);
          }),
        ),
      );

      expect(await world.sync()).toMatchObject({ outcome: "failed", fault: STORAGE_AWAY });
      expect(world.said()).toEqual([]);
    },
  );
});

describe("a record that is refused (R13)", () => {
  const refusal = { type: "refused", reason: "clock-ahead" };

  it("is named, stays due, and keeps the round from being completed", async () => {
    const world = await createWorldOf(OCTO, MONA);
    world.wire.on("deliver", withOutcomes({ type: "kept" }, refusal));

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-mona, report link-octo"]);
    expect(report).toMatchObject({
      outcome: "incomplete",
      kept: 1,
      failed: 1,
      failures: [{ user: "octo", reason: { type: "record-refused", reason: "clock-ahead" } }],
    });
    expect((await world.record()).reported).toBeNull();
    expect((await world.sync()).kept).toBe(1);
  });

  it("keeps none of the others back", async () => {
    const world = await createWorldOf(OCTO, MONA);
    const sender = createSender({ ...world.options, batchSize: 1 });
    world.wire.on("deliver", withOutcomes(refusal));

    const report = await world.sync({}, sender);

    expect(world.said()).toEqual(["deliver: report link-mona", "deliver: report link-octo"]);
    expect(report).toMatchObject({ outcome: "incomplete", kept: 1, failed: 1 });
  });
});

describe("contributions that can't be counted", () => {
  it("keep the round from being completed, and none of the others back", async () => {
    const world = await createWorldOf(OCTO, MONA);
    world.contributions.set(MONA, { type: "contributions", contributions: [{ occurredAt: "yesterday" }] });

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-octo"]);
    expect(report).toMatchObject({
      outcome: "incomplete",
      kept: 1,
      failed: 1,
      failures: [{ user: "mona", reason: { type: "malformed-contribution", field: "occurredAt", index: 0 } }],
    });
    expect((await world.server()).lastSyncAt).toBe(NOW);
  });

  it("do not hide that the session has changed", async () => {
    const world = await createSendingWorld();
    await world.startSending(MONA);
    await world.contribute(OCTO, 4);
    world.contributions.set(MONA, { type: "contributions", contributions: [{ occurredAt: "yesterday" }] });
    (await world.receiver.recover(NOW))._unsafeUnwrap();

    await world.sync();

    expect(world.said()).toEqual(["deliver: report link-octo", "attach", "deliver: report link-octo"]);
  });
});

/** The request is not understood, whatever became of it. */
const rejected = garbled((answer) => ({
  version: 1,
  type: "rejected",
  requestId: "requestId" in answer ? answer.requestId : null,
  reason: "malformed-message",
  supported: { first: 1, last: 1 },
}));

/** Lets something happen, and then goes on with what was read. */
function pausedFor(happens: () => Promise<void>): <Read>(read: Read) => Promise<Read> {
  return async (read) => {
    await happens();
    return read;
  };
}
