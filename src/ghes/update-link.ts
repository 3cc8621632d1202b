import { okAsync, type Result, type ResultAsync } from "neverthrow";
import { callPlug, STORAGE_THREW, type StorageFault, type VersionConflict } from "../domain/fault.ts";
import type { Instant, UserId } from "../domain/identifiers.ts";
import { retryOnConflict } from "../domain/retry-on-conflict.ts";
import type { LinkRecord } from "./link-record.ts";
import type { LinkCommit, SenderStore } from "./ports.ts";
import { linkContextOf, type ServerState } from "./server-state.ts";
import type { LinkContext, UserLink, UserLinkTransition } from "./user-link.ts";

/** A link after a command. */
export interface ChangedLink {
  readonly link: UserLink;
  /** Whether a deletion waits for its receipt because of it: sync the deletions now rather than at the next hour. */
  readonly isDeletionPending: boolean;
}

/** Decides what becomes of a stored link; null where nothing does. */
export type LinkDecision<Refusal> = (
  record: LinkRecord,
  context: LinkContext,
) => Result<UserLinkTransition | null, Refusal>;

/** Load, decide, commit one user's link, with the withdrawal that the decision asks for (S1). */
export function updateLink<Refusal extends { readonly type: string }>(
  store: SenderStore,
  server: ServerState,
  user: UserId,
  at: Instant,
  decide: LinkDecision<Refusal>,
): ResultAsync<ChangedLink, Refusal | StorageFault> {
  const context: LinkContext = { ...linkContextOf(server), user };
  return retryOnConflict<ChangedLink, Refusal | StorageFault>(() =>
    callPlug(() => store.loadLink(user), STORAGE_THREW).andThen(({ value: record, version }) =>
      decide(record, context).asyncAndThen(
        (next): ResultAsync<ChangedLink, StorageFault | VersionConflict> => {
          if (!next || next.link === record.link)
            return okAsync({ link: record.link, isDeletionPending: false });
          const { link, withdraw, audit } = next;
          // Only a link that sends is withdrawn, and it sends under the present connection.
          const withdrawal = withdraw && {
            link: withdraw,
            connection: server.settings.connection,
            requestedAt: at,
          };
          const commit: LinkCommit = { expectedVersion: version, user, link, withdraw: withdrawal, audit };
          return callPlug<number, StorageFault | VersionConflict>(
            () => store.commitLink(commit),
            STORAGE_THREW,
          ).map(() => ({ link, isDeletionPending: withdraw !== null }));
        },
      ),
    ),
  );
}
