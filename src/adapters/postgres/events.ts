/** What runs its statements. */
export type PostgresPart =
  | "sender-store"
  | "receiver-store"
  | "sender-reader"
  | "receiver-reader"
  | "ledger"
  | "key-directory"
  | "nonce-store";

/** What every event of a statement says. */
interface OfStatement {
  /** What runs the statement. */
  readonly part: PostgresPart;
  /** The statement by its name: `applyDelivery` for example. */
  readonly statement: string;
  /** How long it has taken so far, in milliseconds; a wait for a connection of the pool included. */
  readonly durationMs: number;
}

/**
 * The server or the driver refused a statement. It may be run again: after a deadlock (40P01, 40001), up to twenty times, and
 * after two consents at the same moment (23505 of `openLink`).
 */
interface StatementFailed extends OfStatement {
  readonly type: "statement-failed";
  /** The SQLSTATE, or the name that Node gives to an error of the network; null if there is neither. */
  readonly state: string | null;
  /** What happened and what to do; never holds data. */
  readonly message: string;
  /** What the driver threw. PostgreSQL's errors hold values of rows: log it only where such data may be. */
  readonly cause: unknown;
}

/** A statement takes `slowStatementMs` or longer. It is told once while it runs, and once more when it is over. */
interface StatementSlow extends OfStatement {
  readonly type: "statement-slow";
  /** Whether it is over. One that is never told to be over hangs. */
  readonly isOver: boolean;
}

/** What the parts in PostgreSQL tell the host's `onEvent` of. It holds no value of any row. A `cause` may hold anything. */
export type PostgresEvent = StatementFailed | StatementSlow;
