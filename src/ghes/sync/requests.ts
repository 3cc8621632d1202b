import type { ContributionPayload } from "../../domain/contribution-payload.ts";
import type { LinkId, RequestId, SessionId } from "../../domain/identifiers.ts";
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
 * The message that has to be answered before any report makes sense, or null. Pure.
 *
 * Deletion first; then, if the owner wants it on, the session and the enabling. None of them waits in a queue: what
 * is said follows from what the owner wants and what was last heard.
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
  // Every enabling is an epoch of its own: one that is on is an earlier one's.
  if (status === "on") return plan(server, { ...envelope, type: "disable", epoch });
  return plan(
    { ...server, settings: { ...settings, askedAfter: epoch } },
    { ...envelope, type: "enable", after: epoch },
  );
}

/**
 * Asks how the switch stands while the owner wants it off, or null. Pure; `disable` of an epoch that is over changes
 * nothing, and its answer says so. Without it a server that was restored to a time before it was enabled would say
 * nothing and never hear that the receiver still shows its counts.
 */
export function planSwitchCheck(
  server: ServerState,
  requestId: RequestId,
): PlannedRequest<DisableMessage> | null {
  if (server.settings.status !== "disabled") return null;
  return plan(server, { version: PROTOCOL_VERSION, requestId, type: "disable", epoch: lastEpochOf(server) });
}

/** Under what reports leave. */
export interface ReportingScope {
  readonly connectionOrdinal: number;
  readonly epoch: number;
  readonly sessionId: SessionId;
  /** Whether the session's first `complete` was answered. */
  readonly isCompleted: boolean;
}

/** Under what reports may leave, or null: the feature has to be on and confirmed, and the session this server's own. */
export function reportingScope(server: ServerState): ReportingScope | null {
  const { connectionOrdinal, epoch } = linkContextOf(server);
  if (server.session.status !== "attached" || isGivenUp(server.session)) return null;
  if (connectionOrdinal === null || epoch === null) return null;
  const { sessionId, isCompleted } = server.session;
  return { connectionOrdinal, epoch, sessionId, isCompleted };
}

/** The record that reports a link's counts. Written field by field: nothing else of a payload leaves. Pure. */
export function reportOf(linkId: LinkId, { source, first, counts }: ContributionPayload): ReportRecord {
  return { type: "report", linkId, source, first, counts };
}

/** A `deliver` that follows what may have been taken last (S4, N2). Pure. */
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

/** The `complete` that ends a sync, or null where reports may not leave any more (R9). Pure. */
export function planCompletion(
  server: ServerState,
  requestId: RequestId,
): PlannedRequest<CompleteMessage> | null {
  const scope = reportingScope(server);
  if (!scope) return null;
  const { session, follows } = nextInChain(server.session, requestId);
  return plan(
    { ...server, session },
    { version: PROTOCOL_VERSION, requestId, type: "complete", sessionId: scope.sessionId, follows },
  );
}

/** After so many requests in a row without an answer a session is given up, for a new one in its place. */
const MAX_UNANSWERED = 32;

function isGivenUp(session: SenderSession): boolean {
  return session.status === "attached" && session.follows.length > MAX_UNANSWERED;
}

/** A session that was given up is one's own to replace (S5). */
function givenUp(session: SenderSession): SenderSession {
  if (session.status !== "attached" || !isGivenUp(session)) return session;
  return { status: "detached", replaces: session.sessionId, requestId: null };
}

function nextInChain(
  session: SenderSession,
  requestId: RequestId,
): { session: SenderSession; sessionId: SessionId | null; follows: readonly RequestId[] } {
  // Outside of a session only withdrawals are sent, and they count in any (R3).
  if (session.status !== "attached" || isGivenUp(session)) return { session, sessionId: null, follows: [] };
  const { sessionId, follows } = session;
  return { session: { ...session, follows: [...follows, requestId] }, sessionId, follows };
}

function plan<Planned extends Message>(server: ServerState, message: Planned): PlannedRequest<Planned> {
  return { server: { ...server, inFlight: message.requestId }, message };
}
