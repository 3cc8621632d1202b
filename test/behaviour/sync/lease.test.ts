import { okAsync, ResultAsync } from "neverthrow";
import { createMemorySenderStore } from "unified-contributions/adapters/memory";
import { createSender, type Sender } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { nextHourlySyncAt } from "../../../src/ghes/sync/schedule.ts";
import { meanwhile, pausedFor, storageAway } from "../../support/ghes-interventions.ts";
import { type createGhesWorld, createSendingWorld, SERVER } from "../../support/ghes-world.ts";
import { instant, NOW, OCTO, requestId } from "../../support/values.ts";

const HOURS_ROUND = nextHourlySyncAt(SERVER, NOW);
const HOUR_MS = 3_600_000;
const TAKEN = { id: requestId("other"), until: instant("2026-03-01T12:20:00Z"), leaseMs: 1_200_000 };

type GhesWorld = ReturnType<typeof createGhesWorld>;

/** A process of the server that does nothing beside what it waits for, as one that is stopped or was killed. */
function stoppedProcess(world: GhesWorld): Sender {
  const wait = (milliseconds: number, signal: AbortSignal, isBeside = false): Promise<void> =>
    isBeside
      ? new Promise((resolve) => signal.addEventListener("abort", () => resolve()))
      : world.clock.wait(milliseconds, signal);
  return createSender({ ...world.options, clock: { now: world.clock.now, wait } });
}

/** A process that waits for an answer for an hour. */
function patient(world: GhesWorld): Sender {
  return createSender({ ...world.options, callDeadlineMs: 3_600_000 });
}

/** Time goes on for ten minutes, and whatever waits for it gets its turn; meanwhile another process asks for a sync. */
async function tenMinutes(world: GhesWorld, outcomes: string[]): Promise<void> {
  const other = createSender(world.options);
  for (let step = 0; step < 30; step++) {
    world.clock.advance(20_000);
    await new Promise((resolve) => setImmediate(resolve));
    outcomes.push((await world.sync({}, other)).outcome);
  }
}

const BUSY = Array.from({ length: 30 }, () => "busy");

describe("two processes of one server", () => {
  it("never run a sync at the same time", async () => {
    const world = await createSendingWorld();
    const other = createSender(world.options);
    world.wire.on(
      "complete",
      meanwhile(async () => {
        const report = await world.sync({}, other);

        expect(report).toMatchObject({
          outcome: "busy",
          requests: 0,
          fault: null,
          nextSyncAt: HOURS_ROUND,
        });
      }),
    );

    expect((await world.sync()).outcome).toBe("completed");
    expect(world.said()).toEqual(["complete"]);
  });

  it("take over from one another when the lease has expired, and not a millisecond before", async () => {
    const world = await createSendingWorld();
    const outcomes: string[] = [];
    world.wire.on(
      "complete",
      meanwhile(async () => {
        world.clock.advance(59_999);
        outcomes.push((await world.sync()).outcome);
        world.clock.advance(1);
        outcomes.push((await world.sync()).outcome);
      }),
    );

    const report = await world.sync({}, stoppedProcess(world));

    expect(outcomes).toEqual(["busy", "completed"]);
    expect(report).toMatchObject({ outcome: "busy", fault: null, nextSyncAt: HOURS_ROUND });
    expect(world.said()).toEqual(["complete", "complete"]);
  });

  it("leave the sync to the process that took it over", async () => {
    const world = await createSendingWorld();
    world.wire.on(
      "complete",
      meanwhile(() => world.setLease(TAKEN)),
    );

    expect((await world.sync()).outcome).toBe("busy");
    expect((await world.server()).lease).toEqual(TAKEN);
  });

  it("renew the lease with each commit", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const wait = meanwhile(async () => world.clock.advance(40_000));
    const look = meanwhile(async () => {
      world.clock.advance(40_000);

      expect((await world.sync()).outcome).toBe("busy");
    });
    world.wire.on("deliver", wait);
    world.wire.on("complete", look);

    expect((await world.sync({}, stoppedProcess(world))).outcome).toBe("completed");
  });

  it("renew the lease while an answer takes long", async () => {
    const world = await createSendingWorld();
    const outcomes: string[] = [];
    world.wire.on(
      "complete",
      meanwhile(() => tenMinutes(world, outcomes)),
    );

    const report = await world.sync({}, patient(world));

    expect(outcomes).toEqual(BUSY);
    expect(report).toMatchObject({ outcome: "completed", requests: 1 });
  });

  it("renew the lease while reading the contributions takes long", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const outcomes: string[] = [];
    world.source.on("read", (proceed) => proceed().map(pausedFor(() => tenMinutes(world, outcomes))));

    const sender = createSender({ ...world.options, sourceDeadlineMs: 1_000_000 });
    const report = await world.sync({}, sender);

    expect(outcomes).toEqual(BUSY);
    expect(report).toMatchObject({ outcome: "completed", kept: 1 });
  });

  it("do not renew a lease that another has taken", async () => {
    const world = await createSendingWorld();
    world.wire.on(
      "complete",
      meanwhile(async () => {
        await world.setLease(TAKEN);
        world.clock.advance(20_000);
        await new Promise((resolve) => setImmediate(resolve));
      }),
    );

    await world.sync();

    expect((await world.server()).lease).toEqual(TAKEN);
  });

  it("renew the lease even if the storage was away in between", async () => {
    const world = await createSendingWorld();
    const outcomes: string[] = [];
    world.wire.on(
      "complete",
      meanwhile(async () => {
        world.store.on("loadServer", storageAway);
        await tenMinutes(world, outcomes);
      }),
    );

    expect((await world.sync({}, patient(world))).outcome).toBe("completed");
    expect(outcomes).toEqual(BUSY);
  });

  it("do not renew it endlessly because of a clock that does not wait", async () => {
    const world = await createSendingWorld();
    const clock = { now: world.clock.now, wait: () => Promise.resolve() };
    world.wire.on(
      "complete",
      meanwhile(() => new Promise((resolve) => setImmediate(resolve))),
    );

    expect((await world.sync({}, createSender({ ...world.options, clock }))).outcome).toBe("completed");
  });

  it.each([
    ["at this very instant", 0, "completed"],
    ["a millisecond later", 1, "busy"],
    ["at twice its length, by a clock that was ahead", 120_000, "busy"],
    ["later than that, by a clock that was further ahead", 120_001, "completed"],
    ["20 hours later, by a clock that was 20 hours ahead", 20 * HOUR_MS, "completed"],
  ])("find a lease that ends %s", async (_, endsIn, outcome) => {
    const world = await createSendingWorld();
    await world.setLease({ id: requestId("other"), until: (NOW + endsIn) as typeof NOW, leaseMs: 60_000 });

    expect((await world.sync()).outcome).toBe(outcome);
  });
});

describe("a process that was killed", () => {
  /** One that never comes back from its first request. */
  async function killed(world: GhesWorld): Promise<void> {
    const asked = new Promise<void>((resolve) => {
      world.wire.on("complete", () => {
        resolve();
        return new ResultAsync(new Promise<never>(() => undefined));
      });
    });
    const stopped: unknown[] = [stoppedProcess(world).sync()];
    await asked;
    expect(stopped).toHaveLength(1);
    world.wire.sent.length = 0;
  }

  it("keeps the deletions waiting for no longer than a lease, and the sync says until when", async () => {
    const world = await createSendingWorld();
    await killed(world);
    await world.optOut();

    const busy = await world.sync({ scope: "deletions" });
    const status = (await world.sender.status())._unsafeUnwrap();
    world.clock.advance(60_000);
    const report = await world.sync({ scope: "deletions" });

    expect(busy).toMatchObject({ outcome: "busy", nextSyncAt: NOW + 60_000 });
    expect(status.nextSyncAt).toBe(NOW + 60_000);
    expect(report).toMatchObject({ outcome: "completed", withdrawn: 1, nextSyncAt: HOURS_ROUND });
  });

  it("whose clock was 20 hours ahead keeps the server from nothing once the clock is right", async () => {
    const world = await createSendingWorld();
    world.clock.advance(20 * HOUR_MS);
    await world.sync();
    await killed(world);
    await world.optOut();
    world.clock.set(NOW);

    expect((await world.sender.status())._unsafeUnwrap().nextSyncAt).toBe(NOW);
    expect(await world.sync({ scope: "deletions" })).toMatchObject({ outcome: "completed", withdrawn: 1 });
    expect(world.said()).toEqual(["deliver: withdraw link-octo"]);
  });
});

describe("a storage that falls back, and is written to by another process", () => {
  /** A sender whose storage can lose its last commits while another process takes the round. */
  async function createFallingBack() {
    const world = await createSendingWorld();
    let memory = world.memory;
    const store = new Proxy(memory, { get: (_, method) => Reflect.get(memory, method) });
    const sender = createSender({ ...world.options, store });
    const backup = memory.snapshot();
    const fallBack = async (): Promise<void> => {
      memory = createMemorySenderStore(backup);
      const { value, version: expectedVersion } = backup.server;
      const commit = { expectedVersion, server: { ...value, lease: TAKEN }, audit: null };
      (await memory.commitServer({ ...commit, reported: [], withdrawn: [] }))._unsafeUnwrap();
    };
    return { world, store, sender, fallBack };
  }

  it("during the wait for an answer does not get what the answer proves (S3)", async () => {
    const { world, store, sender, fallBack } = await createFallingBack();
    world.wire.on("complete", meanwhile(fallBack));

    const report = await world.sync({}, sender);

    expect(report).toMatchObject({ outcome: "busy", requests: 0 });
    expect((await store.loadServer())._unsafeUnwrap().value.lease).toEqual(TAKEN);
  });

  it("while the contributions are read lets nothing leave (S4)", async () => {
    const { world, store, sender, fallBack } = await createFallingBack();
    await world.contribute(OCTO, 4);
    world.source.on("read", (proceed) => okAsync(null).map(fallBack).andThen(proceed));

    const report = await world.sync({}, sender);

    expect(report).toMatchObject({ outcome: "busy", requests: 0 });
    expect(world.said()).toEqual([]);
    expect((await store.loadServer())._unsafeUnwrap().value.lease).toEqual(TAKEN);
  });
});
