import type { Migration } from "./migration.ts";
import { migrations, type SchemaPart } from "./migrations.ts";
import { partitionedLinks, requirePartitionCount } from "./partitioned-links.ts";
import { DEFAULT_SCHEMA, quoteSchema } from "./schema-name.ts";

/**
 * Returns the SQL of one migration, without `BEGIN` and `COMMIT`, to run as one transaction.
 *
 * @param partitions how many hash partitions the table of the links gets, 2 to 256; 0 for none, as if left out
 * @throws TypeError if the schema's name or the number is not valid, which is a mistake in the program
 */
export function migrationSql(
  part: SchemaPart,
  { version, compatibleFrom, sql }: Migration,
  schema: string,
  partitions = 0,
): string {
  const quoted = quoteSchema("migrationSql", schema);
  requirePartitionCount("migrationSql", partitions);
  // The row comes first. If two processes migrate at once, the second waits here, and the primary key refuses it.
  const begun =
    version === 1
      ? `CREATE TABLE IF NOT EXISTS ${quoted}.migrations (
  part             text NOT NULL,
  version          int4 NOT NULL,
  compatible_from  int4 NOT NULL,
  PRIMARY KEY (part, version)
);\n\n`
      : "";
  const recorded = `INSERT INTO ${quoted}.migrations (part, version, compatible_from) VALUES ('${part}', ${version}, ${compatibleFrom});\n`;
  return `${begun}${recorded}${partitionedLinks(sql, partitions).replaceAll("{schema}", quoted)}`;
}

/**
 * Returns all migrations of some parts as a script for `psql`. It connects to nothing.
 *
 * @param from leave out the migrations up to this version, those of an earlier release; 0 if left out
 * @param partitions how many hash partitions the table of the links gets, 2 to 256; 0 for none, as if left out
 * @throws TypeError if the schema's name or the number is not valid, which is a mistake in the program
 */
export function planMigrations(
  parts: readonly SchemaPart[],
  schema: string = DEFAULT_SCHEMA,
  from = 0,
  partitions = 0,
): string {
  const steps = parts.flatMap((part) =>
    migrations[part]
      .filter(({ version }) => version > from)
      .map((migration) => {
        const { version, title } = migration;
        return `-- ${part} ${version}: ${title}\nBEGIN;\n\n${migrationSql(part, migration, schema, partitions)}\nCOMMIT;\n`;
      }),
  );
  const quoted = quoteSchema("planMigrations", schema);
  return [...(from === 0 ? [`CREATE SCHEMA IF NOT EXISTS ${quoted};\n`] : []), ...steps].join("\n");
}

/**
 * Returns a text of several statements as one that runs each by itself, in one transaction. Citus takes no text of two
 * statements that change distributed tables.
 */
export function oneByOne(sql: string): string {
  const statements = sql
    .replaceAll(/--[^\n]*/g, "")
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
  const each = statements.map((statement) => `  EXECUTE $statement$${statement}$statement$;`);
  return `DO $migration$ BEGIN\n${each.join("\n")}\nEND $migration$`;
}
