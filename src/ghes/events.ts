import type { AnswerSummary, PortEvent } from "../domain/event.ts";
import type { TransportFault } from "../domain/fault.ts";
import type { Instant, RequestId, SessionId, UserId } from "../domain/identifiers.ts";
import type { Message } from "../domain/message.ts";
import type { SyncFault } from "./server-state.ts";
import type { SyncFailure, SyncOutcome, SyncProgress, SyncScope } from "./sync/sync-report.ts";

/** A sync begins. Each has an end. */
interface SyncBegan {
  readonly type: "sync-began";
  /** The random id of the sync. */
  readonly syncId: RequestId;
  /** Everything, or only the deletions that wait for their receipts. */
  readonly scope: SyncScope;
}

/** A sync is over. */
interface SyncEnded extends SyncProgress {
  readonly type: "sync-ended";
  /** The random id of the sync. */
  readonly syncId: RequestId;
  /** Everything, or only the deletions that wait for their receipts. */
  readonly scope: SyncScope;
  /** How it ended. */
  readonly outcome: SyncOutcome;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** How many users' counts could not be sent. */
  readonly failed: number;
  /** Whether another copy of this server holds the session, so that reports wait for the operator (S5). */
  readonly isContested: boolean;
  /** What ended it early, or null. */
  readonly fault: SyncFault | null;
  /** When the next one is due; null without GitHub Connect, or if the storage could not say. */
  readonly nextSyncAt: Instant | null;
}

/** What every event of a request says. */
interface OfRequest {
  /** The random id of the sync, or null for a user who connects: that needs none. */
  readonly syncId: RequestId | null;
  /** The random id of the request, under which the receiver tells of it too. */
  readonly requestId: RequestId;
  /** The type of the message that was sent. */
  readonly message: Message["type"];
}

/** A request is about to leave. */
interface RequestSent extends OfRequest {
  readonly type: "request-sent";
  /** How many records it carries. */
  readonly records: number;
}

/** A request was answered, and the answer fits it. */
interface RequestAnswered extends OfRequest, AnswerSummary {
  readonly type: "request-answered";
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** A request got no answer, or one that makes no sense. The next attempt is planned (S8). */
interface RequestFailed extends OfRequest {
  readonly type: "request-failed";
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** Why, with what to do. */
  readonly fault: TransportFault;
  /** What the transport threw, left out if it threw nothing. It may hold anything. */
  readonly cause?: unknown;
}

/** One user's counts could not be sent; the user stays due. The first 1,000 of a sync are told. */
interface UserNotSent {
  readonly type: "user-not-sent";
  /** The random id of the sync. */
  readonly syncId: RequestId;
  /** The host's own id of the user. */
  readonly user: UserId;
  /** Why, in a word. */
  readonly reason: SyncFailure["reason"]["type"];
  /** The source's own sentence, the field that is wrong, or why the receiver refused the record. */
  readonly detail: string;
}

/** A deletion was decided on and is stored: it is asked for until its receipt has come (S1). */
interface DeletionAsked {
  readonly type: "deletion-asked";
  /** One user's counts, or those of the whole server because an owner has disabled the feature. */
  readonly of: "link" | "server";
}

/** The receiver has acknowledged deletions for the first time. */
interface DeletionAcknowledged {
  readonly type: "deletion-acknowledged";
  /** The random id of the sync. */
  readonly syncId: RequestId;
  /** Of links, or of the whole server because an owner has disabled the feature. */
  readonly of: "link" | "server";
  /** How many deletions: of links, or the one of the server. */
  readonly deletions: number;
  /** How long the oldest of them was waited for, in milliseconds. */
  readonly waitedMs: number;
}

/** Another copy of this server holds the session: reports wait until the operator decides (S5). */
interface SessionContested {
  readonly type: "session-contested";
  /** The random id of the sync. */
  readonly syncId: RequestId;
  /** The session of the other copy. */
  readonly current: SessionId;
}

/** The feature was switched off on the cloud's side (S6). */
interface DisabledByReceiver {
  readonly type: "disabled-by-receiver";
  /** The random id of the sync. */
  readonly syncId: RequestId;
  /** The epoch that is over. */
  readonly epoch: number;
}

/**
 * What a sender tells the host's `onEvent` of. It holds no count of contributions and no day; of a person at most the host's
 * own id, as `user`. A `cause` may hold anything.
 */
export type SenderEvent =
  | SyncBegan
  | SyncEnded
  | RequestSent
  | RequestAnswered
  | RequestFailed
  | UserNotSent
  | DeletionAsked
  | DeletionAcknowledged
  | SessionContested
  | DisabledByReceiver
  | PortEvent;
