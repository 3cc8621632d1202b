import { err, ok, type Result } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { Row } from "./client.ts";

/**
 * The client answers less than `pg` does. Taken for an answer without rows, it would tell a user that nothing is
 * stored. A change that the statement has made stays made.
 */
const ODD_ANSWER: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message:
    "The client does not answer as pg does, with rows and rowCount: give the stores a pool or a client of pg, or wrap yours.",
};

/** The fields that are read of the answer to one statement. */
interface Answer {
  readonly rows?: unknown;
  readonly rowCount?: unknown;
}

/** Returns the rows of the answer to one statement. Every statement of the stores that is read answers with rows. */
export function rowsOf(answer: unknown): Result<readonly Row[], StorageFault> {
  const { rows, rowCount } = (answer ?? {}) as Answer;
  return Array.isArray(rows) && rowCount === rows.length ? ok(rows) : err(ODD_ANSWER);
}
