import { ok, type ResultAsync, safeTry } from "neverthrow";
import { callListener } from "../../domain/call-listener.ts";
import { callPort, STORAGE_THREW } from "../../domain/fault.ts";
import type { AttemptId } from "../../domain/identifiers.ts";
import { type ConnectingParts, redeemStored } from "../connect.ts";
import type { PendingRedemption } from "../ports.ts";
import type { ServerState } from "../server-state.ts";
import { askPaced, type EarlyEnd, pace, type SyncContext } from "./exchange.ts";
import { progressOf } from "./sync-report.ts";

/**
 * Asks once more for every link whose code a user's browser has brought and about which there was no answer (R6). A
 * link that its user no longer wants is then known, and the sender can withdraw it.
 */
export function redeemAgain(context: SyncContext, server: ServerState): ResultAsync<void, EarlyEnd> {
  return safeTry<void, EarlyEnd>(async function* () {
    const { connectionOrdinal } = server.settings;
    const { batchSize: limit, store } = context;
    const parts: ConnectingParts = { ...context, ask: (message) => askPaced(context, message) };
    for (let after: AttemptId | null = null; ; ) {
      const query = { connectionOrdinal, after, limit };
      const page: readonly PendingRedemption[] = yield* callPort(
        () => store.pendingRedemptions(query),
        STORAGE_THREW,
      );
      const last = page.at(-1);
      if (!last) return ok(undefined);
      for (const pending of page) {
        yield* pace(context);
        yield* redeemStored(parts, server, pending);
        context.tally.requests++;
        callListener(context.onProgress, progressOf(context.tally));
      }
      after = last.attempt;
    }
  });
}
