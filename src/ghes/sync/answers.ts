import type {
  Answer,
  AttachedAnswer,
  CompletedAnswer,
  CurrentSession,
  DeliveredAnswer,
  RejectedAnswer,
} from "../../domain/answer.ts";
import { type FeatureSwitch, newerSwitch } from "../../domain/feature-switch.ts";
import type { Instant, SessionId } from "../../domain/identifiers.ts";
import { type DisablingReceipt, disablingAfter } from "../../domain/receipt.ts";
import type { AuditEntry } from "../audit.ts";
import type { SenderSession, ServerState } from "../server-state.ts";
import { disabledSettings, type Enabled } from "../settings.ts";

type UnderstoodAnswer = Exclude<Answer, RejectedAnswer>;

/**
 * Returns the server's state after an answer, or null if this life of the sender does not wait for it. A late answer
 * to an earlier life acknowledges nothing, and its receipts do not count (S3). It is pure.
 */
export function applyAnswer(server: ServerState, answer: Answer, at: Instant): SwitchAdoption | null {
  if (server.inFlight === null || answer.requestId !== server.inFlight) return null;
  const answered: ServerState = { ...server, inFlight: null };
  if (answer.type === "rejected") return { server: withRejection(answered, answer, at), audit: null };
  return adoptSwitch(withAnswer(answered, answer), heardIn(answer), at);
}

/**
 * Returns the switch that an answer tells of. A receipt says that its epoch is off, even if the receiver has not
 * caught up with that epoch.
 */
function heardIn(answer: UnderstoodAnswer): FeatureSwitch {
  if (answer.type !== "disabled") return answer.featureSwitch;
  return newerSwitch(answer.featureSwitch, { epoch: answer.receipt.epoch, status: "off" });
}

/**
 * Returns the state after a rejection. If an off is too far ahead for the receiver, the sender asks for it again, so
 * that no older epoch stays on. GitHub Connect has to be turned off and on afterwards.
 */
function withRejection(server: ServerState, { reason }: RejectedAnswer, at: Instant): ServerState {
  const { epoch, status } = server.featureSwitch;
  return reason === "epoch-too-far" && status === "off" ? askForOff(server, epoch, at) : server;
}

function withAnswer(server: ServerState, answer: UnderstoodAnswer): ServerState {
  switch (answer.type) {
    case "attached":
      return attachedTo(server, answer);
    case "attach-refused":
      return { ...server, session: detachedFrom(server, answer.current) };
    case "detached":
      // While an attach is under way, the current session may be the one that this attach was given. Only its own
      // answer can tell.
      return isAttaching(server.session)
        ? server
        : { ...server, session: detachedFrom(server, answer.current) };
    case "disabled":
      return withReceipt(server, answer.receipt);
    case "delivered":
    case "completed":
      return { ...server, session: withTaken(server, answer) };
    case "switched":
    // The answers below belong to no sync. All that they could tell a sync is the state of the switch.
    case "pushed":
    case "push-refused":
    case "redeemed":
    case "redemption-refused":
      return server;
  }
}

/** How many sessions the server remembers as its own. */
const MAX_KNOWN_SESSIONS = 64;

function attachedTo(server: ServerState, { sessionId, requestId }: AttachedAnswer): ServerState {
  const { session } = server;
  const replaced = session.status === "detached" && session.replaces !== null ? [session.replaces] : [];
  const known = new Set([...server.knownSessions, ...replaced, sessionId]);
  return {
    ...server,
    session: { status: "attached", sessionId, follows: [requestId], isCompleted: false },
    knownSessions: [...known].slice(-MAX_KNOWN_SESSIONS),
  };
}

/**
 * Returns the session after the receiver took this request: it is the last one, and no earlier one is. A receiver
 * that took it without knowing the epoch has forgotten the enabling. A new session tells it (S5).
 */
function withTaken(server: ServerState, answer: DeliveredAnswer | CompletedAnswer): SenderSession {
  const { session, settings } = server;
  if (session.status !== "attached") return session;
  const { sessionId } = session;
  const confirmed = settings.status === "enabled" && settings.epoch !== null ? settings.epoch : 0;
  if (answer.featureSwitch.epoch < confirmed) return inPlaceOf(sessionId);
  const isCompleted = session.isCompleted || answer.type === "completed";
  return { status: "attached", sessionId, follows: [answer.requestId], isCompleted };
}

function inPlaceOf(replaces: SessionId): SenderSession {
  return { status: "detached", replaces, requestId: null };
}

function isAttaching(session: SenderSession): boolean {
  return session.status === "detached" && session.requestId !== null;
}

/**
 * S5: a vacant session is replaced by a new one. So is a session that the server held or replaced, because the
 * receiver has forgotten what came after. The session of another copy is left alone, and the operator is told. So two
 * copies of a server never fight for ever.
 */
function detachedFrom({ knownSessions }: ServerState, current: CurrentSession): SenderSession {
  return current.isVacant || knownSessions.includes(current.id)
    ? inPlaceOf(current.id)
    : { status: "contested", current: current.id };
}

function withReceipt(server: ServerState, receipt: DisablingReceipt): ServerState {
  const { disabling } = server;
  if (!disabling || receipt.epoch < disabling.epoch) return server;
  const kept = disablingAfter(disabling.receipt, receipt);
  return kept === disabling.receipt ? server : { ...server, disabling: { ...disabling, receipt: kept } };
}

/**
 * Returns the state after the operator said that this server is the one to go on. It will ask for the session that
 * another copy holds. It is pure, and changes nothing if the server met no other copy.
 */
export function takeOver(server: ServerState): ServerState {
  const { session } = server;
  if (session.status !== "contested") return server;
  return { ...server, session: inPlaceOf(session.current) };
}

/** The state after the sender heard of the receiver's switch, and the entry for the audit log. */
export interface SwitchAdoption {
  readonly server: ServerState;
  readonly audit: AuditEntry | null;
}

/**
 * Adopts the receiver's switch if it is newer than what the sender believed (S6). It is pure.
 *
 * | the owner wants          | and hears of                        | then                                           |
 * |--------------------------|-------------------------------------|------------------------------------------------|
 * | on, asked for            | an epoch after the one named, on    | it is this enabling's epoch                    |
 * | on, not asked for yet    | on                                  | it is an earlier enabling's: off is sent first |
 * | on, confirmed            | a later epoch, on                   | that is the epoch (another copy enabled)       |
 * | on, confirmed            | its epoch or a later one, off       | disabled on the cloud's side                   |
 * | off                      | on                                  | off is asked for, until its receipt            |
 *
 * A receiver that says less than the sender believed has lost what came after. If it forgot an off, the sender tells
 * it again. Otherwise an enabling that follows the off could never fit.
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
