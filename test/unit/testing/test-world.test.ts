import type { AccountId, TransportFault } from "unified-contributions";
import { createMemorySource } from "unified-contributions/adapters/memory";
import { createTestWorld } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";

describe("a test world", () => {
  it("plays the whole story in a few lines", async () => {
    const world = createTestWorld();
    await world.enable();
    await world.join("ann");
    await world.contribute("ann", "2026-03-01T09:00:00Z", "2026-02-28T09:00:00Z");
    await world.sync();
    expect(await world.shown("ann")).toBe(2);

    await world.leave("ann");
    expect((await world.sync()).receipts).toHaveLength(1);
    expect(await world.shown("ann")).toBe(0);
    expect((await world.sharing("ann")).deletion.status).toBe("deleted");

    await world.join("ann");
    await world.sync();
    expect(await world.shown("ann")).toBe(2);

    await world.disable();
    await world.sync();
    expect(await world.shown("ann")).toBe(0);
  });

  it.each(["request-lost", "answer-lost"] as const)("loses a request if it is told to: %s", async (fault) => {
    const world = createTestWorld();
    await world.enable();
    await world.join("ann");
    await world.contribute("ann", "2026-03-01T09:00:00Z");
    world.fail(fault);

    expect(await world.sync()).toMatchObject({ outcome: "failed", fault: { reason: "unreachable" } });
    expect(await world.shown("ann")).toBe(fault === "answer-lost" ? 1 : 0);
    expect((await world.sync()).outcome).toBe("completed");
    expect(await world.shown("ann")).toBe(1);
  });

  it("repeats a request if it is told to", async () => {
    const world = createTestWorld();
    await world.enable();
    await world.join("ann");
    await world.contribute("ann", "2026-03-01T09:00:00Z");
    world.fail("repeated");

    expect((await world.sync()).outcome).toBe("completed");
    expect(await world.shown("ann")).toBe(1);
  });

  it("answers the fault that it is told, in place of one request", async () => {
    const world = createTestWorld();
    await world.enable();
    const fault: TransportFault = {
      type: "transport-fault",
      reason: "busy",
      retryAfterMs: 60_000,
      message: "Come later.",
    };
    world.fail(fault);
    const before = world.bytes.length;

    expect(await world.sync()).toMatchObject({ outcome: "failed", fault });
    expect(world.bytes).toHaveLength(before);
    expect((await world.sync()).outcome).toBe("completed");
  });

  it("takes the other options of both sides", async () => {
    const events: string[] = [];
    const onEvent = ({ type }: { readonly type: string }) => events.push(type);
    const world = createTestWorld({
      sender: { onEvent, timeZone: "Pacific/Apia", pauseMs: 5_000 },
      receiver: { onEvent },
    });
    await world.enable();
    await world.join("ann");
    // The day after in Apia.
    await world.contribute("ann", "2026-03-01T11:30:00Z");
    const { startedAt, endedAt } = await world.sync();

    expect(events).toEqual(expect.arrayContaining(["sync-ended", "message-answered"]));
    const [shown] = (await world.receiver.shownCounts("ann" as AccountId))._unsafeUnwrap();
    // The last of the 90 days is March 2.
    expect(shown?.window.first).toBe("2025-12-03");
    expect(shown?.window.counts.at(-1)).toBe(1);
    expect(endedAt - startedAt).toBe(5_000);
  });

  it("rejects to contribute where the source is the test's own", async () => {
    const world = createTestWorld({ source: createMemorySource() });
    await world.enable();

    await expect(world.contribute("ann", "2026-03-01T09:00:00Z")).rejects.toThrow("contributionsChanged");
  });

  it("lets time go on", async () => {
    const world = createTestWorld({ start: "2026-03-01T12:00:00Z" });
    await world.enable();
    await world.join("ann");
    await world.contribute("ann", "2026-03-01T09:00:00Z");
    await world.sync();

    world.clock.advance(90 * 86_400_000);
    expect(await world.shown("ann")).toBe(0);
  });

  it("rejects with the name of the refusal", async () => {
    const world = createTestWorld();

    await expect(world.join("ann")).rejects.toThrow("github-connect-disabled");
    await expect(world.leave("")).rejects.toThrow("invalid-identifier");
  });

  it("is the same again with the same seed, and another with another", async () => {
    const play = async (seed: number) => {
      const world = createTestWorld({ seed });
      await world.enable();
      return world.bytes.join();
    };

    expect(await play(1)).toBe(await play(1));
    expect(await play(2)).not.toBe(await play(1));
  });
});
