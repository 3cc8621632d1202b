import type { NonceStore } from "../http-signatures/ports.ts";
import { obeys } from "./guard.ts";
import { checkOptions, type PostgresOptions } from "./postgres-options.ts";
import { qualify } from "./qualify.ts";
import { flagIn } from "./read-row.ts";
import { statementsOf } from "./run-statement.ts";
import { watchClient } from "./watch-client.ts";

/** How many expired nonces one use removes at most. It is more than a use adds, so that the table shrinks again. */
const REMOVED_EACH = 8;

/**
 * How long an expired nonce is kept, in milliseconds. Any process may remove it by its own clock. A process whose clock
 * is up to an hour ahead must not remove nonces that are still valid for the others.
 */
const KEPT_MS = 3_600_000;

/**
 * Returns a store of nonces in PostgreSQL, which all processes of the cloud share and no restart empties. Each use is
 * one statement. It also removes up to 8 nonces that expired more than an hour ago, so no job has to.
 *
 * Its size is the rate of requests, multiplied by one hour plus the life of a signature. A row with its indexes takes
 * about 250 bytes.
 *
 * @throws TypeError if an option is wrong, which is a mistake in the program
 */
export function createPostgresNonceStore(options: PostgresOptions): NonceStore {
  const statements = nonceStatements(checkOptions("createPostgresNonceStore", options).schema);
  const run = statementsOf(
    watchClient("createPostgresNonceStore", options, "nonce-store", { ...statements }),
  );
  return {
    remember: ({ installation, nonce, until, at }) =>
      run(statements.remember, [installation, nonce, until, at], ([row = {}]) => flagIn(row, "is_new")),
  };
}

/** The statement of the nonce store in one schema. */
export interface NonceStatements {
  readonly remember: string;
}

/** Returns the statement for a schema, which is quoted already. */
export function nonceStatements(schema: string): NonceStatements {
  const nonces = `${schema}.nonces`;
  // An expired nonce that comes again belongs to another signature: it counts as new, as if it were gone already. The
  // removed rows are never the written one, since a statement must not change a row twice.
  return {
    remember: qualify(`
WITH expired AS MATERIALIZED (
  SELECT n.installation, n.nonce FROM ${nonces} AS n
  WHERE n.until <= ($4::int8 - ${KEPT_MS}::int8) AND NOT (n.installation = $1 AND n.nonce = $2)
  ORDER BY n.until LIMIT ${REMOVED_EACH} FOR UPDATE SKIP LOCKED
), removed AS (
  DELETE FROM ${nonces} AS n USING expired AS e WHERE n.installation = e.installation AND n.nonce = e.nonce
), remembered AS (
  INSERT INTO ${nonces} AS n (installation, nonce, until) VALUES ($1, $2, $3)
  ON CONFLICT (installation, nonce) DO UPDATE SET until = EXCLUDED.until WHERE n.until <= $4::int8
  RETURNING 1
)
SELECT (EXISTS (SELECT FROM remembered))::text AS is_new WHERE ${obeys(nonces)}`),
  };
}
