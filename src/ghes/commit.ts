import { ok, okAsync, type Result, type ResultAsync } from "neverthrow";
import { commitDecision, type Decision, type Versioned } from "../domain/decision.ts";
import { callPort, STORAGE_THREW, type StorageFault, type VersionConflict } from "../domain/fault.ts";
import type { Instant, UserId } from "../domain/identifiers.ts";
import type { AuditEntry } from "./audit.ts";
import type { LinkRecord, SenderStore, ServerCommit } from "./ports.ts";
import { linkContextOf, type ServerState } from "./server-state.ts";
import type { LinkContext, UserLink, UserLinkTransition } from "./user-link.ts";

/** What the receiver has answered of links, stored in the same commit as its answer. */
export type Acknowledged = Pick<ServerCommit, "reported" | "withdrawn">;

/** Nothing was acknowledged. */
export const NOTHING_ACKNOWLEDGED: Acknowledged = { reported: [], withdrawn: [] };

/** What is written of the server. */
export interface ServerChange {
  readonly server: ServerState;
  readonly audit: AuditEntry | null;
  readonly acknowledged: Acknowledged;
}

/** Decides what becomes of the server's state. */
type DecideServer<Value, Refusal> = (server: ServerState) => Result<Decision<ServerChange, Value>, Refusal>;

/** Commits changes of the server's state, and remembers the state between two of them. */
export interface ServerCommits {
  /** Loads the state unless it is remembered, decides and commits; decides anew where another writer came first. */
  change<Value, Refusal extends { readonly type: string }>(
    decide: DecideServer<Value, Refusal>,
  ): ResultAsync<Value, Refusal | StorageFault>;
  /**
   * Waits for something outside of the storage, and forgets the state for it: others may write meanwhile, and a decision
   * that writes nothing would not hear of it.
   */
  across<Value, Fault>(wait: () => ResultAsync<Value, Fault>): ResultAsync<Value, Fault>;
}

/** Makes the commits of one sync, or of one command. */
export function createServerCommits(store: SenderStore): ServerCommits {
  let remembered: Versioned<ServerState> | null = null;

  const load = (): ResultAsync<Versioned<ServerState>, StorageFault> => {
    const known = remembered;
    // Until it is known again, whatever goes wrong.
    remembered = null;
    return (known ? okAsync(known) : callPort(() => store.loadServer(), STORAGE_THREW)).map((loaded) => {
      remembered = loaded;
      return loaded;
    });
  };

  const commit = (
    { server, audit, acknowledged }: ServerChange,
    expectedVersion: number,
  ): ResultAsync<number, StorageFault | VersionConflict> => {
    remembered = null;
    const whole: ServerCommit = { expectedVersion, server, audit, ...acknowledged };
    return callPort<number, StorageFault | VersionConflict>(
      () => store.commitServer(whole),
      STORAGE_THREW,
    ).map((version) => {
      remembered = { value: server, version };
      return version;
    });
  };

  return {
    change: (decide) => commitDecision({ load, commit }, decide),
    across: (wait) => {
      remembered = null;
      return wait();
    },
  };
}

/** A link after a command. */
export interface ChangedLink {
  readonly link: UserLink;
  /** Whether a deletion waits for its receipt because of it: sync the deletions now rather than at the next hour. */
  readonly isDeletionPending: boolean;
}

/** Decides what becomes of a stored link; null where nothing does. */
export type DecideLink<Refusal> = (
  record: LinkRecord,
  context: LinkContext,
) => Result<UserLinkTransition | null, Refusal>;

/** Loads, decides and commits one user's link, with the withdrawal that the decision asks for (S1). */
export function changeLink<Refusal extends { readonly type: string }>(
  store: SenderStore,
  server: ServerState,
  user: UserId,
  at: Instant,
  decide: DecideLink<Refusal>,
): ResultAsync<ChangedLink, Refusal | StorageFault> {
  const context: LinkContext = { ...linkContextOf(server), user };
  return commitDecision<LinkRecord, UserLinkTransition, ChangedLink, Refusal>(
    {
      load: () => callPort(() => store.loadLink(user), STORAGE_THREW),
      commit: ({ link, withdraw, audit }, expectedVersion) => {
        // Only a link of the present connection is withdrawn.
        const withdrawal = withdraw && {
          linkId: withdraw,
          connectionOrdinal: server.settings.connectionOrdinal,
          requestedAt: at,
        };
        return callPort<number, StorageFault | VersionConflict>(
          () => store.commitLink({ expectedVersion, user, link, withdraw: withdrawal, audit }),
          STORAGE_THREW,
        );
      },
    },
    (record) =>
      decide(record, context).andThen((next) =>
        next && next.link !== record.link
          ? ok({ write: next, value: { link: next.link, isDeletionPending: asksForDeletion(next) } })
          : ok({ write: null, value: { link: record.link, isDeletionPending: false } }),
      ),
  );
}

/** A link that is asked for only to be withdrawn is a deletion, too. */
function asksForDeletion({ link, withdraw }: UserLinkTransition): boolean {
  return withdraw !== null || (link.status === "redeeming" && link.instead !== null);
}
