import type { PostgresClient } from "unified-contributions/adapters/postgres";
import { expectedTables, MIGRATIONS_TABLE } from "../../../src/adapters/postgres/expected-tables.ts";

/** Makes a role with what docs/postgres.md grants and nothing else; answers its name. */
export async function grantedRole(client: PostgresClient, schema: string): Promise<string> {
  const role = `${schema}_app`;
  const grants = [MIGRATIONS_TABLE, ...Object.values(expectedTables).flat()].map(
    ({ name, privileges }) => `GRANT ${privileges.join(", ")} ON ${schema}.${name} TO ${role}`,
  );
  const made = [`CREATE ROLE ${role}`, `GRANT USAGE ON SCHEMA ${schema} TO ${role}`, ...grants];
  await client.query(made.join(";\n"), []);
  return role;
}
