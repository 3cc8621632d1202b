import { okAsync, ResultAsync } from "unified-contributions";
import type {
  Contribution,
  DailyCount,
  Sender,
  SyncReport,
  UserContributions,
} from "unified-contributions/ghes";
import { createSender } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import {
  type createGhesWorld,
  createPairWorld,
  createSendingWorld,
  createWorldOf,
} from "../../support/ghes-world.ts";
import { MONA, OCTO, user } from "../../support/values.ts";

const NOON: Contribution = { occurredAt: "2026-03-01T12:00:00Z" };
const TODAY: DailyCount = { date: "2026-03-01", contributionCount: 7 };
const ONE_TODAY: UserContributions = {
  type: "daily-counts",
  dailyCounts: [{ ...TODAY, contributionCount: 1 }],
};
const DEADLINE_MS = 60_000;

type World = ReturnType<typeof createGhesWorld>;

/** The next answer of the source, which may be anything. */
function answering(world: World, answer: unknown): void {
  world.source.on("read", () => okAsync(answer) as never);
}

/** What never comes. */
function never<Value>(): Promise<Value> {
  return new Promise<Value>(() => undefined);
}

function* endless<Entry>(entry: Entry): Generator<Entry> {
  for (;;) yield entry;
}

/** Chunks of which the first never comes; notes when nobody reads them any more. */
function hanging(noted: string[] = []): UserContributions {
  const iterator: AsyncIterator<Iterable<Contribution>> = {
    next: () => never(),
    return: () => {
      noted.push("left");
      return never();
    },
  };
  return { type: "chunks", chunks: { [Symbol.asyncIterator]: () => iterator } };
}

async function* chunked<Chunk>(...chunks: Chunk[]): AsyncGenerator<Chunk> {
  yield* chunks;
}

function reasonOf(message: string): object {
  return { type: "source-fault", message };
}

const OVERRAN = reasonOf(
  "The source of contributions took longer than `sourceDeadlineMs`: make it faster, or raise the option.",
);
const TOO_MANY = reasonOf(
  "The source of contributions gave more than 5898150 contributions of one user, or 100000 chunks: end them, and give only the days asked for.",
);
const UNREADABLE = { type: "unreadable-contributions" };

describe("a user that the source leaves out", () => {
  it("stays due, and the profile shows the same", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 7);
    await world.sync();
    expect(await world.shown()).toBe(7);
    (await world.sender.contributionsChanged([OCTO]))._unsafeUnwrap();
    answering(world, new Map());

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "incomplete", kept: 0, failed: 1 });
    expect(report.failures).toEqual([
      {
        user: "octo",
        reason: {
          type: "unreadable-contributions",
          message:
            "The source of contributions left the user out: answer for each user who was asked, also when they contributed nothing.",
        },
      },
    ]);
    expect(await world.shown()).toBe(7);
  });

  it("keeps none of the others back", async () => {
    const world = await createPairWorld();
    answering(world, new Map([[MONA, ONE_TODAY]]));

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-mona", "complete"]);
    expect(report).toMatchObject({ outcome: "incomplete", kept: 1, failed: 1, failures: [{ user: "octo" }] });
    expect((await world.server()).lastFailed).toBe(1);
  });

  it("differs from a user without contributions", async () => {
    const world = await createSendingWorld();
    world.contributions.set(OCTO, { type: "contributions", contributions: [] });
    (await world.sender.contributionsChanged([OCTO]))._unsafeUnwrap();

    expect(await world.sync()).toMatchObject({ outcome: "completed", kept: 1, failed: 0 });
    expect((await world.server()).lastFailed).toBe(0);
    expect(await world.shown()).toBe(0);
  });
});

describe("an answer about other users than those asked for", () => {
  const NO_MAP =
    "The source of contributions did not answer with a Map: answer with a Map from each user to that user's contributions.";
  const NO_STRING =
    "The source of contributions answered with a user id that is not a string: give the ids as they were asked for, as text.";
  const NOT_ASKED =
    "The source of contributions answered for a user who was not asked: give the ids exactly as they were asked for, in the same case.";

  it.each<[string, unknown, string]>([
    ["a key in another case", new Map([["ANN", ONE_TODAY]]), NOT_ASKED],
    ["a key with a blank more", new Map([["ann ", ONE_TODAY]]), NOT_ASKED],
    [
      "somebody else besides",
      new Map([
        ["ann", ONE_TODAY],
        ["mona", ONE_TODAY],
      ]),
      NOT_ASKED,
    ],
    ["keys that never end", { get: () => ONE_TODAY, keys: () => endless("ann") }, NOT_ASKED],
    ["a number as the key", new Map([[7, ONE_TODAY]]), NO_STRING],
    ["an object as the key", new Map([[{ id: "ann" }, ONE_TODAY]]), NO_STRING],
    ["an object", { ann: ONE_TODAY }, NO_MAP],
    ["a list", [["ann", ONE_TODAY]], NO_MAP],
    ["rows", [{ user: "ann", count: 7 }], NO_MAP],
    ["nothing", undefined, NO_MAP],
    ["null", null, NO_MAP],
    ["a text", "ann", NO_MAP],
  ])("fails the whole page, and repeats nothing of it: %s", async (_, answer, message) => {
    const ann = user("ann");
    const world = await createWorldOf(ann);
    await world.contribute(ann, 7);
    await world.sync();
    world.said();
    (await world.sender.contributionsChanged([ann]))._unsafeUnwrap();
    answering(world, answer);

    const report = await world.sync();

    expect(world.said()).toEqual(["complete"]);
    expect(report).toMatchObject({ outcome: "incomplete", kept: 0, failed: 1 });
    expect(report.failures).toEqual([{ user: "ann", reason: reasonOf(message) }]);
    expect(await world.shown(ann)).toBe(7);
  });

  it("fails if a driver turned the ids into numbers", async () => {
    const world = await createWorldOf(user("101"), user("102"));
    const rows = [
      { id: 101, contributionCount: 1 },
      { id: 102, contributionCount: 2 },
    ];
    answering(
      world,
      new Map(rows.map(({ id, ...row }) => [id, { type: "daily-counts", dailyCounts: [row] }])),
    );

    const report = await world.sync();

    expect(report.failures).toEqual([
      { user: "101", reason: reasonOf(NO_STRING) },
      { user: "102", reason: reasonOf(NO_STRING) },
    ]);
  });

  it("may be a Map of another make", async () => {
    const world = await createWorldOf(OCTO);
    answering(world, { get: () => ONE_TODAY, keys: () => [OCTO] });

    expect(await world.sync()).toMatchObject({ outcome: "completed", kept: 1 });
  });
});

describe("a user whose fault the source names", () => {
  it("fails with that fault, and the others do not fail", async () => {
    const world = await createPairWorld();
    world.contributions.set(OCTO, { ...reasonOf("The account is gone."), secret: "octo-corp" } as never);

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-mona", "complete"]);
    expect(report.failures).toEqual([{ user: "octo", reason: reasonOf("The account is gone.") }]);
  });

  it("is unreadable if the source names no reason", async () => {
    const world = await createWorldOf(OCTO);
    world.contributions.set(OCTO, { type: "source-fault" } as never);

    expect((await world.sync()).failures).toMatchObject([{ user: "octo", reason: UNREADABLE }]);
  });
});

describe("contributions that never end", () => {
  it.each<[string, () => UserContributions]>([
    ["contributions", () => ({ type: "contributions", contributions: endless(NOON) })],
    ["daily counts", () => ({ type: "daily-counts", dailyCounts: endless(TODAY) })],
    ["a chunk", () => ({ type: "chunks", chunks: chunked(endless(NOON)) })],
    [
      "chunks of nothing",
      () => ({
        type: "chunks",
        chunks: (async function* () {
          for (;;) yield [];
        })(),
      }),
    ],
  ])("fail their user alone: %s", async (_, contributions) => {
    const world = await createPairWorld();
    world.contributions.set(OCTO, contributions());

    const report = await world.sync();

    expect(world.said()).toEqual(["deliver: report link-mona", "complete"]);
    expect(report).toMatchObject({ outcome: "incomplete", kept: 1, failed: 1 });
    expect(report.failures).toEqual([{ user: "octo", reason: TOO_MANY }]);
  });

  it("are stopped at exactly the number that 90 days can carry", async () => {
    const world = await createWorldOf(OCTO);
    function* upTo(last: number): Generator<DailyCount> {
      for (let index = 0; index < last; index++) yield { date: "2020-01-01", contributionCount: 1 };
    }
    world.contributions.set(OCTO, { type: "daily-counts", dailyCounts: upTo(5_898_150) });

    expect(await world.sync()).toMatchObject({ outcome: "completed", kept: 1 });
  });

  it("end at the deadline if each is slow", async () => {
    const world = await createPairWorld();
    let given = 0;
    function* slow(): Generator<Contribution> {
      for (;;) {
        given++;
        world.clock.advance(100);
        yield NOON;
      }
    }
    world.contributions.set(OCTO, { type: "contributions", contributions: slow() });
    const sender = createSender({ ...world.options, sourceDeadlineMs: DEADLINE_MS });

    const report = await world.sync({}, sender);

    expect(report.failures).toEqual([{ user: "octo", reason: OVERRAN }]);
    // The clock is asked every 1,024 contributions.
    expect(given).toBe(1_024);
  });

  it("end with the sync if they abort it", async () => {
    const world = await createWorldOf(OCTO);
    const abort = new AbortController();
    let given = 0;
    function* aborting(): Generator<Contribution> {
      for (;;) {
        if (++given === 10) abort.abort();
        yield NOON;
      }
    }
    world.contributions.set(OCTO, { type: "contributions", contributions: aborting() });

    expect(await world.sync({ signal: abort.signal })).toMatchObject({ outcome: "aborted", failed: 0 });
    expect(given).toBe(1_024);
  });
});

describe("a source that never answers", () => {
  it("is given up at the deadline, and its signal says so", async () => {
    const world = await createPairWorld();
    const signals: AbortSignal[] = [];
    world.source.on("read", (_, { signal }) => {
      signals.push(signal);
      return new ResultAsync(never());
    });
    const sender = createSender({ ...world.options, sourceDeadlineMs: DEADLINE_MS });

    const report = await syncWaiting(world, sender);

    expect(report).toMatchObject({ outcome: "incomplete", failed: 2, kept: 0 });
    expect(report.failures.map(({ reason }) => reason)).toEqual([OVERRAN, OVERRAN]);
    expect(report.endedAt - report.startedAt).toBe(DEADLINE_MS);
    expect(signals[0]?.aborted).toBe(true);
    expect((await world.sync()).kept).toBe(2);
  });

  it("is given up when the sync is aborted, and fails no user", async () => {
    const world = await createPairWorld();
    const abort = new AbortController();
    const sender = createSender({ ...world.options, clock: standing(world) });
    world.source.on("read", () => {
      setTimeout(() => abort.abort(), 0);
      return new ResultAsync(never());
    });

    const report = await world.sync({ signal: abort.signal }, sender);

    expect(report).toMatchObject({ outcome: "aborted", failed: 0, failures: [] });
    expect((await world.sync()).kept).toBe(2);
  });

  it("is awaited if it answers in time", async () => {
    const world = await createPairWorld();
    const sender = createSender({ ...world.options, clock: standing(world) });
    world.source.on("read", (proceed) =>
      ResultAsync.fromSafePromise(new Promise<void>((resolve) => setTimeout(resolve, 1))).andThen(proceed),
    );

    expect(await world.sync({}, sender)).toMatchObject({ outcome: "completed", kept: 2 });
  });

  it("does no harm by throwing after it was given up", async () => {
    const world = await createPairWorld();
    let fail = (_: Error): void => undefined;
    world.source.on(
      "read",
      () =>
        new ResultAsync(
          new Promise<never>((_, reject) => {
            fail = reject;
          }),
        ),
    );

    const report = await syncWaiting(world, world.sender, 300_000);
    fail(new Error("acme/secret"));

    expect(report.failures.map(({ reason }) => reason)).toEqual([OVERRAN, OVERRAN]);
  });
});

/** Syncs, and lets so much time pass whenever nothing else goes on. */
async function syncWaiting(world: World, sender?: Sender, milliseconds = DEADLINE_MS): Promise<SyncReport> {
  let isOver = false;
  const report = world.sync({}, sender).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!isOver) world.clock.advance(milliseconds);
  }
  return report;
}

/** The world's clock, on which the wait for the source ends when it is told to, and no other. */
function told(world: World, tell: (over: () => void) => void): World["clock"] {
  const { wait } = standing(world);
  return {
    ...world.clock,
    wait: (milliseconds, signal) =>
      milliseconds === 300_000 ? new Promise((resolve) => tell(resolve)) : wait(milliseconds, signal),
  };
}

/** The world's clock, on which no wait ends but by its signal. */
function standing({ clock }: World): World["clock"] {
  return {
    ...clock,
    wait: (_, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve());
      }),
  };
}

describe("chunks that never come", () => {
  it("fail only their user at the deadline, and are not awaited", async () => {
    const world = await createPairWorld();
    const noted: string[] = [];
    world.contributions.set(MONA, hanging(noted));
    const sender = createSender({ ...world.options, sourceDeadlineMs: DEADLINE_MS });

    const report = await syncWaiting(world, sender);

    expect(world.said()).toEqual(["deliver: report link-octo", "complete"]);
    expect(report).toMatchObject({ outcome: "incomplete", kept: 1, failed: 1 });
    expect(report.failures).toEqual([{ user: "mona", reason: OVERRAN }]);
    expect(report.endedAt - report.startedAt).toBe(DEADLINE_MS);
    expect(noted).toEqual(["left"]);
  });

  it("end with the sync when it is aborted", async () => {
    const world = await createPairWorld();
    const noted: string[] = [];
    world.contributions.set(MONA, hanging(noted));
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 0);

    const report = await world.sync(
      { signal: abort.signal },
      createSender({ ...world.options, clock: standing(world) }),
    );

    expect(report).toMatchObject({ outcome: "aborted", failed: 0, kept: 0 });
    expect(noted).toEqual(["left"]);
  });

  it("hold up a page for three deadlines at most, and then the source counts as unavailable", async () => {
    const users = ["anna", "bora", "carl", "dana", "emil"].map(user);
    const world = await createWorldOf(...users);
    for (const one of users.slice(0, 4)) world.contributions.set(one, hanging());
    const sender = createSender({ ...world.options, sourceDeadlineMs: DEADLINE_MS });

    const report = await syncWaiting(world, sender);

    expect(world.said()).toEqual(["complete"]);
    expect(report).toMatchObject({ outcome: "incomplete", kept: 0, failed: 5 });
    expect(report.failures.map(({ reason }) => reason)).toEqual(users.map(() => OVERRAN));
    expect(report.endedAt - report.startedAt).toBe(3 * DEADLINE_MS);
  });

  it("may come one by one, with time between them, until the deadline", async () => {
    const world = await createPairWorld();
    async function* dripping(): AsyncGenerator<Contribution[]> {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield [NOON];
      }
    }
    world.contributions.set(MONA, { type: "chunks", chunks: dripping() });
    let over = (): void => undefined;
    const clock = told(world, (resolve) => {
      over = resolve;
    });
    const timer = setTimeout(() => over(), 20);

    const report = await world.sync({}, createSender({ ...world.options, clock }));

    clearTimeout(timer);
    expect(report.failures).toEqual([{ user: "mona", reason: OVERRAN }]);
  });

  it("end if the deadline comes while one is counted", async () => {
    const world = await createPairWorld();
    let over = (): void => undefined;
    let given = 0;
    const next = (): Promise<IteratorResult<Contribution[]>> => {
      if (++given > 1) return never();
      return new Promise((resolve) => {
        setTimeout(() => {
          resolve({ done: false, value: [NOON] });
          over();
        }, 0);
      });
    };
    world.contributions.set(MONA, { type: "chunks", chunks: { [Symbol.asyncIterator]: () => ({ next }) } });
    const clock = told(world, (resolve) => {
      over = resolve;
    });

    const report = await world.sync({}, createSender({ ...world.options, clock }));

    expect(report.failures).toEqual([{ user: "mona", reason: OVERRAN }]);
    expect(given).toBe(2);
  });

  it("may begin late and come to their end", async () => {
    const world = await createPairWorld();
    async function* late(): AsyncGenerator<Contribution[]> {
      await new Promise((resolve) => setTimeout(resolve, 1));
      yield [NOON];
      await new Promise((resolve) => setTimeout(resolve, 1));
      yield [NOON];
    }
    world.contributions.set(MONA, { type: "chunks", chunks: late() });

    await world.sync({}, createSender({ ...world.options, clock: standing(world) }));

    expect(await world.shown(MONA)).toBe(2);
  });

  it("that are malformed are left, even if leaving them fails", async () => {
    const world = await createPairWorld();
    const noted: string[] = [];
    const iterator: AsyncIterator<Iterable<Contribution>> = {
      next: async () => ({ done: false, value: [{ occurredAt: "yesterday" }] }),
      return: () => {
        noted.push("left");
        throw new Error("acme/secret");
      },
    };
    world.contributions.set(MONA, { type: "chunks", chunks: { [Symbol.asyncIterator]: () => iterator } });

    const report = await world.sync();

    expect(report.failures).toMatchObject([
      { user: "mona", reason: { type: "malformed-contribution", index: 0 } },
    ]);
    expect(noted).toEqual(["left"]);
  });

  it("that throw and cannot be left are unreadable", async () => {
    const world = await createPairWorld();
    const iterator = { next: () => Promise.reject(new Error("acme/secret")) };
    world.contributions.set(MONA, { type: "chunks", chunks: { [Symbol.asyncIterator]: () => iterator } });

    expect((await world.sync()).failures).toMatchObject([{ user: "mona", reason: UNREADABLE }]);
  });
});
