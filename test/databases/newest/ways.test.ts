// The ways from an account to its installations, as stores of distributed tables keep them. A setting stands for Citus.
import type { InstallationId } from "unified-contributions";
import { createPostgresReceiverStore, type PostgresClient } from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";
import { accountOf, openLinks, registerServer, valueFrom } from "../../support/postgres/marked-reports.ts";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { poolOfTest } from "../../support/postgres/server-pool.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { wayChecks } from "../../support/postgres/way-checks.ts";
import { HQ } from "../../support/values.ts";

const AS_CITUS = { "citus.version": "13.2.2" };

describe("the way to an account's links", () => {
  it.each(wayChecks)("$title", async ({ run }) => {
    const database = await projectDatabase();
    await run(poolOfTest(AS_CITUS), await freshSchema(database, "receiver"), database.client);
  });
});

describe("calendars of distributed tables that are asked for at once", () => {
  /** Three servers with these accounts each, over a client that counts its statements. */
  async function threeServers() {
    const schema = await freshSchema(await projectDatabase(), "receiver");
    const pool = poolOfTest(AS_CITUS);
    const texts: string[] = [];
    let running = 0;
    const atOnce: number[] = [];
    const client: PostgresClient = {
      query: async (text, values) => {
        texts.push(text);
        atOnce.push(++running);
        try {
          return await pool.query(text, values);
        } finally {
          running--;
        }
      },
    };
    const store = createPostgresReceiverStore({ client, schema, isDistributed: true });
    for (const installation of [HQ, "lab", "shop"] as InstallationId[]) {
      await registerServer(store, installation);
      await openLinks(store, [1, 2], installation);
    }
    const counted = async (numbers: readonly number[]) => {
      texts.length = 0;
      atOnce.length = 0;
      await Promise.all(numbers.map((number) => valueFrom(store.loadShown(accountOf(number)))));
      return { statements: texts.length, atOnce: Math.max(...atOnce) };
    };
    return { counted };
  }

  it("take one statement, and one more per server, however many accounts", async () => {
    const { counted } = await threeServers();

    expect((await counted([1])).statements).toBe(4);
    expect((await counted([1, 2, 3])).statements).toBe(4);
    expect((await counted([3, 4])).statements).toBe(1);
  });

  it("run no more statements at once than there are accounts, and one alone in a host's transaction", async () => {
    const { counted } = await threeServers();

    expect((await counted([1])).atOnce).toBe(1);
    expect((await counted([1, 2])).atOnce).toBe(2);
  });
});
