import { err, errAsync, okAsync, type Result, type ResultAsync } from "neverthrow";
import type { StorageFault, VersionConflict } from "./fault.ts";

/** Something stored, and the version to name when it is written again. */
export interface Versioned<Value> {
  readonly value: Value;
  /**
   * 0 for what was never written, else a number that no other write ever has, also not after the storage has lost its last
   * commits: whoever loaded what is lost must not overwrite what came instead. Compared for equality only.
   */
  readonly version: number;
}

/** What a decision writes, and what the caller gets once that is written. */
export interface Decision<Write, Value> {
  /** What is to be written, or null where nothing changes. */
  readonly write: Write | null;
  readonly value: Value;
}

/** How one document is loaded, and written over the version that was loaded. */
export interface Document<State, Write> {
  load(): ResultAsync<Versioned<State>, StorageFault>;
  commit(write: Write, expectedVersion: number): ResultAsync<unknown, StorageFault | VersionConflict>;
}

/** How often a change is decided anew when another writer commits in between. */
const MAX_TRIES = 20;

const CONTENDED: StorageFault = {
  type: "storage-fault",
  reason: "timed-out",
  message: "Others kept writing in between: try again.",
};

/**
 * Loads, decides and commits, for both sides. Decides anew when another writer commits in between, and gives up with a
 * `storage-fault` after 20 tries. A refusal writes nothing.
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
