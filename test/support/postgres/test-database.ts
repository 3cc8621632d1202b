import { threadId } from "node:worker_threads";
import {
  migrationSql,
  migrations,
  type PostgresClient,
  type SchemaPart,
} from "unified-contributions/adapters/postgres";

/** A database that tests run on. */
export interface TestDatabase {
  /** What it is, for the titles of tests. */
  readonly name: string;
  readonly client: PostgresClient;
  close(): Promise<void>;
}

let schemas = 0;

/** Makes a schema of its own with the tables of these parts; answers its name. */
export async function freshSchema(
  { client }: TestDatabase,
  ...parts: readonly SchemaPart[]
): Promise<string> {
  const schema = `test_${process.pid}_${threadId}_${++schemas}`;
  await client.query(`CREATE SCHEMA ${schema}`, []);
  for (const part of parts) {
    for (const migration of migrations[part]) await client.query(migrationSql(part, migration, schema), []);
  }
  return schema;
}

/** Makes another schema with these parts that holds what a schema holds now; answers its name. */
export async function copySchema(
  own: TestDatabase,
  schema: string,
  ...parts: readonly SchemaPart[]
): Promise<string> {
  const copy = await freshSchema(own, ...parts);
  const answer = await own.client.query("SELECT tablename FROM pg_tables WHERE schemaname = $1", [schema]);
  const { rows } = answer as { rows: { tablename: string }[] };
  for (const { tablename } of rows) {
    await own.client.query(`TRUNCATE ${copy}.${tablename}`, []);
    await own.client.query(
      `INSERT INTO ${copy}.${tablename} OVERRIDING USER VALUE SELECT * FROM ${schema}.${tablename}`,
      [],
    );
  }
  return copy;
}
