import { ok, type ResultAsync, safeTry } from "neverthrow";
import type { CompletedAnswer } from "../../domain/answer.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../../domain/fault.ts";
import type { DeletionReceipt } from "../../domain/receipt.ts";
import { type ChangedLink, changeLink } from "../commit.ts";
import type { LinkUser } from "../ports.ts";
import type { ServerState } from "../server-state.ts";
import { currentLink, type EndReason, endLink } from "../user-link.ts";
import { commitHeard, type EarlyEnd, type SyncContext } from "./exchange.ts";

/**
 * Ends the links that a `completed` names, each with its receipt, and then remembers the place (S6). If the process
 * dies on the way, the next `completed` names them once more. Returns whether the place was remembered.
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
    const receipts = new Map(ended.map(({ linkId, receipt }) => [linkId, receipt]));
    const users = yield* callPort(() => store.usersOfLinks([...receipts.keys()]), STORAGE_THREW);
    const userOf = new Map(users.map(({ linkId, user }) => [linkId, user]));
    for (const [linkId, receipt] of receipts) {
      const user = userOf.get(linkId);
      if (user === undefined) continue;
      const { link } = yield* endUnwithdrawn(context, server, { user, linkId }, "link-ended", receipt);
      if (link.status === "ended") context.tally.ended++;
    }
    if (redeeming) return ok(false);
    return commitHeard(context, heardTo).map(() => true);
  });
}

/**
 * Ends a link that the receiver has deleted, or has not known for 90 days (S6). Nothing changes if its user is under
 * another link by now. Nothing changes either if the feature was turned off, which suspends the user anyway. Repeating
 * is harmless, and the answer stays the same.
 */
export function endUnwithdrawn(
  { store, clock }: SyncContext,
  server: ServerState,
  { user, linkId }: LinkUser,
  reason: EndReason,
  receipt: DeletionReceipt | null,
): ResultAsync<ChangedLink, StorageFault> {
  const at = clock.now();
  return changeLink<never>(store, server, user, at, (record, context) => {
    const link = currentLink(record.link, context, at);
    const isMeant = "consent" in link && link.consent.linkId === linkId;
    return ok(isMeant ? endLink(link, { type: "end", at, reason }, context, receipt) : null);
  });
}
