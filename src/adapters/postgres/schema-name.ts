/** The schema of the tables if the host names none. */
export const DEFAULT_SCHEMA = "unified_contributions";

const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** Whether a value can name a schema: 1 to 63 of `a–z 0–9 _`, no digit first, and none of PostgreSQL's own. */
export function isSchemaName(value: unknown): value is string {
  return typeof value === "string" && NAME.test(value) && !value.startsWith("pg_");
}

/**
 * Returns the schema as SQL writes it. It is always quoted, so that a word of SQL is a name like any other.
 *
 * @throws TypeError if the name is not valid, which is a mistake in the program
 */
export function quoteSchema(caller: string, schema: unknown = DEFAULT_SCHEMA): string {
  if (isSchemaName(schema)) return `"${schema}"`;
  throw new TypeError(
    `${caller}: schema has to be 1 to 63 of a–z 0–9 _, not begin with a digit, and not begin with pg_.`,
  );
}
