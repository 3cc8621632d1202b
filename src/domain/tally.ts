/** How many there are, counted no further than to a bound, so that counting costs the same in a table of any size. */
export interface Tally {
  /** How many were found, at most the bound. */
  readonly atLeast: number;
  /** Whether that is all of them: nothing was left uncounted. */
  readonly isExact: boolean;
}

/**
 * Returns the tally of what was found among rows that were looked at.
 *
 * @param lookAt how many rows may be looked at; one more was asked for, which tells whether there are more
 * @param looked how many rows there were, at most `lookAt` + 1; as many as were found if left out
 */
export function tallyOf(found: number, lookAt: number, looked: number = found): Tally {
  return { atLeast: Math.min(found, lookAt), isExact: looked <= lookAt };
}
