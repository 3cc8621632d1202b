import type { HostileWorld } from "./world.ts";

/** One hostile request, and what it has to be answered with. */
export interface Shot {
  /** What was done to it, for the tally. */
  readonly what: string;
  readonly request: Request;
  /** The outcomes it may have, as `outcomeOf` names them. */
  readonly answers: readonly string[];
  /** Whether it is the next request of the hostile server's chain, so that its id may be remembered. */
  readonly isChained?: boolean;
}

/** Random for mutations. */
export interface Dice {
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  /** One of these, of which there is at least one. */
  pick<Value>(values: readonly Value[]): Value;
  /** So many random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** Makes dice of a world's random, so that its seed repeats everything. */
export function createDice({ random }: Pick<HostileWorld, "random">): Dice {
  const below = (end: number): number => Math.floor(random.fraction() * end);
  return {
    below,
    pick: (values) => values[below(values.length)] as (typeof values)[number],
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
  };
}
