import { Result } from "neverthrow";
import type { Versioned } from "../../domain/decision.ts";
import type { Instant, LinkId, SessionId, UserId } from "../../domain/identifiers.ts";
import type { AuditEntry } from "../../ghes/audit.ts";
import type {
  DueLink,
  LinkDeletion,
  LinkRecord,
  PendingRedemption,
  PendingWithdrawal,
  Reported,
  ReportedLink,
} from "../../ghes/ports.ts";
import type { ReportStanding } from "../../ghes/reader.ts";
import { NEW_SERVER, type ServerState } from "../../ghes/server-state.ts";
import type { UserLink } from "../../ghes/user-link.ts";
import type { Row } from "./client.ts";
import { choiceIn } from "./ended-links.ts";
import { dayOf, numberArray, packCounts, textArray } from "./pack.ts";
import { flagIn, numberIn, numberOrNullIn, sameTextIn, textIn, textOrNullIn, windowIn } from "./read-row.ts";

/** Returns the columns of an audit entry, all null if there is none. */
export function valuesOfAudit(entry: AuditEntry | null): readonly unknown[] {
  return entry ? [entry.action, entry.actor, entry.user, entry.createdAt] : [null, null, null, null];
}

/**
 * Returns the reported links, column by column, with each user once. If a user stands there twice, the last one counts.
 */
export function valuesOfReported(links: readonly ReportedLink[]): readonly unknown[] {
  const byUser = new Map(links.map(({ user, reported }) => [user, reported]));
  const reported = [...byUser.values()];
  const kept = reported.map((answer) => (answer.type === "kept" ? answer : null));
  return [
    textArray([...byUser.keys()]),
    textArray(reported.map(({ linkId }) => linkId)),
    textArray(reported.map(({ sessionId }) => sessionId)),
    numberArray(kept.map((answer) => answer?.changes ?? null)),
    numberArray(kept.map((answer) => answer?.reportedAt ?? null)),
    numberArray(reported.map(({ refreshAt }) => refreshAt)),
    numberArray(kept.map((answer) => answer && dayOf(answer.window.first))),
    numberArray(kept.map((answer) => answer?.window.counts.length ?? null)),
    packCounts(kept.map((answer) => answer?.window ?? null)),
    numberArray(reported.map((answer) => (answer.type === "unknown" ? answer.since : null))),
    numberArray(reported.map(({ choice }) => choice)),
  ];
}

/** Returns the server's state from its row, or the first state if none was written. */
export function serverStateIn(row: Row): ServerState {
  const state = textOrNullIn(row, "state");
  return state === null ? NEW_SERVER : JSON.parse(state);
}

/** Returns the record of this user from its row. */
export function linkRecordIn(row: Row, user: UserId): Versioned<LinkRecord> {
  const value: LinkRecord = {
    user: sameTextIn(row, "user_id", user),
    link: JSON.parse(textIn(row, "link")),
    changes: numberIn(row, "changes"),
    reported: reportedIn(row),
    deletion: deletionIn(row),
  };
  return { value, version: numberIn(row, "version") };
}

/** Returns a link that is due, and its place. */
export function dueLinkIn(row: Row): DueLink {
  return {
    answeredIn: textIn<SessionId>(row, "reported_session") || null,
    dueFrom: (0 - numberIn(row, "due_rank")) as Instant,
    linkId: textIn<LinkId>(row, "link_id"),
    user: textIn(row, "user_id"),
    choice: numberIn(row, "choice"),
    changes: numberIn(row, "changes"),
    reported: reportedIn(row),
  };
}

/** Returns a withdrawal that is pending. */
export function withdrawalIn(row: Row): PendingWithdrawal {
  return {
    linkId: textIn(row, "link"),
    choice: choiceIn(row, "ended_to"),
    connectionOrdinal: numberIn(row, "connection"),
    requestedAt: numberIn(row, "requested_at"),
    nextAskAt: numberIn(row, "next_ask_at"),
    hasReceipt: flagIn(row, "has_receipt"),
  };
}

/** Returns a redemption that is pending. */
export function redemptionIn(row: Row): PendingRedemption {
  const link: UserLink = JSON.parse(textIn(row, "link"));
  if (link.status !== "redeeming") throw new TypeError("link is not being redeemed");
  return { user: textIn(row, "user_id"), attempt: sameTextIn(row, "attempt", link.attempt), code: link.code };
}

/** Returns an entry of the audit log. */
export function auditEntryIn(row: Row): AuditEntry {
  return {
    action: textIn(row, "action"),
    actor: textOrNullIn(row, "actor"),
    user: textOrNullIn(row, "user_id"),
    createdAt: numberIn(row, "created_at"),
  };
}

const KNOWN = [
  ...["link_id", "choice", "reported_session", "reported_changes"],
  ...["reported_at", "refresh_at", "first_day", "counts", "unknown_since"],
];

/**
 * Returns the report that the receiver is known to have, or null. It is always of the link that sends, and ends with
 * it.
 *
 * A row with damaged counts reads as null. The link is then reported anew when it is due, and its user can opt out
 * before.
 */
function reportedIn(row: Row): Reported | null {
  // Another type is not damage. It is a client that answers in another way, for every row.
  for (const column of KNOWN) textOrNullIn(row, column);
  return row["counts"] === null && row["unknown_since"] === null ? null : readReported(row).unwrapOr(null);
}

const readReported: (row: Row) => Result<Reported, unknown> = Result.fromThrowable((row: Row): Reported => {
  const standing = reportStandingIn(row);
  return standing.type === "kept" ? { ...standing, window: windowIn(row) } : standing;
});

/**
 * Returns the receiver's answers about a link, without the counts that it keeps. Call it only if there is an answer.
 */
export function reportStandingIn(row: Row): ReportStanding {
  const answered = {
    linkId: textIn<LinkId>(row, "link_id"),
    choice: numberIn(row, "choice"),
    sessionId: textIn<SessionId>(row, "reported_session"),
    refreshAt: numberIn<Instant>(row, "refresh_at"),
  };
  const since = numberOrNullIn<Instant>(row, "unknown_since");
  if (since !== null) return { type: "unknown", ...answered, since };
  return {
    type: "kept",
    ...answered,
    changes: numberIn(row, "reported_changes"),
    reportedAt: numberIn(row, "reported_at"),
  };
}

/** Returns the last deletion of a user, or null. */
export function deletionIn(row: Row): LinkDeletion | null {
  const linkId = textOrNullIn<LinkId>(row, "deletion_link");
  if (linkId === null) return null;
  return {
    linkId,
    choice: choiceIn(row, "deletion_ended_to"),
    connectionOrdinal: numberIn(row, "deletion_connection"),
    requestedAt: numberIn(row, "deletion_requested_at"),
    receipt: JSON.parse(textOrNullIn(row, "deletion_receipt") ?? "null"),
    notFoundSince: numberOrNullIn(row, "deletion_unknown_since"),
  };
}
