import { err, ok, type ResultAsync, safeTry } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { Row } from "./client.ts";
import { migrations, type SchemaPart } from "./migrations.ts";
import { qualify } from "./qualify.ts";
import { asText, flagIn, numberIn, textIn } from "./read-row.ts";
import type { RunStatement } from "./run-statement.ts";
import { type SchemaProblem, schemaProblem } from "./schema-problem.ts";

const OLDEST_SERVER = 150_000;

/** A server, and whether it has the schema. */
interface ServerFacts {
  readonly version: number;
  readonly encoding: string;
  readonly hasSchema: boolean;
  readonly hasMigrations: boolean;
  readonly maySee: boolean;
}

/** The state of a part's migrations. */
interface PartState {
  /** The last migration that has run; 0 if none has. */
  readonly version: number;
  /** The lowest version that a release may expect. */
  readonly compatibleFrom: number;
}

/** The existing parts of a schema. */
export interface SchemaState {
  readonly hasSchema: boolean;
  readonly parts: ReadonlyMap<string, PartState>;
}

const FACTS = qualify(`
SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding,
  (n.oid IS NOT NULL)::text AS has_schema, COALESCE(has_schema_privilege(n.oid, 'USAGE'), false)::text AS may_see,
  (EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relnamespace = n.oid AND c.relname = 'migrations'::name))::text
    AS has_migrations
FROM (SELECT $1::text AS name) AS wanted LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = wanted.name::name`);

/** Returns how far a schema has been migrated. It changes nothing. */
export function readSchema(
  run: RunStatement,
  schema: string,
): ResultAsync<SchemaState, SchemaProblem | StorageFault> {
  return safeTry<SchemaState, SchemaProblem | StorageFault>(async function* () {
    const facts = yield* run(FACTS, [schema], ([row = {}]) => factsIn(row));
    const problem = problemWith(facts);
    if (problem) return err(problem);
    const { hasSchema, hasMigrations } = facts;
    if (!hasMigrations) return ok({ hasSchema, parts: new Map() });
    const versions = `SELECT DISTINCT ON (m.part) m.part, ${asText("version", "compatible_from")}
FROM "${schema}".migrations AS m ORDER BY m.part, m.version DESC`;
    return ok({ hasSchema, parts: yield* run(qualify(versions), [], partsIn) });
  });
}

function problemWith({ version, encoding, hasSchema, maySee }: ServerFacts): SchemaProblem | null {
  if (version < OLDEST_SERVER)
    return schemaProblem("unsuitable-server", "PostgreSQL 15 or later is needed: upgrade the server.");
  if (encoding !== "UTF8")
    return schemaProblem(
      "unsuitable-server",
      "The database's encoding has to be UTF8: create another database with UTF8.",
    );
  return hasSchema && !maySee
    ? schemaProblem("no-privilege", "The role may not use the schema: GRANT USAGE ON SCHEMA … TO the role.")
    : null;
}

/** Returns the problem of a schema that a later release has made unusable for this one, or null. */
export function newerThanKnown({ parts }: SchemaState, wanted: readonly SchemaPart[]): SchemaProblem | null {
  const newer = wanted.filter((part) => (parts.get(part)?.compatibleFrom ?? 0) > newestVersion(part));
  return newer.length === 0
    ? null
    : schemaProblem(
        "newer",
        `A later release has changed the tables of ${newer.join(", ")}: upgrade this package before it starts.`,
      );
}

/** Returns the version of a part that this release makes and expects. */
export function newestVersion(part: SchemaPart): number {
  return migrations[part].at(-1)?.version ?? 0;
}

function factsIn(row: Row): ServerFacts {
  return {
    version: numberIn(row, "version"),
    encoding: textIn(row, "encoding"),
    hasSchema: flagIn(row, "has_schema"),
    hasMigrations: flagIn(row, "has_migrations"),
    maySee: flagIn(row, "may_see"),
  };
}

function partsIn(rows: readonly Row[]): ReadonlyMap<string, PartState> {
  return new Map(
    rows.map((row) => [
      textIn(row, "part"),
      { version: numberIn(row, "version"), compatibleFrom: numberIn(row, "compatible_from") },
    ]),
  );
}
