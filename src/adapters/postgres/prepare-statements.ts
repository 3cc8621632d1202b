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

/** The names that were made already, by their texts. */
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

/**
 * A name that follows from the text alone. Two copies or two releases of this package may share a pool, and a connection
 * must not know two texts by one name.
 */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `unified_contributions_${digestOf(text, 0)}${digestOf(text, 1)}`;
  names.set(text, name);
  return name;
}

const PRIME = 2_654_435_761;
const SECOND_PRIME = 1_597_334_677;

/** 64 bits of a text in 16 hexadecimal digits; of another seed, other ones. For telling texts apart, not for keeping secrets. */
function digestOf(text: string, seed: number): string {
  let first = 0xdeadbeef ^ seed;
  let second = 0x41c6ce57 ^ seed;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    first = Math.imul(first ^ code, PRIME);
    second = Math.imul(second ^ code, SECOND_PRIME);
  }
  const mixed = Math.imul(first ^ (first >>> 16), PRIME) ^ Math.imul(second ^ (second >>> 13), SECOND_PRIME);
  const mixedAgain =
    Math.imul(second ^ (second >>> 16), PRIME) ^ Math.imul(first ^ (first >>> 13), SECOND_PRIME);
  return digits(mixed) + digits(mixedAgain);
}

function digits(number: number): string {
  return (number >>> 0).toString(16).padStart(8, "0");
}
