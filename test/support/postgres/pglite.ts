import { PGlite } from "@electric-sql/pglite";
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import pg from "pg";
import type { TestDatabase } from "./test-database.ts";

/** PostgreSQL in this process, in memory. */
export async function openPglite(): Promise<TestDatabase> {
  const pglite = await PGlite.create();
  // A pool drops a client whose query failed: the next one needs a way of its own to the one session there is.
  class Client extends pg.Client {
    constructor() {
      super(createPgConfig(pglite));
    }
  }
  const pool = new pg.Pool({ Client, max: 1 });
  return {
    name: "PGlite",
    client: pool,
    close: async () => {
      await pool.end();
      await pglite.close();
    },
  };
}
