/** A limit on how often each owner may act. Each owner has a bucket of tokens, which fills again as time passes. */
export interface Rate {
  /** Takes a token from an owner's bucket, and returns whether there was one. */
  take(owner: string): boolean;
  /** How many buckets are kept. */
  readonly size: number;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** How many buckets are kept before the full ones are dropped. */
const MANY = 1_000;

/**
 * Returns a rate.
 *
 * @param perSecond how many tokens come back per second
 * @param burst how many tokens a full bucket has; each owner begins with a full bucket
 * @param now the present, in milliseconds since any fixed point; a step back counts as no time
 */
export function createRate(perSecond: number, burst: number, now: () => number = Date.now): Rate {
  const buckets = new Map<string, Bucket>();
  let dropAt = MANY;

  function filled({ tokens, at }: Bucket, until: number): number {
    return Math.min(burst, tokens + (Math.max(0, until - at) * perSecond) / 1_000);
  }

  /** A bucket that is full again is as good as none. The more of them stay, the more rarely they are looked through. */
  function dropFull(until: number): void {
    for (const [owner, bucket] of buckets) if (filled(bucket, until) >= burst) buckets.delete(owner);
    dropAt = Math.max(MANY, 2 * buckets.size);
  }

  return {
    take: (owner) => {
      const at = now();
      if (buckets.size >= dropAt) dropFull(at);
      const bucket = buckets.get(owner);
      const tokens = bucket ? filled(bucket, at) : burst;
      if (tokens < 1) return false;
      buckets.set(owner, { tokens: tokens - 1, at });
      return true;
    },
    get size() {
      return buckets.size;
    },
  };
}
