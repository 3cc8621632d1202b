import pg from "pg";
import type { InstallationId, ResultAsync } from "unified-contributions";
import { type PostgresClient, prepareStatements } from "unified-contributions/adapters/postgres";
import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";
import { type PostgresServer, startPostgres } from "../../../test/support/postgres/server.ts";
import { freshSchema } from "../../../test/support/postgres/test-database.ts";
import { WrongResult } from "../measure.ts";

/** A server of the benchmark's own, and a pool of connections to it. */
export interface BenchDatabase {
  readonly pool: pg.Pool;
  /** The same pool with prepared statements. The subjects and their yardsticks both run with it. */
  readonly client: PostgresClient;
  /** The server itself, whose address other programs need. */
  readonly server: PostgresServer;
  stop(): Promise<void>;
}

/** The installation of every link here. */
export const SERVER = "server-1" as InstallationId;

/** The epoch of every link here. */
export const EPOCH = 2;

/**
 * Background work, such as a checkpoint or a vacuum, must not fall on one side of a comparison. A wait for the disk is
 * the same on both sides, and must not make our own part of the time look small.
 */
const SETTINGS = {
  autovacuum: "off",
  checkpoint_timeout: "1h",
  fsync: "off",
  max_wal_size: "16GB",
  shared_buffers: "1GB",
};

/** How many connections there are. */
export const CONNECTIONS = 8;

/**
 * Starts PostgreSQL 18.
 *
 * @param settings those that differ from a quiet server's
 */
export async function openDatabase(settings: Readonly<Record<string, string>> = {}): Promise<BenchDatabase> {
  const server = await startPostgres(18, { ...SETTINGS, ...settings });
  const pool = new pg.Pool({ ...server.connection, database: "postgres", max: CONNECTIONS });
  // A connection that is idle while the server starts again is replaced by the next call.
  pool.on("error", () => undefined);
  return {
    pool,
    client: prepareStatements(pool),
    server,
    stop: async () => {
      await pool.end();
      await server.stop();
    },
  };
}

/** Makes a schema of its own with the tables of a part, its links in so many hash partitions; answers its name. */
export function benchSchema(client: PostgresClient, part: SchemaPart, partitions = 0): Promise<string> {
  return freshSchema({ name: "bench", client, partitions, close: async () => {} }, part);
}

/** Returns how many rows a yardstick's statement has changed or found. */
export async function rowsOf(
  client: PostgresClient,
  text: string,
  values: readonly unknown[],
): Promise<number> {
  const { rowCount } = (await client.query(text, [...values])) as pg.QueryResult;
  return rowCount ?? 0;
}

/** Returns the number that a query of one value answers with. */
export async function numberFrom(pool: pg.Pool, text: string): Promise<number> {
  const { rows } = await pool.query<{ n: string }>(`SELECT (${text})::text AS n`);
  return Number(rows[0]?.n);
}

/** Returns the value of an operation that has to succeed. */
export async function valueFrom<Value>(
  operation: ResultAsync<Value, { readonly type: string; readonly message?: string }>,
): Promise<Value> {
  const result = await operation;
  if (result.isOk()) return result.value;
  throw new WrongResult(`a value and not ${result.error.type}: ${result.error.message}`);
}
