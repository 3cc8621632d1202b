import { ok, type ResultAsync } from "neverthrow";
import type { StorageFault } from "../domain/fault.ts";
import type { RoundContext } from "./exchange.ts";
import type { DueLink } from "./ports.ts";
import type { ServerState } from "./server-state.ts";
import { endLink } from "./transition-user-link.ts";
import { type ChangedLink, updateLink } from "./update-link.ts";
import { currentLink } from "./user-link.ts";

/**
 * Ends the link that the receiver said is gone (S6), unless its user sends under another one by now, or the feature was
 * turned off, which suspends them anyway. Repeating is harmless: a link not ended yet is due again, and gone again.
 */
export function endGoneLink(
  round: RoundContext,
  server: ServerState,
  due: DueLink,
): ResultAsync<ChangedLink, StorageFault> {
  const at = round.clock.now();
  return updateLink<never>(round.store, server, due.user, at, (record, context) => {
    const link = currentLink(record.link, context, at);
    const isMeant = link.status === "sending" && link.consent.link === due.link;
    return ok(isMeant ? endLink(link, { type: "end", at, reason: "link-gone" }, context) : null);
  });
}
