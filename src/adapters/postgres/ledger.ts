import type { DeletionLedger, LedgerEntry } from "../../ghec/ports.ts";
import { checkOptions, type PostgresOptions } from "./postgres-options.ts";
import { textIn } from "./read-row.ts";
import { statementsOf } from "./run-statement.ts";

/**
 * A ledger of deletions in PostgreSQL. It has to outlive the receiver's store: keep it in a database of its own, whose
 * backups are not those of the store, and never inside a transaction of the host's, since L1 wants an entry committed
 * before its deletion is.
 *
 * @throws TypeError where an option is wrong, which is a mistake in the program
 */
export function createPostgresLedger(options: PostgresOptions): DeletionLedger {
  const deletions = `${checkOptions("createPostgresLedger", options)}.deletions`;
  const run = statementsOf(options.client);
  return {
    append: (entry) =>
      run(
        `INSERT INTO ${deletions} (at, entry) VALUES ($1, $2::json)`,
        [entry.at, JSON.stringify(entry)],
        () => undefined,
      ),

    entriesSince: (at) =>
      run(`SELECT entry::text AS entry FROM ${deletions} WHERE at >= $1 ORDER BY id`, [at], (rows) =>
        rows.map((row): LedgerEntry => JSON.parse(textIn(row, "entry"))),
      ),
  };
}
