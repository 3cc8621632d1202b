import { err, errAsync, type ResultAsync } from "neverthrow";
import type { StorageFault, VersionConflict } from "./fault.ts";

/** How often a change is decided anew when somebody else writes in between. */
const MOST_TRIES = 20;

const CONTENDED: StorageFault = {
  type: "storage-fault",
  reason: "timed-out",
  message: "Others kept writing in between: try again.",
};

/** Runs "load, decide, commit" again while somebody else writes in between; gives up with a `storage-fault` after 20 tries. */
export function retryOnConflict<Value, Fault extends { readonly type: string }>(
  attempt: () => ResultAsync<Value, Fault | VersionConflict>,
  triesLeft: number = MOST_TRIES,
): ResultAsync<Value, Exclude<Fault, VersionConflict> | StorageFault> {
  return attempt().orElse((fault) => {
    if (!isConflict(fault)) return err(fault as Exclude<Fault, VersionConflict>);
    return triesLeft > 1 ? retryOnConflict(attempt, triesLeft - 1) : errAsync(CONTENDED);
  });
}

function isConflict(fault: { readonly type: string }): fault is VersionConflict {
  return fault.type === "version-conflict";
}
