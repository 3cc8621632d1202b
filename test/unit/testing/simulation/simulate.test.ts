import { okAsync } from "neverthrow";
import {
  createMemoryReceiverStore,
  createMemorySenderStore,
  type MemoryReceiverSnapshot,
  type MemorySenderSnapshot,
} from "unified-contributions/adapters/memory";
import { type SimulationOptions, shrinkSimulation, simulate } from "unified-contributions/testing/simulation";
import { describe, expect, it } from "vitest";

/** Acknowledges that an authorization was revoked, and deletes nothing. */
const forgetfulCloud: Pick<SimulationOptions, "makeReceiverStore"> = {
  makeReceiverStore: (backup) => {
    const store = createMemoryReceiverStore(backup as MemoryReceiverSnapshot | undefined);
    return { ...store, deleteLinks: () => okAsync([]) };
  },
};

/** Stores what people choose, and never says that something is to be deleted. */
const forgetfulServer: Pick<SimulationOptions, "makeSenderStore"> = {
  makeSenderStore: (backup) => {
    const store = createMemorySenderStore(backup as MemorySenderSnapshot | undefined);
    return { ...store, pendingWithdrawals: () => okAsync([]) };
  },
};

async function firstBroken(plugs: Partial<SimulationOptions>): Promise<number> {
  for (let seed = 1; seed < 30; seed++) {
    const { violation } = await simulate({ ...plugs, seed, hours: 200 });
    if (violation) return seed;
  }
  throw new Error("No world was broken.");
}

describe("a simulated world", () => {
  it("keeps every invariant, whatever goes wrong in it", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { violation, hours } = await simulate({ seed, hours: 120 });

      expect(violation).toBeNull();
      expect(hours).toBeGreaterThan(120);
    }
  });

  it("is the same for the same seed, to the byte, and differs for another", async () => {
    const [once, again, other] = await Promise.all(
      [1, 1, 2].map((seed) => simulate({ seed, hours: 60, keepsHistory: true })),
    );

    expect(again).toEqual(once);
    expect(other?.fingerprint).not.toBe(once?.fingerprint);
    expect(once?.history.length).toBeGreaterThan(50);
    expect(once?.history).not.toEqual(other?.history);
  });

  it("counts the faults, and names each one", async () => {
    const { counts, incidents } = await simulate({ seed: 5, hours: 200 });

    for (const [kind, count] of counts) {
      if (kind === "message-overtaken") continue;
      expect(incidents.filter((name) => name.startsWith(`${kind}@`))).toHaveLength(count);
    }
    expect(incidents.length).toBeGreaterThan(100);
  });

  it("notices a receiver's storage that acknowledges deletions and keeps the counts", async () => {
    const seed = await firstBroken(forgetfulCloud);

    const { violation } = await simulate({ ...forgetfulCloud, seed, hours: 200 });

    expect(violation?.invariant).toBe("I2");
  });

  it("notices a sender's storage that loses deletions", async () => {
    const seed = await firstBroken(forgetfulServer);

    const { violation } = await simulate({ ...forgetfulServer, seed, hours: 200 });

    expect(violation).toEqual({ invariant: "I7", message: expect.stringContaining("deletion is pending") });
  });

  it("goes on if a storage cannot be backed up, and never restores it", async () => {
    const { snapshot: _, ...cloud } = createMemoryReceiverStore();

    const { violation, incidents } = await simulate({
      seed: 3,
      hours: 200,
      makeReceiverStore: () => cloud,
      makeSenderStore: () => {
        const { snapshot: __, ...store } = createMemorySenderStore();
        return store;
      },
    });

    expect(violation).toBeNull();
    expect(incidents.length).toBeGreaterThan(100);
  });

  it("runs over a real transport that delivers everything twice", async () => {
    let carried = 0;

    const { violation } = await simulate({
      seed: 1,
      hours: 100,
      carry: async (message, handle) => {
        carried++;
        await new Promise((resolve) => setImmediate(resolve));
        await handle(message).unwrapOr(null);
        return await handle(message);
      },
    });

    expect(violation).toBeNull();
    expect(carried).toBeGreaterThan(50);
  });

  it.each([
    [{ seed: 0.5 }, "seed"],
    [{ seed: Number.NaN }, "seed"],
    [{ seed: 1, hours: 0 }, "hours"],
    [{ seed: 1, hours: 1.5 }, "hours"],
  ])("refuses %o", async (options, named) => {
    await expect(simulate(options)).rejects.toThrow(RangeError);
    await expect(simulate(options)).rejects.toThrow(named);
  });
});

describe("shrinking a world with a violation", () => {
  it("leaves a short history that breaks the same invariant and can be run again", async () => {
    const seed = await firstBroken(forgetfulCloud);
    const whole = await simulate({ ...forgetfulCloud, seed, hours: 200 });

    const shrunk = await shrinkSimulation({ ...forgetfulCloud, seed, hours: 200 });

    expect(shrunk.violation?.invariant).toBe("I2");
    expect(shrunk.incidents.length).toBeLessThan(Math.min(10, whole.incidents.length));
    expect(
      shrunk.incidents.some((name) => /^(authorization-revoked|consent-revoked|account-deleted)@/.test(name)),
    ).toBe(true);
    expect(shrunk.history.at(-1)).toContain("Z ");
  });

  it("does not change a world without a violation", async () => {
    const options = { seed: 1, hours: 20 };

    expect(await shrinkSimulation(options)).toEqual(await simulate(options));
  });
});
