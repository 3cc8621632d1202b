import { err, ok, type Result } from "neverthrow";
import type { CurrentSession } from "../domain/answer.ts";
import { type FeatureSwitch, NEVER_ENABLED, newerSwitch } from "../domain/feature-switch.ts";
import type { ConnectionId, InstallationId, Instant, RequestId, SessionId } from "../domain/identifiers.ts";
import type { LedgerPlace } from "../domain/ledger-place.ts";
import type { AttachMessage } from "../domain/message.ts";
import type { DisablingReceipt } from "../domain/receipt.ts";

/**
 * The current session of an installation. There is always one, so that a message can replace only a session that it
 * names.
 */
export interface ReceiverSession {
  readonly id: SessionId;
  /** 1, 2, 3 … over the installation's life. It tells which of two sessions is the older. */
  readonly ordinal: number;
  /** The request that attached it, or null if no server holds it: the receiver made it at registration. */
  readonly attachedBy: RequestId | null;
  /** The last admitted request, at first the one that attached it; null if no server holds it. */
  readonly lastRequestId: RequestId | null;
  /** Whether a sync was completed in it. The receiver has then hidden the links that were not reported in it (R9). */
  readonly isCompleted: boolean;
}

/** The state of one GitHub Enterprise Server installation, as the cloud knows it. */
export interface Registration {
  readonly installation: InstallationId;
  /** Whether GitHub Connect is on, as far as the cloud has heard. While it is off, nothing is shown. */
  readonly isConnected: boolean;
  /** The host's own id of the connection, or null if the host gave none. */
  readonly connectionId: ConnectionId | null;
  readonly featureSwitch: FeatureSwitch;
  /** When the present epoch was switched off, or null while it is on, or if it never was on. */
  readonly disabledAt: Instant | null;
  readonly session: ReceiverSession;
  /** The last entry of the installation that this store has read in the ledger, or null if it has read none. */
  readonly readTo: LedgerPlace | null;
  /** The highest epoch that is off in the ledger, as far as it was read; 0 if there is none. */
  readonly recordedOff: number;
}

/** Whether links of this epoch may be shown and reported. */
export function isOpen(registration: Registration, epoch: number): boolean {
  const { isConnected, featureSwitch } = registration;
  return isConnected && featureSwitch.status === "on" && featureSwitch.epoch === epoch;
}

/** Returns the current session in the form of an answer. */
export function currentSession({ session }: Registration): CurrentSession {
  return { id: session.id, isVacant: session.attachedBy === null };
}

/** Returns the registration of an unknown installation: off and not connected, with a vacant session. */
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
 * Registers an installation whose owner has connected it. Its session is vacant, for the server to take.
 *
 * A connected installation stays unchanged, except under a connection of another id. Then the cloud never heard of the
 * end of the earlier one, and everything that it carried is over (F12).
 *
 * A current connection without an id takes this id. A message may have registered a forgotten connection, and the
 * host's repetition must not end every consent.
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
 * Registers an installation whose server was authenticated. The cloud has forgotten its connecting, or never heard of
 * it.
 *
 * A connection with a known id stays unchanged. The message may be older than that connection, so it ends none.
 *
 * @param connectionId the one whose credentials authenticated the message, or null if the host does not name it
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

/**
 * Whether a connection differs from the current one. A connection without an id, on either side, counts as the same.
 */
export function endsConnection(before: Registration, connectionId: ConnectionId | null): boolean {
  const { isConnected, connectionId: current } = before;
  return isConnected && connectionId !== null && current !== null && current !== connectionId;
}

/**
 * Ends a connection: GitHub Connect was turned off or its credentials revoked (R10).
 *
 * Everything is off at once, without a request of the server, which may no longer be able to send one. A late enabling
 * finds its epoch past.
 *
 * @param connectionId the one that ended, if the host names it: a newer one then stays. A current one without an id
 * ends with it, because to hide is safer than to show.
 */
export function disconnect(
  before: Registration,
  at: Instant,
  connectionId: ConnectionId | null = null,
): Registration {
  if (!before.isConnected || endsConnection(before, connectionId)) return before;
  return { ...passEpoch(before, at), isConnected: false };
}

/** Switches off, and passes an epoch, so that a late enabling finds its epoch past. */
export function passEpoch(before: Registration, at: Instant): Registration {
  const epoch = before.featureSwitch.epoch + 1;
  return { ...before, featureSwitch: { epoch, status: "off" }, disabledAt: at };
}

function vacantSession(id: SessionId, ordinal: number): ReceiverSession {
  return { id, ordinal, attachedBy: null, lastRequestId: null, isCompleted: false };
}

/**
 * The highest first epoch of an installation that was never enabled here. The receiver may have lost all of its data.
 */
const MAX_FIRST_EPOCH = 1_000;

/**
 * Whether an epoch is higher than any that can have been minted.
 *
 * The ledger has every epoch that ended, so a receiver that has read it can have forgotten one enabling at most. A
 * receiver that knows of no epoch accepts up to 1,000.
 */
export function isTooFar({ featureSwitch: { epoch: known } }: Registration, epoch: number): boolean {
  return epoch > (known === 0 ? MAX_FIRST_EPOCH : known + 1);
}

/**
 * R7: returns the registration with a new session in place of the current one, if the message names that. Else null:
 * refused.
 *
 * A repeated request gets the same answer. The sender's switch counts if it is newer: then the receiver has forgotten
 * it.
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
 * R5: mints the epoch after the named one, only if the named one is current and off. Any other request changes nothing,
 * and the answer holds the current switch. A repetition finds its epoch past, so it needs no memory. An epoch that is
 * too far is rejected before, because this receiver could never mint the one after it.
 */
export function enable(before: Registration, after: number): Registration {
  const { epoch, status } = before.featureSwitch;
  if (epoch !== after || status === "on") return before;
  return { ...before, featureSwitch: { epoch: epoch + 1, status: "on" }, disabledAt: null };
}

/**
 * R4: switches off an epoch and all earlier ones, and never a later one.
 *
 * If the epoch is too far, it switches off every epoch that can have been minted: a deletion is never refused. If all
 * of them are off, a server that asks every hour changes nothing.
 */
export function disable(before: Registration, epoch: number, at: Instant): Registration {
  if (!isTooFar(before, epoch)) return switchOff(before, epoch, at);
  const { epoch: known, status } = before.featureSwitch;
  return status === "on" ? switchOff(before, known + 1, at) : before;
}

/** Switches off an epoch and all earlier ones, on the word of the ledger. */
export function switchOff(before: Registration, epoch: number, at: Instant | null): Registration {
  return withSwitch(before, newerSwitch(before.featureSwitch, { epoch, status: "off" }), at);
}

/** Returns the highest epoch that is over. None of its links is ever shown again. */
export function lastEpochOff({ featureSwitch: { epoch, status } }: Registration): number {
  return status === "off" ? epoch : epoch - 1;
}

/** Whether the ledger has every epoch that is over. The receiver answers nothing that depends on one of them before. */
export function isRecorded(registration: Registration): boolean {
  return registration.recordedOff >= lastEpochOff(registration);
}

/** Returns the receipt for an epoch that is off. For an epoch that passed long ago it holds the time of the request. */
export function disablingReceipt(after: Registration, epoch: number, at: Instant): DisablingReceipt {
  const isPresent = epoch === after.featureSwitch.epoch;
  return { epoch, disabledAt: isPresent ? (after.disabledAt ?? at) : at };
}

function withSwitch(before: Registration, next: FeatureSwitch, at: Instant | null): Registration {
  const { epoch, status } = before.featureSwitch;
  if (next.epoch === epoch && next.status === status) return before;
  return { ...before, featureSwitch: next, disabledAt: next.status === "off" ? at : null };
}

/** The ids in a request of a session. */
export interface ChainedRequest {
  readonly sessionId: SessionId | null;
  readonly requestId: RequestId;
  /** The requests of which one has to be the last admitted one. */
  readonly follows: readonly RequestId[];
}

/** The admission of a request: it is the next one of its session, or the last one over again. */
export interface Admission {
  readonly registration: Registration;
  readonly isRepeated: boolean;
}

/**
 * R8, N1: admits a request of the current session if it follows the last admitted one, or is that very request again.
 * Any other request is detached.
 *
 * So the requests of a session are one chain. A server that was restored from a backup, or a copy of one, does not know
 * the ids that its other life sent. It finds out at its first request that arrives, whatever was lost on the way. A
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

/** R9: completes the session's first sync. The server does not know the links that were not reported in it by now. */
export function complete(before: Registration): Registration {
  return before.session.isCompleted
    ? before
    : { ...before, session: { ...before.session, isCompleted: true } };
}
