import { errAsync, okAsync } from "neverthrow";
import { createSender, type SourceRequest, type UserContributions } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { throws } from "../../support/ghes-meddling.ts";
import { instant, linkId, OCTO, sessionId, user } from "../../support/ghes-values.ts";
import { createGhesWorld } from "../../support/ghes-world.ts";

const MONA = user("mona");
const NOON = { occurredAt: "2026-03-01T12:00:00Z" };
const UNREADABLE = {
  type: "unreadable-contributions",
  message:
    "The contributions could not be read: give an iterable, or an async iterable of chunks, that does not throw.",
};
const SOURCE_THREW = {
  type: "source-fault",
  message: "The source of contributions threw: let it answer with a fault instead.",
};

/** Octo and mona send; mona contributed once today. */
async function createPairWorld(): Promise<ReturnType<typeof createGhesWorld>> {
  const world = createGhesWorld();
  await world.turnOn();
  await world.startSending(OCTO, MONA);
  await world.contribute(MONA, 1);
  return world;
}

async function* inChunks(
  ...chunks: readonly (readonly { occurredAt: string }[])[]
): AsyncGenerator<readonly { occurredAt: string }[]> {
  yield* chunks;
}

describe("the source", () => {
  it("is asked for the users of a page, for 90 days, with the round's signal", async () => {
    const world = await createPairWorld();
    const requests: SourceRequest[] = [];
    world.source.on("read", (proceed, request) => {
      requests.push(request);
      return proceed();
    });
    const { signal } = new AbortController();

    await world.sync({ signal });

    expect(requests).toEqual([
      { users: ["mona", "octo"], days: { first: "2025-12-02", last: "2026-03-01" }, signal },
    ]);
    expect(requests[0]?.signal).toBe(signal);
  });

  it.each([
    [-720, "2026-03-01T11:59:59Z", "2026-02-28"],
    [-720, "2026-03-01T12:00:00Z", "2026-03-01"],
    [840, "2026-03-01T09:59:59Z", "2026-03-01"],
    [840, "2026-03-01T10:00:00Z", "2026-03-02"],
  ])(
    "is asked for the server's own day: %i minutes ahead of UTC at %s it is %s",
    async (offset, now, last) => {
      const world = await createPairWorld();
      const sender = createSender({ ...world.options, utcOffsetMinutes: offset });
      const asked: string[] = [];
      world.source.on("read", (proceed, { days }) => {
        asked.push(days.last);
        return proceed();
      });
      world.clock.set(now);

      await world.sync({}, sender);

      expect(asked).toEqual([last]);
    },
  );

  it.each<[string, UserContributions]>([
    ["contributions", { type: "contributions", contributions: [NOON, NOON] }],
    ["chunks of contributions", { type: "chunks", chunks: inChunks([NOON], [NOON]) }],
    ["daily counts", { type: "daily-counts", dailyCounts: [{ date: "2026-03-01", contributionCount: 2 }] }],
  ])("may answer with %s", async (_, contributions) => {
    const world = await createPairWorld();
    world.contributions.set(OCTO, contributions);

    expect(await world.sync()).toMatchObject({ outcome: "completed", kept: 2 });
    expect(await world.shown(OCTO)).toBe(2);
  });

  it("that does not name a user says that they contributed nothing", async () => {
    const world = await createPairWorld();

    await world.sync();

    expect(await world.shown(OCTO)).toBe(0);
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
  ])("fails alone, and what the receiver has is left alone: %s", async (_, contributions) => {
    const world = await createPairWorld();
    world.contributions.set(OCTO, contributions as UserContributions);

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-mona"]);
    expect(report).toMatchObject({ outcome: "incomplete", kept: 1, failed: 1 });
    expect(report.failures).toEqual([{ user: "octo", reason: UNREADABLE }]);
  });
});

describe("a source that fails", () => {
  it("fails for the whole page, whose users stay due", async () => {
    const world = await createPairWorld();
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
    ["that answers no map", () => okAsync([]) as never],
    ["that answers nothing", () => okAsync(undefined) as never],
    ["that answers no Result", () => new Map() as never],
    [
      "whose map throws",
      () =>
        okAsync({
          get: throws,
        }) as never,
    ],
  ])("%s: repeats nothing", async (_, read) => {
    const world = await createPairWorld();
    world.source.on("read", read);

    const report = await world.sync();

    expect(world.said()).toEqual([]);
    expect(report).toMatchObject({ outcome: "incomplete", failed: 2, kept: 0, unchanged: 0, fault: null });
    expect(report.failures).toEqual([
      { user: "mona", reason: SOURCE_THREW },
      { user: "octo", reason: SOURCE_THREW },
    ]);
  });

  it("fails one page of many", async () => {
    const world = await createPairWorld();
    const sender = createSender({ ...world.options, batchSize: 1 });
    world.source.on("read", throws);

    const report = await world.sync({}, sender);

    expect(world.said()).toEqual(["deliver: report link-octo"]);
    expect(report).toMatchObject({ outcome: "incomplete", failed: 1, kept: 1 });
  });
});

describe("days of more contributions than the wire can carry", () => {
  it("are counted over all users", async () => {
    const world = await createPairWorld();
    const dailyCounts = ["2026-02-28", "2026-03-01"].map((date) => ({ date, contributionCount: 65_536 }));
    world.contributions.set(OCTO, { type: "daily-counts", dailyCounts });
    await world.contribute(MONA, 65_536);

    expect((await world.sync()).saturatedDays).toBe(3);
    expect(await world.shown(OCTO)).toBe(131_070);
  });
});

describe("contributions of tomorrow", () => {
  const tomorrow: UserContributions = {
    type: "contributions",
    contributions: [{ occurredAt: "2026-03-02T01:00:00+14:00" }],
  };
  const MIDNIGHT = Date.parse("2026-03-02T00:00:00Z");

  it("are reported when the server's day has come, not at the link's own time of the day", async () => {
    const world = await createPairWorld();
    world.contributions.set(OCTO, tomorrow);

    await world.sync();

    expect((await world.record()).reported?.refreshAt).toBe(MIDNIGHT);
    world.clock.set("2026-03-02T00:00:00Z");
    await world.sync();
    expect(await world.shown(OCTO)).toBe(1);
    expect((await world.record()).reported?.refreshAt).toBeGreaterThan(MIDNIGHT);
  });

  it("are not forgotten where nothing else has changed", async () => {
    const world = await createPairWorld();
    await world.sync();
    expect((await world.record()).reported?.refreshAt).toBeGreaterThan(MIDNIGHT);
    world.contributions.set(OCTO, tomorrow);
    (await world.sender.contributionsChanged([OCTO]))._unsafeUnwrap();

    const report = await world.sync();

    expect(report.unchanged).toBe(1);
    expect((await world.record()).reported?.refreshAt).toBe(MIDNIGHT);
  });

  it("wait for the midnight of the server's zone", async () => {
    const world = await createPairWorld();
    const sender = createSender({ ...world.options, utcOffsetMinutes: -300 });
    world.contributions.set(OCTO, tomorrow);

    await world.sync({}, sender);

    expect((await world.record()).reported?.refreshAt).toBe(instant("2026-03-02T05:00:00Z"));
  });

  it("wait for the link's own time where that comes first", async () => {
    const world = createGhesWorld();
    await world.turnOn();
    await world.optIn(OCTO, linkId("link-1"));
    world.contributions.set(OCTO, tomorrow);

    await world.sync();

    expect((await world.record()).reported?.refreshAt).toBe(instant("2026-03-01T15:21:28.276Z"));
  });
});

describe("what was reported in another session", () => {
  it("is remembered no more: it is reported again, unchanged as it is", async () => {
    const world = await createPairWorld();
    await world.sync();
    const { version } = (await world.memory.loadServer())._unsafeUnwrap();
    const server = await world.server();
    const reported = (await world.record()).reported;
    expect(reported).not.toBeNull();
    if (!reported) return;
    const commit = {
      expectedVersion: version,
      server,
      audit: null,
      reported: [{ user: OCTO, reported: { ...reported, sessionId: sessionId("earlier") } }],
      withdrawn: [],
    };
    (await world.memory.commitServer(commit))._unsafeUnwrap();
    world.wire.sent.length = 0;

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-octo", "complete"]);
    expect(report).toMatchObject({ kept: 1, unchanged: 0 });
  });
});
