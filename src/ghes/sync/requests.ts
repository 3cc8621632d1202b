import type { ContributionPayload } from "../../domain/contribution-payload.ts";
import type { RequestId, SessionId } from "../../domain/identifiers.ts";
import {
  type AttachMessage,
  type CompleteMessage,
  type DeliverMessage,
  type DeliveryRecord,
  type DisableMessage,
  type EnableMessage,
  type Message,
  PROTOCOL_VERSION,
  type ReportRecord,
} from "../../domain/message.ts";
import { lastEpochOf, linkContextOf, type SenderSession, type ServerState } from "../server-state.ts";

/** A message, and the state to store before it leaves. */
export interface PlannedRequest<Planned extends Message> {
  readonly server: ServerState;
  readonly message: Planned;
}

/**
 * Returns the message that the receiver has to answer before any report makes sense, or null. It is pure.
 *
 * Deletion comes first. If the owner wants the feature on, the session and the enabling follow. None of the messages
 * waits in a queue: each follows from what the owner wants and what the sender last heard.
 */
export function nextControlRequest(
  server: ServerState,
  requestId: RequestId,
): PlannedRequest<DisableMessage | AttachMessage | EnableMessage> | null {
  const { settings } = server;
  const session = givenUp(server.session);
  if (settings.status === "disconnected") return null;
  const envelope = { version: PROTOCOL_VERSION, requestId } as const;
  if (server.disabling && server.disabling.receipt === null) {
    return plan(server, { ...envelope, type: "disable", epoch: server.disabling.epoch });
  }
  if (settings.status !== "enabled") return null;
  if (session.status === "detached") {
    const attaching = { ...session, requestId: session.requestId ?? requestId };
    return plan(
      { ...server, session: attaching },
      {
        version: PROTOCOL_VERSION,
        requestId: attaching.requestId,
        type: "attach",
        replaces: session.replaces,
        featureSwitch: server.featureSwitch,
      },
    );
  }
  if (settings.epoch !== null) return null;
  const { epoch, status } = server.featureSwitch;
  // Every enabling has an epoch of its own, so an epoch that is on belongs to an earlier enabling.
  if (status === "on") return plan(server, { ...envelope, type: "disable", epoch });
  return plan(
    { ...server, settings: { ...settings, askedAfter: epoch } },
    { ...envelope, type: "enable", after: epoch },
  );
}

/**
 * Returns a request that asks for the state of the switch while the owner wants it off, or null. It is pure. A
 * `disable` of an epoch that has ended changes nothing, and its answer tells the switch. A server that was restored
 * to a time before the enabling needs this. Otherwise it would send nothing, and never hear that the receiver still
 * shows its counts.
 */
export function planSwitchCheck(
  server: ServerState,
  requestId: RequestId,
): PlannedRequest<DisableMessage> | null {
  if (server.settings.status !== "disabled") return null;
  return plan(server, { version: PROTOCOL_VERSION, requestId, type: "disable", epoch: lastEpochOf(server) });
}

/** The scope under which reports leave. */
export interface ReportingScope {
  readonly connectionOrdinal: number;
  readonly epoch: number;
  readonly sessionId: SessionId;
  /** Whether the session's first `complete` was answered. */
  readonly isCompleted: boolean;
}

/**
 * Returns the scope under which reports may leave, or null. The feature has to be on and confirmed, and the session
 * has to be this server's own.
 */
export function reportingScope(server: ServerState): ReportingScope | null {
  const { connectionOrdinal, epoch } = linkContextOf(server);
  if (server.session.status !== "attached" || isGivenUp(server.session)) return null;
  if (connectionOrdinal === null || epoch === null) return null;
  const { sessionId, isCompleted } = server.session;
  return { connectionOrdinal, epoch, sessionId, isCompleted };
}

/**
 * Returns the record that reports a link's counts. It is written field by field, so nothing else of a payload leaves.
 * It is pure.
 */
export function reportOf(
  { linkId, choice }: Pick<ReportRecord, "linkId" | "choice">,
  { source, first, counts }: ContributionPayload,
): ReportRecord {
  return { type: "report", linkId, choice, source, first, counts };
}

/** Returns a `deliver` that follows the requests that the receiver may have taken last (S4, N2). It is pure. */
export function planDelivery(
  server: ServerState,
  requestId: RequestId,
  records: readonly DeliveryRecord[],
): PlannedRequest<DeliverMessage> {
  const { session, sessionId, follows } = nextInChain(server.session, requestId);
  return plan(
    { ...server, session },
    { version: PROTOCOL_VERSION, requestId, type: "deliver", sessionId, follows, records },
  );
}

/** Returns the `complete` that ends a sync, or null if reports may no longer leave (R9). It is pure. */
export function planCompletion(
  server: ServerState,
  requestId: RequestId,
): PlannedRequest<CompleteMessage> | null {
  const scope = reportingScope(server);
  if (!scope) return null;
  const { session, follows } = nextInChain(server.session, requestId);
  return plan(
    { ...server, session },
    {
      ...{ version: PROTOCOL_VERSION, requestId, type: "complete" },
      ...{ sessionId: scope.sessionId, follows, heardTo: server.heardTo },
    },
  );
}

/**
 * How many requests in a row may go without an answer. After that the sender gives up the session and asks for a new
 * one.
 */
const MAX_UNANSWERED = 32;

function isGivenUp(session: SenderSession): boolean {
  return session.status === "attached" && session.follows.length > MAX_UNANSWERED;
}

/** Returns the session, or the state that asks for a new one if the sender has given the session up (S5). */
function givenUp(session: SenderSession): SenderSession {
  if (session.status !== "attached" || !isGivenUp(session)) return session;
  return { status: "detached", replaces: session.sessionId, requestId: null };
}

function nextInChain(
  session: SenderSession,
  requestId: RequestId,
): { session: SenderSession; sessionId: SessionId | null; follows: readonly RequestId[] } {
  // Outside of a session only withdrawals are sent, and they count in any session (R3).
  if (session.status !== "attached" || isGivenUp(session)) return { session, sessionId: null, follows: [] };
  const { sessionId, follows } = session;
  return { session: { ...session, follows: [...follows, requestId] }, sessionId, follows };
}

function plan<Planned extends Message>(server: ServerState, message: Planned): PlannedRequest<Planned> {
  return { server: { ...server, inFlight: message.requestId }, message };
}
