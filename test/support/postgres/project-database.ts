import pg from "pg";
import { inject } from "vitest";
import { openPglite } from "./pglite.ts";
import type { TestDatabase } from "./test-database.ts";

const database = inject("database");

let opened: Promise<TestDatabase> | undefined;

/** The database of the project that the test runs in; one for all its files, so closing it does nothing. */
export function projectDatabase(): Promise<TestDatabase> {
  opened ??= open().then((own) => ({ ...own, close: async () => {} }));
  return opened;
}

async function open(): Promise<TestDatabase> {
  if (database?.type === "citus") {
    const { connectionString, prefix } = database;
    const pool = new pg.Pool({ connectionString });
    return { name: "Citus", client: pool, prefix, isDistributed: true, shards: 4, close: () => pool.end() };
  }
  if (database?.type !== "postgres") return await openPglite();
  const pool = new pg.Pool(serverConnection());
  return { name: "PostgreSQL", client: pool, close: () => pool.end() };
}

/** How more connections are opened to the project's server; throws where it is PGlite, which has but one. */
export function serverConnection(): pg.ClientConfig {
  if (database?.type !== "postgres") throw new Error("This project has no server: see vitest.config.ts.");
  return { ...database.connection, database: "postgres" };
}
