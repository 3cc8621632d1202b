import { err, ok, type Result } from "neverthrow";
import type { CurrentSession } from "../domain/answer.ts";
import { type FeatureSwitch, NEVER_ENABLED, newerSwitch } from "../domain/feature-switch.ts";
import type { ConnectionId, InstallationId, Instant, RequestId, SessionId } from "../domain/identifiers.ts";
import type { AttachMessage } from "../domain/message.ts";
import type { DisablingReceipt } from "../domain/receipt.ts";

/** The current session of an installation. There is always one, so that a message can only replace what it names. */
export interface ReceiverSession {
  readonly id: SessionId;
  /** 1, 2, 3 … over the installation's life: says which of two sessions is the older. */
  readonly ordinal: number;
  /** The request that was answered with it, or null where no server holds it: the receiver made it at registration. */
  readonly attachedBy: RequestId | null;
  /** The last request that was admitted, at first the one it was attached by; null where no server holds it. */
  readonly lastRequestId: RequestId | null;
  /** Whether a sync was completed in it: the receiver has then hidden the links that were not reported in it (R9). */
  readonly isCompleted: boolean;
}

/** What the cloud knows of one GitHub Enterprise Server installation. */
export interface Registration {
  readonly installation: InstallationId;
  /** Whether GitHub Connect is on, as far as the cloud has heard; while it is off, nothing is shown. */
  readonly isConnected: boolean;
  /** The host's own id of the connection, or null where it gave none. */
  readonly connectionId: ConnectionId | null;
  readonly featureSwitch: FeatureSwitch;
  /** When the present epoch was switched off, or null while it is on or where it never was. */
  readonly disabledAt: Instant | null;
  readonly session: ReceiverSession;
  /** How far this store has read the installation's entries in the ledger, or null where it has read none. */
  readonly readTo: LedgerPlace | null;
  /** The highest epoch that the ledger, as far as it was read, has as off; 0 where it has none. */
  readonly recordedOff: number;
}

/** A place in an installation's entries of the ledger. */
export interface LedgerPlace {
  /** 1 for the installation's first entry, 2 for its second, and so on. */
  readonly position: number;
  /** The entry's random id: tells it from another that has the same position in a ledger that lost its last entries. */
  readonly entryId: string;
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

/** An installation of which nothing is stored: off, not connected, its session vacant. */
export function unconnected(installation: InstallationId, sessionId: SessionId): Registration {
  return {
    installation,
    isConnected: false,
    connectionId: null,
    featureSwitch: NEVER_ENABLED,
    disabledAt: null,
    session: vacantSession(sessionId, 1),
    readTo: null,
    recordedOff: 0,
  };
}

/**
 * Registers an installation whose owner has connected it; its session is vacant, for the server to take.
 *
 * Unchanged where it is connected already, unless by a connection of another id: then the cloud never heard of the end
 * of the earlier one (F12), and whatever that carried is over. One without an id takes this one: where a message has
 * registered what the cloud had forgotten, a host that says it again must not end everybody's consent.
 */
export function connect(
  before: Registration | null,
  installation: InstallationId,
  connectionId: ConnectionId | null,
  sessionId: SessionId,
  at: Instant,
): Registration {
  if (before?.isConnected && !endsConnection(before, connectionId)) {
    return before.connectionId === null && connectionId !== null ? { ...before, connectionId } : before;
  }
  if (!before) return { ...unconnected(installation, sessionId), isConnected: true, connectionId };
  const session = vacantSession(sessionId, before.session.ordinal + 1);
  return { ...disconnect(before, at), isConnected: true, connectionId, session };
}

/**
 * Registers an installation whose server was authenticated: the cloud has forgotten its connecting, or never heard of it.
 *
 * Unchanged where a connection stands whose id is known: a message may have waited since another connection, and ends none.
 *
 * @param connectionId the one whose credentials the message was sent with, or null where the host does not say
 */
export function registerByMessage(
  before: Registration | null,
  installation: InstallationId,
  connectionId: ConnectionId | null,
  sessionId: SessionId,
  at: Instant,
): Registration {
  if (before?.isConnected && before.connectionId !== null) return before;
  return connect(before, installation, connectionId, sessionId, at);
}

/** Whether a connection differs from the current one; one without an id, on either side, is taken for the same. */
export function endsConnection(before: Registration, connectionId: ConnectionId | null): boolean {
  const { isConnected, connectionId: current } = before;
  return isConnected && connectionId !== null && current !== null && current !== connectionId;
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
  if (!before.isConnected || endsConnection(before, connectionId)) return before;
  return { ...passEpoch(before, at), isConnected: false };
}

/** Switches off, and passes an epoch, so that an enabling that is still on its way finds its epoch past. */
export function passEpoch(before: Registration, at: Instant): Registration {
  const epoch = before.featureSwitch.epoch + 1;
  return { ...before, featureSwitch: { epoch, status: "off" }, disabledAt: at };
}

function vacantSession(id: SessionId, ordinal: number): ReceiverSession {
  return { id, ordinal, attachedBy: null, lastRequestId: null, isCompleted: false };
}

/** How far the epoch of an installation that was never enabled here may be: the receiver may have lost everything. */
const MAX_FIRST_EPOCH = 1_000;

/**
 * Whether an epoch is higher than any that can have been minted. The ledger has every epoch that ended, so that a
 * receiver that has read it can have forgotten one enabling, and no more; one that knows of no epoch, up to 1,000.
 */
export function isTooFar({ featureSwitch: { epoch: known } }: Registration, epoch: number): boolean {
  return epoch > (known === 0 ? MAX_FIRST_EPOCH : known + 1);
}

/**
 * R7: a new session only in place of the current one, by name; the same request again gets the same answer. The
 * sender's switch is taken where it is newer: then the receiver has forgotten it. Null: refused.
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
  if (epoch !== after || status === "on") return before;
  return { ...before, featureSwitch: { epoch: epoch + 1, status: "on" }, disabledAt: null };
}

/**
 * R4: switches off an epoch and all before it; never one of a later epoch. Of an epoch that is too far it takes as much
 * as can have been minted: a deletion is never refused. Where all of that is off, a server that asks for it every hour
 * changes nothing.
 */
export function disable(before: Registration, epoch: number, at: Instant): Registration {
  if (!isTooFar(before, epoch)) return switchOff(before, epoch, at);
  const { epoch: known, status } = before.featureSwitch;
  return status === "on" ? switchOff(before, known + 1, at) : before;
}

/** Switches off an epoch and all before it, on the word of the ledger. */
export function switchOff(before: Registration, epoch: number, at: Instant | null): Registration {
  return withSwitch(before, newerSwitch(before.featureSwitch, { epoch, status: "off" }), at);
}

/** The highest epoch that is over: none of its links is ever shown again. */
export function lastEpochOff({ featureSwitch: { epoch, status } }: Registration): number {
  return status === "off" ? epoch : epoch - 1;
}

/** Whether the ledger has every epoch that is over; nothing that depends on one of them is answered before. */
export function isRecorded(registration: Registration): boolean {
  return registration.recordedOff >= lastEpochOff(registration);
}

/** The receipt for an epoch that is off: of one that passed long ago it says when it was asked for. */
export function disablingReceipt(after: Registration, epoch: number, at: Instant): DisablingReceipt {
  const isPresent = epoch === after.featureSwitch.epoch;
  return { epoch, disabledAt: isPresent ? (after.disabledAt ?? at) : at };
}

function withSwitch(before: Registration, next: FeatureSwitch, at: Instant | null): Registration {
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

/** R9: the session's first completed sync; what was not reported in it by now is unknown to the server. */
export function complete(before: Registration): Registration {
  return before.session.isCompleted
    ? before
    : { ...before, session: { ...before.session, isCompleted: true } };
}
