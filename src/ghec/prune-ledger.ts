import { okAsync, Result, type ResultAsync } from "neverthrow";
import { callPort, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import { parseInstallationId } from "../domain/identifiers.ts";
import { hasEntry } from "./deletions.ts";
import type { LedgerCursor, ReceiverOptions } from "./ports.ts";

/** The input of `pruneLedger` is not a list of cursors. No entry was forgotten. */
export interface InvalidCursors {
  readonly type: "invalid-cursors";
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

const INVALID_CURSORS: InvalidCursors = {
  type: "invalid-cursors",
  message: "Give the cursors of the oldest backup as `loadCursors` of its store answers them.",
};

/** Hosts in plain JavaScript can give anything. */
export function parseCursors(
  input: readonly LedgerCursor[],
): Result<readonly LedgerCursor[], InvalidCursors> {
  return Result.fromThrowable(
    () => {
      if (!Array.isArray(input)) throw INVALID_CURSORS;
      return Array.from(input as readonly LedgerCursor[], copyOfCursor);
    },
    () => INVALID_CURSORS,
  )();
}

/** Returns a copy of a cursor. Throws if it is not one. */
function copyOfCursor({ installation, readTo }: LedgerCursor): LedgerCursor {
  const id = parseInstallationId(installation).unwrapOr(null);
  if (id === null) throw INVALID_CURSORS;
  if (readTo === null) return { installation: id, readTo };
  const { position, entryId } = readTo;
  if (!Number.isSafeInteger(position) || position < 0 || typeof entryId !== "string") throw INVALID_CURSORS;
  return { installation: id, readTo: { position, entryId } };
}

/**
 * Forgets the entries that a backup has read. If the ledger has lost the backup's last entry since, it forgets none.
 */
export function pruneBelow(
  options: ReceiverOptions,
  { installation, readTo }: LedgerCursor,
): ResultAsync<void, StorageFault> {
  if (!readTo) return okAsync(undefined);
  return hasEntry(options, installation, readTo).andThen((isThere) =>
    isThere
      ? callPort(() => options.ledger.prune(installation, readTo.position), STORAGE_THREW)
      : okAsync(undefined),
  );
}
