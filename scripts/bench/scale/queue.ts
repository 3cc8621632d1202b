// Requests that wait for a database: when each comes, how long it takes, and how many are worked on at once.

/** A request that comes to one of the databases. */
export interface Arrival {
  /** When it comes, in milliseconds. */
  readonly atMs: number;
  /** How long the database works on it, in milliseconds. */
  readonly serviceMs: number;
  /** The number of its database, from 0 on. */
  readonly database: number;
}

/** How long requests took, and how busy the databases were. */
export interface Waiting {
  /** From coming to being answered, in milliseconds: half of the requests took no longer. */
  readonly p50Ms: number;
  /** Of a hundred requests, 99 took no longer. */
  readonly p99Ms: number;
  /** The share of the databases' time that was taken, until the last answer. */
  readonly busy: number;
}

/**
 * Lets all requests wait their turn. Each database takes the one that came first.
 *
 * @param databases how many there are
 * @param cores how many requests each works on at once
 */
export function queue(arrivals: readonly Arrival[], databases: number, cores: number): Waiting {
  const freeAt = Array.from({ length: databases }, () => new Array<number>(cores).fill(0));
  const took: number[] = [];
  let worked = 0;
  let end = 0;
  for (const { atMs, serviceMs, database } of arrivals.toSorted((a, b) => a.atMs - b.atMs)) {
    const each = freeAt[database] ?? [];
    const first = each.indexOf(Math.min(...each));
    const doneAt = Math.max(atMs, each[first] ?? 0) + serviceMs;
    each[first] = doneAt;
    took.push(doneAt - atMs);
    worked += serviceMs;
    end = Math.max(end, doneAt);
  }
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  return { p50Ms: at(0.5), p99Ms: at(0.99), busy: worked / (end * databases * cores) };
}
