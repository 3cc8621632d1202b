import { ok, type ResultAsync, safeTry } from "neverthrow";
import type { Answer } from "../../domain/answer.ts";
import { callPort, STORAGE_THREW } from "../../domain/fault.ts";
import type { Instant, LinkId } from "../../domain/identifiers.ts";
import type { DeliverMessage, WithdrawRecord } from "../../domain/message.ts";
import type { Withdrawal, WithdrawnLink } from "../ports.ts";
import { linkContextOf } from "../server-state.ts";
import { type EarlyEnd, exchange, pace, type SyncContext } from "./exchange.ts";
import { planDelivery } from "./requests.ts";

/** Whether the receiver has answered anything. */
export type Withdrawing = "answered" | "nothing-sent";

/** Sends every withdrawal that waits for its receipt, and stores the receipts that come (S1). */
export function withdrawLinks(
  context: SyncContext,
  connectionOrdinal: number,
): ResultAsync<Withdrawing, EarlyEnd> {
  return safeTry<Withdrawing, EarlyEnd>(async function* () {
    let withdrawing: Withdrawing = "nothing-sent";
    for (let after: LinkId | null = null; ; ) {
      const query = { connectionOrdinal, after, limit: context.batchSize };
      const page: readonly Withdrawal[] = yield* callPort(
        () => context.store.pendingWithdrawals(query),
        STORAGE_THREW,
      );
      const last = page.at(-1);
      if (!last) return ok(withdrawing);
      const records = page.map(({ linkId }): WithdrawRecord => ({ type: "withdraw", linkId }));
      const { answer, acknowledged } = yield* exchange(
        context,
        // Link ids of an earlier connection are none of the present platform's business.
        (server, requestId) =>
          linkContextOf(server).connectionOrdinal === connectionOrdinal
            ? planDelivery(server, requestId, records)
            : null,
        (server, message, received, at) => ({
          server,
          acknowledged: { reported: [], withdrawn: receiptsIn(message, received, at) },
        }),
      );
      if (!answer) return ok(withdrawing);
      context.tally.receipts.push(...acknowledged.withdrawn);
      yield* pace(context);
      withdrawing = "answered";
      after = last.linkId;
    }
  });
}

/** A link that is gone over there has nothing left to remove: that is its receipt. */
function receiptsIn(message: DeliverMessage, answer: Answer, at: Instant): readonly WithdrawnLink[] {
  if (!("outcomes" in answer)) return [];
  return answer.outcomes.flatMap((outcome, index): WithdrawnLink[] => {
    const { linkId } = message.records[index] as WithdrawRecord;
    if (outcome.type === "withdrawn") return [{ linkId, receipt: outcome.receipt }];
    return outcome.type === "gone" ? [{ linkId, receipt: { deletedAt: at, removed: null } }] : [];
  });
}
