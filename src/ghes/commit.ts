import { ok, okAsync, type Result, type ResultAsync } from "neverthrow";
import { commitDecision, type Decision, type Versioned } from "../domain/decision.ts";
import { callPort, STORAGE_THREW, type StorageFault, type VersionConflict } from "../domain/fault.ts";
import type { Instant, UserId } from "../domain/identifiers.ts";
import type { AuditEntry } from "./audit.ts";
import type { LinkRecord, SenderStore, ServerCommit } from "./ports.ts";
import { linkContextOf, type ServerState } from "./server-state.ts";
import type { LinkContext, UserLink, UserLinkTransition } from "./user-link.ts";

/** The receiver's answers about links, stored in the same commit as the state after them. */
export type Acknowledged = Pick<ServerCommit, "reported" | "withdrawn">;

/** The acknowledgement of nothing, for a change that follows no answer. */
export const NOTHING_ACKNOWLEDGED: Acknowledged = { reported: [], withdrawn: [] };

/** A change of the server's state, with its audit entry and the answers that are stored with it. */
export interface ServerChange {
  readonly server: ServerState;
  readonly audit: AuditEntry | null;
  readonly acknowledged: Acknowledged;
}

/** Returns the change of the server's state, or a refusal. */
type DecideServer<Value, Refusal> = (server: ServerState) => Result<Decision<ServerChange, Value>, Refusal>;

/** Commits changes of the server's state, and remembers the state between two of them. */
export interface ServerCommits {
  /** Loads the state unless it is remembered, decides and commits. Decides anew if another writer came first. */
  change<Value, Refusal extends { readonly type: string }>(
    decide: DecideServer<Value, Refusal>,
  ): ResultAsync<Value, Refusal | StorageFault>;
  /**
   * Waits for a step outside of the storage, and forgets the remembered state first. Another process may write
   * meanwhile, and a decision that writes nothing would not notice.
   */
  across<Value, Fault>(wait: () => ResultAsync<Value, Fault>): ResultAsync<Value, Fault>;
}

/** Returns the commits of one sync, or of one command. */
export function createServerCommits(store: SenderStore): ServerCommits {
  let remembered: Versioned<ServerState> | null = null;

  const load = (): ResultAsync<Versioned<ServerState>, StorageFault> => {
    const known = remembered;
    // The state is forgotten until it is known again, so any failure leaves it forgotten.
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
  /**
   * Whether the change left a deletion that waits for its receipt. If so, sync the deletions now, not at the next
   * hour.
   */
  readonly isDeletionPending: boolean;
}

/** Returns the transition of a stored link, null if nothing changes, or a refusal. */
export type DecideLink<Refusal> = (
  record: LinkRecord,
  context: LinkContext,
) => Result<UserLinkTransition | null, Refusal>;

/** Loads, decides and commits one user's link, together with the withdrawal that the decision asks for (S1). */
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
          ...withdraw,
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

/** A link that the sender asks for only to withdraw it counts as a deletion, too. */
function asksForDeletion({ link, withdraw }: UserLinkTransition): boolean {
  return withdraw !== null || (link.status === "redeeming" && link.instead !== null);
}
