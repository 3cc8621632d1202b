import type { ResultAsync } from "neverthrow";
import type { StorageFault } from "../domain/fault.ts";
import type { Instant, SessionId, UserId } from "../domain/identifiers.ts";
import type { Tally } from "../domain/tally.ts";
import type { AuditEntry } from "./audit.ts";
import type { DuePlace, KeptReport, LinkRecord, PendingWithdrawal, UnknownLink } from "./ports.ts";
import type { ServerState } from "./server-state.ts";
import type { Sending } from "./user-link.ts";

/** The receiver's last word on a link, without the counts that it keeps. */
export type ReportStanding = Omit<KeptReport, "window"> | UnknownLink;

/** Everything that is stored about one user, without the counts that the receiver keeps. */
export interface UserRecord extends Omit<LinkRecord, "reported"> {
  readonly reported: ReportStanding | null;
}

/** One user, and the withdrawal that waits. */
export interface UserStanding extends UserRecord {
  /** The withdrawal of the user's last deletion, or null if it is not pending. */
  readonly withdrawal: WaitingWithdrawal | null;
}

/** A pending withdrawal, and the user that it belongs to. */
export interface WaitingWithdrawal extends PendingWithdrawal {
  /** The user, or null if the host has forgotten the user. */
  readonly user: UserId | null;
}

/** The connection, epoch and session under which the server sends. */
export interface SendingScope {
  /** The present connection of GitHub Connect, or null while it is off. */
  readonly connectionOrdinal: number | null;
  /** The present epoch, or null while none is confirmed. */
  readonly epoch: number | null;
  /** The session that the sender holds, or null if it holds none. */
  readonly sessionId: SessionId | null;
  readonly now: Instant;
}

/** The query of a tally: its scope and its bound. */
export interface TallyQuery extends SendingScope {
  /** How far each tally counts, and how many withdrawals it looks at, from 1 on. */
  readonly lookAt: number;
}

/** The work that a server has to do. */
export interface ServerTally {
  /** How many users send under this connection and epoch. */
  readonly sending: Tally;
  /** How many of them have a link that is due to be reported. */
  readonly due: Tally;
  /** How many of them have a link on which the receiver has not answered yet. */
  readonly neverReported: Tally;
  /** How many withdrawals of this connection wait for their receipt. */
  readonly withdrawals: Tally;
  /** When the oldest withdrawal that `withdrawals` found was asked for, or null if it found none. */
  readonly oldestWithdrawalAt: Instant | null;
  /** How many redemptions of this connection wait for an answer. */
  readonly redemptions: Tally;
}

/** Selects a page of the withdrawals that wait. */
export interface WaitingQuery {
  readonly connectionOrdinal: number;
  /** Only withdrawals after this one. It is null for the first page. */
  readonly after: Pick<PendingWithdrawal, "nextAskAt" | "linkId"> | null;
  /** The most that are taken, from 1 on. */
  readonly limit: number;
}

/** Selects a page of the audit log. */
export interface AuditQuery {
  /** Only entries about this user. It is null for all entries. */
  readonly user: UserId | null;
  /** Only entries after the one of this id. It is 0 for the first page. */
  readonly after: number;
  /** The most that are taken, from 1 on. */
  readonly limit: number;
}

/** An entry of the audit log, and its place in the log. */
export interface LoggedAuditEntry {
  /** The id of the entry, which rises from entry to entry and never comes again. */
  readonly id: number;
  readonly entry: AuditEntry;
}

/**
 * The part of the storage that an operator's page reads, beside the `SenderStore`. It writes nothing, and reads no
 * count of contributions. Each method sees one state. `senderReaderContract` in `testing` checks these rules under
 * their numbers.
 */
export interface SenderReader {
  /** SQ1: returns the server's state, or `NEW_SERVER` if nothing was ever written. */
  loadServer(): ResultAsync<ServerState, StorageFault>;

  /**
   * SQ2: returns what is stored about a user, with the pending withdrawal of their last deletion. It is null if
   * nothing is stored.
   */
  loadUser(user: UserId): ResultAsync<UserStanding | null, StorageFault>;

  /**
   * SQ3: counts users who send, users who are due ({@link isDue}) and users who were never reported. SQ4: counts
   * withdrawals without a receipt, and redemptions. SQ5: counts as far as `lookAt`, and looks at as many withdrawals,
   * in the order in which the sender asks for them. A {@link Tally} that is cut off says so. The cost depends on that
   * bound, not on how many there are.
   */
  loadTally(query: TallyQuery): ResultAsync<ServerTally, StorageFault>;

  /**
   * SQ6: returns a page of the connection's pending withdrawals, in the order of `nextAskAt`. Equals are in the order
   * of their link ids.
   */
  loadWithdrawals(query: WaitingQuery): ResultAsync<readonly WaitingWithdrawal[], StorageFault>;

  /**
   * SQ7: returns a page of the audit log, in the order of the ids, with all entries or with those about one user. The id
   * of an entry is above those of all earlier entries, even of entries that were removed.
   */
  loadAudit(query: AuditQuery): ResultAsync<readonly LoggedAuditEntry[], StorageFault>;
}

/** Whether a user sends under this connection and epoch. It is pure. */
export function isSending({ link }: UserRecord, { connectionOrdinal, epoch }: SendingScope): boolean {
  return (
    link.status === "sending" && link.connectionOrdinal === connectionOrdinal && link.consent.epoch === epoch
  );
}

/** Whether the next sync reports or asks for a user's link, as `SenderStore.dueLinks` has it (SS9). It is pure. */
export function isDue(record: UserRecord, scope: SendingScope): boolean {
  const { link } = record;
  if (link.status !== "sending" || !isSending(record, scope)) return false;
  const { answeredIn, dueFrom } = duePlaceOf(link, record);
  return answeredIn !== scope.sessionId || dueFrom <= scope.now;
}

/**
 * Returns the place of a user's link in the order of `SenderStore.dueLinks` (SS9). It is pure. A link is due at once if
 * the receiver has said nothing of it, or if it has changed since its counts were kept.
 */
export function duePlaceOf(
  { consent }: Sending,
  { reported, changes }: Pick<UserRecord, "reported" | "changes">,
): DuePlace {
  const isAtOnce = reported === null || (reported.type === "kept" && reported.changes !== changes);
  return {
    answeredIn: reported?.sessionId ?? null,
    dueFrom: isAtOnce ? (0 as Instant) : reported.refreshAt,
    linkId: consent.linkId,
  };
}
