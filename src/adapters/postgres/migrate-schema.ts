import { err, ok, ResultAsync, safeTry } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import { isSignalOption, orAborted } from "../../domain/in-time.ts";
import { migrationSql, oneByOne } from "./migration-sql.ts";
import { migrations, type SchemaPart } from "./migrations.ts";
import { requirePartitionCount } from "./partitioned-links.ts";
import { newerThanKnown, readSchema, type SchemaState } from "./read-schema.ts";
import { queryAgain, statementsOf } from "./run-statement.ts";
import { DEFAULT_SCHEMA, quoteSchema } from "./schema-name.ts";
import { type SchemaProblem, type SchemaQuery, schemaProblem } from "./schema-problem.ts";
import { brokenUniqueIndex, storageFaultOf } from "./storage-fault-of.ts";

/** A migration that this call has run. */
export interface AppliedMigration {
  readonly part: SchemaPart;
  readonly version: number;
  readonly title: string;
}

const AT_ONCE = schemaProblem("different", "Another process is migrating the same schema: run this again.");

const MAY_NOT = schemaProblem(
  "no-privilege",
  "The role may not create what is missing: give it CREATE on the schema, and on the database if there is no schema yet.",
);

/** The schema of a database to migrate. */
export interface MigrationQuery extends SchemaQuery {
  /**
   * How many hash partitions by installation the table of the links gets if it is made now, 2 to 256. If left out, or 0,
   * it gets none. A table that is there already stays as it is.
   */
  readonly partitions?: number;
  /**
   * Ends the call. No further migration begins then, and the call fails at once as `aborted`. The migration under way may
   * still be applied, whole. Left out, only the time limits of the client end a migration that waits for a lock.
   */
  readonly signal?: AbortSignal | undefined;
}

/** The fault of migrations that were ended by their signal. */
export const MIGRATION_ABORTED: StorageFault = {
  type: "storage-fault",
  reason: "aborted",
  message:
    "The signal ended it. Finished migrations stay, and the one under way may still be applied, whole: run it again to go on.",
};

/**
 * Brings a schema up to this release, and returns the migrations that it has run. Each runs in a transaction of its
 * own. A failed one leaves nothing behind, and those before it stay. Two processes may start it at once. It has no deadline
 * and can be ended by a signal. Run again, it goes on.
 *
 * @throws TypeError if the schema's name, the number or the signal is not valid, which is a mistake in the program
 */
export function migratePostgresSchema(
  query: MigrationQuery,
): ResultAsync<readonly AppliedMigration[], SchemaProblem | StorageFault> {
  const { client, parts, schema = DEFAULT_SCHEMA, partitions = 0, signal } = query;
  const quoted = quoteSchema("migratePostgresSchema", schema);
  requirePartitionCount("migratePostgresSchema", partitions);
  if (!isSignalOption(signal)) {
    throw new TypeError("migratePostgresSchema: `signal` has to be an AbortSignal.");
  }
  const step = <Value>(begin: () => ResultAsync<Value, SchemaProblem | StorageFault>) =>
    orAborted(signal, begin, MIGRATION_ABORTED);
  const execute = (sql: string) =>
    step(() => ResultAsync.fromPromise(queryAgain(client, sql, []), problemOf));

  return safeTry<readonly AppliedMigration[], SchemaProblem | StorageFault>(async function* () {
    const state = yield* step(() => readSchema(statementsOf(client), schema));
    const newer = newerThanKnown(state, parts);
    if (newer) return err(newer);
    if (!state.hasSchema) yield* execute(`CREATE SCHEMA IF NOT EXISTS ${quoted}`);
    const pending = pendingMigrations(state, parts);
    for (const { part, migration } of pending) {
      yield* execute(oneByOne(migrationSql(part, migration, schema, partitions)));
    }
    return ok(pending.map(({ part, migration: { version, title } }) => ({ part, version, title })));
  });
}

function pendingMigrations({ parts: states }: SchemaState, parts: readonly SchemaPart[]) {
  return parts.flatMap((part) =>
    migrations[part]
      .filter(({ version }) => version > (states.get(part)?.version ?? 0))
      .map((migration) => ({ part, migration })),
  );
}

/**
 * Returns the problem of an error. If two processes run the same migration at once, the error depends on the statement.
 */
function problemOf(error: unknown): SchemaProblem | StorageFault {
  const { code } = error as { readonly code?: unknown };
  if (code === "42P07" || brokenUniqueIndex(error) !== null) return AT_ONCE;
  return code === "42501" ? MAY_NOT : storageFaultOf(error);
}
