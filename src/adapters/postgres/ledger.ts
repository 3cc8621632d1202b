import type { DeletionLedger, LedgerEntry } from "../../ghec/ports.ts";
import type { Row } from "./client.ts";
import { seeingAllRows, seesAllRows } from "./guard.ts";
import { checkOptions, type PostgresOptions } from "./postgres-options.ts";
import { qualify } from "./qualify.ts";
import { asText, textIn } from "./read-row.ts";
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
  const append = qualify(
    `INSERT INTO ${deletions} (at, entry) SELECT $1, $2::text::json WHERE ${seesAllRows(deletions)} RETURNING ${asText("id")}`,
  );
  const entriesSince = qualify(
    seeingAllRows(`SELECT ${asText("entry")} FROM ${deletions} WHERE at >= $1 ORDER BY id`, deletions),
  );
  return {
    append: (entry) => run(append, [entry.at, JSON.stringify(entry)], oneRow),

    entriesSince: (at) =>
      run(entriesSince, [at], (rows) => rows.map((row): LedgerEntry => JSON.parse(textIn(row, "entry")))),
  };
}

/** A trigger or a rule can keep an entry out, and the server then says nothing of it. */
function oneRow(rows: readonly Row[]): void {
  if (rows.length !== 1) throw new TypeError("the entry was not written");
}
