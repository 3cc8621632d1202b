/** Counts by key. A key whose count is zero takes no memory. */
export interface Counts<Key> {
  /** Returns the count of a key. */
  of(key: Key): number;
  /** Changes the count of a key by one, up or down, but not below zero. */
  change(key: Key, by: 1 | -1): void;
  /** The sum of all counts. */
  readonly total: number;
  /** How many keys have a count above zero. */
  readonly size: number;
}

/** Returns counts that are all zero. */
export function createCounts<Key>(): Counts<Key> {
  const counts = new Map<Key, number>();
  let total = 0;
  const of = (key: Key): number => counts.get(key) ?? 0;
  return {
    of,
    change: (key, by) => {
      const before = of(key);
      const count = Math.max(0, before + by);
      total += count - before;
      if (count > 0) counts.set(key, count);
      else counts.delete(key);
    },
    get total() {
      return total;
    },
    get size() {
      return counts.size;
    },
  };
}
