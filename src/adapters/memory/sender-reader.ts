import { okAsync } from "neverthrow";
import type { Instant } from "../../domain/identifiers.ts";
import { tallyOf } from "../../domain/tally.ts";
import type { PendingWithdrawal } from "../../ghes/ports.ts";
import { isDue, isSending, type SenderReader, type UserRecord } from "../../ghes/reader.ts";
import type { MemorySenderStore } from "./sender-store.ts";

/** Returns a reader of a sender's storage in memory. */
export function createMemorySenderReader(store: Pick<MemorySenderStore, "snapshot">): SenderReader {
  /** Returns the withdrawals of a connection, in the order in which the sender asks for them. */
  const withdrawalsOf = (connection: number | null) =>
    store
      .snapshot()
      .withdrawals.filter(({ connectionOrdinal }) => connectionOrdinal === connection)
      .sort((a, b) => (comesBefore(a, b) ? -1 : 1));

  return {
    loadServer: () => okAsync(store.snapshot().server.value),

    loadUser: (user) => {
      const { links, withdrawals } = store.snapshot();
      const stored = links.find(({ value }) => value.user === user);
      if (!stored) return okAsync(null);
      const record = withoutCounts(stored.value);
      const withdrawal = withdrawals.find(({ linkId }) => linkId === record.deletion?.linkId) ?? null;
      return okAsync({ ...record, withdrawal });
    },

    loadTally: ({ lookAt, ...scope }) => {
      const records = store.snapshot().links.map(({ value }) => value);
      const sending = records.filter((record) => isSending(record, scope));
      const looked = withdrawalsOf(scope.connectionOrdinal).slice(0, lookAt + 1);
      const waiting = looked.filter(({ hasReceipt }) => !hasReceipt);
      const redemptions = records.filter(
        ({ link }) => link.status === "redeeming" && link.connectionOrdinal === scope.connectionOrdinal,
      );
      return okAsync({
        sending: tallyOf(sending.length, lookAt),
        due: tallyOf(sending.filter((record) => isDue(record, scope)).length, lookAt),
        neverReported: tallyOf(sending.filter(({ reported }) => reported === null).length, lookAt),
        withdrawals: tallyOf(waiting.length, lookAt, looked.length),
        oldestWithdrawalAt: waiting.reduce<Instant | null>(
          (oldest, { requestedAt: at }) => (oldest === null || at < oldest ? at : oldest),
          null,
        ),
        redemptions: tallyOf(redemptions.length, lookAt),
      });
    },

    loadWithdrawals: ({ connectionOrdinal, after, limit }) =>
      okAsync(
        withdrawalsOf(connectionOrdinal)
          .filter((withdrawal) => after === null || comesBefore(after, withdrawal))
          .slice(0, limit),
      ),

    loadAudit: ({ user, after, limit }) =>
      okAsync(
        store
          .snapshot()
          .audit.filter(({ id, entry }) => id > after && (user === null || entry.user === user))
          .slice(0, limit),
      ),
  };
}

/** Returns the record, copied field by field, without the window that was reported. */
function withoutCounts({ user, link, changes, reported, deletion }: UserRecord): UserRecord {
  if (reported?.type !== "kept") return { user, link, changes, reported, deletion };
  const { type, linkId, choice, sessionId, refreshAt, changes: known, reportedAt } = reported;
  const standing = { type, linkId, choice, sessionId, refreshAt, changes: known, reportedAt };
  return { user, link, changes, reported: standing, deletion };
}

type Place = Pick<PendingWithdrawal, "nextAskAt" | "linkId">;

function comesBefore(a: Place, b: Place): boolean {
  return a.nextAskAt === b.nextAskAt ? a.linkId < b.linkId : a.nextAskAt < b.nextAskAt;
}
