import { err, ok, type Result, type ResultAsync, safeTry } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import { checkClient } from "./check-client.ts";
import type { Row } from "./client.ts";
import { type ExpectedTable, expectedTables, MIGRATIONS_TABLE } from "./expected-tables.ts";
import type { SchemaPart } from "./migrations.ts";
import { qualify } from "./qualify.ts";
import { textIn } from "./read-row.ts";
import { newerThanKnown, newestVersion, readSchema, type SchemaState } from "./read-schema.ts";
import { type RunStatement, statementsOf } from "./run-statement.ts";
import { DEFAULT_SCHEMA, quoteSchema } from "./schema-name.ts";
import { type SchemaProblem, type SchemaQuery, schemaProblem } from "./schema-problem.ts";

const TABLES = `pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = $1::name`;

// The type's own name: how `format_type` writes it depends on the session.
const COLUMNS = qualify(`
SELECT c.relname::text AS table, a.attname::text AS name, a.atttypmod::text AS modifier,
  CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname::text ELSE t.typnamespace::regnamespace::text || '.' || t.typname::text END AS type
FROM ${TABLES}
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0::int2 AND NOT a.attisdropped
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
WHERE c.relkind = 'r' OR c.relkind = 'p'`);

const INDEXES = qualify(`
SELECT c.relname::text AS table, i.relname::text AS name FROM ${TABLES}
JOIN pg_catalog.pg_index AS x ON x.indrelid = c.oid AND x.indisvalid
JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid`);

const PRIVILEGES = qualify(`
SELECT c.relname::text AS table, wanted.privilege AS name FROM ${TABLES}
CROSS JOIN unnest($2::text[], $2::text[]) AS wanted (privilege, again)
WHERE (c.relkind = 'r' OR c.relkind = 'p') AND has_table_privilege(c.oid, wanted.privilege)`);

const OBSTACLES = qualify(`
SELECT c.relname::text AS table, 'row-level security' AS name FROM ${TABLES} WHERE row_security_active(c.oid)
UNION ALL
SELECT c.relname::text, 'trigger ' || t.tgname::text FROM ${TABLES}
JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
UNION ALL
SELECT c.relname::text, 'trigger ' || t.tgname::text || ' of the partition ' || p.relname::text FROM ${TABLES}
JOIN pg_catalog.pg_inherits AS i ON i.inhparent = c.oid JOIN pg_catalog.pg_class AS p ON p.oid = i.inhrelid
JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = p.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgparentid = 0::oid
UNION ALL
SELECT c.relname::text, 'rule ' || r.rulename::text FROM ${TABLES}
JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = c.oid
ORDER BY 1, 2`);

/**
 * Checks at start whether a database fits this release. It only reads. A schema that a later release has migrated fits
 * while that release says so ({@link Migration.compatibleFrom}), so that two releases can run side by side.
 *
 * @throws TypeError if the schema's name is not valid, which is a mistake in the program
 */
export function checkPostgresSchema(query: SchemaQuery): ResultAsync<void, SchemaProblem | StorageFault> {
  const { client, parts, schema = DEFAULT_SCHEMA } = query;
  quoteSchema("checkPostgresSchema", schema);
  const run = statementsOf(client);
  return safeTry<void, SchemaProblem | StorageFault>(async function* () {
    yield* checkClient(run);
    const state = yield* readSchema(run, schema);
    yield* fitsVersions(state, parts);
    yield* compareTables(run, schema, parts);
    return ok();
  });
}

function fitsVersions(state: SchemaState, parts: readonly SchemaPart[]): Result<void, SchemaProblem> {
  if (!state.hasSchema) {
    return err(
      schemaProblem(
        "no-schema",
        "There is no such schema: check its name, then run unified-contributions migrate.",
      ),
    );
  }
  const missing = parts.filter((part) => !state.parts.has(part));
  if (missing.length > 0) {
    return err(
      schemaProblem(
        "no-tables",
        `The tables of ${missing.join(", ")} are not there: run unified-contributions migrate.`,
      ),
    );
  }
  const older = parts.filter((part) => (state.parts.get(part)?.version ?? 0) < newestVersion(part));
  if (older.length > 0) {
    return err(
      schemaProblem(
        "older",
        `The tables of ${older.join(", ")} are older than this release: run unified-contributions migrate.`,
      ),
    );
  }
  const newer = newerThanKnown(state, parts);
  return newer ? err(newer) : ok();
}

function compareTables(
  run: RunStatement,
  schema: string,
  parts: readonly SchemaPart[],
): ResultAsync<void, SchemaProblem | StorageFault> {
  const tables = [MIGRATIONS_TABLE, ...parts.flatMap((part) => expectedTables[part])];
  const named = (row: Row): string => textIn(row, "name");
  const find = (
    statement: string,
    name: (row: Row) => string = named,
    ...values: readonly string[]
  ): ResultAsync<NamesByTable, StorageFault> =>
    run(statement, [schema, ...values], (rows) => namesIn(rows, name));

  return safeTry<void, SchemaProblem | StorageFault>(async function* () {
    const columns = yield* find(COLUMNS, (row) => `${named(row)} ${typeIn(row)}`);
    const indexes = yield* find(INDEXES);
    const privileges = yield* find(PRIVILEGES, named, "{SELECT,INSERT,UPDATE,DELETE}");
    const lacking = [
      ...missingOf(tables, columns, ({ columns: wanted }) =>
        Object.entries(wanted).map(([name, type]) => `${name} ${type}`),
      ),
      ...missingOf(tables, indexes, ({ indexes: wanted }) => wanted),
    ];
    if (lacking.length > 0) {
      const message = `The tables differ from the migrations. These are missing: ${lacking.join(", ")}. Restore them, or move to a fresh schema.`;
      return err(schemaProblem("different", message));
    }
    const ungranted = missingOf(tables, privileges, ({ privileges: wanted }) => wanted);
    if (ungranted.length > 0) {
      return err(schemaProblem("no-privilege", `The role has to be granted: ${ungranted.join(", ")}.`));
    }
    const obstacles = yield* find(OBSTACLES);
    const inTheWay = tables.flatMap(({ name }) =>
      [...(obstacles.get(name) ?? [])].map((obstacle) => `${name}: ${obstacle}`),
    );
    if (inTheWay.length > 0) {
      const message = `Row-level security, triggers or rules can hide or change rows of the tables: ${inTheWay.join(", ")}. Disable them there.`;
      return err(schemaProblem("obstructed", message));
    }
    return ok();
  });
}

/** The names of types that the server spells in another way than `expectedTables`. */
const SPELLED: Readonly<Record<string, string>> = {
  bool: "boolean",
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  _int4: "integer[]",
  _int8: "bigint[]",
  _text: "text[]",
};

function typeIn(row: Row): string {
  const type = textIn(row, "type");
  const modifier = textIn(row, "modifier");
  return `${SPELLED[type] ?? type}${modifier === "-1" ? "" : `(${modifier})`}`;
}

type NamesByTable = ReadonlyMap<string, ReadonlySet<string>>;

function namesIn(rows: readonly Row[], name: (row: Row) => string): NamesByTable {
  const found = new Map<string, Set<string>>();
  for (const row of rows) {
    const table = textIn(row, "table");
    const names = found.get(table) ?? new Set();
    found.set(table, names.add(name(row)));
  }
  return found;
}

function missingOf(
  tables: readonly ExpectedTable[],
  found: NamesByTable,
  wanted: (table: ExpectedTable) => readonly string[],
): readonly string[] {
  return tables.flatMap((table) =>
    wanted(table)
      .filter((name) => !found.get(table.name)?.has(name))
      .map((name) => `${table.name}: ${name}`),
  );
}
