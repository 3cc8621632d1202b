import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import { simulate } from "unified-contributions/testing/simulation";
import { describe, expect, it } from "vitest";
import { describeContractsOf } from "../../support/postgres/contracts.ts";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { openPool, poolOfTest } from "../../support/postgres/server-pool.ts";
import { simulatedStores } from "../../support/postgres/simulated-stores.ts";
import { RIGHT, tellStory } from "../../support/postgres/story.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { HQ } from "../../support/values.ts";

// What the statements for distributed tables take for Citus: a server that has the setting with its version.
const CITUS = { "citus.version": "13.2.2" };

describeContractsOf(["the receiver's store", "the receiver's reader", "the ledger"], async () => {
  const pool = openPool(CITUS);
  return { name: "PostgreSQL", client: pool, isDistributed: true, close: () => pool.end() };
});

describe("the statements for distributed tables", () => {
  it.each([1, 2, 3])("make a simulated world the same as in memory, to the byte: %i", async (seed) => {
    const pool = poolOfTest(CITUS);
    const database = { name: "PostgreSQL", client: pool, isDistributed: true, close: () => pool.end() };
    const world = { seed, hours: 48 };

    const inDatabase = await simulate({ ...world, ...simulatedStores(database) });

    expect(inDatabase).toEqual(await simulate(world));
    expect(inDatabase.violation).toBeNull();
  });

  it("tell the whole story as the others do", async () => {
    const schema = await freshSchema(await projectDatabase(), "sender", "receiver", "ledger");

    expect(await tellStory(poolOfTest(CITUS), schema, true)).toEqual(RIGHT);
  });

  it.each([
    ["a server without Citus", {}],
    [
      "a session in which a coordinator would change literals",
      { ...CITUS, standard_conforming_strings: "off", escape_string_warning: "off" },
    ],
  ])("refuse %s, and say so", async (_, settings) => {
    const schema = await freshSchema(await projectDatabase(), "receiver");
    const store = createPostgresReceiverStore({ client: poolOfTest(settings), schema, isDistributed: true });

    const read = await store.loadRegistration(HQ);

    expect(read._unsafeUnwrapErr()).toMatchObject({
      reason: "unavailable",
      message: expect.stringContaining("isDistributed needs Citus"),
    });
  });
});
