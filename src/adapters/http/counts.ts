/** Counts by key. A key whose count is zero takes no memory. */
export interface Counts<Key> {
  /** Returns the count of a key. */
  of(key: Key): number;
  /** Changes the count of a key by one, up or down, but not below zero. */
  change(key: Key, by: 1 | -1): void;
  /** How many keys have a count above zero. */
  readonly size: number;
}

/** Returns counts that are all zero. */
export function createCounts<Key>(): Counts<Key> {
  const counts = new Map<Key, number>();
  const of = (key: Key): number => counts.get(key) ?? 0;
  return {
    of,
    change: (key, by) => {
      const count = of(key) + by;
      if (count > 0) counts.set(key, count);
      else counts.delete(key);
    },
    get size() {
      return counts.size;
    },
  };
}
