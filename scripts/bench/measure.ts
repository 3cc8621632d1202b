// The measuring: subjects take turns (A B A B …) in one process, after a warm-up. A noisy machine thus slows all of
// them alike. Only ratios within one run count.

/** One row of the report, as `--json` prints it. */
export interface Row {
  /** The stable id: `group.name`. */
  readonly id: string;
  /** The subject of the measurement, with its unit if it is not a time. */
  readonly what: string;
  /** The yardstick of the measurement. */
  readonly yardstick: string;
  /** The ratio of the two, rounded to four digits behind the point. */
  readonly ratio: number;
  /** The goal for the ratio, such as `≤ 0.2`. */
  readonly goal: string;
  readonly met: boolean;
}

/** A row, and the absolute numbers behind it, which only people read. */
export interface Finding extends Row {
  readonly detail: string;
}

/** The effort of a measurement. */
export interface Effort {
  /** How many times each subject has its turn. */
  readonly rounds: number;
  /** Whether inputs are small, to see that it works and not how fast. */
  readonly isQuick: boolean;
}

/** A wrong result of the measured code. Nothing else makes a benchmark fail. */
export class WrongResult extends Error {}

/** Throws unless the claim holds. */
export function demand(holds: boolean, claim: string): void {
  if (!holds) throw new WrongResult(claim);
}

/** Returns how many rounds {@link takeTurns} makes before those it measures: as many, and three at most. */
export function warmUpRounds(rounds: number): number {
  return Math.min(3, rounds);
}

/** The time of each subject in each measured round, in milliseconds. */
export type Times<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/**
 * Lets the subjects take turns and returns the time of each.
 *
 * @param garbage whether each turn begins on a heap without garbage. `collect` is for subjects that leave megabytes
 * behind, since the next turn would pay for them. `keep` is for tiny subjects. A collection shrinks the young
 * generation, and they would be measured while it grows again, at several times their cost.
 */
export async function takeTurns<Name extends string>(
  rounds: number,
  garbage: "collect" | "keep",
  subjects: Readonly<Record<Name, () => unknown>>,
): Promise<Times<Name>> {
  const names = Object.keys(subjects) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -warmUpRounds(rounds); round < rounds; round++) {
    for (const name of names) {
      if (garbage === "collect") collectGarbage();
      const took = await timed(subjects[name]);
      if (round >= 0) times[name].push(took);
    }
  }
  return times;
}

/** Removes the remains of earlier measurements, before a subject that allocates hundreds of megabytes. */
export function collectGarbage(): void {
  globalThis.gc?.();
}

const NOTHING = Symbol("nothing");

/** Returns how long a call takes, in milliseconds. The result is looked at, so it has to be computed. */
export async function timed(run: () => unknown): Promise<number> {
  const startedAtMs = performance.now();
  const result = run();
  const settled = result instanceof Promise ? await result : result;
  const took = performance.now() - startedAtMs;
  demand(settled !== NOTHING, "what is measured has a result");
  return took;
}

/** Returns the value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >>> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Returns the median over the rounds of the ratio of two subjects in the same round. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((took, round) => took / (theirs[round] ?? Number.NaN)));
}

/** Returns a row whose ratio should be at most this. */
export function atMost(goal: number, row: Omit<Finding, "goal" | "met">): Finding {
  return { ...row, ratio: fourDigits(row.ratio), goal: `≤ ${goal}`, met: row.ratio <= goal };
}

/** Returns a row whose ratio should be at least this. */
export function atLeast(goal: number, row: Omit<Finding, "goal" | "met">): Finding {
  return { ...row, ratio: fourDigits(row.ratio), goal: `≥ ${goal}`, met: row.ratio >= goal };
}

function fourDigits(ratio: number): number {
  return Math.round(ratio * 10_000) / 10_000;
}

/** Returns a ratio as people read it: two digits behind the point, or the first two that are not zero. */
export function readable(ratio: number): string {
  return ratio !== 0 && Math.abs(ratio) < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2);
}

/** Returns the time per item: `123 ns`, `4.5 µs`, `6.7 ms`. */
export function perItem(totalMs: number, items: number): string {
  const nanoseconds = (totalMs * 1e6) / items;
  if (nanoseconds < 1_000) return `${nanoseconds.toFixed(0)} ns`;
  if (nanoseconds < 1_000_000) return `${(nanoseconds / 1e3).toFixed(1)} µs`;
  return `${(nanoseconds / 1e6).toFixed(1)} ms`;
}
