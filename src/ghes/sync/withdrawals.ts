import { ok, type ResultAsync, safeTry } from "neverthrow";
import type { Answer } from "../../domain/answer.ts";
import { callPort, STORAGE_THREW } from "../../domain/fault.ts";
import type { Instant, LinkId } from "../../domain/identifiers.ts";
import type { WithdrawRecord } from "../../domain/message.ts";
import type { DeletionReceipt } from "../../domain/receipt.ts";
import type { PendingWithdrawal, WithdrawalQuery, WithdrawnLink } from "../ports.ts";
import { linkContextOf } from "../server-state.ts";
import { type EarlyEnd, exchange, pace, type SyncContext } from "./exchange.ts";
import { planDelivery } from "./requests.ts";
import { isGivenUpOn, nextAskAt } from "./schedule.ts";
import { tellReceipts } from "./telling.ts";

/** Whether the receiver has answered anything. */
export type Withdrawing = "answered" | "nothing-sent";

/** Sends every withdrawal that is due, and stores the answers (S1). */
export function withdrawLinks(
  context: SyncContext,
  connectionOrdinal: number,
): ResultAsync<Withdrawing, EarlyEnd> {
  return safeTry<Withdrawing, EarlyEnd>(async function* () {
    const { clock, batchSize: limit, store, deletions } = context;
    let withdrawing: Withdrawing = "nothing-sent";
    for (let after: WithdrawalQuery["after"] = null; ; ) {
      const query: WithdrawalQuery = { connectionOrdinal, now: clock.now(), after, limit };
      const page: readonly PendingWithdrawal[] = yield* callPort(
        () => store.pendingWithdrawals(query),
        STORAGE_THREW,
      );
      const last = page.at(-1);
      if (!last) return ok(withdrawing);
      after = last;
      const asked = page.filter(({ linkId }) => !deletions.refused.has(linkId));
      if (asked.length === 0) continue;
      yield* pace(context);
      if ((yield* ask(context, connectionOrdinal, asked)) === "nothing-sent") return ok(withdrawing);
      withdrawing = "answered";
    }
  });
}

/** Sends these withdrawals in one request. */
function ask(
  context: SyncContext,
  connectionOrdinal: number,
  asked: readonly PendingWithdrawal[],
): ResultAsync<Withdrawing, EarlyEnd> {
  const records = asked.map(({ linkId, choice }): WithdrawRecord => ({ type: "withdraw", linkId, choice }));
  return exchange(
    context,
    // Link ids of an earlier connection are never sent to the present platform.
    (server, requestId) =>
      linkContextOf(server).connectionOrdinal === connectionOrdinal
        ? planDelivery(server, requestId, records)
        : null,
    (server, _, received, at) => ({
      server,
      acknowledged: { reported: [], withdrawn: answeredIn(asked, received, at) },
    }),
  ).andThen(({ answer, acknowledged: { withdrawn } }) => {
    if (!answer) return ok<Withdrawing>("nothing-sent");
    count(context, asked, new Map(withdrawn.map(({ linkId, receipt }) => [linkId, receipt])));
    return ok<Withdrawing>("answered");
  });
}

function count(
  context: SyncContext,
  asked: readonly PendingWithdrawal[],
  receipts: ReadonlyMap<LinkId, DeletionReceipt | null>,
): void {
  const { tally, deletions } = context;
  for (const { linkId, hasReceipt } of asked) {
    const receipt = receipts.get(linkId);
    if (receipt === undefined) deletions.refused.add(linkId);
    if (receipt === null) tally.notFound++;
    if (receipt && !hasReceipt) tally.receipts.push({ linkId, receipt });
  }
  tellReceipts(context, asked, receipts);
}

/**
 * Returns the receiver's answer about each withdrawal, except the refused ones. The sender asks for a receipt once
 * more a day later, because the receiver may lose it in its last seconds. An unknown link proves nothing, and the
 * sender asks for it daily.
 */
function answeredIn(
  asked: readonly PendingWithdrawal[],
  answer: Answer,
  answeredAt: Instant,
): readonly WithdrawnLink[] {
  if (!("outcomes" in answer)) return [];
  const later = nextAskAt(answeredAt);
  return answer.outcomes.flatMap((outcome, index): WithdrawnLink[] => {
    const { linkId, choice, hasReceipt, requestedAt } = asked[index] as PendingWithdrawal;
    const withdrawn = (receipt: DeletionReceipt | null, isOver: boolean): WithdrawnLink[] => [
      { linkId, choice, receipt, answeredAt, nextAskAt: isOver ? null : later },
    ];
    if (outcome.type === "withdrawn") return withdrawn(outcome.receipt, hasReceipt);
    return outcome.type === "unknown" ? withdrawn(null, isGivenUpOn(requestedAt, answeredAt)) : [];
  });
}
