import type { Answer, CurrentSession } from "../../domain/answer.ts";
import { type FeatureSwitch, newerSwitch } from "../../domain/feature-switch.ts";
import type { Instant, RequestId, SessionId } from "../../domain/identifiers.ts";
import type { DisablingReceipt } from "../../domain/receipt.ts";
import type { AuditEntry } from "../audit.ts";
import type { SenderSession, ServerState } from "../server-state.ts";
import { disabledSettings, type Enabled } from "../settings.ts";

/**
 * What an answer does to the server's state, or null where this life of the sender does not wait for it: a late answer
 * to an earlier life acknowledges nothing, receipts included (S3). Pure.
 */
export function applyAnswer(server: ServerState, answer: Answer, at: Instant): SwitchAdoption | null {
  if (server.inFlight === null || answer.requestId !== server.inFlight) return null;
  const answered: ServerState = { ...server, inFlight: null };
  if (answer.type === "rejected") return { server: answered, audit: null };
  return adoptSwitch(withAnswer(answered, answer), answer.featureSwitch, at);
}

function withAnswer(server: ServerState, answer: Exclude<Answer, { type: "rejected" }>): ServerState {
  switch (answer.type) {
    case "attached":
      return { ...server, session: attachedTo(answer.sessionId, answer.requestId) };
    case "attach-refused":
      return { ...server, session: detachedFrom(server.session, answer.current) };
    case "detached":
      // While an attach is under way the session that stands may be the one it was given: only its own answer can tell.
      return isAttaching(server.session)
        ? server
        : { ...server, session: detachedFrom(server.session, answer.current) };
    case "disabled":
      return withReceipt(server, answer.receipt);
    case "delivered":
    case "completed":
      return { ...server, session: withTaken(server.session, answer.requestId) };
    case "switched":
      return server;
  }
}

function attachedTo(own: SessionId, requestId: RequestId): SenderSession {
  return { status: "attached", sessionId: own, follows: [requestId] };
}

/** The receiver took this request: it, and no earlier one, is the last. */
function withTaken(session: SenderSession, requestId: RequestId): SenderSession {
  return session.status === "attached" ? attachedTo(session.sessionId, requestId) : session;
}

function isAttaching(session: SenderSession): boolean {
  return session.status === "detached" && session.requestId !== null;
}

/**
 * S5: a vacant session or one's own is replaced by a new one. Somebody else's is left alone, and the operator is told;
 * so two copies of a server never fight for ever.
 */
function detachedFrom(session: SenderSession, current: CurrentSession): SenderSession {
  return current.isVacant || current.id === session.sessionId
    ? { status: "detached", sessionId: session.sessionId, replaces: current.id, requestId: null }
    : { status: "contested", sessionId: session.sessionId, current: current.id };
}

function withReceipt(server: ServerState, receipt: DisablingReceipt): ServerState {
  const { disabling } = server;
  if (!disabling || disabling.receipt || receipt.epoch < disabling.epoch) return server;
  return { ...server, disabling: { ...disabling, receipt } };
}

/**
 * The operator's word that this server is the one to go on: it will ask for the session that another copy holds. Pure;
 * changes nothing where no other copy was met.
 */
export function takeOver(server: ServerState): ServerState {
  const { session } = server;
  if (session.status !== "contested") return server;
  return {
    ...server,
    session: { status: "detached", sessionId: session.sessionId, replaces: session.current, requestId: null },
  };
}

/** The state after hearing of the receiver's switch, and what to write in the audit log. */
export interface SwitchAdoption {
  readonly server: ServerState;
  readonly audit: AuditEntry | null;
}

/**
 * Adopts the receiver's switch where it is newer than what was believed (S6). Pure.
 *
 * | the owner wants          | and hears of                        | then                                           |
 * |--------------------------|-------------------------------------|------------------------------------------------|
 * | on, asked for            | an epoch after the one named, on    | it is this enabling's epoch                    |
 * | on, not asked for yet    | on                                  | it is an earlier enabling's: off is sent first |
 * | on, confirmed            | a later epoch, on                   | that is the epoch (another copy enabled)       |
 * | on, confirmed            | its epoch or a later one, off       | disabled on the cloud's side                   |
 * | off                      | on                                  | off is asked for, until its receipt            |
 *
 * A receiver that says less than was believed was restored from a backup. Where what it forgot is an off, it is told
 * again: otherwise an enabling that follows it could never fit.
 */
export function adoptSwitch(before: ServerState, heard: FeatureSwitch, at: Instant): SwitchAdoption {
  const adopted = newerSwitch(before.featureSwitch, heard);
  const heardOf = adopted === before.featureSwitch ? before : { ...before, featureSwitch: adopted };
  const server = isBehind(heard, adopted) ? askForOff(heardOf, adopted.epoch, at) : heardOf;
  const { settings } = server;
  switch (settings.status) {
    case "disconnected":
      return { server, audit: null };
    case "disabled":
      return { server: adopted.status === "on" ? askForOff(server, adopted.epoch, at) : server, audit: null };
    case "enabled":
      if (adopted.status === "on" && isConfirmation(settings, adopted.epoch)) {
        return { server: { ...server, settings: { ...settings, epoch: adopted.epoch } }, audit: null };
      }
      if (adopted.status === "off" && settings.epoch !== null && adopted.epoch >= settings.epoch) {
        return {
          server: { ...server, settings: disabledSettings(settings, at, null) },
          audit: { action: "unified_contributions.disable", actor: null, user: null, createdAt: at },
        };
      }
      return { server, audit: null };
  }
}

function isBehind(heard: FeatureSwitch, believed: FeatureSwitch): boolean {
  return believed.status === "off" && (heard.epoch < believed.epoch || heard.status === "on");
}

function isConfirmation({ epoch, askedAfter }: Enabled, heard: number): boolean {
  return epoch === null ? askedAfter !== null && heard > askedAfter : heard > epoch;
}

function askForOff(server: ServerState, epoch: number, at: Instant): ServerState {
  if (server.disabling && server.disabling.receipt === null && server.disabling.epoch >= epoch) return server;
  return { ...server, disabling: { epoch, requestedAt: at, receipt: null } };
}
