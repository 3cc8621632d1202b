import { onTestFinished } from "vitest";
import type { SchemaPart } from "../../../src/adapters/postgres/migrations.ts";
import { projectDatabase } from "./project-database.ts";
import { createSchemaPool, type SchemaPool } from "./schema-pool.ts";

let made: Promise<SchemaPool> | undefined;

/**
 * Answers a schema of the project's database, which belongs to the test until it ends. It holds what another one with
 * the same part holds, or nothing if that is left out.
 *
 * A test that changes tables makes a schema by itself.
 */
export function lentSchema(part: SchemaPart, from?: string): Promise<string> {
  made ??= projectDatabase().then(createSchemaPool);
  return schemaFrom(made, part, from);
}

/** Answers the same from another pool. */
export async function schemaFrom(
  pool: Promise<SchemaPool>,
  part: SchemaPart,
  from?: string,
): Promise<string> {
  let giveBack: (() => void) | undefined;
  onTestFinished(() => giveBack?.());
  const lent = (await pool).lend();
  giveBack = lent.giveBack;
  return await lent.take(part, from);
}
