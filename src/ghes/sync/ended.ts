import { ok, type ResultAsync, safeTry } from "neverthrow";
import type { CompletedAnswer } from "../../domain/answer.ts";
import { highestEndings } from "../../domain/choice.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../../domain/fault.ts";
import type { Instant, UserId } from "../../domain/identifiers.ts";
import type { EndedLink } from "../../domain/receipt.ts";
import { type ChangedLink, changeLink } from "../commit.ts";
import type { LinkUser } from "../ports.ts";
import type { ServerState } from "../server-state.ts";
import {
  currentLink,
  endChoice,
  endLink,
  type LinkContext,
  type UserLink,
  type UserLinkTransition,
} from "../user-link.ts";
import { commitHeard, type EarlyEnd, type SyncContext } from "./exchange.ts";

/**
 * Ends the links and choices that a `completed` names, each with its receipt, and then remembers the place (S6). If the
 * process dies on the way, the next `completed` names them once more. Returns whether the place was remembered.
 *
 * A link that is named may belong to a redemption whose answer is still on its way. The place therefore stays while a
 * redemption waits, and its links are named once more.
 */
export function hearEnded(
  context: SyncContext,
  server: ServerState,
  { ended, heardTo }: CompletedAnswer,
): ResultAsync<boolean, EarlyEnd> {
  const { store } = context;
  const { connectionOrdinal } = server.settings;
  return safeTry<boolean, EarlyEnd>(async function* () {
    // Asked before the users: a redemption that ends in between is then found among them.
    const [redeeming] = yield* callPort(
      () => store.pendingRedemptions({ connectionOrdinal, after: null, limit: 1 }),
      STORAGE_THREW,
    );
    const endings = highestEndings(ended);
    const users = yield* callPort(
      () => store.usersOfLinks(endings.map(({ linkId }) => linkId)),
      STORAGE_THREW,
    );
    const userOf = new Map(users.map(({ linkId, user }) => [linkId, user]));
    for (const heard of endings) {
      const user = userOf.get(heard.linkId);
      if (user === undefined) continue;
      const { link, isDeletionPending } = yield* endHeard(context, server, user, heard);
      if (link.status === "ended" || isDeletionPending) context.tally.ended++;
    }
    if (redeeming) return ok(false);
    return commitHeard(context, heardTo).map(() => true);
  });
}

/**
 * Ends what the receiver has deleted: a link, or choices of it (S6). Nothing changes if its user is under another link
 * or a later choice by now. Nothing changes either if the feature was turned off, which suspends the user anyway.
 * Repeating is harmless, and the answer stays the same.
 */
export function endHeard(
  context: SyncContext,
  server: ServerState,
  user: UserId,
  { linkId, choice, receipt }: EndedLink,
): ResultAsync<ChangedLink, StorageFault> {
  return changeConnected(context, server, { user, linkId }, (link, of, at) =>
    choice === null
      ? endLink(link, { type: "end", at, reason: "link-ended" }, of, receipt)
      : endChoice(link, choice, of, at),
  );
}

type LinkOfUser = Pick<LinkUser, "user" | "linkId">;

/** Ends a link that the receiver has not known for 90 days (S6), under the same conditions. */
export function giveUp(
  context: SyncContext,
  server: ServerState,
  lost: LinkOfUser,
): ResultAsync<ChangedLink, StorageFault> {
  return changeConnected(context, server, lost, (link, of, at) =>
    endLink(link, { type: "end", at, reason: "link-not-found" }, of),
  );
}

function changeConnected(
  { store, clock }: SyncContext,
  server: ServerState,
  { user, linkId }: LinkOfUser,
  change: (link: UserLink, context: LinkContext, at: Instant) => UserLinkTransition | null,
): ResultAsync<ChangedLink, StorageFault> {
  const at = clock.now();
  return changeLink<never>(store, server, user, at, (record, context) => {
    const link = currentLink(record.link, context, at);
    const isMeant = "consent" in link && link.consent.linkId === linkId;
    return ok(isMeant ? change(link, context, at) : null);
  });
}
