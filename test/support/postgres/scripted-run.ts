import type { PostgresClient, Row } from "../../../src/adapters/postgres/client.ts";
import { type RunStatement, statementsOf } from "../../../src/adapters/postgres/run-statement.ts";

/** What was asked of a database: each statement with its values. */
export type Asked = (readonly [statement: string, ...values: readonly unknown[]])[];

/**
 * Runs statements without a database, and remembers them.
 *
 * @param rowsOf returns the rows of a statement by its place from 0 on; it throws if the server refuses the statement
 */
export function scriptedRun(rowsOf: (statement: string, place: number) => readonly Row[]): {
  readonly asked: Asked;
  readonly client: PostgresClient;
  readonly run: RunStatement;
} {
  const asked: Asked = [];
  const query = async (statement: string, values: readonly unknown[]) => {
    asked.push([statement, ...values]);
    const rows = rowsOf(statement, asked.length - 1);
    return { rows, rowCount: rows.length };
  };
  return { asked, client: { query }, run: statementsOf({ query }) };
}
