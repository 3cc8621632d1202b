import type { AnswerSummary, PortEvent } from "../domain/event.ts";
import type { StorageFault } from "../domain/fault.ts";
import type { InstallationId, Instant, InvalidIdentifier, RequestId } from "../domain/identifiers.ts";

/** A message of an installation was answered. */
interface MessageAnswered extends AnswerSummary {
  readonly type: "message-answered";
  /** The host's own id of the installation. */
  readonly installation: InstallationId;
  /** The random id of the request, under which the sender tells of it too; null if the message was not understood. */
  readonly requestId: RequestId | null;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** A message got no answer: the fault says why. */
interface MessageFailed {
  readonly type: "message-failed";
  /** The installation, or null if its id is none. */
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
  /** Of links by name, or of all links of an epoch and of those before it. */
  readonly of: "links" | "epoch";
  /** How many links it names; 0 for an epoch. */
  readonly links: number;
  /** How long it took to record, in milliseconds. */
  readonly durationMs: number;
}

/** The store and the ledger agree again (R11). Told every minute, also if nothing was new. */
interface LedgerReconciled {
  readonly type: "ledger-reconciled";
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** How many entries the store had not read, or had lost. */
  readonly entries: number;
  /** How many entries were written that the ledger did not have. */
  readonly recorded: number;
  /** How many installations were cut off; each is told by itself, too. */
  readonly cutOff: number;
}

/** The store and the ledger could not be made to agree; what is shown may be older than the ledger by now. */
interface ReconciliationFailed {
  readonly type: "reconciliation-failed";
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** Why, with what to do. */
  readonly fault: StorageFault;
}

/**
 * An installation was switched off because entries of the ledger that the store had never read were pruned. Its owner has
 * to enable the feature again.
 */
interface InstallationCutOff {
  readonly type: "installation-cut-off";
  /** The host's own id of the installation. */
  readonly installation: InstallationId;
}

/** A sweep has removed what is not shown any more. */
interface Swept {
  readonly type: "swept";
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** How many links were removed that a disabling or a newer epoch had ended. */
  readonly deleted: number;
  /** Of how many links counts had aged out. */
  readonly trimmed: number;
  /** How many receipts were too old. */
  readonly forgotten: number;
  /** Whether nothing is left to do. */
  readonly isDone: boolean;
}

/** A sweep does not believe its clock, and removes nothing for its age (R12). One an hour later that agrees is believed. */
interface SweepDoubted {
  readonly type: "sweep-doubted";
  /** What the clock says. */
  readonly at: Instant;
  /** When the last sweep ran whose clock was not in doubt; 0 before the first. */
  readonly lastAt: Instant;
}

/**
 * What a receiver tells the host's `onEvent` of. It holds no count of contributions, no day, no account and no link. A
 * `cause` may hold anything.
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
