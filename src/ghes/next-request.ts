import type { RequestId, SessionId } from "../domain/identifiers.ts";
import {
  type AttachMessage,
  type CompleteMessage,
  type DeliverMessage,
  type DeliveryRecord,
  type DisableMessage,
  type EnableMessage,
  type Message,
  PROTOCOL_VERSION,
} from "../domain/message.ts";
import { lastEpochOf, linkContextOf, type SenderSession, type ServerState } from "./server-state.ts";

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
  const { settings, session } = server;
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
        switch: server.switch,
      },
    );
  }
  if (settings.epoch !== null) return null;
  const { epoch, status } = server.switch;
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
  readonly connection: number;
  readonly epoch: number;
  readonly session: SessionId;
}

/** Under what reports may leave, or null: the feature has to be on and confirmed, and the session this server's own. */
export function reportingScope(server: ServerState): ReportingScope | null {
  const { connection, epoch } = linkContextOf(server);
  if (server.session.status !== "attached" || connection === null || epoch === null) return null;
  return { connection, epoch, session: server.session.own };
}

/** A `deliver` with a number of its own (S4, N2). Pure. */
export function planDelivery(
  server: ServerState,
  requestId: RequestId,
  records: readonly DeliveryRecord[],
): PlannedRequest<DeliverMessage> {
  const { session, number } = nextNumber(server.session);
  return plan(
    { ...server, session },
    { version: PROTOCOL_VERSION, requestId, type: "deliver", session: session.own, number, records },
  );
}

/** The `complete` that ends a round, or null where reports may not leave any more (R9). Pure. */
export function planCompletion(
  server: ServerState,
  requestId: RequestId,
): PlannedRequest<CompleteMessage> | null {
  const scope = reportingScope(server);
  if (!scope) return null;
  const { session, number } = nextNumber(server.session);
  return plan(
    { ...server, session },
    { version: PROTOCOL_VERSION, requestId, type: "complete", session: scope.session, number },
  );
}

function nextNumber(session: SenderSession): { session: SenderSession; number: number } {
  // Without a current session the number means nothing: only withdrawals are sent, and they count in any (R3).
  if (session.status !== "attached") return { session, number: 1 };
  const number = session.lastNumber + 1;
  return { session: { ...session, lastNumber: number }, number };
}

function plan<Planned extends Message>(server: ServerState, message: Planned): PlannedRequest<Planned> {
  return { server: { ...server, inFlight: message.requestId }, message };
}
