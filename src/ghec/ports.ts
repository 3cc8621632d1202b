import type { ResultAsync } from "neverthrow";
import type { RecordOutcome } from "../domain/answer.ts";
import type { CalendarDate } from "../domain/calendar-date.ts";
import type { ContributionWindow } from "../domain/contribution-window.ts";
import type { Versioned } from "../domain/decision.ts";
import type { Clock, Random } from "../domain/environment.ts";
import type { StorageFault, VersionConflict } from "../domain/fault.ts";
import type {
  AccountId,
  ConnectionId,
  InstallationId,
  Instant,
  LinkId,
  SessionId,
} from "../domain/identifiers.ts";
import type { DeletedLink } from "./link.ts";
import type { ChainedRequest, Registration } from "./registration.ts";

/** What becomes of a registration. */
export interface RegistrationCommit {
  /** The version that was loaded, or 0 for one that was never written. */
  readonly expectedVersion: number;
  readonly registration: Registration;
  /** Whether the links that its session never reported are deleted in the same commit (R9). */
  readonly deletesUnreported: boolean;
  readonly at: Instant;
}

/** The records of one request, as they were read; each link is named by at most one report. */
export interface Delivery extends ChainedRequest {
  readonly installation: InstallationId;
  readonly reports: readonly DeliveredReport[];
  readonly withdrawals: readonly LinkId[];
  readonly at: Instant;
}

/** One report of a request. */
export interface DeliveredReport {
  readonly linkId: LinkId;
  readonly window: ContributionWindow;
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
}

/** A consent: an account's owner lets an installation send. */
export interface Opening {
  readonly linkId: LinkId;
  readonly installation: InstallationId;
  readonly account: AccountId;
  /** The epoch under which the consent began. */
  readonly epoch: number;
  readonly at: Instant;
}

/** Whether a link was opened. */
export type OpeningResult =
  | { readonly type: "opened" }
  /** The installation is not registered, not connected or switched off. */
  | { readonly type: "disabled" }
  /** The consent began under another epoch. */
  | { readonly type: "outdated-consent" };

/** Which links are deleted (R10, R11). */
export type LinkSelection =
  | { readonly type: "account"; readonly account: AccountId }
  | {
      readonly type: "account-on-installation";
      readonly account: AccountId;
      readonly installation: InstallationId;
    }
  /** Those of these links that are this installation's. */
  | { readonly type: "links"; readonly linkIds: readonly LinkId[]; readonly installation: InstallationId };

/** What one installation reported of one account. */
export interface ShownWindow {
  readonly installation: InstallationId;
  readonly window: ContributionWindow;
  readonly receivedAt: Instant;
}

/** What a sweep removes, and how much of it in one go. */
export interface SweepQuery {
  /** Counts of days before this one are removed. */
  readonly keepFrom: CalendarDate;
  /** Receipts of links that were deleted before this instant are removed. */
  readonly keepReceiptsFrom: Instant;
  /** How many links to delete, trim or forget in one go, from 1 on. */
  readonly limit: number;
  readonly at: Instant;
}

/** What a sweep removed. */
export interface SweepResult {
  /** Links that a disabling or a newer epoch had ended, and that are deleted now. */
  readonly deleted: number;
  /** Links of which counts had aged out. */
  readonly trimmed: number;
  /** Receipts that were too old. */
  readonly forgotten: number;
  /** Whether nothing is left to do; false also where the limit was just reached. */
  readonly isDone: boolean;
}

/** What a restore dropped. */
export interface Recovery {
  /** Installations whose session is vacant now. */
  readonly installations: number;
  /** Links whose counts were dropped. */
  readonly links: number;
}

/**
 * Where the cloud keeps its copy. Every method is one atomic operation: it happens whole or, where it answers with a
 * fault or a conflict, not at all; what it has answered survives the process. Checks and writes of one method see the
 * same state, whatever else runs. Ids are in the order of their characters' codes, as `<` has it.
 * `receiverStoreContract` in `testing` checks these rules under their numbers.
 */
export interface ReceiverStore {
  /** RS1: a registration, or null where there is none. */
  loadRegistration(installation: InstallationId): ResultAsync<Versioned<Registration> | null, StorageFault>;

  /**
   * RS2: writes a registration if its version is still the expected one, else `version-conflict`; answers the new
   * version. RS3: with `deletesUnreported`, every live link for which `isUnreported` is deleted in the same commit.
   */
  commitRegistration(commit: RegistrationCommit): ResultAsync<number, StorageFault | VersionConflict>;

  /**
   * RS4: admits the request (`admit`) and applies its records: withdrawals (`applyWithdrawal`) in any case, then, if it
   * was admitted, reports (`applyReport`). A request that is admitted for the first time raises the registration's
   * version. Null where the installation is not registered or not connected; then nothing is applied.
   */
  applyDelivery(delivery: Delivery): ResultAsync<DeliveryResult | null, StorageFault>;

  /**
   * RS5: opens a link if the registration is open for its epoch, and in the same commit deletes every other live link
   * of the same installation and account (R6). An id that exists is a `storage-fault`.
   */
  openLink(opening: Opening): ResultAsync<OpeningResult, StorageFault>;

  /**
   * RS6: deletes every live link of the selection (R10, R11), in the order of their ids, each once. Links that are
   * deleted already stay as they are.
   */
  deleteLinks(selection: LinkSelection, at: Instant): ResultAsync<readonly DeletedLink[], StorageFault>;

  /**
   * RS7: what may be shown of an account: the windows of its live links whose registration is open for their epoch
   * (I1), in the order of the installations' ids. Nothing else, however long ago it ended without a sweep.
   */
  loadShown(account: AccountId): ResultAsync<readonly ShownWindow[], StorageFault>;

  /**
   * RS8: removes, up to the limit, what is not shown any more: deletes live links of epochs that have ended,
   * removes counts of days before `keepFrom`, and forgets receipts older than `keepReceiptsFrom`. A live link stays,
   * however silent its server: silence withdraws no consent.
   */
  sweep(query: SweepQuery): ResultAsync<SweepResult, StorageFault>;

  /**
   * RS9: drops every count that is kept to be shown, and vacates every session with this id, which raises its
   * registration's version (R11). Links stay live; receipts stay as they are.
   */
  recover(sessionId: SessionId): ResultAsync<Recovery, StorageFault>;
}

/**
 * A deletion that is about to be acknowledged, to be replayed when the receiver recovers (R11), on whichever side it
 * was asked for. It holds no count.
 */
export type LedgerEntry =
  | { readonly type: "account-deleted"; readonly account: AccountId; readonly at: Instant }
  | {
      readonly type: "authorization-revoked";
      readonly account: AccountId;
      readonly installation: InstallationId;
      readonly at: Instant;
    }
  | {
      readonly type: "installation-disconnected";
      readonly installation: InstallationId;
      /** The connection that ended, or null for the current one. */
      readonly connectionId: ConnectionId | null;
      readonly at: Instant;
    }
  | {
      readonly type: "installation-disabled";
      readonly installation: InstallationId;
      /** This epoch and all before it. */
      readonly epoch: number;
      readonly at: Instant;
    }
  | {
      readonly type: "links-withdrawn";
      readonly installation: InstallationId;
      readonly linkIds: readonly LinkId[];
      readonly at: Instant;
    };

/** Where deletions are written down, outside of the store and its backups (R11). */
export interface DeletionLedger {
  /**
   * L1: remembers an entry before the deletion itself is committed, so that none is ever missing. One too many does no
   * harm: it was asked for.
   */
  append(entry: LedgerEntry): ResultAsync<void, StorageFault>;

  /** L2: every entry since an instant, that one included, in the order they were appended. */
  entriesSince(at: Instant): ResultAsync<readonly LedgerEntry[], StorageFault>;
}

/** What a receiver is made of. */
export interface ReceiverOptions {
  readonly store: ReceiverStore;
  readonly ledger: DeletionLedger;
  readonly clock: Pick<Clock, "now">;
  readonly random: Pick<Random, "id">;
}
