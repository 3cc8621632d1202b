import type { ResultAsync } from "neverthrow";
import type { DayRange } from "../domain/calendar-date.ts";
import type { LinkChoice } from "../domain/choice.ts";
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

/** The receiver's last word on a link, from its answer to this server's own request (S3). */
export type Reported = KeptReport | UnknownLink;

/** The fields of every answer about a link. */
interface AnsweredReport {
  readonly linkId: LinkId;
  /** The user's choice under which it was reported or held. It counts for no other choice. */
  readonly choice: number;
  /** The session in which it was answered. It counts in no other session. */
  readonly sessionId: SessionId;
  /** The instant from which the sender reports the link again even if nothing has changed (S7). */
  readonly refreshAt: Instant;
}

/** The receiver keeps these counts. */
export interface KeptReport extends AnsweredReport {
  readonly type: "kept";
  /** {@link LinkRecord.changes} at the moment before the sender read the counts. */
  readonly changes: number;
  readonly window: ContributionWindow;
  readonly reportedAt: Instant;
}

/**
 * The receiver does not know the link, which ends nothing. The sender asks again a day later, whatever has changed
 * (S6).
 */
export interface UnknownLink extends AnsweredReport {
  readonly type: "unknown";
  /** The instant since which the receiver has said so of this link, in any session. */
  readonly since: Instant;
}

/** The deletion that a user's choice asked for. */
export interface LinkDeletion extends LinkChoice {
  /**
   * The connection of GitHub Connect that it belongs to. Once that connection has ended, GitHub Enterprise Cloud
   * deletes on its own.
   */
  readonly connectionOrdinal: number;
  readonly requestedAt: Instant;
  /** The first receipt, with its signature if one has come, or null while there is none. */
  readonly receipt: DeletionReceipt | null;
  /**
   * The instant since which the receiver has not known the link, or null if it knows it. An unknown link is not a
   * receipt.
   */
  readonly notFoundSince: Instant | null;
}

/** Everything that is stored about one user. */
export interface LinkRecord {
  readonly user: UserId;
  readonly link: UserLink;
  /** How often the host said that the user's contributions have changed. */
  readonly changes: number;
  /** The receiver's last word on the link, or null if there is none. */
  readonly reported: Reported | null;
  /** The user's last deletion, or null if there was none. */
  readonly deletion: LinkDeletion | null;
}

/** Returns the record of a user before anything is stored about them. */
export function newLinkRecord(user: UserId): LinkRecord {
  return { user, link: { status: "never-connected" }, changes: 0, reported: null, deletion: null };
}

/** The next state of the server and the receiver's answers about links, in one commit. */
export interface ServerCommit {
  /** The version that was loaded. */
  readonly expectedVersion: number;
  readonly server: ServerState;
  readonly audit: AuditEntry | null;
  /** The receiver's answers about links that were reported or held. */
  readonly reported: readonly ReportedLink[];
  /** The receiver's answers about links that were withdrawn. */
  readonly withdrawn: readonly WithdrawnLink[];
}

/** The receiver's answer about one user's link. */
export interface ReportedLink {
  readonly user: UserId;
  readonly reported: Reported;
}

/** A withdrawal that the receiver has answered. */
export interface WithdrawnLink extends LinkChoice {
  /** The receipt, or null if the receiver does not know the link. */
  readonly receipt: DeletionReceipt | null;
  readonly answeredAt: Instant;
  /** The instant from which the sender asks for it again, or null if it never does. */
  readonly nextAskAt: Instant | null;
}

/** A user's choice and the withdrawal that it asks for, in one commit (S1). */
export interface LinkCommit {
  /** The version that was loaded. */
  readonly expectedVersion: number;
  readonly user: UserId;
  readonly link: UserLink;
  /** The link or choice that the sender withdraws until its receipt has come, or null. */
  readonly withdraw: Withdrawal | null;
  readonly audit: AuditEntry | null;
}

/** A link whose counts the receiver has to delete. It holds the link's name only, so no counts wait in a queue. */
export interface Withdrawal extends LinkChoice {
  readonly connectionOrdinal: number;
  readonly requestedAt: Instant;
}

/** A pending withdrawal. The sender asks for its receipt twice, a day apart, and then it ends (S1). */
export interface PendingWithdrawal extends Withdrawal {
  /**
   * The instant from which the sender asks for it, that instant included. It is 0 if it was never answered, whatever
   * the clock says.
   */
  readonly nextAskAt: Instant;
  /** Whether a receipt has come. The next receipt is then the last that the sender asks for. */
  readonly hasReceipt: boolean;
}

/** A user, and the link under which they are connected or send. */
export interface LinkUser {
  readonly user: UserId;
  readonly linkId: LinkId;
  /** The choice by which they send, or null if they are only connected. */
  readonly choice: number | null;
}

/** A user whose record is removed. */
export interface ForgottenUser {
  readonly user: UserId;
  /** The version that was loaded. */
  readonly expectedVersion: number;
}

/** Selects the entries of the audit log that are removed. */
export interface AuditPruning {
  /** Entries that were made before this instant are removed. */
  readonly before: Instant;
  /** The most that are taken, from 1 on. */
  readonly limit: number;
}

/** Selects the links that are due to be reported. */
export interface DueQuery {
  readonly connectionOrdinal: number;
  readonly epoch: number;
  readonly sessionId: SessionId;
  readonly now: Instant;
  /** Only links behind this place. It is null for the first page. */
  readonly after: DuePlace | null;
  /** The most that are taken, from 1 on. */
  readonly limit: number;
}

/**
 * The place of a link among those that are due. The order is that of the sessions, where no session comes first. Within
 * a session the latest instant comes first, and equals are in the order of their link ids. A change thus moves a link
 * back, and a sync that is on its way still meets it. `duePlaceOf` of `storage` returns the place.
 */
export interface DuePlace {
  /** The session of the receiver's last word on the link, or null if there is none. */
  readonly answeredIn: SessionId | null;
  /** The instant from which the link is due in that session: its `refreshAt`, or 0 if it is due at once. */
  readonly dueFrom: Instant;
  readonly linkId: LinkId;
}

/** A link that is due to be reported, with its place. A store keeps the place beside a report that it cannot read. */
export interface DueLink extends DuePlace {
  readonly user: UserId;
  /** The user's present choice under the link. */
  readonly choice: number;
  /** The present {@link LinkRecord.changes}. */
  readonly changes: number;
  /** The receiver's last word on this link, or null if there is none. */
  readonly reported: Reported | null;
}

/** Selects the withdrawals that the sender sends. */
export interface WithdrawalQuery {
  readonly connectionOrdinal: number;
  readonly now: Instant;
  /** Only withdrawals after this one. It is null for the first page. */
  readonly after: Pick<PendingWithdrawal, "nextAskAt" | "linkId"> | null;
  /** The most that are taken, from 1 on. */
  readonly limit: number;
}

/** Selects the redemptions that the sender sends. */
export interface RedemptionQuery {
  readonly connectionOrdinal: number;
  /** Only attempts above this one, in the order of their ids' characters. It is null for the first page. */
  readonly after: AttemptId | null;
  /** The most that are taken, from 1 on. */
  readonly limit: number;
}

/** A redemption that waits for its answer. */
export interface PendingRedemption {
  readonly user: UserId;
  readonly attempt: AttemptId;
  readonly code: ConsentCode;
}

/**
 * The storage of a server. Every method is one atomic operation: it happens whole, or not at all if it answers with a
 * fault or a conflict. Answered changes survive the process. Ids are in the order of their characters' codes, as `<`
 * has it (`COLLATE "C"` in PostgreSQL). `senderStoreContract` in `testing` checks these rules under their numbers.
 *
 * If a store cannot tell whether a write was applied, it answers with a `storage-fault` of the reason
 * `outcome-unknown`. The sender loads again before it writes again, so both outcomes are safe.
 */
export interface SenderStore {
  /** SS1: returns the server's state, or `NEW_SERVER` at version 0 if nothing was ever written. */
  loadServer(): ResultAsync<Versioned<ServerState>, StorageFault>;

  /**
   * SS2: writes the state and the audit entry if the state still has the expected version, and returns the new version.
   * That is never a count: `mintVersion` of `storage` returns it. Otherwise it answers `version-conflict` and applies
   * nothing of the commit. SS3: in the same commit each reported link is stored with its user, if the user still sends
   * under it by the same choice. A user who is only connected under it does not send. SS4: in the same commit each
   * answered withdrawal gets its new `nextAskAt`, or is no longer pending if that is null. Its answer is stored with
   * its user, unless the user has asked for a later deletion. An answer counts for the choice that was asked for, and
   * for no other. The first receipt stays for ever, and takes a signature of the same receipt if it has none:
   * `receiptAfter` of `storage` is this rule. `hasReceipt` stays true. An answer with a receipt sets `notFoundSince` to
   * null. An answer without one sets it to `answeredAt` if it is null, also after a receipt. An answer about a link
   * that is not pending changes nothing.
   */
  commitServer(commit: ServerCommit): ResultAsync<number, StorageFault | VersionConflict>;

  /** SS5: returns a user's record, or `newLinkRecord` at version 0 if nothing was ever written. */
  loadLink(user: UserId): ResultAsync<Versioned<LinkRecord>, StorageFault>;

  /**
   * SS6: writes the link and the audit entry if the link still has the expected version, and returns the new version.
   * `mintVersion` of `storage` returns it. Otherwise it answers `version-conflict`. No other method changes a link's
   * version. After the version it looks at the link id, since a link belongs to one user. If another user is connected
   * or sends under it, it answers a `storage-fault` with the reason `corrupt`. SS7: in the same commit the withdrawal
   * becomes pending in place of an earlier one of the same link, and becomes the user's last deletion. The receiver's
   * last word on the link is forgotten unless the user still sends under the same id by the same choice.
   */
  commitLink(commit: LinkCommit): ResultAsync<number, StorageFault | VersionConflict>;

  /**
   * SS8: counts one more change for each of these users that has a record, and passes over the others. A user who is
   * named twice counts once. A user's choice loses none of the changes.
   */
  markChanged(users: readonly UserId[]): ResultAsync<void, StorageFault>;

  /**
   * SS9: returns the due links of users who send under this connection and epoch, in the order of their places
   * ({@link DuePlace}). A link is due if it was not answered in this session, or has changed since its counts were
   * kept. It is also due if its `refreshAt` is not after now. `isDue` of `storage` is this rule. A page costs what its
   * own links cost, however many are due and however many there are.
   */
  dueLinks(query: DueQuery): ResultAsync<readonly DueLink[], StorageFault>;

  /**
   * SS10: returns the pending withdrawals of this connection whose `nextAskAt` is not after now, in the order of
   * `nextAskAt`. Equals are in the order of their link ids. The cost depends on how many of them there are.
   */
  pendingWithdrawals(query: WithdrawalQuery): ResultAsync<readonly PendingWithdrawal[], StorageFault>;

  /**
   * SS11: returns the users whose redemptions of this connection wait for an answer, in the order of their attempts.
   */
  pendingRedemptions(query: RedemptionQuery): ResultAsync<readonly PendingRedemption[], StorageFault>;

  /**
   * SS12: returns the user who is connecting, redeeming, connected or sending under this attempt, or null.
   */
  userOf(attempt: AttemptId): ResultAsync<UserId | null, StorageFault>;

  /**
   * SS13: removes the user's record and the audit entries about them if the link still has the expected version.
   * Otherwise it answers `version-conflict`. The user's pending withdrawals stay pending, but no longer name the
   * user. Only a `SenderReader` shows that, so `senderReaderContract` checks it (SQ6). Entries about what the user did
   * to the enterprise's settings stay.
   */
  forgetUser(forgotten: ForgottenUser): ResultAsync<void, StorageFault | VersionConflict>;

  /**
   * SS14: removes entries of the audit log and returns how many it removed. Those with the lowest `createdAt` go first.
   */
  pruneAudit(pruning: AuditPruning): ResultAsync<number, StorageFault>;

  /**
   * SS15: returns the users who are connected or send under these links, each once and in any order, with the choice
   * by which they send. A link under which no user is connected or sends is passed over.
   */
  usersOfLinks(links: readonly LinkId[]): ResultAsync<readonly LinkUser[], StorageFault>;
}

/** The way to the receiver. `transportContract` in `testing` checks its rules. */
export interface Transport {
  /**
   * T1: delivers a message as it is and returns the answer unread, which the sender then checks. T2: returns a fault
   * if no answer came, whatever the reason, and never throws. T3: gives up when the signal says so, with `aborted`.
   */
  send(message: Message, signal: AbortSignal): ResultAsync<unknown, TransportFault>;
}

/**
 * The source of truth: what the server's users contributed. `contributionSourceContract` in `testing` checks its
 * rules.
 */
export interface ContributionSource {
  /**
   * Returns what each of these users contributed on these days, both ends included. More days do no harm. The sender
   * reads it just before it sends it, and never keeps it (S2).
   *
   * CS1: returns a `Map` with one entry for each user who was asked, under the id as it was asked for, and no other
   * entry. A user who contributed nothing has an entry that holds nothing. A user who is left out stays due. The
   * whole answer fails if a key was not asked for, or is not a string. CS2: the entry holds every contribution of
   * these days, each on its own day. CS3: the entry ends after at most 5,898,150 contributions, which is what 90 days
   * can carry, and after at most 100,000 chunks. CS4: the entry is a {@link SourceFault} if that user's contributions
   * cannot be read. If that holds for every user, the whole answer is a fault. It never throws, and no fault holds
   * data. CS5: gives up soon after the signal has spoken.
   */
  read(request: SourceRequest): ResultAsync<ReadonlyMap<UserId, UserContributions>, SourceFault>;
}

/** The users and days whose contributions the sender asks for. */
export interface SourceRequest {
  /** At most 1,000 users, each once. */
  readonly users: readonly UserId[];
  readonly days: DayRange;
  /**
   * Speaks when the sender no longer waits: the sync was aborted, the deadline has come, or everything was read. The
   * sender reads chunks after the answer, so the signal concerns them too.
   */
  readonly signal: AbortSignal;
}

/** One user's contributions, in any form that the host has, or a fault if they cannot be read. */
export type UserContributions =
  | { readonly type: "contributions"; readonly contributions: Iterable<Contribution> }
  | { readonly type: "chunks"; readonly chunks: AsyncIterable<Iterable<Contribution>> }
  | { readonly type: "daily-counts"; readonly dailyCounts: Iterable<DailyCount> }
  | SourceFault;

/** The contributions of one user, or of all, could not be read. The users stay due. */
export interface SourceFault {
  readonly type: "source-fault";
  /** A sentence that says what happened and what to do; never holds data. */
  readonly message: string;
}

/** The fault of a source that threw. */
export const SOURCE_THREW: SourceFault = {
  type: "source-fault",
  message:
    "The source of contributions threw, or answered with something that is not a Result. Let it answer with a ResultAsync, and with a fault where it cannot read.",
};
