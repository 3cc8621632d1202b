import { simulate } from "unified-contributions/testing/simulation";
import { afterEach, describe, expect, it } from "vitest";
import { projectDatabase } from "./project-database.ts";
import { type SimulatedStores, simulatedStores } from "./simulated-stores.ts";

/** Simulates the worlds of these seeds in the project's database and in memory. */
export function describeWorlds(seeds: readonly number[]): void {
  describe("a simulated world in a database", () => {
    let stores: SimulatedStores | undefined;

    afterEach(() => stores?.clear());

    it.each(seeds)("is the same as in memory, to the byte, and as correct: %i", async (seed) => {
      stores = simulatedStores(await projectDatabase());
      const world = { seed, hours: 48 };

      const inDatabase = await simulate({ ...world, ...stores });

      expect(inDatabase).toEqual(await simulate(world));
      expect(inDatabase.violation).toBeNull();
    });
  });
}
