import type { ResultAsync } from "neverthrow";
import { type Tally, tallyOf } from "../domain/tally.ts";

/**
 * One claim of a port's contract, to be run under any test runner: `test(title, () => check.run(make))`.
 *
 * @typeParam Make what makes a fresh adapter
 */
export interface ContractCheck<Make> {
  /** The rule as the port's doc comments number it, such as `SS3`. */
  readonly rule: string;
  /** What is claimed; with the rule before it, no other check of the contract has the same. */
  readonly title: string;
  /** Rejects with an `Error` that begins with the rule where the adapter breaks it. What `make` opened is the caller's to close. */
  run(make: Make): Promise<void>;
}

/** Makes a fresh adapter that remembers nothing of an earlier one. */
export type MakeFresh<Adapter> = () => Adapter | Promise<Adapter>;

/** A check of what a fresh adapter does. */
export function check<Adapter>(
  rule: string,
  title: string,
  body: (adapter: Adapter) => Promise<void>,
): ContractCheck<MakeFresh<Adapter>> {
  return {
    rule,
    title,
    run: (make) => underRule(rule, title, async () => body(await make())),
  };
}

/** Runs the body of a check; whatever it rejects with then names the rule. */
export async function underRule(rule: string, title: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "the adapter threw something that is no Error";
    throw new Error(`${rule} ${title}: ${why}`, { cause });
  }
}

/** The answer of an operation that has to succeed. */
export async function answerOf<Value>(
  operation: ResultAsync<Value, { readonly type: string; readonly message?: string }>,
): Promise<Value> {
  const result = await operation;
  if (result.isOk()) return result.value;
  const { type, message } = result.error;
  throw new Error(`answered with ${type}${message === undefined ? "" : ` (${message})`}`);
}

/** The type of the fault of an operation that has to fail. */
export async function faultOf<Fault extends { readonly type: string }>(
  operation: ResultAsync<unknown, Fault>,
): Promise<Fault["type"]> {
  const result = await operation;
  if (result.isErr()) return result.error.type;
  throw new Error("succeeded, and should have answered with a fault");
}

/** Starts all operations at once and answers the ones that succeeded; the others have to fail with this type. */
export async function winnersOf<Value>(
  operations: readonly ResultAsync<Value, { readonly type: string }>[],
  loserType: string,
): Promise<readonly { readonly index: number; readonly value: Value }[]> {
  const results = await Promise.all(operations);
  return results.flatMap((result, index) => {
    if (result.isOk()) return [{ index, value: result.value }];
    if (result.error.type === loserType) return [];
    throw new Error(`operation ${index} of those started at once answered with ${result.error.type}`);
  });
}

/** Demands that a value has just this structure; `what` says in the error what the value is. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const difference = differenceOf(actual, expected, "");
  if (difference !== null) throw new Error(`${what}${difference}`);
}

/** Demands that something holds; `claim` is the sentence that would be true. */
export function expectThat(claim: string, holds: boolean): void {
  if (!holds) throw new Error(`expected that ${claim}`);
}

/**
 * Demands that what was written one after another has versions that do not follow from each other: a store that counts
 * gives one of them twice where it has lost its last commits.
 */
export function expectNotCounted(versions: readonly number[]): void {
  const steps = versions.slice(1).map((version, index) => version - (versions[index] ?? 0));
  expectThat(
    `versions ${versions.join(", ")} are not counted`,
    new Set([0, ...steps]).size === versions.length,
  );
}

/** The first difference of two structures, as the end of a sentence, or null. */
function differenceOf(actual: unknown, expected: unknown, path: string): string | null {
  if (!isStructure(actual) || !isStructure(expected) || Array.isArray(actual) !== Array.isArray(expected)) {
    return Object.is(actual, expected) ? null : `${path} is ${show(actual)}, expected ${show(expected)}`;
  }
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  for (const key of keys) {
    const at = Array.isArray(expected) ? `${path}[${key}]` : `${path}.${key}`;
    if (!Object.hasOwn(actual, key)) return `${at} is missing, expected ${show(expected[key])}`;
    if (!Object.hasOwn(expected, key)) return `${at} is ${show(actual[key])}, expected nothing there`;
    const difference = differenceOf(actual[key], expected[key], at);
    if (difference !== null) return difference;
  }
  return null;
}

function isStructure(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  return isStructure(value) || typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** The tally that found all there are. */
export function exactly(count: number): Tally {
  return tallyOf(count, count);
}
