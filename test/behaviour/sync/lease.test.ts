import { okAsync } from "neverthrow";
import { createMemorySenderStore } from "unified-contributions/adapters/memory";
import { createSender } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { nextHourlySyncAt } from "../../../src/ghes/sync/schedule.ts";
import { meanwhile } from "../../support/ghes-interventions.ts";
import { createSendingWorld, SERVER } from "../../support/ghes-world.ts";
import { instant, NOW, OCTO, requestId } from "../../support/values.ts";

const HOURS_ROUND = nextHourlySyncAt(SERVER, NOW);

describe("two processes of one server", () => {
  it("do not run a sync at once", async () => {
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

  it("leave the sync to whoever took it over", async () => {
    const world = await createSendingWorld();
    const taken = { id: requestId("other"), until: instant("2026-03-01T12:20:00Z") };
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
    await world.setLease({ id: requestId("other"), until: (NOW + endsIn) as typeof NOW });

    expect((await world.sync()).outcome).toBe(outcome);
  });
});

describe("a storage that falls back, and comes to the same version by another process", () => {
  const taken = { id: requestId("other"), until: instant("2026-03-01T12:20:00Z") };

  /** A sender whose storage can lose its last commits while another process takes the round. */
  async function createFallingBack() {
    const world = await createSendingWorld();
    let memory = world.memory;
    const store = new Proxy(memory, { get: (_, method) => Reflect.get(memory, method) });
    const sender = createSender({ ...world.options, store });
    const backup = memory.snapshot();
    const fallBack = async (): Promise<void> => {
      const { version } = (await memory.loadServer())._unsafeUnwrap();
      const server = { value: { ...backup.server.value, lease: taken }, version };
      memory = createMemorySenderStore({ ...backup, server });
    };
    return { world, store, sender, fallBack };
  }

  it("while an answer is waited for is not told what the answer proves (S3)", async () => {
    const { world, store, sender, fallBack } = await createFallingBack();
    world.wire.on("complete", meanwhile(fallBack));

    const report = await world.sync({}, sender);

    expect(report).toMatchObject({ outcome: "busy", requests: 0 });
    expect((await store.loadServer())._unsafeUnwrap().value.lease).toEqual(taken);
  });

  it("while the contributions are read lets nothing leave (S4)", async () => {
    const { world, store, sender, fallBack } = await createFallingBack();
    await world.contribute(OCTO, 4);
    world.source.on("read", (proceed) => okAsync(null).map(fallBack).andThen(proceed));

    const report = await world.sync({}, sender);

    expect(report).toMatchObject({ outcome: "busy", requests: 0 });
    expect(world.said()).toEqual([]);
    expect((await store.loadServer())._unsafeUnwrap().value.lease).toEqual(taken);
  });
});
