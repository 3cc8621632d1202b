import type { CalendarDate } from "../../domain/calendar-date.ts";
import type { AttemptId, ConsentCode, Instant, LinkId, SessionId, UserId } from "../../domain/identifiers.ts";
import { type DeletionReceipt, MAX_SIGNATURE_LENGTH } from "../../domain/receipt.ts";
import type { AuditEntry } from "../../ghes/audit.ts";
import type {
  DueLink,
  DueQuery,
  KeptReport,
  LinkCommit,
  LinkRecord,
  PendingWithdrawal,
  ReportedLink,
  SenderStore,
  ServerCommit,
  UnknownLink,
  Withdrawal,
  WithdrawalQuery,
  WithdrawnLink,
} from "../../ghes/ports.ts";
import type { SenderReader } from "../../ghes/reader.ts";
import { NEW_SERVER } from "../../ghes/server-state.ts";
import type { Connected, Redeeming, Sending, UserLink } from "../../ghes/user-link.ts";
import { answerOf, type ContractCheck, check, type MakeFresh } from "../contract.ts";
import { readLog } from "../read-log.ts";

/** A sender's store that also reads the audit log that its commits write, as a {@link SenderReader} does (SQ7). */
export interface AuditedSenderStore extends SenderStore, Pick<SenderReader, "loadAudit"> {}

/** A check of a sender's store. */
export type SenderStoreCheck = ContractCheck<MakeFresh<AuditedSenderStore>>;

/** Returns a check of a sender's store. */
export const senderCheck: typeof check<AuditedSenderStore> = check;

/** 2026-03-01T12:00:00Z, the present of every check. */
export const NOW: Instant = 1_772_366_400_000 as Instant;
export const HOUR_MS = 3_600_000;

export const OCTO: UserId = "octo" as UserId;
export const MONA: UserId = "mona" as UserId;
export const SESSION: SessionId = "session_of_the_sender" as SessionId;
export const OTHER_SESSION: SessionId = "another_session_of_it" as SessionId;
/** A session whose id comes behind that of the present one. The id of {@link OTHER_SESSION} comes before it. */
export const LATE_SESSION: SessionId = "the_session_of_it_now" as SessionId;

/** Returns the instant this many milliseconds after the present. */
export function after(milliseconds: number): Instant {
  return (NOW + milliseconds) as Instant;
}

/** Returns the link id of this name. The ids are ordered as the names are. */
export function linkId(name: string): LinkId {
  return `${name}_0123456789abcdef` as LinkId;
}

/** Returns the attempt of this name. The attempts are ordered as the names are. */
export function attemptId(name: string): AttemptId {
  return `${name}_attempt_01234567` as AttemptId;
}

/** Returns the code of this name. */
export function codeOf(name: string): ConsentCode {
  return `${name}_code_0123456789` as ConsentCode;
}

/** Returns a link whose consent is being redeemed, by an attempt and a code of this name. */
export function redeeming(name: string, connectionOrdinal = 1): Redeeming {
  return {
    status: "redeeming",
    connectionOrdinal,
    attempt: attemptId(name),
    code: codeOf(name),
    before: { status: "never-connected" },
    instead: null,
  };
}

/** Returns a link that is open, and under which its user does not send. */
export function connected(name: string): Connected {
  const { consent, ...sends } = sending(name);
  const { connectionOrdinal, attempt, connectedAt } = sends;
  return {
    status: "connected",
    connectionOrdinal,
    attempt,
    connectedAt,
    consent,
    choice: 0,
    optedOutAt: null,
  };
}

/** Returns a link whose user has taken back this choice, and is still connected. */
export function deselected(name: string, choice = 1): Connected {
  return { ...connected(name), choice, optedOutAt: NOW };
}

/** Returns a link that sends. */
export function sending(
  name: string,
  changed: { connectionOrdinal?: number; epoch?: number; choice?: number } = {},
): Sending {
  const { connectionOrdinal = 1, epoch = 1, choice = 1 } = changed;
  const consent = { linkId: linkId(name), epoch };
  return {
    status: "sending",
    connectionOrdinal,
    attempt: attemptId(name),
    connectedAt: NOW,
    consent,
    choice,
    sendingAt: NOW,
  };
}

/** A link that does not send any more. */
export const OPTED_OUT: UserLink = { status: "opted-out", optedOutAt: NOW };

/** Returns a report that the receiver keeps. It was made in the present session, and is due again in an hour. */
export function reported(name: string, changed: Partial<KeptReport> = {}): KeptReport {
  return {
    type: "kept",
    linkId: linkId(name),
    choice: 1,
    sessionId: SESSION,
    changes: 0,
    window: { first: "2026-02-28" as CalendarDate, counts: [3, 0] },
    reportedAt: NOW,
    refreshAt: after(HOUR_MS),
    ...changed,
  };
}

/**
 * Returns a link that the receiver does not know. It was asked for in the present session, and is due again in a day.
 */
export function unknown(name: string, changed: Partial<UnknownLink> = {}): UnknownLink {
  return {
    type: "unknown",
    linkId: linkId(name),
    choice: 1,
    sessionId: SESSION,
    since: NOW,
    refreshAt: after(24 * HOUR_MS),
    ...changed,
  };
}

/** Returns a withdrawal of a link under the first connection, or of a choice of it. */
export function withdrawal(
  name: string,
  connectionOrdinal = 1,
  choice: Withdrawal["choice"] = null,
): Withdrawal {
  return { linkId: linkId(name), choice, connectionOrdinal, requestedAt: NOW };
}

/** The receipt of a withdrawal. */
export const RECEIPT: DeletionReceipt = {
  deletedAt: after(1_000),
  removed: { first: "2026-02-28" as CalendarDate, last: "2026-03-01" as CalendarDate },
};

/** The longest signature of a receipt. */
export const SIGNATURE: string = `${"h".repeat(100)}.${"p".repeat(100)}.`.padEnd(MAX_SIGNATURE_LENGTH, "s");

/** The same receipt, signed. */
export const SIGNED: DeletionReceipt = { ...RECEIPT, signature: SIGNATURE };

/** Returns a withdrawal that was answered with its receipt, and is not pending any more, unless changed. */
export function withdrawn(name: string, changed: Partial<WithdrawnLink> = {}): WithdrawnLink {
  const answered = { choice: null, receipt: RECEIPT, answeredAt: after(2_000), nextAskAt: null };
  return { linkId: linkId(name), ...answered, ...changed };
}

/** Returns the withdrawals of the first connection that are to be sent, unless changed. */
export function pending(
  store: SenderStore,
  changed: Partial<WithdrawalQuery> = {},
): Promise<readonly PendingWithdrawal[]> {
  const query = { connectionOrdinal: 1, now: NOW, after: null, limit: 100 };
  return answerOf(store.pendingWithdrawals({ ...query, ...changed }));
}

/** Returns the audit log so far, oldest entry first. */
export function auditLogOf(store: AuditedSenderStore): Promise<readonly AuditEntry[]> {
  return readLog(100, (after) => store.loadAudit({ user: null, after, limit: 100 }));
}

/** Returns an audit entry about a user. */
export function auditOf(user: UserId): AuditEntry {
  return { action: "unified_contributions_link.create", actor: user, user, createdAt: NOW };
}

/** Returns a commit of a user's link that writes no audit entry and withdraws nothing, unless changed. */
export function linkCommit(
  user: UserId,
  expectedVersion: number,
  link: UserLink,
  changed: Partial<LinkCommit> = {},
): LinkCommit {
  return { expectedVersion, user, link, withdraw: null, audit: null, ...changed };
}

/** Returns a commit of the server's state that acknowledges nothing, unless changed. */
export function serverCommit(expectedVersion: number, changed: Partial<ServerCommit> = {}): ServerCommit {
  return { expectedVersion, server: NEW_SERVER, audit: null, reported: [], withdrawn: [], ...changed };
}

/** Writes a user's link over the stored one. */
export async function choose(
  store: SenderStore,
  user: UserId,
  link: UserLink,
  withdraw: Withdrawal | null = null,
): Promise<void> {
  const { version } = await answerOf(store.loadLink(user));
  await answerOf(store.commitLink(linkCommit(user, version, link, { withdraw })));
}

/** Commits acknowledgements of the receiver, with the current state. */
export async function acknowledge(
  store: SenderStore,
  acknowledged: Partial<Pick<ServerCommit, "reported" | "withdrawn">>,
): Promise<void> {
  const { value: server, version } = await answerOf(store.loadServer());
  await answerOf(store.commitServer(serverCommit(version, { server, ...acknowledged })));
}

/** Returns what the receiver has said of the user whose link has the same name. */
export function say(name: string, changed: Partial<KeptReport> = {}): ReportedLink {
  return { user: name as UserId, reported: reported(name, changed) };
}

/** Returns a user's record. */
export async function recordOf(store: SenderStore, user: UserId): Promise<LinkRecord> {
  const { value } = await answerOf(store.loadLink(user));
  return value;
}

/** Returns the links that are due under the first connection and epoch in the present session, unless changed. */
export function due(store: SenderStore, changed: Partial<DueQuery> = {}): Promise<readonly DueLink[]> {
  const query = { connectionOrdinal: 1, epoch: 1, sessionId: SESSION, now: NOW, after: null, limit: 100 };
  return answerOf(store.dueLinks({ ...query, ...changed }));
}

/** Returns the ids of the links that are due. */
export async function dueIds(store: SenderStore, changed: Partial<DueQuery> = {}): Promise<LinkId[]> {
  return (await due(store, changed)).map(({ linkId }) => linkId);
}

/**
 * Returns the links whose withdrawals are to be sent under the first connection, unless changed, in the store's order.
 */
export async function pendingIds(
  store: SenderStore,
  changed: Partial<WithdrawalQuery> = {},
): Promise<LinkId[]> {
  return (await pending(store, changed)).map(({ linkId }) => linkId);
}
