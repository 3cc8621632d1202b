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
