import { randomUUID } from "node:crypto";
import { migrationSql, migrations, type PostgresClient } from "unified-contributions/adapters/postgres";
import {
  type DistributedPart,
  distributePostgresSchema,
  isDistributedPart,
} from "../../../src/adapters/postgres/distribute.ts";
import { expectedTables, MIGRATIONS_TABLE } from "../../../src/adapters/postgres/expected-tables.ts";
import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";

/** A database that tests run on. */
export interface TestDatabase {
  /** What it is, for the titles of tests. */
  readonly name: string;
  readonly client: PostgresClient;
  /** How many hash partitions the links of its schemas have; none if left out. */
  readonly partitions?: number;
  /** Whether its stores run the statements for distributed tables. */
  readonly isDistributed?: boolean;
  /** How many shards the tables of its schemas have, if they are distributed. */
  readonly shards?: number;
  /** How the names of its schemas begin. */
  readonly prefix?: string;
  close(): Promise<void>;
}

/** Every part that a schema can hold. */
export const ALL_PARTS = Object.keys(migrations) as readonly SchemaPart[];

/** Makes a schema of its own with the tables of these parts; answers its name. */
export async function freshSchema(
  { client, partitions = 0, shards = 0, prefix = "test" }: TestDatabase,
  ...parts: readonly SchemaPart[]
): Promise<string> {
  // At random, and not counted: a test may load this module anew, and the count with it.
  const schema = `${prefix}_${randomUUID().replaceAll("-", "")}`;
  await client.query(`CREATE SCHEMA ${schema}`, []);
  for (const part of parts) {
    for (const migration of migrations[part]) {
      await client.query(migrationSql(part, migration, schema, partitions), []);
    }
    if (shards > 0 && isDistributedPart(part)) await distribute(client, schema, part, shards);
  }
  return schema;
}

async function distribute(
  client: PostgresClient,
  schema: string,
  part: DistributedPart,
  shards: number,
): Promise<void> {
  const query = { client, schema, parts: [part], shards, colocateWith: "none" };
  const distributed = await distributePostgresSchema(query, () => undefined);
  if (distributed.isErr()) throw new Error(distributed.error.message);
}

/** Makes another schema with these parts that holds what a schema holds now; answers its name. */
export async function copySchema(
  own: TestDatabase,
  schema: string,
  ...parts: readonly SchemaPart[]
): Promise<string> {
  const copy = await freshSchema(own, ...parts);
  await copyRows(own, schema, copy, ...parts);
  return copy;
}

/** Lets a schema hold what another one with the same parts holds now, and nothing else. */
export async function copyRows(
  { client }: TestDatabase,
  from: string,
  to: string,
  ...parts: readonly SchemaPart[]
): Promise<void> {
  const tables = [MIGRATIONS_TABLE, ...parts.flatMap((part) => expectedTables[part])];
  const copied = tables.map(
    ({ name }) => `DELETE FROM ${to}.${name};
INSERT INTO ${to}.${name} OVERRIDING USER VALUE SELECT * FROM ${from}.${name}`,
  );
  await client.query(copied.join(";\n"), []);
}
