import type { ResultAsync } from "neverthrow";
import type { StorageFault } from "../domain/fault.ts";
import type { Instant, SessionId, UserId } from "../domain/identifiers.ts";
import type { Tally } from "../domain/tally.ts";
import type { AuditEntry } from "./audit.ts";
import type { KeptReport, LinkRecord, PendingWithdrawal, UnknownLink } from "./ports.ts";
import type { ServerState } from "./server-state.ts";

/** What the receiver has said of a link, without the counts that it keeps. */
export type ReportStanding = Omit<KeptReport, "window"> | UnknownLink;

/** What is stored about one user, without the counts that the receiver keeps. */
export interface UserRecord extends Omit<LinkRecord, "reported"> {
  readonly reported: ReportStanding | null;
}

/** One user, and the withdrawal that waits. */
export interface UserStanding extends UserRecord {
  /** The withdrawal of the user's last deletion, or null where it is pending no more. */
  readonly withdrawal: WaitingWithdrawal | null;
}

/** A withdrawal that is pending, and whose it is. */
export interface WaitingWithdrawal extends PendingWithdrawal {
  /** Whose it is, or null if the user was forgotten. */
  readonly user: UserId | null;
}

/** Under what a link sends. */
export interface SendingScope {
  /** The present connection of GitHub Connect, or null while it is off. */
  readonly connectionOrdinal: number | null;
  /** The present epoch, or null while none is confirmed. */
  readonly epoch: number | null;
  /** The session that the sender holds, or null where it holds none. */
  readonly sessionId: SessionId | null;
  readonly now: Instant;
}

/** What is counted, and how far. */
interface TallyQuery extends SendingScope {
  /** How far is counted, and how many withdrawals are looked at; from 1 on. */
  readonly lookAt: number;
}

/** What a server has to do. */
export interface ServerTally {
  /** Users who send under this connection and epoch. */
  readonly sending: Tally;
  /** Those of them whose link is due to be reported. */
  readonly due: Tally;
  /** Those of them of whose link the receiver has not said anything yet. */
  readonly neverReported: Tally;
  /** Withdrawals of this connection that wait for their receipt. */
  readonly withdrawals: Tally;
  /** When the oldest of those that `withdrawals` found was asked for, or null where it found none. */
  readonly oldestWithdrawalAt: Instant | null;
  /** Redemptions of this connection that wait for an answer. */
  readonly redemptions: Tally;
}

/** Which page of the withdrawals that wait. */
interface WaitingQuery {
  readonly connectionOrdinal: number;
  /** Only those behind this one; null for the first page. */
  readonly after: Pick<PendingWithdrawal, "nextAskAt" | "linkId"> | null;
  /** How many at most, from 1 on. */
  readonly limit: number;
}

/** Which page of the audit log. */
export interface AuditQuery {
  /** Only entries about this user; null for all entries. */
  readonly user: UserId | null;
  /** Only entries behind the one of this id; 0 for the first page. */
  readonly after: number;
  /** How many at most, from 1 on. */
  readonly limit: number;
}

/** An entry of the audit log, and where it stands in it. */
export interface LoggedAuditEntry {
  /** Rises from entry to entry. */
  readonly id: number;
  readonly entry: AuditEntry;
}

/**
 * What an operator's page reads beside the `SenderStore`. It writes nothing, and reads no count of contributions. Each
 * method sees one state. `senderReaderContract` in `testing` checks these rules under their numbers.
 */
export interface SenderReader {
  /** SQ1: the server's state; `NEW_SERVER` where nothing was ever written. */
  loadServer(): ResultAsync<ServerState, StorageFault>;

  /** SQ2: what is stored about a user, with the pending withdrawal of their last deletion; null where nothing is. */
  loadUser(user: UserId): ResultAsync<UserStanding | null, StorageFault>;

  /**
   * SQ3: counts users who send, those who are due ({@link isDue}) and those never reported. SQ4: counts withdrawals without
   * a receipt, and redemptions. SQ5: it counts as far as it is told to, and of withdrawals looks at as many, in the order in
   * which they are asked for: a {@link Tally} that is cut off says so. Its cost depends on that bound, not on how many
   * there are.
   */
  loadTally(query: TallyQuery): ResultAsync<ServerTally, StorageFault>;

  /** SQ6: a page of the connection's pending withdrawals, in the order of `nextAskAt`, and among equals of their link ids. */
  loadWithdrawals(query: WaitingQuery): ResultAsync<readonly WaitingWithdrawal[], StorageFault>;

  /** SQ7: a page of the audit log, oldest first, of all entries or of those about one user. */
  loadAudit(query: AuditQuery): ResultAsync<readonly LoggedAuditEntry[], StorageFault>;
}

/** Whether a user sends under this connection and epoch. Pure. */
export function isSending({ link }: UserRecord, { connectionOrdinal, epoch }: SendingScope): boolean {
  return (
    link.status === "sending" && link.connectionOrdinal === connectionOrdinal && link.consent.epoch === epoch
  );
}

/** Whether the next sync reports or asks for a user's link, as `SenderStore.dueLinks` has it (SS9). Pure. */
export function isDue(record: UserRecord, scope: SendingScope): boolean {
  if (!isSending(record, scope)) return false;
  const { reported, changes } = record;
  if (reported === null || reported.sessionId !== scope.sessionId || reported.refreshAt <= scope.now) {
    return true;
  }
  return reported.type === "kept" && reported.changes !== changes;
}
