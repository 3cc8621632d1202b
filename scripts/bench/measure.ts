// How everything here is measured: subjects take turns (A B A B …) in one process, after a warm-up, so that a noisy
// machine slows all of them alike. Only ratios within one run count.

/** One row of the report, as `--json` prints it. */
export interface Row {
  /** Stable: `group.name`. */
  readonly id: string;
  /** What was measured, with its unit where it is no time. */
  readonly what: string;
  /** What it was measured against. */
  readonly yardstick: string;
  /** What it is a ratio of is said by `what` and `yardstick`; rounded to four digits behind the point. */
  readonly ratio: number;
  /** The ratio aimed at, such as `≤ 0.2`. */
  readonly goal: string;
  readonly met: boolean;
}

/** A row, and the absolute numbers behind it, which only people read. */
export interface Finding extends Row {
  readonly detail: string;
}

/** How much is measured. */
export interface Effort {
  /** How often each subject has its turn. */
  readonly rounds: number;
  /** Small inputs: to see that it works, not how fast. */
  readonly isQuick: boolean;
}

/** What was computed is not what it has to be. The one thing that makes a benchmark fail. */
export class WrongResult extends Error {}

/** Says what is wrong unless the claim holds. */
export function demand(holds: boolean, claim: string): void {
  if (!holds) throw new WrongResult(claim);
}

/** How many rounds {@link takeTurns} makes before those it measures. */
export const WARM_UP_ROUNDS = 3;

/** What each subject took in each measured round, in milliseconds. */
export type Times<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/**
 * Lets the subjects take turns and returns what each took.
 *
 * @param garbage whether each turn begins on a heap without garbage. `collect` is for what leaves megabytes behind, which
 * the next turn would pay for; `keep` for tiny things: a collection shrinks the young generation, and they would be
 * measured growing it again, at several times their cost
 */
export async function takeTurns<Name extends string>(
  rounds: number,
  garbage: "collect" | "keep",
  subjects: Readonly<Record<Name, () => unknown>>,
): Promise<Times<Name>> {
  const names = Object.keys(subjects) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const name of names) {
      if (garbage === "collect") collectGarbage();
      const took = await timed(subjects[name]);
      if (round >= 0) times[name].push(took);
    }
  }
  return times;
}

/** Removes what earlier measurements left: before something that allocates by the hundred megabytes. */
export function collectGarbage(): void {
  globalThis.gc?.();
}

const NOTHING = Symbol("nothing");

/** How long something takes, in milliseconds. Its result is looked at, so that it has to be computed. */
export async function timed(run: () => unknown): Promise<number> {
  const startedAtMs = performance.now();
  const result = run();
  const settled = result instanceof Promise ? await result : result;
  const took = performance.now() - startedAtMs;
  demand(settled !== NOTHING, "what is measured has a result");
  return took;
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >>> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** The median over the rounds of what one subject took against another in the same round. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((took, round) => took / (theirs[round] ?? Number.NaN)));
}

/** A row whose ratio should be at most this. */
export function atMost(goal: number, row: Omit<Finding, "goal" | "met">): Finding {
  return { ...row, ratio: fourDigits(row.ratio), goal: `≤ ${goal}`, met: row.ratio <= goal };
}

/** A row whose ratio should be at least this. */
export function atLeast(goal: number, row: Omit<Finding, "goal" | "met">): Finding {
  return { ...row, ratio: fourDigits(row.ratio), goal: `≥ ${goal}`, met: row.ratio >= goal };
}

function fourDigits(ratio: number): number {
  return Math.round(ratio * 10_000) / 10_000;
}

/** A ratio as people read it: two digits behind the point, or the first two that are not zero. */
export function readable(ratio: number): string {
  return ratio !== 0 && Math.abs(ratio) < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2);
}

/** The time that one of so many takes: `123 ns`, `4.5 µs`, `6.7 ms`. */
export function perItem(totalMs: number, items: number): string {
  const nanoseconds = (totalMs * 1e6) / items;
  if (nanoseconds < 1_000) return `${nanoseconds.toFixed(0)} ns`;
  if (nanoseconds < 1_000_000) return `${(nanoseconds / 1e3).toFixed(1)} µs`;
  return `${(nanoseconds / 1e6).toFixed(1)} ms`;
}
