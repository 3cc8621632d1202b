import { okAsync, type Result, type ResultAsync } from "neverthrow";
import { callPlug, STORAGE_THREW, type StorageFault, type VersionConflict } from "../domain/fault.ts";
import { retryOnConflict } from "../domain/retry-on-conflict.ts";
import type { AuditEntry } from "./audit.ts";
import type { Versioned } from "./link-record.ts";
import type { SenderStore, ServerCommit } from "./ports.ts";
import type { ServerState } from "./server-state.ts";

/** What an answer has proved, to be stored in the same commit as the answer itself. */
export type Proof = Pick<ServerCommit, "reported" | "withdrawn">;

/** The proof of nothing. */
export const NOTHING_PROVED: Proof = { reported: [], withdrawn: [] };

/** What is to be written. */
export interface ServerChange {
  readonly server: ServerState;
  readonly audit: AuditEntry | null;
  readonly proof: Proof;
}

/**
 * The server's state as it was last loaded or written, so that it need not be loaded again at once: where somebody else
 * has written since, the commit meets with a conflict. Null where it has to be loaded, as after any wait: a storage that
 * lost its last commits meanwhile comes to the same version again by others.
 */
export interface KnownServer {
  state: Versioned<ServerState> | null;
}

/**
 * Load, decide, commit; once more where somebody else wrote first. Answers the state as it then stands, also where
 * nothing was to be written.
 */
export function updateServer<Refusal extends { readonly type: string }>(
  store: SenderStore,
  decide: (server: ServerState) => Result<ServerChange | null, Refusal>,
  known: KnownServer = { state: null },
): ResultAsync<ServerState, Refusal | StorageFault> {
  return retryOnConflict<ServerState, Refusal | StorageFault>(() => {
    const { state } = known;
    // Until it is known again, whatever goes wrong.
    known.state = null;
    const loaded = state ? okAsync(state) : callPlug(() => store.loadServer(), STORAGE_THREW);
    return loaded
      .andThen((before) =>
        decide(before.value).asyncAndThen((change) =>
          change ? commit(store, before.version, change) : okAsync(before),
        ),
      )
      .map((after) => {
        known.state = after;
        return after.value;
      });
  });
}

function commit(
  store: SenderStore,
  expectedVersion: number,
  { server, audit, proof }: ServerChange,
): ResultAsync<Versioned<ServerState>, StorageFault | VersionConflict> {
  const whole: ServerCommit = { expectedVersion, server, audit, ...proof };
  return callPlug<number, StorageFault | VersionConflict>(() => store.commitServer(whole), STORAGE_THREW).map(
    (version) => ({ value: server, version }),
  );
}
