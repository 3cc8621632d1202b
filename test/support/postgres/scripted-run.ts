import { Result, ResultAsync } from "neverthrow";
import type { StorageFault } from "unified-contributions";
import type { Row } from "../../../src/adapters/postgres/client.ts";
import type { RunStatement } from "../../../src/adapters/postgres/run-statement.ts";
import { UNREADABLE_ROW } from "../../../src/adapters/postgres/storage-fault-of.ts";

/** What was asked of a database: each statement with its values. */
export type Asked = (readonly [statement: string, ...values: readonly unknown[]])[];

/**
 * Runs statements without a database, and remembers them.
 *
 * @param rowsOf returns the rows of a statement by its place from 0 on, or null if the server refuses it
 */
export function scriptedRun(rowsOf: (statement: string, place: number) => readonly Row[] | null): {
  readonly asked: Asked;
  readonly run: RunStatement;
} {
  const asked: Asked = [];
  const run: RunStatement = <Value>(
    statement: string,
    values: readonly unknown[],
    read: (rows: readonly Row[]) => Value,
  ) => {
    const rows = rowsOf(statement, asked.length);
    asked.push([statement, ...values]);
    const reading = (): Value => {
      if (rows === null) throw new Error("refused");
      return read(rows);
    };
    const result: Result<Value, StorageFault> = Result.fromThrowable(reading, () => UNREADABLE_ROW)();
    return new ResultAsync(Promise.resolve(result));
  };
  return { asked, run };
}
