import { err, ok, ResultAsync, safeTry } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import { orAborted } from "../../domain/in-time.ts";
import { checkClient } from "./check-client.ts";
import { MIGRATION_ABORTED } from "./migrate-schema.ts";
import { qualify } from "./qualify.ts";
import { flagIn, textIn } from "./read-row.ts";
import { readSchema } from "./read-schema.ts";
import { queryAgain, statementsOf } from "./run-statement.ts";
import { DEFAULT_SCHEMA } from "./schema-name.ts";
import { type SchemaProblem, type SchemaQuery, schemaProblem } from "./schema-problem.ts";
import { storageFaultOf } from "./storage-fault-of.ts";

/** The parts whose tables can be distributed by installation. */
export type DistributedPart = "receiver" | "ledger";

/**
 * The tables that are distributed by their column `installation`, by part. The first one of a part sets where the rows of
 * an installation are. The other tables of the parts stay on the coordinator.
 */
export const distributedTables: Readonly<Record<DistributedPart, readonly string[]>> = {
  receiver: ["registrations", "links", "installation_audit_log"],
  ledger: ["ledger_heads", "ledger_entries"],
};

/**
 * The receiver's table that is distributed by its column `account`, in a group of its own. It leads an account's reads to
 * the installations.
 */
export const WAYS_TABLE = "account_installations";

/** Whether the tables of a part can be distributed. */
export function isDistributedPart(part: string): part is DistributedPart {
  return Object.hasOwn(distributedTables, part);
}

/** The tables to distribute. */
export interface DistributionQuery extends SchemaQuery {
  readonly parts: readonly DistributedPart[];
  /** How many shards each table has. */
  readonly shards: number;
  /** `none`, `default` (Citus' own group of tables), or a table of the host, whose number of shards then counts. */
  readonly colocateWith: string;
  /** Ends it before the next statement, and at once for its caller. */
  readonly signal?: AbortSignal | undefined;
}

/** A statement that distributes one table, or that fills one and may be run again (null). */
interface Distribution {
  readonly table: string | null;
  readonly sql: string;
}

const NO_CITUS = schemaProblem(
  "unsuitable-server",
  "The database has no Citus, and nothing was done: add citus to shared_preload_libraries, and run CREATE EXTENSION citus and citus_add_node first. On one machine, migrate with --partitions instead.",
);

/** Whether a text can be given as {@link DistributionQuery.colocateWith}. */
export function isColocation(text: string): boolean {
  return /^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$/.test(text);
}

/** Returns the SQL that distributes the tables with Citus. It connects to nothing. */
export function planDistribution(query: Omit<DistributionQuery, "client">): string {
  return distributionsOf(query)
    .map(({ sql }) => `${sql};\n`)
    .join("");
}

function distributionsOf({
  parts,
  schema = DEFAULT_SCHEMA,
  shards,
  colocateWith,
}: Omit<DistributionQuery, "client">): readonly Distribution[] {
  // With a table of the host, Citus takes no number of shards: the tables have as many as that one.
  const isOwn = colocateWith === "none" || colocateWith === "default";
  const first = `colocate_with => '${colocateWith}'${isOwn ? `, shard_count => ${shards}` : ""}`;
  return parts.flatMap((part) => {
    const byInstallation = distributedTables[part].map((table, place) => {
      const where = place === 0 ? first : `colocate_with => '${schema}.${distributedTables[part][0]}'`;
      return {
        table,
        sql: `SELECT create_distributed_table('${schema}.${table}', 'installation', ${where})`,
      };
    });
    return part === "receiver" ? [...byInstallation, ...distributionOfWays(schema, shards)] : byInstallation;
  });
}

/** The ways come from the links that exist. The last sweep dates them, so that no sweep forgets one before it renews it. */
function distributionOfWays(schema: string, shards: number): readonly Distribution[] {
  const ways = `${schema}.${WAYS_TABLE}`;
  return [
    {
      table: WAYS_TABLE,
      sql: `SELECT create_distributed_table('${ways}', 'account', colocate_with => 'none', shard_count => ${shards})`,
    },
    {
      table: null,
      sql: `INSERT INTO ${ways} (account, installation, written_at)
SELECT l.account, l.installation, COALESCE((SELECT c.last_at FROM ${schema}.sweep_clock AS c), 0)
FROM ${schema}.links AS l WHERE l.account IS NOT NULL GROUP BY l.account, l.installation
ON CONFLICT (account, installation) DO NOTHING`,
    },
  ];
}

const HAS_CITUS = qualify(`
SELECT (current_setting('citus.version', true) IS NOT NULL
  AND EXISTS (SELECT 1 FROM pg_catalog.pg_extension AS e WHERE e.extname = 'citus'::name))::text AS has_citus`);

const DISTRIBUTED = qualify(`
SELECT c.relname::text AS table FROM pg_catalog.pg_dist_partition AS d
JOIN pg_catalog.pg_class AS c ON c.oid = d.logicalrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = $1::name`);

/**
 * Distributes the tables with Citus, and returns the number of statements that it has run. It leaves out tables that
 * were distributed before. Each statement is committed by itself, so a second run goes on where a failed one has stopped.
 * It also finds the links that were opened since the first one.
 *
 * @param tell is called with each statement before it is run
 */
export function distributePostgresSchema(
  query: DistributionQuery,
  tell: (sql: string) => void,
): ResultAsync<number, SchemaProblem | StorageFault> {
  const { client, parts, schema = DEFAULT_SCHEMA, signal } = query;
  const run = statementsOf(client);
  const execute = (sql: string) => ResultAsync.fromPromise(queryAgain(client, sql, []), storageFaultOf);
  return safeTry<number, SchemaProblem | StorageFault>(async function* () {
    yield* checkClient(run);
    const state = yield* readSchema(run, schema);
    const missing = parts.filter((part) => !state.parts.has(part));
    if (missing.length > 0) {
      const message = `The tables of ${missing.join(", ")} are not there: run unified-contributions migrate first.`;
      return err(schemaProblem("no-tables", message));
    }
    if (!(yield* run(HAS_CITUS, [], ([row = {}]) => flagIn(row, "has_citus")))) return err(NO_CITUS);
    const done = yield* run(DISTRIBUTED, [schema], (rows) => rows.map((row) => textIn(row, "table")));
    const left = distributionsOf(query).filter(({ table }) => table === null || !done.includes(table));
    for (const { sql } of left) {
      yield* orAborted(
        signal,
        () => {
          tell(`${sql};\n`);
          return execute(sql);
        },
        MIGRATION_ABORTED,
      );
    }
    return ok(left.length);
  });
}
