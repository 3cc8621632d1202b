/**
 * What runs SQL: a `pg.Pool`, a `pg.Client`, a client that is checked out inside the host's own transaction, or either of
 * them over PGlite (`createPgConfig` of `@electric-sql/pglite/node-postgres`). Nothing else is asked of it, and it is
 * never closed.
 *
 * Every method of the stores changes rows in one call, hence one statement (or, without values, one text of several
 * statements, which PostgreSQL runs as one transaction); a sweep in one call a chunk. So a pool keeps each atomic by
 * itself, no lock outlives a round trip, and inside the host's own transaction nothing is begun, committed or rolled back
 * but by the host.
 */
export interface PostgresClient {
  /**
   * Runs SQL and answers its rows; rejects with what the server said.
   *
   * @param values what `$1`, `$2` … stand for: text, numbers, booleans, null and `Uint8Array`; none for plain text
   */
  // A method, so that the overloads of `pg` fit.
  query(text: string, values: unknown[]): PromiseLike<unknown>;
}

/** A row as the server sent it, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** How many rows each of several statements has changed. */
export function rowCountsOf(answer: unknown): readonly number[] {
  if (!Array.isArray(answer)) throw new TypeError("several statements have one answer");
  return answer.map(({ rowCount }: { readonly rowCount?: unknown }) => Number(rowCount));
}

/** The rows of an answer; of several statements those of the last. */
export function rowsOf(answer: unknown): readonly Row[] {
  const last: unknown = Array.isArray(answer) ? answer.at(-1) : answer;
  const rows = (last as { readonly rows?: unknown } | undefined)?.rows;
  return Array.isArray(rows) ? rows : [];
}
