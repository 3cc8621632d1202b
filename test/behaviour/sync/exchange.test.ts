import { okAsync } from "neverthrow";
import { createMemorySenderStore } from "unified-contributions/adapters/memory";
import { createSender } from "unified-contributions/ghes";
import type { ServerState } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";
import {
  answerLost,
  conflict,
  garbled,
  lost,
  meanwhile,
  pass,
  storageAway,
  throws,
} from "../../support/ghes-meddling.ts";
import { instant, NOW, OCTO, request } from "../../support/ghes-values.ts";
import { createSendingWorld } from "../../support/ghes-world.ts";

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

  it("follows the last that was answered, and every one since", async () => {
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

  it("does not leave where it could not be stored", async () => {
    const world = await createSendingWorld();
    world.store.on("commitServer", pass, storageAway);

    const report = await world.sync();

    expect(world.said()).toEqual([]);
    expect(report).toMatchObject({ outcome: "failed", fault: { type: "storage-fault" } });
  });

  it("is planned anew, under the same id, where somebody writes in between", async () => {
    const world = await createSendingWorld();
    world.store.on("commitServer", pass, conflict);

    expect((await world.sync()).outcome).toBe("completed");
    expect(world.said()).toEqual(["complete"]);
  });

  it("that a transport throws at is lost, and what it threw is not repeated", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", throws);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "failed", requests: 0 });
    expect(report.fault).toEqual({
      type: "transport-fault",
      reason: "unreachable",
      retryAfterMs: null,
      message: "The adapter threw instead of answering: run it through its contract in `testing`.",
    });
  });

  it("is handed to the transport with the round's signal", async () => {
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
  it("to a request that is not waited for any more proves nothing (S3)", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.wire.on(
      "deliver",
      meanwhile(async () => {
        const { value, version } = (await world.memory.loadServer())._unsafeUnwrap();
        const server = { ...value, inFlight: request("another") };
        const commit = { expectedVersion: version, server, audit: null, reported: [], withdrawn: [] };
        (await world.memory.commitServer(commit))._unsafeUnwrap();
      }),
    );

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "busy", kept: 0, requests: 0 });
    expect((await world.record()).reported?.window.counts.at(-1)).toBe(3);
  });

  it("is stored with what it proves, and with the switch it brings, in one commit", async () => {
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

  it("is applied anew where somebody writes in between", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.store.on("commitServer", pass, pass, conflict);

    expect((await world.sync()).kept).toBe(1);
    expect((await world.record()).reported?.window.counts.at(-1)).toBe(4);
  });
});

describe("a storage that falls back, and comes to the same version by another process", () => {
  const taken = { id: request("other"), until: instant("2026-03-01T12:20:00Z") };

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

describe("progress", () => {
  it("is told after every answer, and not where none came", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    world.wire.on("complete", lost);
    const told: number[] = [];

    await world.sync({ onProgress: ({ requests }) => told.push(requests) });

    expect(told).toEqual([1]);
  });

  it("that throws is no reason to stop sending", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);

    const report = await world.sync({ onProgress: throws });

    expect(report).toMatchObject({ outcome: "completed", kept: 1, requests: 2 });
  });
});

describe("the pace", () => {
  it("is kept by waiting between two requests, with the round's signal", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const { signal } = new AbortController();
    const waits: unknown[] = [];
    const clock = {
      now: world.clock.now,
      wait: async (milliseconds: number, given: AbortSignal): Promise<void> => {
        waits.push([milliseconds, given === signal]);
      },
    };

    await world.sync({ signal }, createSender({ ...world.options, clock, pauseMs: 1 }));

    expect(waits).toEqual([[1, true]]);
  });

  it("of no pause waits for nothing", async () => {
    const world = await createSendingWorld();
    await world.contribute(OCTO, 4);
    const clock = { now: world.clock.now, wait: throws };

    const report = await world.sync({}, createSender({ ...world.options, clock, pauseMs: 0 }));

    expect(report).toMatchObject({ outcome: "completed", kept: 1 });
  });
});
