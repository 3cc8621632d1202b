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
  const schema = `test_${process.pid}_${++schemas}`;
  await client.query(`CREATE SCHEMA ${schema}`, []);
  for (const part of parts) {
    for (const migration of migrations[part]) await client.query(migrationSql(part, migration, schema), []);
  }
  return schema;
}
