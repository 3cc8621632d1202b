/**
 * A client that runs SQL: a `pg.Pool`, a `pg.Client`, or a client that is checked out inside the host's own
 * transaction. It can be over PGlite (`createPgConfig` of `@electric-sql/pglite/node-postgres`). This package never
 * closes it, and needs no other method. Another driver fits behind a few lines that answer as `pg` does;
 * docs/postgres.md has them for `postgres`.
 *
 * Every method of the stores changes rows in one call, hence in one statement. Without values it can be one text of
 * several statements, which PostgreSQL runs as one transaction. A sweep makes one call per chunk. So each call is
 * atomic in a pool, and no lock outlives a round trip. Inside the host's own transaction only the host begins, commits
 * or rolls back.
 */
export interface PostgresClient {
  /**
   * Runs SQL and answers `{ rows, rowCount }`, or an array of them for several statements; rejects with the server's
   * error. Every column is text or null, whatever type parsers the driver has for other types.
   *
   * @param values the values of `$1`, `$2` … (text, numbers, booleans, null and `Uint8Array`), or none for plain text
   */
  // A method, so that the overloads of `pg` fit.
  query(text: string, values: unknown[]): PromiseLike<unknown>;
}

/** A row as the server sent it, by column. */
export type Row = Readonly<Record<string, unknown>>;
