/** A number that is counted up to a bound, so that counting costs the same in a table of any size. */
export interface Tally {
  /** How many were found, at most the bound. */
  readonly atLeast: number;
  /** Whether this is the whole number, with nothing left uncounted. */
  readonly isExact: boolean;
}

/**
 * Returns the tally of the matches among the rows that were looked at.
 *
 * @param lookAt how many rows may be looked at; the query asked for one more, which tells whether there are more
 * @param looked how many rows there were, at most `lookAt` + 1; the same as `found` if left out
 */
export function tallyOf(found: number, lookAt: number, looked: number = found): Tally {
  return { atLeast: Math.min(found, lookAt), isExact: looked <= lookAt };
}
