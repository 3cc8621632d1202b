import { ok, type ResultAsync, safeTry } from "neverthrow";
import type { Answer } from "../domain/answer.ts";
import { callPlug, STORAGE_THREW } from "../domain/fault.ts";
import type { Instant, LinkId } from "../domain/identifiers.ts";
import type { DeliverMessage, WithdrawRecord } from "../domain/message.ts";
import { exchange, pace, type RoundContext, type RoundFailure } from "./exchange.ts";
import { planDelivery } from "./next-request.ts";
import type { Withdrawal, WithdrawnLink } from "./ports.ts";
import { linkContextOf } from "./server-state.ts";

/** Sends every withdrawal that waits for its receipt, and stores the receipts that come (S1). */
export function withdrawLinks(round: RoundContext, connection: number): ResultAsync<void, RoundFailure> {
  return safeTry<void, RoundFailure>(async function* () {
    let after: LinkId | null = null;
    for (;;) {
      const query = { connection, after, limit: round.batchSize };
      const page: readonly Withdrawal[] = yield* callPlug(
        () => round.store.pendingWithdrawals(query),
        STORAGE_THREW,
      );
      const last = page.at(-1);
      if (!last) return ok();
      const records = page.map(({ link }): WithdrawRecord => ({ type: "withdraw", link }));
      let withdrawn: readonly WithdrawnLink[] = [];
      const { answer } = yield* exchange(
        round,
        // Link ids of an earlier connection are none of the present platform's business.
        (server, requestId) =>
          linkContextOf(server).connection === connection ? planDelivery(server, requestId, records) : null,
        (message, received, at) => {
          withdrawn = receiptsIn(message, received, at);
          return { reported: [], withdrawn };
        },
      );
      if (!answer) return ok();
      round.tally.receipts.push(...withdrawn);
      yield* pace(round);
      after = last.link;
    }
  });
}

/** A link that is gone over there has nothing left to remove: that is its receipt. */
function receiptsIn(message: DeliverMessage, answer: Answer, at: Instant): readonly WithdrawnLink[] {
  if (!("outcomes" in answer)) return [];
  return answer.outcomes.flatMap((outcome, index): WithdrawnLink[] => {
    const { link } = message.records[index] as WithdrawRecord;
    if (outcome.type === "withdrawn") return [{ link, receipt: outcome.receipt }];
    return outcome.type === "gone" ? [{ link, receipt: { deletedAt: at, removed: null } }] : [];
  });
}
