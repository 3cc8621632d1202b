import type { RecordRefusal } from "../../domain/answer.ts";
import type { Instant, LinkId, UserId } from "../../domain/identifiers.ts";
import type { DeletionReceipt, DisablingReceipt } from "../../domain/receipt.ts";
import type { PayloadRefusal } from "../payload.ts";
import type { SourceFault } from "../ports.ts";
import type { SyncFault } from "../server-state.ts";

/** The scope of a sync: everything, or only the deletions that wait for their receipts. */
export type SyncScope = "everything" | "deletions";

/** The progress of a sync so far. The progress callback receives it after every answer. */
export interface SyncProgress {
  /** How many requests were answered. */
  readonly requests: number;
  /** How many links' counts GitHub Enterprise Cloud has taken. */
  readonly kept: number;
  /** How many links were due although GitHub Enterprise Cloud already has their counts, so that nothing was sent. */
  readonly unchanged: number;
  /**
   * How many links have ended on GitHub Enterprise Cloud. Their users have to reconnect. If this server has only
   * forgotten that a user opted out, the user has to opt in again.
   */
  readonly ended: number;
  /**
   * How many links GitHub Enterprise Cloud does not know. The sender asks for them daily, and `attention` tells their
   * users.
   */
  readonly unknown: number;
  /** How many withdrawals GitHub Enterprise Cloud has acknowledged for the first time. */
  readonly withdrawn: number;
  /**
   * How many withdrawals name a link that GitHub Enterprise Cloud does not know. That is not a receipt, and the
   * sender repeats them daily.
   */
  readonly notFound: number;
}

/** The outcome of a whole sync. */
export interface SyncReport extends SyncProgress {
  /** The way it ended. */
  readonly outcome: SyncOutcome;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** The first receipts that came in this sync. */
  readonly receipts: readonly LinkReceipt[];
  /** The receipt for disabling if it came in this sync, or null. */
  readonly disabling: DisablingReceipt | null;
  /** The users whose counts could not be sent, and why: the first 1,000. They stay due. */
  readonly failures: readonly SyncFailure[];
  /** How many users' counts could not be sent, in all. */
  readonly failed: number;
  /** How many days of all users together had more than 65,535 contributions, which were sent as 65,535. */
  readonly saturatedDays: number;
  /** Whether another copy of this server holds the session. Reports then wait until the operator decides (S5). */
  readonly isContested: boolean;
  /** The fault that ended the sync early, or null. */
  readonly fault: SyncFault | null;
  /**
   * When the next sync is due: at the hour's own phase, or at the next attempt after a failure. Null without GitHub
   * Connect.
   */
  readonly nextSyncAt: Instant | null;
}

/** The ways in which a sync can end. */
export type SyncOutcome =
  /** Everything that was due was answered. */
  | "completed"
  /** The rest was answered, but some users' counts could not be sent, or another copy holds the session. */
  | "incomplete"
  /** The receiver could not be reached, the receiver refused, or the storage failed. The next attempt is planned. */
  | "failed"
  /** The signal ended it. */
  | "aborted"
  /** GitHub Connect is off, so the counts have no destination. */
  | "not-connected"
  /** Another process of this server runs a sync. If deletions were asked for, it looks for them before it ends. */
  | "busy";

/** The counters of one sync while it runs, from which {@link SyncReport} is made. */
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

/** Returns the part of a tally that the sender tells while the sync runs. */
export function progressOf(tally: SyncTally): SyncProgress {
  const { requests, kept, unchanged, ended, unknown, notFound, receipts } = tally;
  return { requests, kept, unchanged, ended, unknown, withdrawn: receipts.length, notFound };
}

/** A receipt, and the link that it is for. */
export interface LinkReceipt {
  readonly linkId: LinkId;
  readonly receipt: DeletionReceipt;
}

/** A user whose counts were not sent, and the reason. */
export interface SyncFailure {
  readonly user: UserId;
  readonly reason: PayloadRefusal | SourceFault | RecordRefused;
}

/** The receiver has refused one user's record by name. It took the others. */
export interface RecordRefused {
  readonly type: "record-refused";
  readonly reason: RecordRefusal;
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}
