/** Random that depends only on the seed and on the place of a throw, never on earlier throws. */
export interface Dice {
  /** Returns a number from 0 (included) to 1 (excluded), the same for the same place. */
  fraction(...place: readonly number[]): number;
  /** Returns one of several, the same for the same place. */
  pick<Value>(values: readonly Value[], ...place: readonly number[]): Value;
}

/**
 * Returns the dice of a seed. A throw depends on nothing but its place.
 *
 * An incident can thus be taken out of a history while all others stay where they were. That makes histories shrink.
 */
export function createDice(seed: number): Dice {
  const start = mix(0x9e3779b9, seed);
  function fraction(...place: readonly number[]): number {
    let state = start;
    for (const each of place) state = mix(state, each);
    return mix(state, place.length) / 2 ** 32;
  }
  return {
    fraction,
    pick: (values, ...place) =>
      values[Math.floor(fraction(...place) * values.length)] as (typeof values)[number],
  };
}

function mix(state: number, value: number): number {
  let mixed = Math.imul(state ^ (value | 0) ^ Math.imul(Math.trunc(value / 2 ** 32), 0x27d4eb2f), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
