/**
 * What runs SQL: a `pg.Pool`, a `pg.Client`, a client that is checked out inside the host's own transaction, or either of
 * them over PGlite (`createPgConfig` of `@electric-sql/pglite/node-postgres`). Nothing else is asked of it, and it is
 * never closed. Another driver fits behind a few lines that answer as `pg` does; docs/postgres.md has them for `postgres`.
 *
 * Every method of the stores changes rows in one call, hence one statement (or, without values, one text of several
 * statements, which PostgreSQL runs as one transaction); a sweep in one call per chunk. So a pool keeps each atomic by
 * itself, no lock outlives a round trip, and inside the host's own transaction only the host begins, commits or rolls
 * back.
 */
export interface PostgresClient {
  /**
   * Runs SQL and answers `{ rows, rowCount }`, or an array of them for several statements; rejects with what the server
   * said. Every column is text or null, whatever type parsers the driver has for other types.
   *
   * @param values what `$1`, `$2` … stand for: text, numbers, booleans, null and `Uint8Array`; none for plain text
   */
  // A method, so that the overloads of `pg` fit.
  query(text: string, values: unknown[]): PromiseLike<unknown>;
}

/** A row as the server sent it, by column. */
export type Row = Readonly<Record<string, unknown>>;
