import type { AnswerSummary, PortEvent } from "../domain/event.ts";
import type { TransportFault } from "../domain/fault.ts";
import type { Instant, RequestId, SessionId, UserId } from "../domain/identifiers.ts";
import type { Message } from "../domain/message.ts";
import type { SyncFault } from "./server-state.ts";
import type { SyncFailure, SyncOutcome, SyncProgress, SyncScope } from "./sync/sync-report.ts";

/** A sync begins. Every beginning is followed by an end. */
interface SyncBegan {
  readonly type: "sync-began";
  /** The random id of the sync. */
  readonly syncId: RequestId;
  /** The scope: everything, or only the deletions that wait for their receipts. */
  readonly scope: SyncScope;
}

/** A sync has ended. */
interface SyncEnded extends SyncProgress {
  readonly type: "sync-ended";
  /** The random id of the sync. */
  readonly syncId: RequestId;
  /** The scope: everything, or only the deletions that wait for their receipts. */
  readonly scope: SyncScope;
  /** The way it ended. */
  readonly outcome: SyncOutcome;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** How many users' counts could not be sent. */
  readonly failed: number;
  /** Whether another copy of this server holds the session, so that reports wait for the operator (S5). */
  readonly isContested: boolean;
  /** The fault that ended it early, or null. */
  readonly fault: SyncFault | null;
  /** When the next sync is due. Null without GitHub Connect, or if the storage could not say. */
  readonly nextSyncAt: Instant | null;
}

/** The fields of every event of a request. */
interface OfRequest {
  /** The random id of the sync, or null for a user who connects, since connecting needs no sync. */
  readonly syncId: RequestId | null;
  /** The random id of the request. The receiver's events of it carry the same id. */
  readonly requestId: RequestId;
  /** The type of the message that the sender sent. */
  readonly message: Message["type"];
}

/** A request is about to leave. */
interface RequestSent extends OfRequest {
  readonly type: "request-sent";
  /** How many records it carries. */
  readonly records: number;
}

/**
 * The receiver answered a request, and the answer fits it. A server's first sync begins with an `attach-refused`, which
 * names the session that the server then replaces.
 */
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
  /** The reason, with what to do. */
  readonly fault: TransportFault;
  /** The value that the transport threw, left out if it threw nothing. It may hold anything. */
  readonly cause?: unknown;
}

/** One user's counts could not be sent, and the user stays due. The first 1,000 of a sync are told. */
interface UserNotSent {
  readonly type: "user-not-sent";
  /** The random id of the sync. */
  readonly syncId: RequestId;
  /** The host's own id of the user. */
  readonly user: UserId;
  /** The kind of failure, in a word. */
  readonly reason: SyncFailure["reason"]["type"];
  /** The source's own sentence, the field that is wrong, or the reason why the receiver refused the record. */
  readonly detail: string;
}

/** A deletion was decided on and stored. The sender asks for it until its receipt has come (S1). */
interface DeletionAsked {
  readonly type: "deletion-asked";
  /** The scope: one user's counts, or those of the whole server because an owner has disabled the feature. */
  readonly of: "link" | "server";
}

/** The receiver has acknowledged deletions for the first time. */
interface DeletionAcknowledged {
  readonly type: "deletion-acknowledged";
  /** The random id of the sync. */
  readonly syncId: RequestId;
  /** The scope: links, or the whole server because an owner has disabled the feature. */
  readonly of: "link" | "server";
  /** How many deletions: those of links, or 1 for the deletion of the server. */
  readonly deletions: number;
  /** How long the sender waited for the oldest of them, in milliseconds. */
  readonly waitedMs: number;
}

/** Another copy of this server holds the session. Reports wait until the operator decides (S5). */
interface SessionContested {
  readonly type: "session-contested";
  /** The random id of the sync. */
  readonly syncId: RequestId;
  /** The session of the other copy. */
  readonly current: SessionId;
}

/** GitHub Enterprise Cloud has switched the feature off (S6). */
interface DisabledByReceiver {
  readonly type: "disabled-by-receiver";
  /** The random id of the sync. */
  readonly syncId: RequestId;
  /** The epoch that has ended. */
  readonly epoch: number;
}

/**
 * An event that a sender tells the host's `onEvent`. It holds no count of contributions and no day. Of a person it
 * holds at most the host's own id, as `user`. A `cause` may hold anything.
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
