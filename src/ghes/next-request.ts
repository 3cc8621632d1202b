import type { RequestId } from "../domain/identifiers.ts";
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
import { linkContextOf, type SenderSession, type ServerState } from "./server-state.ts";

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
  return server.switch.status === "on"
    ? plan(server, { ...envelope, type: "disable", epoch: server.switch.epoch })
    : plan(server, { ...envelope, type: "enable", after: server.switch.epoch });
}

/** Whether reports may leave: the feature is on and confirmed, and the session is this server's own. */
export function mayReport(server: ServerState): server is ServerState & { session: { status: "attached" } } {
  return server.session.status === "attached" && linkContextOf(server).epoch !== null;
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

/** The `complete` that ends a round, or null without a session of one's own (R9). Pure. */
export function planCompletion(
  server: ServerState,
  requestId: RequestId,
): PlannedRequest<CompleteMessage> | null {
  if (server.session.status !== "attached") return null;
  const { session, number } = nextNumber(server.session);
  return plan(
    { ...server, session },
    { version: PROTOCOL_VERSION, requestId, type: "complete", session: server.session.own, number },
  );
}

function nextNumber<Session extends SenderSession>(session: Session): { session: Session; number: number } {
  // Without a current session the number means nothing: only withdrawals are sent, and they count in any (R3).
  if (session.status !== "attached") return { session, number: 1 };
  const number = session.lastNumber + 1;
  return { session: { ...session, lastNumber: number }, number };
}

function plan<Planned extends Message>(server: ServerState, message: Planned): PlannedRequest<Planned> {
  return { server: { ...server, inFlight: message.requestId }, message };
}
