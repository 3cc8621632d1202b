/** The parts that run statements. */
export type PostgresPart =
  | "sender-store"
  | "receiver-store"
  | "sender-reader"
  | "receiver-reader"
  | "ledger"
  | "key-directory"
  | "nonce-store";

/** The fields of every event of a statement. */
interface OfStatement {
  /** The part that runs the statement. */
  readonly part: PostgresPart;
  /** The name of the statement, for example `applyDelivery`. */
  readonly statement: string;
  /** How long it has taken so far, in milliseconds, including the wait for a connection of the pool. */
  readonly durationMs: number;
}

/**
 * The server or the driver refused a statement. The part may run it again up to twenty times after a deadlock (40P01,
 * 40001). It may also do so after two consents at the same moment (23505 of `openLink`).
 */
interface StatementFailed extends OfStatement {
  readonly type: "statement-failed";
  /** The SQLSTATE, or the name that Node gives to an error of the network; null if there is neither. */
  readonly state: string | null;
  /** A sentence that says what happened and what to do; never holds data. */
  readonly message: string;
  /** The driver's error. PostgreSQL's errors hold values of rows: log it only if such data may be in the log. */
  readonly cause: unknown;
}

/** A statement takes `slowStatementMs` or longer. One event comes while it runs, and one more when it is over. */
interface StatementSlow extends OfStatement {
  readonly type: "statement-slow";
  /** Whether it is over. A statement that hangs has no event with true. */
  readonly isOver: boolean;
}

/**
 * An event that a part in PostgreSQL reports to the host's `onEvent`. It holds no value of any row. A `cause` may hold
 * anything.
 */
export type PostgresEvent = StatementFailed | StatementSlow;
