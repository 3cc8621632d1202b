import type { ResultAsync } from "neverthrow";
import { type Tally, tallyOf } from "../domain/tally.ts";
import { named } from "./named-adapter.ts";

/**
 * One rule of a port's contract, for any test runner: `test(title, () => check.run(make))`.
 *
 * @typeParam Make the function that makes a fresh adapter
 */
export interface ContractCheck<Make> {
  /** The number of the rule in the port's doc comments, such as `SS3`. */
  readonly rule: string;
  /** The claim of the check. Rule and title together are unique within the contract. */
  readonly title: string;
  /**
   * Rejects with an `Error` that begins with the rule if the adapter breaks it. The caller closes what `make` opened.
   */
  run(make: Make): Promise<void>;
}

/** Returns a fresh adapter that remembers nothing of an earlier one. */
export type MakeFresh<Adapter> = () => Adapter | Promise<Adapter>;

/** Returns a check of a fresh adapter. */
export function check<Adapter extends object>(
  rule: string,
  title: string,
  body: (adapter: Adapter) => Promise<void>,
): ContractCheck<MakeFresh<Adapter>> {
  return {
    rule,
    title,
    run: (make) => underRule(rule, title, async () => body(named(await make()))),
  };
}

/** Runs the body of a check. If it rejects, the error names the rule. */
export async function underRule(rule: string, title: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "the adapter threw something that is no Error";
    throw new Error(`${rule} ${title}: ${why}`, { cause });
  }
}

/** Returns the answer of an operation that has to succeed. */
export async function answerOf<Value>(
  operation: ResultAsync<Value, { readonly type: string; readonly message?: string }>,
): Promise<Value> {
  const result = await operation;
  if (result.isOk()) return result.value;
  const { type, message } = result.error;
  throw new Error(`answered with ${type}${message === undefined ? "" : ` (${message})`}`);
}

/**
 * Returns the fault of an operation, which has to fail with this type. `call` says in the error which call it was, such
 * as "`commitLink` with version 7".
 */
export async function expectFault<Fault extends { readonly type: string }>(
  call: string,
  operation: ResultAsync<unknown, Fault>,
  type: Fault["type"],
): Promise<Fault> {
  const result = await operation;
  if (result.isOk()) throw new Error(`${call} succeeded, expected \`${type}\``);
  if (result.error.type === type) return result.error;
  throw new Error(`${call} answered with \`${result.error.type}\`, expected \`${type}\``);
}

/**
 * Starts all operations at once and returns the answers of those that succeeded. The others have to fail with this
 * type.
 */
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

/** Throws unless a value has this exact structure. The error calls the value `what`. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const difference = differenceOf(actual, expected, "");
  if (difference !== null) throw new Error(`${what}${difference}`);
}

/** Throws unless the claim holds. `claim` is a sentence that would then be true. */
export function expectThat(claim: string, holds: boolean): void {
  if (!holds) throw new Error(`expected that ${claim}`);
}

/**
 * Throws if the versions of consecutive writes follow from each other.
 *
 * A store that counts gives one of them twice after it has lost its last commits.
 */
export function expectNotCounted(versions: readonly number[]): void {
  const steps = versions.slice(1).map((version, index) => version - (versions[index] ?? 0));
  if (new Set([0, ...steps]).size === versions.length) return;
  throw new Error(
    `versions ${versions.join(", ")} are counted: use \`mintVersion()\` of \`storage\`, which never repeats one`,
  );
}

/** Returns the first difference of two structures, as the end of a sentence, or null. */
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

/** Returns the tally of a search that found everything. */
export function exactly(count: number): Tally {
  return tallyOf(count, count);
}
