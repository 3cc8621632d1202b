import type { ResultAsync } from "neverthrow";
import type { RecordOutcome } from "../domain/answer.ts";
import type { CalendarDate } from "../domain/calendar-date.ts";
import type { LinkChoice } from "../domain/choice.ts";
import type { ContributionWindow } from "../domain/contribution-window.ts";
import type { Versioned } from "../domain/decision.ts";
import type { Clock, Random } from "../domain/environment.ts";
import type { StorageFault, VersionConflict } from "../domain/fault.ts";
import type {
  AccountId,
  AttemptId,
  ConsentCode,
  InstallationId,
  Instant,
  LinkId,
} from "../domain/identifiers.ts";
import type { LedgerPlace } from "../domain/ledger-place.ts";
import type { EndedLink } from "../domain/receipt.ts";
import type { ReceiptSigner } from "../domain/receipt-statement.ts";
import type { BroughtAttempt, OpenAttempt, PushedAttempt, PushResult } from "./attempt.ts";
import type { InstallationAuditEntry } from "./audit.ts";
import type { ReceiverEvent } from "./events.ts";
import type { DeletedLink } from "./link.ts";
import type { ChainedRequest, Registration } from "./registration.ts";
import type { SweepClock } from "./sweep-clock.ts";

/** The write of a registration. */
export interface RegistrationCommit {
  /** The version that was loaded, or 0 for a registration that was never written. */
  readonly expectedVersion: number;
  readonly registration: Registration;
  /** Whether the counts of links that its session never reported are dropped in the same commit (R9). */
  readonly hidesUnreported: boolean;
  /** The endings that the ledger has, in the entries up to {@link Registration.readTo}, in their order. */
  readonly ended: readonly EndedLink[];
  /** The entries that are written to the installation's audit log in the same commit. */
  readonly audit: readonly InstallationAuditEntry[];
}

/**
 * The records of one request, as they were read. At most one report names each link, and none names a link that a
 * withdrawal names.
 */
export interface Delivery extends ChainedRequest {
  readonly installation: InstallationId;
  readonly reports: readonly DeliveredReport[];
  readonly withdrawals: readonly LinkChoice[];
  readonly at: Instant;
}

/** One report or hold of a request. */
export interface DeliveredReport {
  readonly linkId: LinkId;
  /** The choice under which the user sends, from 1 on. */
  readonly choice: number;
  /** The counts, or null for a hold: what was reported before stays. */
  readonly window: ContributionWindow | null;
}

/** The result of a {@link Delivery}. */
export interface DeliveryResult {
  /** Whether the request is not the next one of the current session (R8). Then no report was applied. */
  readonly isDetached: boolean;
  /** The registration after the delivery. */
  readonly registration: Registration;
  /** One outcome per report, in their order; `not-applied` if the request was detached. */
  readonly reports: readonly RecordOutcome[];
  /** One outcome per withdrawal, in their order. */
  readonly withdrawals: readonly RecordOutcome[];
  /**
   * The last endings of the links that were withdrawn or not kept, if they are not known to be in the ledger. Each link
   * stands here once.
   */
  readonly unrecorded: readonly EndedLink[];
}

/** A server has received the code from the browser. */
export interface Redemption {
  readonly installation: InstallationId;
  readonly attempt: AttemptId;
  readonly code: ConsentCode;
  readonly at: Instant;
}

/** The result of a redemption. `unrecorded` are the account's deleted links that the ledger is not known to have. */
export type RedemptionResult =
  /** The link that was opened for the attempt, now or earlier. */
  | {
      readonly type: "redeemed";
      readonly linkId: LinkId;
      readonly epoch: number;
      readonly unrecorded: readonly EndedLink[];
    }
  /** The link that was opened for the attempt is over. */
  | { readonly type: "link-ended"; readonly unrecorded: readonly EndedLink[] }
  | { readonly type: "no-such-consent" };

/** The links to delete: those of an account, on one installation or on all (null) (R10). */
export interface LinkSelection {
  readonly account: AccountId;
  readonly installation: InstallationId | null;
}

/** The counts that one installation reported of one account. */
export interface ShownWindow {
  readonly installation: InstallationId;
  readonly window: ContributionWindow;
  readonly receivedAt: Instant;
}

/** The counts of one link that may be shown, as far as the store knows. */
export interface ShownLink extends ShownWindow {
  readonly linkId: LinkId;
  /** The choice under which the counts came. */
  readonly choice: number;
  readonly epoch: number;
}

/** The bounds of a sweep. */
export interface SweepQuery {
  /** The age limits, or null if the clock is in doubt: then only ended links are deleted. */
  readonly keep: KeptSince | null;
  /** How many links to delete, trim or forget in one go, from 1 on. */
  readonly limit: number;
  readonly at: Instant;
  /** Ends the sweep between two commits. If left out, only the limit does. */
  readonly signal?: AbortSignal | undefined;
}

/** The times from which on data is kept. */
export interface KeptSince {
  /** Counts of days before this one are removed. */
  readonly counts: CalendarDate;
  /** Receipts of links that were deleted before this instant are removed, once the ledger has them. */
  readonly receipts: Instant;
  /** Entries of installations' audit logs that were made before this instant are removed. */
  readonly audit: Instant;
}

/** The numbers of a sweep. */
export interface SweepResult {
  /** Links that were removed because a disabling or a newer epoch had ended them. The disabling's receipt is theirs. */
  readonly deleted: number;
  /** Links that lost counts that had aged out. */
  readonly trimmed: number;
  /** Receipts and audit entries that were too old, and attempts that had expired. */
  readonly forgotten: number;
  /** Whether nothing is left to do. It is false also if the sweep has just reached the limit, or its signal has spoken. */
  readonly isDone: boolean;
}

/** The place up to which one installation's entries in the ledger were read. */
export interface LedgerCursor {
  readonly installation: InstallationId;
  /** The last entry that was read, or null if none was. */
  readonly readTo: LedgerPlace | null;
}

/** A page of the list of installations. */
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
 * The place where the cloud keeps its copy. `receiverStoreContract` in `testing` checks these rules under their
 * numbers.
 *
 * Every method is one atomic operation: it happens whole, or, after a fault or a conflict, not at all. Its answer
 * survives the process, except in a database that loses its last commits, which the ledger mends. Checks and writes of
 * one method see the same state, whatever else runs. Ids are in the order of their characters' codes, like `<`.
 *
 * A deleted link stays as its receipt, without its counts. An ended choice leaves its receipt with the link. Both are
 * *unrecorded* until the ledger is known to have them.
 *
 * If a store cannot tell whether a write was applied, it answers with a `storage-fault` of the reason
 * `outcome-unknown`. The receiver loads again, and a server sends the same request again, so both outcomes are safe.
 */
export interface ReceiverStore {
  /** RS1: returns a registration, or null if there is none. */
  loadRegistration(installation: InstallationId): ResultAsync<Versioned<Registration> | null, StorageFault>;

  /**
   * RS2: writes a registration and the entries of its audit log, in their order, and returns the new version, as
   * `mintVersion` of `storage` returns it. If the version is no longer the expected one, it fails as
   * `version-conflict`. RS3: with `hidesUnreported`, the same commit drops the counts of every live link for which
   * `isUnreported`, except of those that `ended` names. The links stay. RS11: the same commit applies each of the
   * `ended` to the link of this installation, in their order (`endRecorded`). The link keeps the given receipt, and is
   * recorded. An attempt whose link has ended is gone by then: a consent that was void stays void.
   */
  commitRegistration(commit: RegistrationCommit): ResultAsync<number, StorageFault | VersionConflict>;

  /**
   * RS4: admits the request (`admit`) and applies its records: withdrawals (`applyWithdrawal`) in any case, and reports
   * (`applyReport`) if it was admitted. Of two withdrawals of one link the higher one counts, and both get its receipt.
   * The first admission of a request changes the registration's version. Returns null, and applies nothing, if the
   * installation is not registered or not connected.
   */
  applyDelivery(delivery: Delivery): ResultAsync<DeliveryResult | null, StorageFault>;

  /**
   * RS14: stores an attempt under the registration's epoch (`pushedAttempt`), if the installation is switched on and has
   * fewer than `limit` attempts under way. An attempt is under way until it expires or opens a link. A stored attempt
   * stays as it is.
   */
  pushAttempt(pushed: PushedAttempt): ResultAsync<PushResult, StorageFault>;

  /**
   * RS15: gives this browser an attempt that has not expired and whose epoch is open (`isPending`, `answeredAttempt`).
   * A consent also binds it to this account, code and `expiresAt`. A later consent of the same account replaces the
   * earlier one. Returns null, and changes nothing, if there is no such attempt, or another browser or account has it.
   */
  answerAttempt(brought: BroughtAttempt): ResultAsync<OpenAttempt | null, StorageFault>;

  /**
   * RS5: opens a link for an attempt of this installation with this code, if it has not expired and its epoch is open.
   * The same commit removes the attempt, and deletes every other live link of the installation and the account (R6). An
   * attempt opens one link at most, whatever the code. A repetition returns that link, as `link-ended` if it is deleted
   * or its epoch is not open. A store remembers which attempt opened a link for as long as it stores the link (RS8).
   * After that a repetition is `no-such-consent`. A link id that exists is a `storage-fault`.
   *
   * A durable store keeps code and browser as hashes. It also keeps an attempt as a hash until its link is opened.
   */
  openLink(redemption: Redemption): ResultAsync<RedemptionResult, StorageFault>;

  /**
   * RS6: deletes every live link of the selection, by the cause that `causeOf` returns (R10). It removes every attempt
   * of the selection to which the account has consented, and its link is stored as deleted (`voidedLink`). An attempt
   * without a consent has no account, and stays. Returns the deleted links that are unrecorded, whenever they ended, in
   * the order of their ids. Deleted links stay as they are. A link that was recorded has no account any more
   * (`endRecorded`), and is not among them.
   */
  deleteLinks(selection: LinkSelection, at: Instant): ResultAsync<readonly DeletedLink[], StorageFault>;

  /**
   * RS7: returns the windows of an account's live links whose registration is open for their epoch (I1), in the order
   * of the installations' ids. It returns nothing else, however long ago a link ended without a sweep.
   */
  loadShown(account: AccountId): ResultAsync<readonly ShownLink[], StorageFault>;

  /**
   * RS8: removes data that is no longer shown, up to the limit. It removes live links of ended epochs wholly, counts of
   * days that are not kept, old audit entries, and old receipts that are recorded. The attempt that opened a link goes
   * with the link. If `keep` is given, it also removes expired attempts. A live link stays, however silent its server:
   * silence withdraws no consent. Once the signal has spoken, it removes no more, and its answer says what it did remove.
   */
  sweep(query: SweepQuery): ResultAsync<SweepResult, StorageFault>;

  /** RS9: returns the times of the last sweeps, or null before the first. */
  loadSweepClock(): ResultAsync<SweepClock | null, StorageFault>;

  /** RS9: stores the time of a sweep. Of two at once, either may stay. */
  saveSweepClock(clock: SweepClock): ResultAsync<void, StorageFault>;

  /** RS10: returns how the store stands to the ledger. The receiver reads it every minute. */
  loadLedgerStanding(): ResultAsync<LedgerStanding, StorageFault>;

  /** RS10: returns the cursors of registered installations, in the order of their ids. */
  loadCursors(query: InstallationQuery): ResultAsync<readonly LedgerCursor[], StorageFault>;

  /**
   * RS12: returns the deletions that are not known to be in the ledger, as entries to append with up to `limit` links
   * in all. They are `links-ended` of deleted links and ended choices, and `epochs-off` of registrations
   * (`unrecordedEpochs`). An installation has at most one entry of each kind. An `epochs-off` has no links and does not
   * count against `limit`. A store may leave some entries for the next call, but returns one at least while a deletion
   * is unrecorded.
   */
  loadUnrecorded(limit: number): ResultAsync<readonly LedgerEntry[], StorageFault>;

  /**
   * RS13: takes an installation's cursor back to a place, and every deletion of it for unrecorded
   * (`Registration.recordedOff` 0). The ledger has lost its entries. The version changes. The account of a recorded link
   * stays forgotten: `loadUnrecorded` finds the link, and a deletion by account (RS6) no longer does.
   */
  takeForUnrecorded(cursor: LedgerCursor): ResultAsync<void, StorageFault>;
}

/**
 * A deletion, as the ledger keeps it. It holds no count.
 *
 * Applying it is safe at any time, in any order and any number of times: dead never becomes live, and off beats on.
 */
export type LedgerEntry =
  /** These links, or choices of them, are dead. */
  | {
      readonly type: "links-ended";
      readonly installation: InstallationId;
      readonly links: readonly EndedLink[];
    }
  /** This epoch and every earlier one is off. */
  | {
      readonly type: "epochs-off";
      readonly installation: InstallationId;
      readonly epoch: number;
      /** When this epoch was switched off, or null if a later one was on by the time of writing. */
      readonly disabledAt: Instant | null;
    };

/** An entry of the ledger, and its place. */
export interface RecordedEntry {
  readonly place: LedgerPlace;
  readonly entry: LedgerEntry;
}

/** The entries of an installation to read. */
export interface EntryQuery {
  readonly installation: InstallationId;
  /** The lowest position, included. */
  readonly from: number;
  /** How many at most, from 1 on. */
  readonly limit: number;
}

/**
 * The place where deletions are written down. `ledgerContract` in `testing` checks these rules under their numbers.
 *
 * It is apart from the store, so that a restore of the store does not take it back, too. It can be on another server,
 * for example, that commits on two machines.
 */
export interface DeletionLedger {
  /**
   * L1: appends an entry behind the last one of its installation, under a unique id, and returns its place. The entry
   * survives before the answer. No position of an installation ever appears below one that a reader has seen.
   */
  append(entry: LedgerEntry, entryId: string): ResultAsync<LedgerPlace, StorageFault>;

  /** L2: returns an installation's entries from a position on, in the order of their positions, without a gap. */
  read(query: EntryQuery): ResultAsync<readonly RecordedEntry[], StorageFault>;

  /** L3: returns the last place of each installation that has an entry, in the order of their ids. */
  loadHeads(query: InstallationQuery): ResultAsync<readonly LedgerCursor[], StorageFault>;

  /** L4: returns the digest of the last entries (`digestOf` of all heads). The receiver reads it every minute. */
  loadDigest(): ResultAsync<string, StorageFault>;

  /** L5: forgets an installation's entries below a position, except its last one. */
  prune(installation: InstallationId, below: number): ResultAsync<void, StorageFault>;
}

/** The parts of a receiver, and its options. */
export interface ReceiverOptions {
  readonly store: ReceiverStore;
  readonly ledger: DeletionLedger;
  readonly clock: Clock;
  readonly random: Pick<Random, "id">;
  /**
   * Signs each receipt that a server is told, so that its host can keep and show it by itself; none is signed if left
   * out. If it fails, an answer with receipts fails as `outcome-unknown`, and `complete` names no deletion yet.
   */
  readonly receiptSigner?: ReceiptSigner;
  /**
   * A listener for logs and metrics. docs/events.md lists all events. The receiver calls it while it works, so it has
   * to be quick. An error that it throws or rejects with changes nothing.
   */
  readonly onEvent?: (event: ReceiverEvent) => void;
  /**
   * How many days a sweep keeps the entries of installations' audit logs; 180 if left out. GitHub keeps its own as
   * long: "within the last 180 days" (Reviewing the audit log for your enterprise).
   */
  readonly auditDays?: number;
  /**
   * How long a call of the host's own may take, such as `giveConsent`, in milliseconds, from 1,000 to 86,400,000;
   * 120,000 if left out. Then it fails as `outcome-unknown`. `pruneLedger` may take as long for each call of the ledger.
   * It bounds neither `handle`, whose handler has a deadline, nor `reconcile` and `sweep`, which end by a signal.
   */
  readonly callDeadlineMs?: number;
}
