import { errAsync, okAsync } from "neverthrow";
import { createSender, type UserContributions } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { nextHourlySyncAt } from "../../../src/ghes/sync/schedule.ts";
import {
  answerLost,
  conflict,
  failing,
  garbled,
  lost,
  pass,
  STORAGE_AWAY,
  storageAway,
  throws,
  UNREACHABLE,
} from "../../support/ghes-interventions.ts";
import { createNewSessionOf, createSendingWorld, SERVER } from "../../support/ghes-world.ts";
import { instant, MONA, NOW, OCTO, user } from "../../support/values.ts";

const HOURS_ROUND = nextHourlySyncAt(SERVER, NOW);
const AN_HOUR_LATER = instant("2026-03-01T13:00:00Z");
const UNREADABLE = {
  type: "unreadable-contributions",
  message:
    "The contributions could not be read: give an iterable, or an async iterable of chunks, that does not throw.",
};
const SOURCE_THREW = {
  type: "source-fault",
  message:
    "The source of contributions threw, or answered with something that is not a Result. Let it answer with a ResultAsync, and with a fault where it cannot read.",
};

/** The answer to a `deliver` with these outcomes in place of its own. */
function withOutcomes(...outcomes: readonly object[]): ReturnType<typeof garbled> {
  return garbled((answer) => ({ ...answer, outcomes }));
}

describe("a sync that gets no answer", () => {
  it("changes no user's state, and plans the next attempt", async () => {
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

  it("waits longer after each failure, and starts over after an answer", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", lost, lost, lost);

    const waits: number[] = [];
    for (let round = 0; round < 4; round++) {
      waits.push(((await world.sync()).nextSyncAt ?? 0) - NOW);
    }

    expect(waits).toEqual([22_500, 45_000, 90_000, HOURS_ROUND - NOW]);
    expect(await world.server()).toMatchObject({ failures: 0, lastFault: null });
  });

  it("waits as long as the receiver asks", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", failing({ reason: "busy", retryAfterMs: 3_600_000 }));

    expect((await world.sync()).nextSyncAt).toBe(AN_HOUR_LATER);
  });

  it("plans no special wait if the storage fails", async () => {
    const world = await createSendingWorld();
    world.store.on("dueLinks", storageAway);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "failed", fault: STORAGE_AWAY });
    expect(report.nextSyncAt).toBe(NOW + 22_500);
  });

  it("waits longer each time if the receiver rejects its messages", async () => {
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

  it("keeps the results of earlier answers", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.wire.on("complete", answerLost);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "failed", kept: 1, requests: 1 });
    expect(await world.shown()).toBe(4);
    expect((await world.record()).reported).toMatchObject({ type: "kept", changes: 2 });
  });

  it("is not planned sooner after a try for the deletions alone", async () => {
    const world = await createSendingWorld();
    await world.optOut();
    world.wire.on("deliver", failing({ reason: "busy", retryAfterMs: 7_200_000 }));

    const report = await world.sync({ scope: "deletions" });

    expect(report.nextSyncAt).toBe(instant("2026-03-01T14:00:00Z"));
  });
});

describe("a storage that fails", () => {
  it("before the sync begins is returned as it is", async () => {
    const world = await createSendingWorld();
    world.store.on("loadServer", storageAway);

    expect((await world.sender.sync())._unsafeUnwrapErr()).toEqual(STORAGE_AWAY);
    expect(world.said()).toEqual([]);
  });

  it("when the sync ends is returned as it is", async () => {
    const world = await createSendingWorld();
    world.store.on("commitServer", pass, pass, storageAway, storageAway);

    expect((await world.sender.sync())._unsafeUnwrapErr()).toEqual(STORAGE_AWAY);
    expect(world.said()).toEqual(["complete"]);
  });

  it("by throwing, against its contract, becomes a fault that repeats nothing", async () => {
    const world = await createSendingWorld();
    world.store.on("commitServer", throws);

    expect((await world.sender.sync())._unsafeUnwrapErr()).toEqual({
      type: "storage-fault",
      reason: "outcome-unknown",
      message:
        "The adapter threw, or answered with something that is not a Result. The event `port-failed` names the method: run the adapter through its contract in `testing`.",
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
      message: "Other writers committed first every time: try again later.",
    });
  });
});

describe("a record that is refused (R13)", () => {
  const refusal = { type: "refused", reason: "clock-ahead" };

  it("is named and stays due, its link is held, and the sync ends incomplete", async () => {
    const world = await createNewSessionOf(OCTO, MONA);
    world.wire.on("deliver", withOutcomes({ type: "kept" }, refusal));

    const report = await world.sync();

    expect(world.said()).toEqual([
      "deliver: report link-mona, report link-octo",
      "deliver: hold link-octo",
      "complete",
    ]);
    expect(report).toMatchObject({
      outcome: "incomplete",
      kept: 1,
      failed: 1,
      failures: [
        {
          user: "octo",
          reason: {
            type: "record-refused",
            reason: "clock-ahead",
            message:
              "The user's days end too far after GitHub Enterprise Cloud's date: set the clocks of both right.",
          },
        },
      ],
    });
    expect((await world.record()).reported).toBeNull();
    expect((await world.sync()).kept).toBe(1);
  });

  it("keeps none of the others back", async () => {
    const world = await createNewSessionOf(OCTO, MONA);
    const sender = createSender({ ...world.options, batchSize: 1 });
    world.wire.on("deliver", withOutcomes(refusal));

    const report = await world.sync({}, sender);

    expect(world.said()).toEqual([
      "deliver: report link-mona",
      "deliver: hold link-mona",
      "deliver: report link-octo",
      "complete",
    ]);
    expect(report).toMatchObject({ outcome: "incomplete", kept: 1, failed: 1 });
  });
});

describe("contributions that cannot be counted", () => {
  it("are named, their links are held, and the sync ends incomplete", async () => {
    const world = await createNewSessionOf(OCTO, MONA);
    world.contributions.set(MONA, { type: "contributions", contributions: [{ occurredAt: "yesterday" }] });

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-octo, hold link-mona", "complete"]);
    expect(report).toMatchObject({
      outcome: "incomplete",
      kept: 1,
      failed: 1,
      failures: [{ user: "mona", reason: { type: "malformed-contribution", field: "occurredAt", index: 0 } }],
    });
    expect((await world.server()).lastSyncAt).toBeNull();
  });

  it("do not hide that the session has changed", async () => {
    const world = await createSendingWorld();
    await world.startSending(MONA);
    await world.contribute(OCTO, 4);
    world.contributions.set(MONA, { type: "contributions", contributions: [{ occurredAt: "yesterday" }] });
    world.vacate();

    await world.sync();

    expect(world.said()).toEqual([
      "deliver: report link-octo",
      "attach",
      "deliver: report link-octo, hold link-mona",
      "complete",
    ]);
  });
});

describe("a user whose contributions make no sense", () => {
  it.each<[string, unknown]>([
    ["nothing at all", null],
    ["no type", { contributions: [] }],
    ["an unknown type", { type: "commits", contributions: [] }],
    ["no contributions", { type: "contributions" }],
    ["no chunks", { type: "chunks" }],
    ["no daily counts", { type: "daily-counts" }],
  ])("fails alone, and the receiver's copy does not change: %s", async (_, contributions) => {
    const world = await createNewSessionOf(OCTO, MONA);
    world.contributions.set(OCTO, contributions as UserContributions);

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-mona, hold link-octo", "complete"]);
    expect(report).toMatchObject({ outcome: "incomplete", kept: 1, failed: 1 });
    expect(report.failures).toEqual([{ user: "octo", reason: UNREADABLE }]);
  });
});

describe("a source that fails", () => {
  it("fails for the whole page, whose users stay due", async () => {
    const world = await createNewSessionOf(OCTO, MONA);
    const away = { type: "source-fault", message: "The source is away." } as const;
    world.source.on("read", () => errAsync(away));

    const report = await world.sync();

    expect(report.failures).toEqual([
      { user: "mona", reason: { type: "source-fault", message: "The source is away." } },
      { user: "octo", reason: { type: "source-fault", message: "The source is away." } },
    ]);
    expect(report.failed).toBe(2);
    expect((await world.sync()).kept).toBe(2);
  });

  it.each<[string, () => never]>([
    ["that throws", throws],
    ["that answers no Result", () => new Map() as never],
    ["whose map throws", () => okAsync({ get: () => undefined, keys: throws }) as never],
  ])("%s: repeats nothing", async (_, read) => {
    const world = await createNewSessionOf(OCTO, MONA);
    world.source.on("read", read);

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: hold link-mona, hold link-octo", "complete"]);
    expect(report).toMatchObject({ outcome: "incomplete", failed: 2, kept: 0, unchanged: 0, fault: null });
    expect(report.failures).toEqual([
      { user: "mona", reason: SOURCE_THREW },
      { user: "octo", reason: SOURCE_THREW },
    ]);
  });

  it("fails one page of many", async () => {
    const world = await createNewSessionOf(OCTO, MONA);
    const sender = createSender({ ...world.options, batchSize: 1 });
    world.source.on("read", throws);

    const report = await world.sync({}, sender);

    expect(world.said()).toEqual(["deliver: hold link-mona", "deliver: report link-octo", "complete"]);
    expect(report).toMatchObject({ outcome: "incomplete", failed: 1, kept: 1 });
  });
});

describe("a session that is not current any more", () => {
  it("counts no user's failure twice", async () => {
    const world = await createSendingWorld();
    await world.startSending(MONA);
    world.contributions.set(MONA, {
      type: "daily-counts",
      dailyCounts: [{ date: "2026-03-01", contributionCount: -1 }],
    });
    await world.contribute(OCTO, 70_000);
    world.vacate();

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "incomplete", failed: 1, kept: 1, saturatedDays: 1 });
    expect(report.failures).toHaveLength(1);
  });

  it("drops failures and saturated days of repeated reports, and counts everything that was answered", async () => {
    const world = await createNewSessionOf(user("anna"), MONA, OCTO);
    const sender = createSender({ ...world.options, batchSize: 1 });
    world.contributions.set(user("anna"), {
      type: "contributions",
      contributions: [{ occurredAt: "today" }],
    });
    await world.contribute(MONA, 65_536);
    await world.contribute(OCTO, 1);
    world.wire.on("deliver", pass, pass, (proceed) => {
      world.vacate();
      return proceed();
    });

    const report = await world.sync({}, sender);

    expect(world.said()).toEqual([
      "deliver: hold link-anna",
      "deliver: report link-mona",
      "deliver: report link-octo",
      "attach",
      "deliver: hold link-anna",
      "deliver: report link-octo",
      "deliver: report link-mona",
      "complete",
    ]);
    expect(report).toMatchObject({
      outcome: "incomplete",
      requests: 8,
      kept: 3,
      failed: 1,
      saturatedDays: 1,
    });
    expect(report.failures.map((failure) => failure.user)).toEqual(["anna"]);
  });
});

describe("many failures", () => {
  it("are all counted, and the first 1,000 are named", async () => {
    const users = Array.from({ length: 1_002 }, (_, at) => user(`user-${String(at + 1).padStart(4, "0")}`));
    const world = await createNewSessionOf(...users);
    const sender = createSender({ ...world.options, batchSize: 400 });
    for (const one of users) world.contributions.set(one, null as never);

    const report = await world.sync({}, sender);

    expect(world.wire.sent.map(({ type }) => type)).toEqual(["deliver", "deliver", "deliver", "complete"]);
    expect(report).toMatchObject({ outcome: "incomplete", failed: 1_002, kept: 0 });
    expect(report.failures.map((failure) => failure.user)).toEqual(users.slice(0, 1_000));
  });
});
