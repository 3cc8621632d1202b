import type { Exchange } from "./load-server.ts";

/** Times of many exchanges, in milliseconds. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

/** What is written down of the exchanges since the journal was last emptied. */
interface JournalFigures {
  /** How many had each status; `cut` is none at all. */
  readonly statuses: ReadonlyMap<string, number>;
  /** Those that were answered with 200. */
  readonly taken: Percentiles;
  /** Those that were answered with anything else. */
  readonly refused: Percentiles;
}

/** What became of many exchanges. */
export interface Journal {
  note(exchange: Exchange): void;
  /** Empties it. */
  forget(): void;
  /** Empties it, and from now on the process is being ended. */
  endsNow(): void;
  hasEnded(): boolean;
  figures(): JournalFigures;
}

/** Makes an empty journal. */
export function createJournal(): Journal {
  const statuses = new Map<string, number>();
  let [taken, refused]: [number[], number[]] = [[], []];
  let hasEnded = false;
  const forget = (): void => {
    statuses.clear();
    [taken, refused] = [[], []];
  };
  return {
    note: ({ status, tookMs }) => {
      const name = status === null ? "cut" : String(status);
      statuses.set(name, (statuses.get(name) ?? 0) + 1);
      if (status === 200) taken.push(tookMs);
      else if (status !== null) refused.push(tookMs);
    },
    forget,
    endsNow: () => {
      hasEnded = true;
      forget();
    },
    hasEnded: () => hasEnded,
    figures: () => ({
      statuses: new Map(statuses),
      taken: percentilesOf(taken),
      refused: percentilesOf(refused),
    }),
  };
}

function percentilesOf(times: readonly number[]): Percentiles {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), worst: at(1) };
}
