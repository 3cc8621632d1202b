import { simulate } from "unified-contributions/testing/simulation";
import { afterEach, describe, expect, it } from "vitest";
import { projectDatabase } from "../support/postgres/project-database.ts";
import { type SimulatedStores, simulatedStores } from "../support/postgres/simulated-stores.ts";

describe("a simulated world in a database", () => {
  let stores: SimulatedStores | undefined;

  afterEach(() => stores?.clear());

  it("is the same as in memory, to the byte, and as correct", async () => {
    stores = simulatedStores(await projectDatabase());
    const world = { seed: 1, hours: 48 };

    const inDatabase = await simulate({ ...world, ...stores });

    expect(inDatabase).toEqual(await simulate(world));
    expect(inDatabase.violation).toBeNull();
  });
});
