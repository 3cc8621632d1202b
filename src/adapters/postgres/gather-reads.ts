import { type Result, ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { AccountId } from "../../domain/identifiers.ts";
import { textArray } from "./pack.ts";

/** How many keys are read together at the most. One statement should not take much longer than another. */
const MAX_KEYS = 100;

const atEndOfTurn = globalThis.setImmediate ?? ((callback: () => void) => setTimeout(callback, 0));

/** Answers what was read of a key. */
export type ReadOf<Key, Value> = (key: Key) => Result<Value, StorageFault>;

/** The keys that are asked for in this turn, and what will be read of them. */
interface Gathered<Key, Value> {
  readonly keys: Set<Key>;
  readonly read: ResultAsync<ReadOf<Key, Value>, StorageFault>;
}

/**
 * Returns a function that reads by a key. Keys that are asked for within one turn of the event loop are read together:
 * most of a small read's cost is the statement itself. A read waits for no other read.
 *
 * @param readTogether reads each of these keys, which are one at the least
 */
export function gatherReads<Key, Value>(
  readTogether: (keys: readonly Key[]) => ResultAsync<ReadOf<Key, Value>, StorageFault>,
): (key: Key) => ResultAsync<Value, StorageFault> {
  let gathering: Gathered<Key, Value> | null = null;

  function begin(): Gathered<Key, Value> {
    const keys = new Set<Key>();
    const turn = ResultAsync.fromSafePromise(new Promise<void>((resolve) => atEndOfTurn(resolve)));
    const read = turn.andThen(() => {
      if (gathering?.keys === keys) gathering = null;
      return readTogether([...keys]);
    });
    return { keys, read };
  }

  return (key) => {
    gathering ??= begin();
    const { keys, read } = gathering;
    keys.add(key);
    if (keys.size === MAX_KEYS) gathering = null;
    return read.andThen((readOf) => readOf(key));
  };
}

/** Returns the statement for one account or for several, with its parameter. */
export function statementFor(
  accounts: readonly AccountId[],
  one: string,
  several: string,
): readonly [statement: string, accounts: string | undefined] {
  const [only] = accounts;
  return accounts.length === 1 ? [one, only] : [several, textArray(accounts)];
}
