import type { PostgresClient } from "./client.ts";

/** What can name a statement: a `pg.Pool` or a `pg.Client` that talks to PostgreSQL itself. */
export interface PreparingClient {
  /**
   * Runs SQL and answers its rows; rejects with what the server said.
   *
   * @param statement its name on the connection, if it has one, with the text and the values of `PostgresClient.query`
   */
  // A method, so that the overloads of `pg` fit.
  query(statement: {
    readonly name?: string;
    readonly text: string;
    readonly values: unknown[];
  }): PromiseLike<unknown>;
}

/** The name of every text in this process: two clients may share a connection, and must not call two texts the same. */
const names = new Map<string, string>();

/**
 * Lets the server parse and plan each statement of the stores once a connection, and not at every call: an account's
 * calendar then takes half the time. Give what it answers to the stores as their `client`.
 *
 * Leave it out behind a pooler that hands out connections by transaction and knows no prepared statements (PgBouncer before
 * 1.21), and over PGlite, whose one session outlives the clients of its pool.
 */
export function prepareStatements(client: PreparingClient): PostgresClient {
  return {
    // What takes no values may be several statements in one text, and those cannot be prepared.
    query: (text, values) =>
      client.query(values.length === 0 ? { text, values } : { name: nameOf(text), text, values }),
  };
}

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `unified_contributions_${names.size + 1}`;
  names.set(text, name);
  return name;
}
