import { Result, ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { PostgresClient, Row } from "./client.ts";
import { rowsOf } from "./read-answer.ts";
import { isInTheWay, storageFaultOf, UNREADABLE_ROW } from "./storage-fault-of.ts";

/** How often a statement is run while other transactions get in its way. */
const MAX_TRIES = 20;

/** Runs one statement of a store and reads its rows. A store may give its own fault for an error of the server. */
export type RunStatement = <Value>(
  text: string,
  values: readonly unknown[],
  read: (rows: readonly Row[]) => Value,
  faultOf?: (error: unknown) => StorageFault,
) => ResultAsync<Value, StorageFault>;

/**
 * Returns a function that runs statements with a client. If other transactions got in the way (a deadlock, or isolation
 * above READ COMMITTED), the server has undone the whole statement. It is then run again. Inside a transaction of the
 * host the server refuses the second try, and the fault says to run all of it again.
 */
export function statementsOf(client: PostgresClient): RunStatement {
  return (text, values, read, faultOf = storageFaultOf) =>
    ResultAsync.fromPromise(queryAgain(client, text, values), faultOf)
      .andThen(rowsOf)
      .andThen(Result.fromThrowable(read, () => UNREADABLE_ROW));
}

/**
 * Returns the driver's answer, and runs again while other transactions get in the way. Rejects with the server's error.
 */
export async function queryAgain(
  client: PostgresClient,
  text: string,
  values: readonly unknown[],
): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    try {
      return await client.query(text, [...values]);
    } catch (error) {
      if (tries === MAX_TRIES || !isInTheWay(error)) throw error;
    }
  }
}
