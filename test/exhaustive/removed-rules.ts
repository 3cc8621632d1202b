import { err } from "neverthrow";
import { newerSwitch, type Switch } from "../../src/domain/switch.ts";
import type { ServerState } from "../../src/ghes/server-state.ts";
import { RULES, type Rules } from "./rules.ts";

/** One rule of the protocol taken out of the code, and nothing else. */
export interface RemovedRule {
  /** Its number in the protocol. */
  readonly rule: string;
  /** What does not happen any more. */
  readonly without: string;
  readonly rules: Rules;
}

function removed(rule: string, without: string, change: Partial<Rules>): RemovedRule {
  return { rule, without, rules: { ...RULES, ...change } };
}

/** Answers leave the switch as it was believed. */
function deafToSwitch(server: ServerState, before: ServerState): ServerState {
  const { settings, disabling } = before;
  return {
    ...server,
    switch: before.switch,
    settings,
    disabling: server.disabling === before.disabling ? disabling : server.disabling,
  };
}

export const REMOVED_RULES: readonly RemovedRule[] = [
  removed("R1", "looking at the switch", {
    applyReport: (link, registration, window, at) =>
      RULES.applyReport(
        link,
        link?.status === "live"
          ? { ...registration, isConnected: true, switch: { epoch: link.epoch, status: "on" } }
          : registration,
        window,
        at,
      ),
  }),
  removed("R1", "looking at the session", {
    admit: (before, request) => RULES.admit(before, { ...request, session: before.session.id }),
  }),
  removed("R3", "killing: a withdrawal only drops the counts", {
    applyWithdrawal: (link, installation, at) => {
      const applied = RULES.applyWithdrawal(link, installation, at);
      return applied.link && link?.status === "live"
        ? { ...applied, link: { ...link, report: null } }
        : applied;
    },
  }),
  removed("R3", "withdrawals outside of the session that stands", { withdrawsInAnySession: false }),
  removed("R4", "switching off an epoch that is still to come", {
    disable: (before, epoch, at) =>
      epoch === before.switch.epoch ? RULES.disable(before, epoch, at) : before,
  }),
  removed("R4", "sparing later epochs", {
    disable: (before, epoch, at) => RULES.disable(before, Math.max(epoch, before.switch.epoch), at),
  }),
  removed("R4", "off beating on within an epoch", {
    attach: (before, message, id, at) => {
      const attached = RULES.attach(before, message, id, at);
      const isRevived =
        attached &&
        attached !== before &&
        message.switch.epoch === before.switch.epoch &&
        message.switch.status === "on";
      return isRevived ? { ...attached, switch: message.switch } : attached;
    },
  }),
  removed("R5", "naming the epoch that an enabling follows", {
    enable: (before) => RULES.enable(before, before.switch.epoch),
  }),
  removed("R5", "enabling only what is off", {
    enable: (before, after) =>
      before.switch.epoch === after || before.switch.status === "on"
        ? { ...before, switch: { epoch: before.switch.epoch + 1, status: "on" } }
        : before,
  }),
  removed("R6", "ending the other links of the account", { replacesConsents: false }),
  removed("R7", "naming the session to be replaced", {
    attach: (before, message, id, at) =>
      RULES.attach(before, { ...message, replaces: before.session.id }, id, at),
  }),
  removed("R7", "answering the same request with the same session", {
    attach: (before, message, id, at) =>
      before.session.attachedBy === message.requestId ? null : RULES.attach(before, message, id, at),
  }),
  removed("R7", "taking the sender's newer switch", {
    attach: (before, message, id, at) => RULES.attach(before, { ...message, switch: before.switch }, id, at),
  }),
  removed("R8", "the chain: any request of the session is taken", {
    admit: (before, request) =>
      RULES.admit(before, {
        ...request,
        follows: [...request.follows, ...ids(before.session.lastRequestId)],
      }),
  }),
  removed("R8", "answering a repetition as before", {
    admit: (before, request) =>
      before.session.lastRequestId === request.requestId ? err("detached") : RULES.admit(before, request),
  }),
  removed("R9", "killing what the session never reported", { isUnreported: () => false }),
  removed("R9", "sparing links that are younger than the session", {
    isUnreported: (link, session) => link.report?.session !== session.ordinal,
  }),
  removed("R10", "killing on revocation", { killsOnRevocation: false }),
  removed("R10", "ending the epoch when Connect goes off", {
    disconnect: (before) => (before.isConnected ? { ...before, isConnected: false } : before),
  }),
  removed("R11", "dropping the counts", { dropsCounts: false }),
  removed("R11", "voiding the sessions", { vacate: (before) => before }),
  removed("R11", "replaying the ledger", { replaysLedger: false }),
  removed("S1", "storing the withdrawal with the choice", { storesWithdrawals: false }),
  removed("S1", "waiting for the receipt of a withdrawal", { keepsWithdrawals: false }),
  removed("S1", "waiting for the receipt of a disabling", {
    nextControlRequest: (server, requestId) => {
      const planned = RULES.nextControlRequest(server, requestId);
      return planned?.message.type === "disable" && planned.server.disabling
        ? { ...planned, server: { ...planned.server, disabling: null } }
        : planned;
    },
  }),
  removed("S3", "forgetting what was reported in another session", { forgetsWithSession: false }),
  removed("S3", "waiting for one request only: any answer counts", {
    hearsLateAnswers: true,
    applyAnswer: (server, answer, at) =>
      RULES.applyAnswer({ ...server, inFlight: answer.requestId }, answer, at),
  }),
  removed("S4", "storing what a request may follow before it leaves", {
    planDelivery: (server, requestId, records) => {
      const planned = RULES.planDelivery(server, requestId, records);
      return { ...planned, server: { ...planned.server, session: server.session } };
    },
    planCompletion: (server, requestId) => {
      const planned = RULES.planCompletion(server, requestId);
      return planned && { ...planned, server: { ...planned.server, session: server.session } };
    },
  }),
  removed("S4", "storing the request that attaches before it leaves", {
    nextControlRequest: (server, requestId) => {
      const { session } = server;
      const forgotten = session.status === "detached" ? { ...session, requestId: null } : session;
      return RULES.nextControlRequest({ ...server, session: forgotten }, requestId);
    },
  }),
  removed("S5", "attaching again", {
    applyAnswer: (server, answer, at) => {
      const applied = RULES.applyAnswer(server, answer, at);
      return applied && answer.type === "detached"
        ? { ...applied, server: { ...applied.server, session: server.session } }
        : applied;
    },
  }),
  removed("S5", "leaving somebody else's session alone", {
    applyAnswer: (server, answer, at) => {
      const applied = RULES.applyAnswer(server, answer, at);
      return applied && { ...applied, server: RULES.takeOver(applied.server) };
    },
  }),
  removed("S6", "hearing of the switch", {
    applyAnswer: (server, answer, at) => {
      if (answer.type === "rejected") return RULES.applyAnswer(server, answer, at);
      const applied = RULES.applyAnswer(server, { ...answer, switch: server.switch }, at);
      return applied && { ...applied, server: deafToSwitch(applied.server, server) };
    },
  }),
  removed("S6", "asking for off where the owner wants it off", {
    applyAnswer: (server, answer, at) => {
      const applied = RULES.applyAnswer(server, answer, at);
      const isAsked = applied?.server.disabling && !applied.server.disabling.receipt && !server.disabling;
      return isAsked ? { ...applied, server: { ...applied.server, disabling: null } } : applied;
    },
  }),
  removed("S6", "telling a receiver that was restored what is off", {
    applyAnswer: (server, answer, at) => {
      if (answer.type === "rejected" || server.settings.status === "disabled")
        return RULES.applyAnswer(server, answer, at);
      const believed = newerOf(server.switch, answer.switch);
      return RULES.applyAnswer(server, { ...answer, switch: believed }, at);
    },
  }),
  removed("S6", "asking how the switch stands while it is off", { planSwitchCheck: () => null }),
  removed("S6", "ending the link that is gone", { endsGoneLinks: false }),
  removed("S7", "reporting each link once a day", { refreshesDaily: false }),
  removed("S7", "completing rounds", { planCompletion: () => null }),
];

function ids<Id>(id: Id | null): readonly Id[] {
  return id === null ? [] : [id];
}

function newerOf(one: Switch, other: Switch): Switch {
  return newerSwitch(one, other);
}
