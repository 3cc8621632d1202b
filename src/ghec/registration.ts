import { err, ok, type Result } from "neverthrow";
import type { CurrentSession } from "../domain/answer.ts";
import { type FeatureSwitch, MAX_EPOCH, NEVER_ENABLED, newerSwitch } from "../domain/feature-switch.ts";
import type { ConnectionId, InstallationId, Instant, RequestId, SessionId } from "../domain/identifiers.ts";
import type { AttachMessage } from "../domain/message.ts";
import type { DisablingReceipt } from "../domain/receipt.ts";

/** The current session of an installation. There is always one, so that a message can only replace what it names. */
export interface ReceiverSession {
  readonly id: SessionId;
  /** 1, 2, 3 … over the installation's life: says which of two sessions is the older. */
  readonly ordinal: number;
  /** The request that was answered with it, or null where no server holds it: the receiver made it at registration or when it recovered. */
  readonly attachedBy: RequestId | null;
  /** The last request that was admitted, at first the one it was attached by; null where no server holds it. */
  readonly lastRequestId: RequestId | null;
  /** Whether a sync was completed in it: the receiver has then deleted the links that it never reported (R9). */
  readonly isCompleted: boolean;
}

/** What the cloud knows of one GitHub Enterprise Server installation. */
export interface Registration {
  readonly installation: InstallationId;
  /** Whether GitHub Connect is on; while it is off, nothing is answered and nothing is shown. */
  readonly isConnected: boolean;
  /** The host's own id of the connection, or null where it gave none. */
  readonly connectionId: ConnectionId | null;
  readonly featureSwitch: FeatureSwitch;
  /** When the present epoch was switched off, or null while it is on or where it never was. */
  readonly disabledAt: Instant | null;
  readonly session: ReceiverSession;
}

/** Whether links of this epoch may be shown and reported. */
export function isOpen(registration: Registration, epoch: number): boolean {
  const { isConnected, featureSwitch } = registration;
  return isConnected && featureSwitch.status === "on" && featureSwitch.epoch === epoch;
}

/** How an answer names the current session. */
export function currentSession({ session }: Registration): CurrentSession {
  return { id: session.id, isVacant: session.attachedBy === null };
}

/**
 * Registers an installation whose owner has connected it; its session is vacant, for the server to take.
 *
 * Unchanged where it is connected already, unless by a connection of another id: then the cloud never heard of the end
 * of the earlier one (F12), and whatever that carried is over.
 */
export function connect(
  before: Registration | null,
  installation: InstallationId,
  connectionId: ConnectionId | null,
  sessionId: SessionId,
  at: Instant,
): Registration {
  if (before?.isConnected && !endsConnection(before, connectionId)) return before;
  const disconnected = before
    ? disconnect(before, at)
    : { installation, featureSwitch: NEVER_ENABLED, disabledAt: null };
  const ordinal = (before?.session.ordinal ?? 0) + 1;
  return { ...disconnected, isConnected: true, connectionId, session: vacantSession(sessionId, ordinal) };
}

/** Whether a connection differs from the current one; one without an id is taken for the same. */
export function endsConnection(before: Registration, connectionId: ConnectionId | null): boolean {
  return before.isConnected && connectionId !== null && before.connectionId !== connectionId;
}

/**
 * GitHub Connect was turned off or its credentials revoked (R10): everything is off at once, without asking, since the
 * server may no longer be able to ask. An enabling that is still on its way finds its epoch past.
 *
 * @param connectionId the one that ended, where the host says which: then another one, made meanwhile, stays. A current one
 * without an id is taken for it: rather off than shown.
 */
export function disconnect(
  before: Registration,
  at: Instant,
  connectionId: ConnectionId | null = null,
): Registration {
  const isAnother = before.connectionId !== null && endsConnection(before, connectionId);
  if (!before.isConnected || isAnother) return before;
  const epoch = Math.min(before.featureSwitch.epoch + 1, MAX_EPOCH);
  return { ...before, isConnected: false, featureSwitch: { epoch, status: "off" }, disabledAt: at };
}

/** The receiver was restored from a backup (R11): whatever the session was, no server holds it any more. */
export function vacate(before: Registration, sessionId: SessionId): Registration {
  return { ...before, session: vacantSession(sessionId, before.session.ordinal + 1) };
}

function vacantSession(id: SessionId, ordinal: number): ReceiverSession {
  return { id, ordinal, attachedBy: null, lastRequestId: null, isCompleted: false };
}

/**
 * R7: a new session only in place of the current one, by name; the same request again gets the same answer. The
 * sender's switch is taken where it is newer: then the receiver was restored from a backup. Null: refused.
 */
export function attach(
  before: Registration,
  message: AttachMessage,
  id: SessionId,
  at: Instant,
): Registration | null {
  const { session } = before;
  if (session.attachedBy === message.requestId) return before;
  if (session.id !== message.replaces) return null;
  const { requestId } = message;
  const attached = {
    ...vacantSession(id, session.ordinal + 1),
    attachedBy: requestId,
    lastRequestId: requestId,
  };
  return {
    ...withSwitch(before, newerSwitch(before.featureSwitch, message.featureSwitch), at),
    session: attached,
  };
}

/**
 * R5: mints the epoch after the one named, only if that one is current and off; anything else changes nothing, and the
 * answer tells the current switch. A repetition finds its epoch past, so it needs no memory of its own.
 */
export function enable(before: Registration, after: number): Registration {
  const { epoch, status } = before.featureSwitch;
  if (epoch !== after || status === "on" || epoch === MAX_EPOCH) return before;
  return { ...before, featureSwitch: { epoch: epoch + 1, status: "on" }, disabledAt: null };
}

/** R4: switches off an epoch and all before it; never one of a later epoch. */
export function disable(before: Registration, epoch: number, at: Instant): Registration {
  return withSwitch(before, newerSwitch(before.featureSwitch, { epoch, status: "off" }), at);
}

/** The receipt for an epoch that is off: of one that passed long ago it says when it was asked for. */
export function disablingReceipt(after: Registration, epoch: number, at: Instant): DisablingReceipt {
  const isPresent = epoch === after.featureSwitch.epoch;
  return { epoch, disabledAt: isPresent ? (after.disabledAt ?? at) : at };
}

function withSwitch(before: Registration, next: FeatureSwitch, at: Instant): Registration {
  const { epoch, status } = before.featureSwitch;
  if (next.epoch === epoch && next.status === status) return before;
  return { ...before, featureSwitch: next, disabledAt: next.status === "off" ? at : null };
}

/** What a request in a session names. */
export interface ChainedRequest {
  readonly sessionId: SessionId | null;
  readonly requestId: RequestId;
  /** Which requests may be the last one that was admitted. */
  readonly follows: readonly RequestId[];
}

/** Whether a request is the next one of its session, or the last one over again. */
export interface Admission {
  readonly registration: Registration;
  readonly isRepeated: boolean;
}

/**
 * R8, N1: a request of the current session is admitted if it follows the last one that was, or if it is that very
 * request again. Anything else is detached.
 *
 * So the requests of a session are one chain. A server that was restored from a backup, or a copy of one, does not know
 * the ids that its other life sent, whatever was lost on the way, and finds out at its first request that arrives. A
 * bare number would not tell: after a lost request the other life's next one is higher too.
 */
export function admit(before: Registration, request: ChainedRequest): Result<Admission, "detached"> {
  const { session } = before;
  const last = session.lastRequestId;
  if (last === null || session.id !== request.sessionId) return err("detached");
  if (request.requestId === last) return ok({ registration: before, isRepeated: true });
  if (!request.follows.includes(last)) return err("detached");
  const next = { ...session, lastRequestId: request.requestId };
  return ok({ registration: { ...before, session: next }, isRepeated: false });
}

/** R9: the session's first completed sync; from now on there is nothing left in it that was never reported. */
export function complete(before: Registration): Registration {
  return before.session.isCompleted
    ? before
    : { ...before, session: { ...before.session, isCompleted: true } };
}
