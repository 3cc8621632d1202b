import type { AnswerSummary, PortEvent } from "../domain/event.ts";
import type { StorageFault } from "../domain/fault.ts";
import type { InstallationId, Instant, InvalidIdentifier, RequestId } from "../domain/identifiers.ts";

/** A message of an installation was answered. */
interface MessageAnswered extends AnswerSummary {
  readonly type: "message-answered";
  /** The host's own id of the installation. */
  readonly installation: InstallationId;
  /** The random id of the request, which the sender's event has too, or null if the message was not understood. */
  readonly requestId: RequestId | null;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** A message got no answer. The fault says why. */
interface MessageFailed {
  readonly type: "message-failed";
  /** The host's own id of the installation, or null if the id is not valid. */
  readonly installation: InstallationId | null;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** Why, with what to do. */
  readonly fault: StorageFault | InvalidIdentifier;
}

/** A deletion is in the ledger, so that it may be acknowledged (R11). */
interface DeletionRecorded {
  readonly type: "deletion-recorded";
  /** The host's own id of the installation. */
  readonly installation: InstallationId;
  /** Whether it names links, or covers all links of an epoch and of the epochs before it. */
  readonly of: "links" | "epoch";
  /** How many links it names; 0 for an epoch. */
  readonly links: number;
  /** How long it took to record, in milliseconds. */
  readonly durationMs: number;
}

/** The store and the ledger agree again (R11). The event comes every minute, also if nothing was new. */
interface LedgerReconciled {
  readonly type: "ledger-reconciled";
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** How many entries the store had not read, or had lost. */
  readonly entries: number;
  /** How many entries were written to the ledger because it lacked them. */
  readonly recorded: number;
  /** How many installations were cut off. Each has an event of its own, too. */
  readonly cutOff: number;
}

/** The store and the ledger could not be made to agree. The receiver may show more than the ledger allows. */
interface ReconciliationFailed {
  readonly type: "reconciliation-failed";
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** Why, with what to do. */
  readonly fault: StorageFault;
}

/**
 * An installation was switched off because unread entries of the ledger were pruned. Its owner has to turn GitHub
 * Connect off and on.
 */
interface InstallationCutOff {
  readonly type: "installation-cut-off";
  /** The host's own id of the installation. */
  readonly installation: InstallationId;
}

/** A sweep has removed data that is no longer shown. */
interface Swept {
  readonly type: "swept";
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** How many links were removed because a disabling or a newer epoch had ended them. */
  readonly deleted: number;
  /** How many links lost counts that had aged out. */
  readonly trimmed: number;
  /** How many receipts and audit entries were too old, and how many attempts had expired. */
  readonly forgotten: number;
  /** Whether nothing is left to do. */
  readonly isDone: boolean;
}

/**
 * A sweep doubts its clock, because an earlier sweep told another time, and removes nothing for its age (R12). It trusts
 * a sweep an hour later that agrees. The first sweeps of a store have no earlier one, and are not reported.
 */
interface SweepDoubted {
  readonly type: "sweep-doubted";
  /** The time on the clock. */
  readonly at: Instant;
  /** When the last sweep ran whose clock was not in doubt, or 0 if none was. */
  readonly lastAt: Instant;
}

/**
 * An event that a receiver reports to the host's `onEvent`. It holds no count of contributions, no day, no account and
 * no link. A `cause` may hold anything.
 */
export type ReceiverEvent =
  | MessageAnswered
  | MessageFailed
  | DeletionRecorded
  | LedgerReconciled
  | ReconciliationFailed
  | InstallationCutOff
  | Swept
  | SweepDoubted
  | PortEvent;
