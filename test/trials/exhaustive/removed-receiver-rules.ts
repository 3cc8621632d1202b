import { err } from "neverthrow";
import { type RemovedRule, removed } from "./removed-rule.ts";
import { RULES } from "./rules.ts";

/** The rules of the receiver, each taken out by itself. */
export const REMOVED_RECEIVER_RULES: readonly RemovedRule[] = [
  removed(
    "R1",
    "looking at the switch",
    { breaks: "I1", in: "an owner disables while reports are on their way" },
    {
      applyReport: (link, registration, window, at) =>
        RULES.applyReport(
          link,
          link?.status === "live"
            ? { ...registration, isConnected: true, featureSwitch: { epoch: link.epoch, status: "on" } }
            : registration,
          window,
          at,
        ),
    },
  ),
  removed(
    "R1",
    "looking at the session",
    "the chain implies it: that of a session begins with the request that attached it",
    {
      admit: (before, request) => RULES.admit(before, { ...request, sessionId: before.session.id }),
    },
  ),
  removed(
    "R3",
    "deleting: a withdrawal only drops the counts",
    { breaks: "I2", in: "both sides are restored" },
    {
      applyWithdrawal: (link, installation, at) => {
        const applied = RULES.applyWithdrawal(link, installation, at);
        return applied.link && link?.status === "live"
          ? { ...applied, link: { ...link, report: null } }
          : applied;
      },
    },
  ),
  removed(
    "R3",
    "withdrawals outside of the session that stands",
    { breaks: "I7", in: "both sides are restored" },
    { withdrawsInAnySession: false },
  ),
  removed(
    "R4",
    "switching off an epoch that is still to come",
    { breaks: "I2", in: "a new server whose owner changes their mind" },
    {
      disable: (before, epoch, at) =>
        epoch === before.featureSwitch.epoch ? RULES.disable(before, epoch, at) : before,
    },
  ),
  removed(
    "R4",
    "sparing later epochs",
    { breaks: "I3", in: "a new server: everything late, lost or twice" },
    {
      disable: (before, epoch, at) => RULES.disable(before, Math.max(epoch, before.featureSwitch.epoch), at),
    },
  ),
  removed(
    "R4",
    "off beating on within an epoch",
    { breaks: "I2", in: "a receiver is recovered across an owner's choices" },
    {
      attach: (before, message, id, at) => {
        const attached = RULES.attach(before, message, id, at);
        const isRevived =
          attached &&
          attached !== before &&
          message.featureSwitch.epoch === before.featureSwitch.epoch &&
          message.featureSwitch.status === "on";
        return isRevived ? { ...attached, featureSwitch: message.featureSwitch } : attached;
      },
    },
  ),
  removed(
    "R5",
    "naming the epoch that an enabling follows",
    { breaks: "I2", in: "a new server whose owner changes their mind" },
    {
      enable: (before) => RULES.enable(before, before.featureSwitch.epoch),
    },
  ),
  removed(
    "R5",
    "enabling only what is off",
    { breaks: "I3", in: "a new server: everything late, lost or twice" },
    {
      enable: (before, after) =>
        before.featureSwitch.epoch === after || before.featureSwitch.status === "on"
          ? { ...before, featureSwitch: { epoch: before.featureSwitch.epoch + 1, status: "on" } }
          : before,
    },
  ),
  removed(
    "R6",
    "ending the other links of the account",
    { breaks: "I5", in: "a server that does not know a consent is restored" },
    { replacesConsents: false },
  ),
  removed(
    "R7",
    "naming the session to be replaced",
    "S5 stops whoever loses its session; what it buys is that a late attach raises no false alarm",
    {
      attach: (before, message, id, at) =>
        RULES.attach(before, { ...message, replaces: before.session.id }, id, at),
    },
  ),
  removed(
    "R7",
    "answering the same request with the same session",
    { breaks: "I8", in: "a new server: everything late, lost or twice" },
    {
      attach: (before, message, id, at) =>
        before.session.attachedBy === message.requestId ? null : RULES.attach(before, message, id, at),
    },
  ),
  removed(
    "R7",
    "taking the sender's newer switch",
    { breaks: "I7", in: "a receiver is recovered across an owner's choices" },
    {
      attach: (before, message, id, at) =>
        RULES.attach(before, { ...message, featureSwitch: before.featureSwitch }, id, at),
    },
  ),
  removed(
    "R8",
    "the chain: any request of the session is taken",
    { breaks: "I7", in: "a server that does not know a consent is restored" },
    {
      admit: (before, request) =>
        RULES.admit(before, {
          ...request,
          follows: [...request.follows, ...ids(before.session.lastRequestId)],
        }),
    },
  ),
  removed("R8", "answering a repetition as before", "it saves a full report, never safety", {
    admit: (before, request) =>
      before.session.lastRequestId === request.requestId ? err("detached") : RULES.admit(before, request),
  }),
  removed(
    "R9",
    "deleting what the session never reported",
    { breaks: "I7", in: "a server that does not know a consent is restored" },
    { isUnreported: () => false },
  ),
  removed(
    "R9",
    "sparing links that are younger than the session",
    { breaks: "I3", in: "a new server: everything late, lost or twice" },
    {
      isUnreported: (link, session) => link.report?.session !== session.ordinal,
    },
  ),
  removed(
    "R10",
    "deleting on revocation",
    { breaks: "I2", in: "a receiver that forgot a revocation is recovered" },
    { killsOnRevocation: false },
  ),
  removed(
    "R10",
    "ending the epoch when Connect goes off",
    { breaks: "I2", in: "GitHub Connect goes off and on again" },
    {
      disconnect: (before) => (before.isConnected ? { ...before, isConnected: false } : before),
    },
  ),
  removed(
    "R11",
    "dropping the counts",
    { breaks: "I4", in: "a receiver is recovered from a backup" },
    { dropsCounts: false },
  ),
  removed(
    "R11",
    "voiding the sessions",
    { breaks: "I7", in: "a receiver is recovered across an owner's choices" },
    { vacate: (before) => before },
  ),
  removed(
    "R11",
    "replaying the ledger",
    { breaks: "I2", in: "a receiver is recovered across an owner's choices" },
    { replaysLedger: false },
  ),
];

function ids<Id>(id: Id | null): readonly Id[] {
  return id === null ? [] : [id];
}
