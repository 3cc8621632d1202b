import type { ResultAsync } from "neverthrow";
import type { DayRange } from "../domain/calendar-date.ts";
import type { ContributionWindow } from "../domain/contribution-window.ts";
import type { Versioned } from "../domain/decision.ts";
import type { StorageFault, TransportFault, VersionConflict } from "../domain/fault.ts";
import type { AttemptId, ConsentCode, Instant, LinkId, SessionId, UserId } from "../domain/identifiers.ts";
import type { Message } from "../domain/message.ts";
import type { DeletionReceipt } from "../domain/receipt.ts";
import type { AuditEntry } from "./audit.ts";
import type { Contribution, DailyCount } from "./payload.ts";
import type { ServerState } from "./server-state.ts";
import type { UserLink } from "./user-link.ts";

/** What the receiver has said of a link, in its answer to this server's own request (S3). */
export type Reported = KeptReport | UnknownLink;

/** What every answer about a link says. */
interface AnsweredReport {
  readonly linkId: LinkId;
  /** The session it was answered in; in any other it is remembered no more. */
  readonly sessionId: SessionId;
  /** From when on the link is reported again even if nothing has changed (S7). */
  readonly refreshAt: Instant;
}

/** The receiver keeps these counts. */
export interface KeptReport extends AnsweredReport {
  readonly type: "kept";
  /** {@link LinkRecord.changes} when the counts were about to be read. */
  readonly changes: number;
  readonly window: ContributionWindow;
  readonly reportedAt: Instant;
}

/** The receiver does not know the link, which ends nothing: it is asked again a day later, whatever has changed (S6). */
export interface UnknownLink extends AnsweredReport {
  readonly type: "unknown";
  /** Since when it has said so of this link, in whichever session. */
  readonly since: Instant;
}

/** The deletion that a user's choice asked for. */
export interface LinkDeletion {
  readonly linkId: LinkId;
  /** The connection of GitHub Connect it belongs to; once that is gone, GitHub Enterprise Cloud deletes on its own. */
  readonly connectionOrdinal: number;
  readonly requestedAt: Instant;
  /** The first receipt, or null while there is none. */
  readonly receipt: DeletionReceipt | null;
  /** Since when the receiver has said that it does not know the link, which is no receipt; null where it knows it. */
  readonly notFoundSince: Instant | null;
}

/** All that is stored about one user. */
export interface LinkRecord {
  readonly user: UserId;
  readonly link: UserLink;
  /** How often the host said that the user's contributions have changed. */
  readonly changes: number;
  /** What the receiver has said of the link, or null. */
  readonly reported: Reported | null;
  /** The user's last deletion, or null where there was none. */
  readonly deletion: LinkDeletion | null;
}

/** The record of a user of whom nothing is stored. */
export function newLinkRecord(user: UserId): LinkRecord {
  return { user, link: { status: "never-connected" }, changes: 0, reported: null, deletion: null };
}

/** What becomes of the server's state, and what the receiver has answered of links, in one commit. */
export interface ServerCommit {
  /** The version that was loaded. */
  readonly expectedVersion: number;
  readonly server: ServerState;
  readonly audit: AuditEntry | null;
  /** What the receiver has said of links that were reported or held. */
  readonly reported: readonly ReportedLink[];
  /** What it has said of links that were withdrawn. */
  readonly withdrawn: readonly WithdrawnLink[];
}

/** What the receiver has said of one user's link. */
export interface ReportedLink {
  readonly user: UserId;
  readonly reported: Reported;
}

/** A withdrawal that was answered. */
export interface WithdrawnLink {
  readonly linkId: LinkId;
  /** The receipt, or null where the receiver does not know the link. */
  readonly receipt: DeletionReceipt | null;
  readonly answeredAt: Instant;
  /** From when on it is asked for again, or null where it never is. */
  readonly nextAskAt: Instant | null;
}

/** A user's choice and the withdrawal it asks for, in one commit (S1). */
export interface LinkCommit {
  /** The version that was loaded. */
  readonly expectedVersion: number;
  readonly user: UserId;
  readonly link: UserLink;
  /** The link to be withdrawn until its receipt has come, or null. */
  readonly withdraw: Withdrawal | null;
  readonly audit: AuditEntry | null;
}

/** A link whose counts have to be deleted over there. It names the link and nothing else: no counts wait in a queue. */
export interface Withdrawal {
  readonly linkId: LinkId;
  readonly connectionOrdinal: number;
  readonly requestedAt: Instant;
}

/** A withdrawal that is pending: until its receipt was asked for twice, a day apart (S1). */
export interface PendingWithdrawal extends Withdrawal {
  /** From when on it is asked for, that instant included; 0 where it never was answered, whatever the clock says. */
  readonly nextAskAt: Instant;
  /** Whether a receipt has come: the next one is the last that is asked for. */
  readonly hasReceipt: boolean;
}

/** A user whose record is removed. */
export interface ForgottenUser {
  readonly user: UserId;
  /** The version that was loaded. */
  readonly expectedVersion: number;
}

/** Which entries of the audit log are removed. */
export interface AuditPruning {
  /** Entries that were made before this instant are removed. */
  readonly before: Instant;
  /** How many at most, from 1 on. */
  readonly limit: number;
}

/** Which links are due to be reported. */
export interface DueQuery {
  readonly connectionOrdinal: number;
  readonly epoch: number;
  readonly sessionId: SessionId;
  readonly now: Instant;
  /** Only links above this one, in the order of their ids' characters; null for the first page. */
  readonly after: LinkId | null;
  /** How many at most, from 1 on. */
  readonly limit: number;
}

/** A link that is due. */
export interface DueLink {
  readonly user: UserId;
  readonly linkId: LinkId;
  /** {@link LinkRecord.changes} now. */
  readonly changes: number;
  /** What the receiver has said of this link, or null. */
  readonly reported: Reported | null;
}

/** Which withdrawals are to be sent. */
export interface WithdrawalQuery {
  readonly connectionOrdinal: number;
  readonly now: Instant;
  /** Only those behind this one; null for the first page. */
  readonly after: Pick<PendingWithdrawal, "nextAskAt" | "linkId"> | null;
  /** How many at most, from 1 on. */
  readonly limit: number;
}

/** Which redemptions are to be sent. */
export interface RedemptionQuery {
  readonly connectionOrdinal: number;
  /** Only attempts above this one, in the order of their ids' characters; null for the first page. */
  readonly after: AttemptId | null;
  /** How many at most, from 1 on. */
  readonly limit: number;
}

/** A redemption that waits for its answer. */
export interface PendingRedemption {
  readonly user: UserId;
  readonly attempt: AttemptId;
  readonly code: ConsentCode;
}

/**
 * Where a server keeps what it has to remember. Every method is one atomic operation: it happens whole or, where it
 * answers with a fault or a conflict, not at all; what it has answered survives the process. Ids are in the order of
 * their characters' codes, as `<` has it (`COLLATE "C"` in PostgreSQL).
 * `senderStoreContract` in `testing` checks these rules under their numbers.
 */
export interface SenderStore {
  /** SS1: the server's state; `NEW_SERVER` at version 0 where nothing was ever written. */
  loadServer(): ResultAsync<Versioned<ServerState>, StorageFault>;

  /**
   * SS2: writes the state and the audit entry if the state's version is still the expected one, else `version-conflict`,
   * and then nothing of the commit is applied; answers the new version ({@link Versioned.version}). SS3: in the same commit each reported link is
   * stored with its user, if its user still sends under it. SS4: in the same commit each withdrawal that was answered is
   * asked for again at its `nextAskAt`, or is pending no more where that is null. The answer is stored with its user
   * unless a later deletion of theirs is: the first receipt stays for ever, the first `notFoundSince` until a receipt
   * comes. An answer about a link that is not pending changes nothing.
   */
  commitServer(commit: ServerCommit): ResultAsync<number, StorageFault | VersionConflict>;

  /** SS5: a user's record; `newLinkRecord` at version 0 where nothing was ever written. */
  loadLink(user: UserId): ResultAsync<Versioned<LinkRecord>, StorageFault>;

  /**
   * SS6: writes the link and the audit entry if the link's version is still the expected one, else `version-conflict`;
   * answers the new version ({@link Versioned.version}). Only this changes a link's version. A link id under which another user is
   * connected or sends is a `storage-fault`: a link belongs to one user. SS7: in the same commit the withdrawal becomes pending
   * and the user's last deletion. What the receiver has said is forgotten unless the link still sends under the same id.
   */
  commitLink(commit: LinkCommit): ResultAsync<number, StorageFault | VersionConflict>;

  /**
   * SS8: counts one more change for each of the users that anything is stored of; the others are passed over. A user's
   * choice loses none of them.
   */
  markChanged(users: readonly UserId[]): ResultAsync<void, StorageFault>;

  /**
   * SS9: the links of users who send under this connection and epoch that are due, in the order of their ids: not
   * answered in this session, changed since they were kept, or `refreshAt` is not after now. Its cost depends on how
   * many are due, not on how many there are.
   */
  dueLinks(query: DueQuery): ResultAsync<readonly DueLink[], StorageFault>;

  /**
   * SS10: the pending withdrawals of this connection whose `nextAskAt` is not after now, in its order, and among equals
   * in that of their link ids. Its cost depends on how many those are.
   */
  pendingWithdrawals(query: WithdrawalQuery): ResultAsync<readonly PendingWithdrawal[], StorageFault>;

  /** SS11: the users whose redemptions of this connection wait for an answer, in the order of their attempts. */
  pendingRedemptions(query: RedemptionQuery): ResultAsync<readonly PendingRedemption[], StorageFault>;

  /** SS12: the user who is connecting, redeeming, connected or sending under this attempt, or null. */
  userOf(attempt: AttemptId): ResultAsync<UserId | null, StorageFault>;

  /**
   * SS13: removes the user's record and the audit entries about them if the link's version is still the expected one, else
   * `version-conflict`. Withdrawals of theirs that are pending are asked for as before, and name no user any more; entries
   * of what they did to the enterprise's settings stay.
   */
  forgetUser(forgotten: ForgottenUser): ResultAsync<void, StorageFault | VersionConflict>;

  /** SS14: removes entries of the audit log, the oldest first, and answers how many that were. */
  pruneAudit(pruning: AuditPruning): ResultAsync<number, StorageFault>;
}

/** The way to the receiver. `transportContract` in `testing` checks its rules. */
export interface Transport {
  /**
   * T1: delivers a message as it is and answers with what came back, unread: the sender checks it. T2: a fault where no
   * answer came, whatever the reason; it never throws. T3: gives up when the signal says so, with `aborted`.
   */
  send(message: Message, signal: AbortSignal): ResultAsync<unknown, TransportFault>;
}

/** The source of truth: what the server's users contributed. `contributionSourceContract` in `testing` checks its rules. */
export interface ContributionSource {
  /**
   * What each of these users contributed on these days, both ends included; more days do no harm. Read when it is about
   * to be sent, never kept (S2).
   *
   * CS1: answers a `Map` with an entry for each user who was asked, under the id as it was asked for, and with no other.
   * A user who contributed nothing has an entry that holds nothing. A user who is left out stays due. A key that was not
   * asked for, or that is no string, fails the whole answer. CS2: the entry holds every contribution of these days, each
   * on its own day. CS3: the entry comes to an end, after 5,898,150 contributions at the latest, which is what 90 days can
   * carry, and after 100,000 chunks. CS4: where one user's contributions cannot be read, the entry is a
   * {@link SourceFault}; where no user's can, the answer is. It never throws, and no fault holds data. CS5: gives up soon
   * after the signal has spoken.
   */
  read(request: SourceRequest): ResultAsync<ReadonlyMap<UserId, UserContributions>, SourceFault>;
}

/** Whose contributions, and on which days. */
export interface SourceRequest {
  /** At most 1,000, each once. */
  readonly users: readonly UserId[];
  readonly days: DayRange;
  /**
   * Speaks when nobody waits for the source any more: the sync was aborted, the deadline has come, or everything was read.
   * Chunks are read after the answer, so it concerns them too.
   */
  readonly signal: AbortSignal;
}

/** One user's contributions, in whichever form the host has them, or why they cannot be read. */
export type UserContributions =
  | { readonly type: "contributions"; readonly contributions: Iterable<Contribution> }
  | { readonly type: "chunks"; readonly chunks: AsyncIterable<Iterable<Contribution>> }
  | { readonly type: "daily-counts"; readonly dailyCounts: Iterable<DailyCount> }
  | SourceFault;

/** The contributions could not be read, of one user or of all; the users stay due. */
export interface SourceFault {
  readonly type: "source-fault";
  /** What happened and what to do; never holds data. */
  readonly message: string;
}

/** The fault of a source that threw. */
export const SOURCE_THREW: SourceFault = {
  type: "source-fault",
  message: "The source of contributions threw: let it answer with a fault instead.",
};
