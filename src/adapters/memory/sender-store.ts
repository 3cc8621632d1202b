import { errAsync, okAsync } from "neverthrow";
import type { Versioned } from "../../domain/decision.ts";
import type { StorageFault } from "../../domain/fault.ts";
import type { AttemptId, Instant, LinkId, UserId } from "../../domain/identifiers.ts";
import { receiptAfter } from "../../domain/receipt.ts";
import type { AuditEntry } from "../../ghes/audit.ts";
import type {
  LinkUser,
  PendingRedemption,
  PendingWithdrawal,
  Reported,
  ReportedLink,
  SenderStore,
  WithdrawnLink,
} from "../../ghes/ports.ts";
import { type LinkRecord, newLinkRecord } from "../../ghes/ports.ts";
import type { LoggedAuditEntry } from "../../ghes/reader.ts";
import { NEW_SERVER, type ServerState } from "../../ghes/server-state.ts";
import type { UserLink } from "../../ghes/user-link.ts";
import { mintVersion } from "../../storage/mint-version.ts";
import { createAuditLog } from "./audit-log.ts";
import { createDueIndex } from "./due-index.ts";

const LINK_OF_ANOTHER: StorageFault = {
  type: "storage-fault",
  reason: "corrupt",
  message:
    "Another user has this link: a link belongs to one user. Check that the receiver gives no link twice.",
};

/** A sender's storage in memory, which can show its audit log and all that it holds. */
export interface MemorySenderStore extends SenderStore {
  /** Returns the audit log so far, oldest first. */
  auditLog(): readonly AuditEntry[];
  /** Returns all that is stored, as a backup would hold it. */
  snapshot(): MemorySenderSnapshot;
}

/** Everything that a {@link MemorySenderStore} holds at one moment. */
export interface MemorySenderSnapshot {
  readonly server: Versioned<ServerState>;
  readonly links: readonly Versioned<LinkRecord>[];
  /** The pending withdrawals, each with its user, or null if the host has forgotten the user. */
  readonly withdrawals: readonly (PendingWithdrawal & { readonly user: UserId | null })[];
  readonly audit: readonly LoggedAuditEntry[];
}

/**
 * Returns a sender's storage in memory. Every method runs to its end before another begins, so each is atomic.
 *
 * @param backup the content it starts with; empty if left out
 */
export function createMemorySenderStore(backup?: MemorySenderSnapshot): MemorySenderStore {
  let server: Versioned<ServerState> = backup?.server ?? { value: NEW_SERVER, version: 0 };
  const links = new Map((backup?.links ?? []).map((stored) => [stored.value.user, stored]));
  const withdrawals = new Map(
    (backup?.withdrawals ?? []).map((withdrawal) => [withdrawal.linkId, withdrawal]),
  );
  const audit = createAuditLog<AuditEntry>(backup?.audit);
  const dueIndex = createDueIndex(function* () {
    for (const { value } of links.values()) yield value;
  });

  const userOfLink = new Map<LinkId, UserId>();
  const userOfAttempt = new Map<AttemptId, UserId>();
  const redeeming = new Map<AttemptId, LinkRecord>();
  for (const { value } of links.values()) index(value);

  function isAnothers(user: UserId, link: UserLink): boolean {
    return "consent" in link && (userOfLink.get(link.consent.linkId) ?? user) !== user;
  }

  function index(record: LinkRecord): void {
    const { user, link } = record;
    if (link.status === "redeeming") redeeming.set(link.attempt, record);
    if ("consent" in link) userOfLink.set(link.consent.linkId, user);
    if ("attempt" in link) userOfAttempt.set(link.attempt, user);
  }

  function unindex({ link }: LinkRecord): void {
    if ("consent" in link) userOfLink.delete(link.consent.linkId);
    if (!("attempt" in link)) return;
    userOfAttempt.delete(link.attempt);
    redeeming.delete(link.attempt);
  }

  function put(record: LinkRecord, version: number): void {
    const before = links.get(record.user)?.value;
    links.set(record.user, { value: record, version });
    if (before?.link !== record.link) {
      if (before) unindex(before);
      index(record);
    }
    dueIndex.update(record);
  }

  function applyReported({ user, reported }: ReportedLink): void {
    const stored = links.get(user);
    if (!stored || !isOf(reported, stored.value.link)) return;
    put({ ...stored.value, reported }, stored.version);
  }

  function applyWithdrawn({ linkId, choice, receipt, answeredAt, nextAskAt }: WithdrawnLink): void {
    const pending = withdrawals.get(linkId);
    if (pending?.choice !== choice) return;
    const hasReceipt = pending.hasReceipt || receipt !== null;
    if (nextAskAt === null) withdrawals.delete(linkId);
    else withdrawals.set(linkId, { ...pending, nextAskAt, hasReceipt });
    const stored = pending.user === null ? undefined : links.get(pending.user);
    const deletion = stored?.value.deletion;
    if (!stored || deletion?.linkId !== linkId || deletion.choice !== choice) return;
    const answered = {
      ...deletion,
      receipt: receiptAfter(deletion.receipt, receipt),
      notFoundSince: receipt ? null : (deletion.notFoundSince ?? answeredAt),
    };
    put({ ...stored.value, deletion: answered }, stored.version);
  }

  return {
    auditLog: () => audit.all().map(({ entry }) => entry),

    snapshot: () => ({
      server,
      links: [...links.values()],
      withdrawals: [...withdrawals.values()],
      audit: audit.all(),
    }),

    loadServer: () => okAsync(server),

    commitServer: (commit) => {
      if (commit.expectedVersion !== server.version) return errAsync({ type: "version-conflict" });
      server = { value: commit.server, version: mintVersion() };
      for (const reported of commit.reported) applyReported(reported);
      for (const withdrawn of commit.withdrawn) applyWithdrawn(withdrawn);
      if (commit.audit) audit.append(commit.audit);
      return okAsync(server.version);
    },

    loadLink: (user) => okAsync(links.get(user) ?? { value: newLinkRecord(user), version: 0 }),

    commitLink: ({ expectedVersion, user, link, withdraw, audit: entry }) => {
      const stored = links.get(user) ?? { value: newLinkRecord(user), version: 0 };
      if (stored.version !== expectedVersion) return errAsync({ type: "version-conflict" });
      if (isAnothers(user, link)) return errAsync(LINK_OF_ANOTHER);
      const { changes, reported, deletion } = stored.value;
      const isSame = reported !== null && isOf(reported, link);
      if (withdraw) {
        const nextAskAt = 0 as Instant;
        withdrawals.set(withdraw.linkId, { ...withdraw, user, nextAskAt, hasReceipt: false });
      }
      const version = mintVersion();
      put(
        {
          user,
          link,
          changes,
          reported: isSame ? reported : null,
          deletion: withdraw ? { ...withdraw, receipt: null, notFoundSince: null } : deletion,
        },
        version,
      );
      if (entry) audit.append(entry);
      return okAsync(version);
    },

    markChanged: (users) => {
      for (const user of new Set(users)) {
        const stored = links.get(user);
        if (stored) put({ ...stored.value, changes: stored.value.changes + 1 }, stored.version);
      }
      return okAsync(undefined);
    },

    dueLinks: (query) => okAsync(dueIndex.page(query)),

    pendingWithdrawals: ({ connectionOrdinal, now, after, limit }) => {
      const pending = [...withdrawals.values()]
        .filter(
          (withdrawal) =>
            withdrawal.connectionOrdinal === connectionOrdinal &&
            withdrawal.nextAskAt <= now &&
            (after === null || comesBefore(after, withdrawal)),
        )
        .sort((a, b) => (comesBefore(a, b) ? -1 : 1))
        .slice(0, limit)
        .map(
          ({ linkId, choice, requestedAt, nextAskAt, hasReceipt }): PendingWithdrawal => ({
            ...{ linkId, choice, connectionOrdinal, requestedAt },
            ...{ nextAskAt, hasReceipt },
          }),
        );
      return okAsync(pending);
    },

    pendingRedemptions: ({ connectionOrdinal, after, limit }) => {
      const pending = [...redeeming.values()].flatMap(({ user, link }): PendingRedemption[] => {
        if (link.status !== "redeeming" || link.connectionOrdinal !== connectionOrdinal) return [];
        const { attempt, code } = link;
        return after === null || attempt > after ? [{ user, attempt, code }] : [];
      });
      return okAsync(pending.sort((a, b) => (a.attempt < b.attempt ? -1 : 1)).slice(0, limit));
    },

    userOf: (attempt) => okAsync(userOfAttempt.get(attempt) ?? null),

    usersOfLinks: (asked) => {
      const users = [...new Set(asked)].flatMap((linkId): LinkUser[] => {
        const user = userOfLink.get(linkId);
        if (user === undefined) return [];
        const link = links.get(user)?.value.link;
        return [{ user, linkId, choice: link?.status === "sending" ? link.choice : null }];
      });
      return okAsync(users);
    },

    forgetUser: ({ user, expectedVersion }) => {
      const stored = links.get(user);
      if ((stored?.version ?? 0) !== expectedVersion) return errAsync({ type: "version-conflict" });
      if (!stored) return okAsync(undefined);
      links.delete(user);
      unindex(stored.value);
      dueIndex.update({ ...stored.value, link: { status: "never-connected" } });
      for (const [linkId, withdrawal] of withdrawals) {
        if (withdrawal.user === user) withdrawals.set(linkId, { ...withdrawal, user: null });
      }
      audit.remove((entry) => entry.user === user);
      return okAsync(undefined);
    },

    pruneAudit: ({ before, limit }) => okAsync(audit.prune(before, limit).pruned),
  };
}

/** Whether an answer is about the link and the choice under which its user sends now. */
function isOf(reported: Reported, link: UserLink): boolean {
  return (
    link.status === "sending" && link.consent.linkId === reported.linkId && link.choice === reported.choice
  );
}

type Place = Pick<PendingWithdrawal, "nextAskAt" | "linkId">;

function comesBefore(a: Place, b: Place): boolean {
  return a.nextAskAt === b.nextAskAt ? a.linkId < b.linkId : a.nextAskAt < b.nextAskAt;
}
