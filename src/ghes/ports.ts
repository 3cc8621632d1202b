import type { ResultAsync } from "neverthrow";
import type { DayRange } from "../domain/calendar-date.ts";
import type { ContributionWindow } from "../domain/contribution-window.ts";
import type { Versioned } from "../domain/decision.ts";
import type { StorageFault, TransportFault, VersionConflict } from "../domain/fault.ts";
import type { Instant, LinkId, SessionId, UserId } from "../domain/identifiers.ts";
import type { Message } from "../domain/message.ts";
import type { DeletionReceipt } from "../domain/receipt.ts";
import type { AuditEntry } from "./audit.ts";
import type { Contribution, DailyCount } from "./payload.ts";
import type { ServerState } from "./server-state.ts";
import type { UserLink } from "./user-link.ts";

/** What the receiver is known to have of a link, from its answer to this server's own request (S3). */
export interface Reported {
  readonly linkId: LinkId;
  /** The session it was reported in; in any other it is remembered no more. */
  readonly sessionId: SessionId;
  /** {@link LinkRecord.changes} when the counts were about to be read. */
  readonly changes: number;
  readonly window: ContributionWindow;
  readonly reportedAt: Instant;
  /** From when on it is reported again even if nothing has changed (S7). */
  readonly refreshAt: Instant;
}

/** The deletion that a user's choice asked for. */
export interface LinkDeletion {
  readonly linkId: LinkId;
  /** The connection of GitHub Connect it belongs to; once that is gone, GitHub Enterprise Cloud deletes on its own. */
  readonly connectionOrdinal: number;
  readonly requestedAt: Instant;
  /** The receipt, or null while the sender still asks for it. */
  readonly receipt: DeletionReceipt | null;
}

/** All that is stored about one user. */
export interface LinkRecord {
  readonly user: UserId;
  readonly link: UserLink;
  /** How often the host said that the user's contributions have changed. */
  readonly changes: number;
  /** What the receiver is known to have, or null. */
  readonly reported: Reported | null;
  /** The user's last deletion, or null where there was none. */
  readonly deletion: LinkDeletion | null;
}

/** The record of a user of whom nothing is stored. */
export function newLinkRecord(user: UserId): LinkRecord {
  return { user, link: { status: "never-connected" }, changes: 0, reported: null, deletion: null };
}

/** What becomes of the server's state, and what the receiver has acknowledged, in one commit. */
export interface ServerCommit {
  /** The version that was loaded. */
  readonly expectedVersion: number;
  readonly server: ServerState;
  readonly audit: AuditEntry | null;
  /** What the receiver is now known to have. */
  readonly reported: readonly ReportedLink[];
  /** The receipts that have come. */
  readonly withdrawn: readonly WithdrawnLink[];
}

/** What the receiver is known to have of one user's link. */
export interface ReportedLink {
  readonly user: UserId;
  readonly reported: Reported;
}

/** A withdrawal whose receipt has come. */
export interface WithdrawnLink {
  readonly linkId: LinkId;
  readonly receipt: DeletionReceipt;
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
  /** What the receiver is known to have of this link, or null. */
  readonly reported: Reported | null;
}

/** Which withdrawals wait for their receipts. */
interface WithdrawalQuery {
  readonly connectionOrdinal: number;
  /** Only links above this one, in the order of their ids' characters; null for the first page. */
  readonly after: LinkId | null;
  /** How many at most, from 1 on. */
  readonly limit: number;
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
   * and then nothing of the commit is applied; answers the new version. SS3: in the same commit each reported link is
   * stored with its user, if its user still sends under it. SS4: in the same commit each withdrawal whose receipt has
   * come is pending no more, and the receipt is stored with its user unless a later deletion of theirs is. A receipt of
   * a link that does not wait for one changes nothing.
   */
  commitServer(commit: ServerCommit): ResultAsync<number, StorageFault | VersionConflict>;

  /** SS5: a user's record; `newLinkRecord` at version 0 where nothing was ever written. */
  loadLink(user: UserId): ResultAsync<Versioned<LinkRecord>, StorageFault>;

  /**
   * SS6: writes the link and the audit entry if the link's version is still the expected one, else `version-conflict`;
   * answers the new version. Only this raises a link's version. SS7: in the same commit the withdrawal becomes pending
   * and the user's last deletion. What the receiver is known to have is forgotten unless the link still sends under the
   * same id.
   */
  commitLink(commit: LinkCommit): ResultAsync<number, StorageFault | VersionConflict>;

  /**
   * SS8: counts one more change for each of the users that anything is stored of; the others are passed over. A user's
   * choice loses none of them.
   */
  markChanged(users: readonly UserId[]): ResultAsync<void, StorageFault>;

  /**
   * SS9: the links of users who send under this connection and epoch that are due, in the order of their ids: never
   * reported in this session, changed since, or `refreshAt` is not after now. Its cost depends on how many are due,
   * not on how many there are.
   */
  dueLinks(query: DueQuery): ResultAsync<readonly DueLink[], StorageFault>;

  /** SS10: the withdrawals of this connection that wait for their receipts, in the order of their link ids. */
  pendingWithdrawals(query: WithdrawalQuery): ResultAsync<readonly Withdrawal[], StorageFault>;
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
