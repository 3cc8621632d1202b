import type { Migration } from "./migration.ts";
import type { SchemaPart } from "./migrations.ts";
import { quoteSchema } from "./schema-name.ts";

/** The SQL of one migration, without `BEGIN` and `COMMIT`: to be run as one transaction. */
export function migrationSql(
  part: SchemaPart,
  { version, compatibleFrom, sql }: Migration,
  schema: string,
): string {
  const quoted = quoteSchema("migrationSql", schema);
  // The row comes first: of two that migrate at once the second waits here, and is refused by the primary key.
  const begun =
    version === 1
      ? `CREATE TABLE IF NOT EXISTS ${quoted}.migrations (
  part             text NOT NULL,
  version          int4 NOT NULL,
  compatible_from  int4 NOT NULL,
  PRIMARY KEY (part, version)
);\n\n`
      : "";
  const noted = `INSERT INTO ${quoted}.migrations (part, version, compatible_from) VALUES ('${part}', ${version}, ${compatibleFrom});\n`;
  return `${begun}${noted}${sql.replaceAll("{schema}", quoted)}`;
}
