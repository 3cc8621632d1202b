import type { ResultAsync } from "neverthrow";
import type { RecordOutcome } from "../domain/answer.ts";
import type { CalendarDate } from "../domain/calendar-date.ts";
import type { ContributionWindow } from "../domain/contribution-window.ts";
import type { Versioned } from "../domain/decision.ts";
import type { Clock, Random } from "../domain/environment.ts";
import type { StorageFault, VersionConflict } from "../domain/fault.ts";
import type {
  AccountId,
  AttemptId,
  BrowserId,
  ConsentCode,
  InstallationId,
  Instant,
  LinkId,
} from "../domain/identifiers.ts";
import type { DeletionReceipt } from "../domain/receipt.ts";
import type { InstallationAuditEntry } from "./audit.ts";
import type { ReceiverEvent } from "./events.ts";
import type { DeletedLink } from "./link.ts";
import type { ChainedRequest, LedgerPlace, Registration } from "./registration.ts";
import type { SweepClock } from "./sweep-clock.ts";

/** What becomes of a registration. */
export interface RegistrationCommit {
  /** The version that was loaded, or 0 for one that was never written. */
  readonly expectedVersion: number;
  readonly registration: Registration;
  /** Whether the counts of links that its session never reported are dropped in the same commit (R9). */
  readonly hidesUnreported: boolean;
  /** The links that the ledger has as ended, in the entries up to {@link Registration.readTo}. */
  readonly ended: readonly EndedLink[];
  /** What is written to the installation's audit log in the same commit. */
  readonly audit: readonly InstallationAuditEntry[];
}

/** A link that was ended, and its receipt. */
export interface EndedLink {
  readonly linkId: LinkId;
  readonly receipt: DeletionReceipt;
}

/** The records of one request, as they were read; each link is named by at most one report. */
export interface Delivery extends ChainedRequest {
  readonly installation: InstallationId;
  readonly reports: readonly DeliveredReport[];
  readonly withdrawals: readonly LinkId[];
  readonly at: Instant;
}

/** One report or hold of a request. */
export interface DeliveredReport {
  readonly linkId: LinkId;
  /** The counts, or null for a hold: what was reported before stays. */
  readonly window: ContributionWindow | null;
}

/** What became of a {@link Delivery}. */
export interface DeliveryResult {
  /** Whether the request is not the next one of the session that stands (R8); then no report was applied. */
  readonly isDetached: boolean;
  /** The registration after it. */
  readonly registration: Registration;
  /** One a report, in their order; `not-applied` where it was detached. */
  readonly reports: readonly RecordOutcome[];
  /** One a withdrawal, in their order. */
  readonly withdrawals: readonly RecordOutcome[];
  /** The links that it names and that are deleted, but not known to be in the ledger; each once. */
  readonly unrecorded: readonly EndedLink[];
}

/** A server announces that it sends a user to the cloud. */
export interface PushedAttempt {
  readonly installation: InstallationId;
  readonly attempt: AttemptId;
  /** From when on it counts no more, that instant included. */
  readonly expiresAt: Instant;
  /** How many attempts of the installation may be under way at once. */
  readonly limit: number;
  readonly at: Instant;
}

/** Whether an attempt was taken. */
export type PushResult =
  | "pushed"
  /** The installation is not registered, not connected or switched off. */
  | "disabled"
  | "too-many-attempts";

/** A browser has brought an attempt. */
export interface BroughtAttempt {
  readonly attempt: AttemptId;
  readonly browser: BrowserId;
  /** The account owner's consent, or null where the page is only shown. */
  readonly consent: GivenConsent | null;
  readonly at: Instant;
}

/** An account's owner has consented. */
export interface GivenConsent {
  readonly account: AccountId;
  readonly code: ConsentCode;
  /** From when on the code, and with it the attempt, counts no more, that instant included. */
  readonly expiresAt: Instant;
}

/** An attempt that this browser may answer. */
export interface OpenAttempt {
  readonly installation: InstallationId;
  readonly expiresAt: Instant;
}

/** A server has got the code back from the browser. */
export interface Redemption {
  readonly installation: InstallationId;
  readonly attempt: AttemptId;
  readonly code: ConsentCode;
  /** The id of the link, if one is opened. */
  readonly linkId: LinkId;
  readonly at: Instant;
}

/** What became of a redemption; `unrecorded` are the account's deleted links that the ledger is not known to have. */
export type RedemptionResult =
  /** The link that was opened for the attempt, now or earlier. */
  | {
      readonly type: "redeemed";
      readonly linkId: LinkId;
      readonly epoch: number;
      readonly unrecorded: readonly EndedLink[];
    }
  /** The link that was opened for it is over. */
  | { readonly type: "link-ended"; readonly unrecorded: readonly EndedLink[] }
  | { readonly type: "no-such-consent" };

/** Which links are deleted (R10): those of an account, on one installation or on all (null). */
export interface LinkSelection {
  readonly account: AccountId;
  readonly installation: InstallationId | null;
}

/** What one installation reported of one account. */
export interface ShownWindow {
  readonly installation: InstallationId;
  readonly window: ContributionWindow;
  readonly receivedAt: Instant;
}

/** What may be shown of one link, as far as the store knows. */
export interface ShownLink extends ShownWindow {
  readonly linkId: LinkId;
  readonly epoch: number;
}

/** What a sweep removes, and how much of it in one go. */
export interface SweepQuery {
  /** What has aged out, or null where the clock is in doubt: then only ended links are deleted. */
  readonly keep: KeptSince | null;
  /** How many links to delete, trim or forget in one go, from 1 on. */
  readonly limit: number;
  readonly at: Instant;
}

/** From when on counts and receipts are kept. */
export interface KeptSince {
  /** Counts of days before this one are removed. */
  readonly counts: CalendarDate;
  /** Receipts of links that were deleted before this instant are removed, once the ledger has them. */
  readonly receipts: Instant;
  /** Entries of installations' audit logs that were made before this instant are removed. */
  readonly audit: Instant;
}

/** What a sweep removed. */
export interface SweepResult {
  /** Links that a disabling or a newer epoch had ended, and that are removed now; the disabling's receipt is theirs. */
  readonly deleted: number;
  /** Links of which counts had aged out. */
  readonly trimmed: number;
  /** Receipts and audit entries that were too old, and attempts that had expired. */
  readonly forgotten: number;
  /** Whether nothing is left to do; false also where the limit was just reached. */
  readonly isDone: boolean;
}

/** How far one installation's entries in the ledger were read. */
export interface LedgerCursor {
  readonly installation: InstallationId;
  /** The last entry that was read, or null where none was. */
  readonly readTo: LedgerPlace | null;
}

/** A page of what is kept for each installation. */
export interface InstallationQuery {
  /** Only installations above this one, in the order of their ids' characters; null for the first page. */
  readonly after: InstallationId | null;
  /** How many at most, from 1 on. */
  readonly limit: number;
}

/** How a store stands to the ledger. */
export interface LedgerStanding {
  /** The digest of the last entries that were read (`digestOf` of all cursors). */
  readonly digest: string;
  /** Whether {@link ReceiverStore.loadUnrecorded} finds anything. */
  readonly hasUnrecorded: boolean;
}

/**
 * Where the cloud keeps its copy. Every method is one atomic operation: it happens whole or, where it answers with a
 * fault or a conflict, not at all; what it has answered survives the process, but for a database that loses its last
 * commits, which the ledger mends. Checks and writes of one method see the same state, whatever else runs. Ids are in
 * the order of their characters' codes, as `<` has it.
 * `receiverStoreContract` in `testing` checks these rules under their numbers.
 *
 * A link that is deleted stays, without its counts, as its receipt. It is *unrecorded* until the ledger is known to have it.
 */
export interface ReceiverStore {
  /** RS1: a registration, or null where there is none. */
  loadRegistration(installation: InstallationId): ResultAsync<Versioned<Registration> | null, StorageFault>;

  /**
   * RS2: writes a registration, and the entries of its audit log in their order, if its version is still the expected one,
   * else `version-conflict`; answers the new
   * version ({@link Versioned.version}). RS3: with `hidesUnreported`, the counts of every live link for which
   * `isUnreported` are dropped in the same commit; the links stay. RS11: in the same commit each of the `ended` that is
   * this installation's, live or deleted and unrecorded, is deleted with the receipt given, and recorded (`endRecorded`).
   */
  commitRegistration(commit: RegistrationCommit): ResultAsync<number, StorageFault | VersionConflict>;

  /**
   * RS4: admits the request (`admit`) and applies its records: withdrawals (`applyWithdrawal`) in any case, then, if it
   * was admitted, reports (`applyReport`). A request that is admitted for the first time changes the registration's
   * version. Null where the installation is not registered or not connected; then nothing is applied.
   */
  applyDelivery(delivery: Delivery): ResultAsync<DeliveryResult | null, StorageFault>;

  /**
   * RS14: stores an attempt under the registration's epoch, if the installation is switched on and has fewer than so many
   * that have not expired. One that is stored stays as it is.
   */
  pushAttempt(pushed: PushedAttempt): ResultAsync<PushResult, StorageFault>;

  /**
   * RS15: an attempt that has not expired and whose epoch is open belongs from now on to this browser, and with a consent to
   * this account, code and `expiresAt`. A later consent of the same account replaces the earlier one. Null, and nothing
   * changes, where there is no such attempt, or another browser or account has it.
   */
  answerAttempt(brought: BroughtAttempt): ResultAsync<OpenAttempt | null, StorageFault>;

  /**
   * RS5: opens a link for an attempt of this installation with this code, which has not expired and whose epoch is open; in
   * the same commit the attempt is gone, and every other live link of the installation and the account is deleted (R6). An
   * attempt for which a link was opened opens no other, whatever the code: that link is answered, as `link-ended` where
   * it is deleted or its epoch is not open. A link id that exists is a `storage-fault`.
   *
   * A store that outlives its process keeps code and browser as hashes, and an attempt, too, until its link is opened.
   */
  openLink(redemption: Redemption): ResultAsync<RedemptionResult, StorageFault>;

  /**
   * RS6: deletes every live link of the selection and its attempts (R10), by the cause that `causeOf` gives, and answers those that are deleted but unrecorded, whenever
   * that was, in the order of their ids. Deleted links stay as they are.
   */
  deleteLinks(selection: LinkSelection, at: Instant): ResultAsync<readonly DeletedLink[], StorageFault>;

  /**
   * RS7: what may be shown of an account: the windows of its live links whose registration is open for their epoch
   * (I1), in the order of the installations' ids. Nothing else, however long ago it ended without a sweep.
   */
  loadShown(account: AccountId): ResultAsync<readonly ShownLink[], StorageFault>;

  /**
   * RS8: removes, up to the limit, what is not shown any more: live links of epochs that have ended, wholly; counts of
   * days that are not kept, receipts that are not kept and recorded, audit entries that are not kept, and, where `keep` is given, attempts that have expired. A live link stays, however silent its server:
   * silence withdraws no consent.
   */
  sweep(query: SweepQuery): ResultAsync<SweepResult, StorageFault>;

  /** RS9: what the last sweeps said of the time, or null before the first. */
  loadSweepClock(): ResultAsync<SweepClock | null, StorageFault>;

  /** RS9: stores what a sweep says of the time; of two at once, either may stay. */
  saveSweepClock(clock: SweepClock): ResultAsync<void, StorageFault>;

  /** RS10: how the store stands to the ledger. It is read every minute. */
  loadLedgerStanding(): ResultAsync<LedgerStanding, StorageFault>;

  /** RS10: the cursors of registered installations, in the order of their ids. */
  loadCursors(query: InstallationQuery): ResultAsync<readonly LedgerCursor[], StorageFault>;

  /**
   * RS12: the deletions that are not known to be in the ledger, as entries to append, up to so many links in all:
   * `links-ended` of deleted links, and `epochs-off` of registrations (`isRecorded`). One entry of each kind at most for
   * an installation.
   */
  loadUnrecorded(limit: number): ResultAsync<readonly LedgerEntry[], StorageFault>;

  /**
   * RS13: the ledger has lost what it had of an installation: takes its cursor back to a place, and every deletion of it
   * for unrecorded ({@link Registration.recordedOff} 0). The version changes.
   */
  takeForUnrecorded(cursor: LedgerCursor): ResultAsync<void, StorageFault>;
}

/**
 * A deletion, as the ledger keeps it. Applying it never makes right what is wrong nor wrong what is right, at whatever
 * time, however often and in whatever order: dead never becomes live, and off beats on. It holds no count.
 */
export type LedgerEntry =
  /** These links are dead. */
  | {
      readonly type: "links-ended";
      readonly installation: InstallationId;
      readonly links: readonly EndedLink[];
    }
  /** This epoch and every one before it is off. */
  | {
      readonly type: "epochs-off";
      readonly installation: InstallationId;
      readonly epoch: number;
      /** When this epoch was switched off, or null where a later one had been switched on by the time of writing. */
      readonly disabledAt: Instant | null;
    };

/** An entry of the ledger, and its place. */
export interface RecordedEntry {
  readonly place: LedgerPlace;
  readonly entry: LedgerEntry;
}

/** Which of an installation's entries are read. */
export interface EntryQuery {
  readonly installation: InstallationId;
  /** The lowest position, included. */
  readonly from: number;
  /** How many at most, from 1 on. */
  readonly limit: number;
}

/**
 * Where deletions are written down: in a place of its own, so that nothing that takes the store back takes it back, too
 * (another server, commits on two machines). `ledgerContract` in `testing` checks these rules under their numbers.
 */
export interface DeletionLedger {
  /**
   * L1: appends an entry behind the last one of its installation, under an id that no other has. It survives before it is answered.
   * No position of an installation ever appears below one that a reader has seen.
   */
  append(entry: LedgerEntry, entryId: string): ResultAsync<LedgerPlace, StorageFault>;

  /** L2: an installation's entries from a position on, in the order of their positions, without a gap. */
  read(query: EntryQuery): ResultAsync<readonly RecordedEntry[], StorageFault>;

  /** L3: the last place of each installation that has an entry, in the order of their ids. */
  loadHeads(query: InstallationQuery): ResultAsync<readonly LedgerCursor[], StorageFault>;

  /** L4: the digest of the last entries (`digestOf` of all heads). It is read every minute. */
  loadDigest(): ResultAsync<string, StorageFault>;

  /** L5: forgets an installation's entries below a position, but never its last one. */
  prune(installation: InstallationId, below: number): ResultAsync<void, StorageFault>;
}

/** What a receiver is made of. */
export interface ReceiverOptions {
  readonly store: ReceiverStore;
  readonly ledger: DeletionLedger;
  readonly clock: Clock;
  readonly random: Pick<Random, "id">;
  /**
   * Told of what happens, for logs and metrics: docs/events.md lists all events. It is called while the receiver works, so
   * that it has to be quick; what it throws or rejects with changes nothing.
   */
  readonly onEvent?: (event: ReceiverEvent) => void;
  /**
   * How many days a sweep keeps the entries of installations' audit logs; 180 if left out, as GitHub keeps its own
   * ("within the last 180 days", Reviewing the audit log for your enterprise).
   */
  readonly auditDays?: number;
}

/** The same within a receiver, which remembers what its host has to be told. */
export interface ReceiverParts extends ReceiverOptions {
  /** Told of each installation that was switched off because unread entries were pruned, whichever call found it. */
  readonly onCutOff?: (installation: InstallationId) => void;
}
