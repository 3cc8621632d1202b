import { err, errAsync, okAsync, type Result, type ResultAsync } from "neverthrow";
import type { StorageFault, VersionConflict } from "./fault.ts";

/** A stored value, and the version to name when it is written again. */
export interface Versioned<Value> {
  readonly value: Value;
  /**
   * 0 for a value that was never written, else a number that belongs to one write alone.
   *
   * No other write ever has it, even after the storage has lost its last commits. A writer that loaded a lost value
   * must not overwrite the value that replaced it. Compare versions only for equality.
   */
  readonly version: number;
}

/** A write, and the value that the caller gets once it is written. */
export interface Decision<Write, Value> {
  /** The change to commit, or null if nothing changes. */
  readonly write: Write | null;
  readonly value: Value;
}

/** A document that is loaded, and committed over the version that was loaded. */
export interface Document<State, Write> {
  load(): ResultAsync<Versioned<State>, StorageFault>;
  commit(write: Write, expectedVersion: number): ResultAsync<unknown, StorageFault | VersionConflict>;
}

/** How many times a change is decided if another writer commits in between. */
const MAX_TRIES = 20;

const CONTENDED: StorageFault = {
  type: "storage-fault",
  reason: "timed-out",
  message: "Other writers committed first every time: try again later.",
};

/**
 * Loads, decides and commits, for both sides, and returns the decision's value.
 *
 * If another writer commits in between, it decides again. After 20 tries it fails with a `storage-fault`. A refusal
 * writes nothing.
 */
export function commitDecision<State, Write, Value, Refusal extends { readonly type: string }>(
  document: Document<State, Write>,
  decide: (before: State) => Result<Decision<Write, Value>, Refusal>,
  triesLeft: number = MAX_TRIES,
): ResultAsync<Value, Refusal | StorageFault> {
  return document
    .load()
    .andThen(({ value: before, version }) =>
      decide(before).asyncAndThen(({ write, value }) =>
        write === null ? okAsync(value) : document.commit(write, version).map(() => value),
      ),
    )
    .orElse((fault: Refusal | StorageFault | VersionConflict) => {
      if (!isConflict(fault)) return err(fault);
      return triesLeft > 1 ? commitDecision(document, decide, triesLeft - 1) : errAsync(CONTENDED);
    });
}

function isConflict(fault: { readonly type: string }): fault is VersionConflict {
  return fault.type === "version-conflict";
}
