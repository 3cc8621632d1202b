import type { RecordRefusal } from "../../domain/answer.ts";
import type { Instant, LinkId, UserId } from "../../domain/identifiers.ts";
import type { DeletionReceipt, DisablingReceipt } from "../../domain/receipt.ts";
import type { PayloadRefusal } from "../payload.ts";
import type { SourceFault } from "../ports.ts";
import type { SyncFault } from "../server-state.ts";

/** What a sync does: everything, or only the deletions that wait for their receipts. */
export type SyncScope = "everything" | "deletions";

/** What a sync has done so far; given to the progress callback after every answer. */
export interface SyncProgress {
  /** How many requests were answered. */
  readonly requests: number;
  /** How many links' counts GitHub Enterprise Cloud has taken. */
  readonly kept: number;
  /** How many links were due but say what it already has, so that nothing was sent. */
  readonly unchanged: number;
  /** How many links it has deleted; their users have to reconnect. */
  readonly ended: number;
  /** How many links it does not know: they are asked for daily, and `attention` says so to their users. */
  readonly unknown: number;
  /** How many withdrawals it has acknowledged for the first time. */
  readonly withdrawn: number;
  /** How many withdrawals name a link that it does not know: that is no receipt, and they are repeated daily. */
  readonly notFound: number;
}

/** What became of a whole sync. */
export interface SyncReport extends SyncProgress {
  /** How it ended. */
  readonly outcome: SyncOutcome;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** The first receipts that came in this sync. */
  readonly receipts: readonly LinkReceipt[];
  /** The receipt for disabling, where it came in this sync, or null. */
  readonly disabling: DisablingReceipt | null;
  /** Whose counts could not be sent, and why: the first 1,000. They stay due. */
  readonly failures: readonly SyncFailure[];
  /** How many users' counts could not be sent, in all. */
  readonly failed: number;
  /** On how many days of all users together more than 65,535 contributions were sent as 65,535. */
  readonly saturatedDays: number;
  /** Whether another copy of this server holds the session: reports wait until the operator decides (S5). */
  readonly isContested: boolean;
  /** What ended the sync early, or null. */
  readonly fault: SyncFault | null;
  /** When the next sync is due; the hour's own phase, or the next attempt after a failure. Null without GitHub Connect. */
  readonly nextSyncAt: Instant | null;
}

/** How a sync ended. */
export type SyncOutcome =
  /** Everything that was due was answered. */
  | "completed"
  /** The rest was answered, but some users' counts could not be sent, or another copy holds the session. */
  | "incomplete"
  /** The receiver could not be reached, refused, or the storage failed: the next attempt is planned. */
  | "failed"
  /** The signal ended it. */
  | "aborted"
  /** GitHub Connect is off: there is nowhere to send to. */
  | "not-connected"
  /** Another process of this server runs a sync; where deletions were asked for, it looks for them before it ends. */
  | "busy";

/** Counts what one sync does, while it does it: what {@link SyncReport} tells in the end. */
export interface SyncTally {
  requests: number;
  kept: number;
  unchanged: number;
  ended: number;
  unknown: number;
  notFound: number;
  failed: number;
  saturatedDays: number;
  disabling: DisablingReceipt | null;
  readonly receipts: LinkReceipt[];
  failures: SyncFailure[];
}

/** The part of a tally that is told while the sync runs. */
export function progressOf(tally: SyncTally): SyncProgress {
  const { requests, kept, unchanged, ended, unknown, notFound, receipts } = tally;
  return { requests, kept, unchanged, ended, unknown, withdrawn: receipts.length, notFound };
}

/** A receipt, and which link it is for. */
export interface LinkReceipt {
  readonly linkId: LinkId;
  readonly receipt: DeletionReceipt;
}

/** Why one user's counts were not sent. */
export interface SyncFailure {
  readonly user: UserId;
  readonly reason: PayloadRefusal | SourceFault | RecordRefused;
}

/** The receiver has refused one user's record by name; it took the others. */
export interface RecordRefused {
  readonly type: "record-refused";
  readonly reason: RecordRefusal;
  /** What is wrong and what to do. */
  readonly message: string;
}
