import { err } from "neverthrow";
import type { SessionId } from "../../../src/domain/identifiers.ts";
import { type RemovedRule, removed } from "./removed-rule.ts";
import { RULES } from "./rules.ts";

let minted = 0;

/** The rules of the receiver, each taken out by itself. */
export const REMOVED_RECEIVER_RULES: readonly RemovedRule[] = [
  removed(
    "R1",
    "looking at the switch",
    { breaks: "I1", in: "an owner disables while reports are on their way" },
    {
      applyReport: (link, registration, report, at) =>
        RULES.applyReport(
          link,
          link?.status === "live"
            ? { ...registration, isConnected: true, featureSwitch: { epoch: link.epoch, status: "on" } }
            : registration,
          report,
          at,
        ),
    },
  ),
  removed(
    "R1",
    "refusing reports of a choice that has ended",
    { breaks: "I1", in: "a server is restored to before an opt-out" },
    {
      applyReport: (link, registration, report, at) => {
        if (link?.status !== "live") return RULES.applyReport(link, registration, report, at);
        const { withdrawn } = link;
        const applied = RULES.applyReport({ ...link, withdrawn: null }, registration, report, at);
        return applied.link?.status === "live"
          ? { ...applied, link: { ...applied.link, withdrawn } }
          : applied;
      },
    },
  ),
  removed(
    "R1",
    "dropping counts of an earlier choice when the link is held under another",
    { breaks: "I2", in: "a user opts in again whose counts cannot be read" },
    {
      applyReport: (link, registration, report, at) => {
        const { choice, window } = report;
        return link?.status === "live" && link.report && window === null
          ? RULES.applyReport({ ...link, report: { ...link.report, choice } }, registration, report, at)
          : RULES.applyReport(link, registration, report, at);
      },
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
    "R2",
    "telling the unknown from the dead: both end a link",
    { breaks: "I3", in: "the cloud takes a server for another" },
    { endsUnknownLinks: true },
  ),
  removed(
    "R2",
    "telling the unknown from the dead: both are a receipt",
    { breaks: "I2", in: "the cloud takes a server for another" },
    { waitsForUnknown: false },
  ),
  removed(
    "R3",
    "deleting: a withdrawal only drops the counts",
    { breaks: "I2", in: "both sides go back across a disconnect" },
    {
      applyWithdrawal: (link, installation, choice, at) => {
        const applied = RULES.applyWithdrawal(link, installation, choice, at);
        return applied.link && link?.status === "live" && choice === null
          ? { ...applied, link: { ...link, report: null } }
          : applied;
      },
    },
  ),
  removed(
    "R3",
    "ending: an opt-out only drops the counts",
    { breaks: "I2", in: "a server is restored to before an opt-out" },
    {
      applyWithdrawal: (link, installation, choice, at) => {
        const applied = RULES.applyWithdrawal(link, installation, choice, at);
        return applied.link?.status === "live" && link?.status === "live"
          ? { ...applied, link: { ...applied.link, withdrawn: link.withdrawn } }
          : applied;
      },
    },
  ),
  removed(
    "R3",
    "ending the choices before the one that is named",
    { breaks: "I1", in: "a user opts out and in again while reports are on their way" },
    {
      applyWithdrawal: (link, installation, choice, at) => {
        const applied = RULES.applyWithdrawal(link, installation, choice, at);
        const isEarlier = link?.status === "live" && link.report && link.report.choice !== choice;
        return isEarlier && applied.link?.status === "live"
          ? { ...applied, link: { ...applied.link, report: link.report } }
          : applied;
      },
      endRecorded: (link, installation, ended) => {
        const recorded = RULES.endRecorded(link, installation, ended);
        const isEarlier = link.status === "live" && link.report && link.report.choice !== ended.choice;
        return isEarlier && recorded?.status === "live" ? { ...recorded, report: link.report } : recorded;
      },
    },
  ),
  removed(
    "R3",
    "sparing counts of a later choice",
    { breaks: "I7", in: "a user opts out and in again while reports are on their way" },
    {
      applyWithdrawal: (link, installation, choice, at) => {
        const applied = RULES.applyWithdrawal(link, installation, choice, at);
        return applied.link?.status === "live"
          ? { ...applied, link: { ...applied.link, report: null } }
          : applied;
      },
    },
  ),
  removed(
    "R3",
    "withdrawals outside of the session that stands",
    { breaks: "I7", in: "the cloud takes a server for another" },
    { withdrawsInAnySession: false },
  ),
  removed(
    "R4",
    "switching off an epoch that is still to come",
    { breaks: "I7", in: "a new server whose owner changes their mind" },
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
    { breaks: "I2", in: "the store goes back across an owner's choices" },
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
    { breaks: "I5", in: "a user consents again while sending" },
    { replacesConsents: false },
  ),
  removed(
    "R6",
    "refusing the consents of an epoch that is over",
    "the link keeps the epoch of its attempt, and nothing of an epoch that is over is taken or shown",
    { isPending: (attempt) => !attempt.isRedeemed },
  ),
  removed(
    "R7",
    "naming the session to be replaced",
    "S5 stops a sender that loses its session; the rule saves the false alarm of a late attach",
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
    "naming a session like the request that attached it",
    { breaks: "I8", in: "the store forgets an attach or an enabling" },
    { sessionOf: () => `#${1_000_000 + minted++}` as SessionId },
  ),
  removed(
    "R7",
    "taking the sender's newer switch",
    { breaks: "I7", in: "the store forgets an attach or an enabling" },
    {
      attach: (before, message, id, at) =>
        RULES.attach(before, { ...message, featureSwitch: before.featureSwitch }, id, at),
    },
  ),
  removed(
    "R7",
    "refusing epochs that are too far",
    "no honest server names one whose ends the ledger does not have; it bounds what a stolen key can do",
    { isTooFar: () => false },
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
    "hiding what the session never reported",
    { breaks: "I7", in: "a server that does not know a consent is restored" },
    { isUnreported: () => false },
  ),
  removed(
    "R9",
    "hiding only: what the session never reported is deleted",
    { breaks: "I3", in: "a staging copy from yesterday's backup boots" },
    { killsUnreported: true },
  ),
  removed(
    "R10",
    "deleting on revocation",
    { breaks: "I2", in: "a consent is revoked on the cloud" },
    { killsOnRevocation: false },
  ),
  removed(
    "R10",
    "ending consents that are not redeemed yet",
    { breaks: "I2", in: "a consent is revoked before it is redeemed" },
    { voidsConsents: false },
  ),
  removed(
    "R10",
    "naming what was deleted when a sync is completed",
    { breaks: "I7", in: "a consent is revoked on the cloud" },
    { endedIn: (heardTo) => ({ ended: [], heardTo, hasMore: false }) },
  ),
  removed(
    "R10",
    "naming everything anew where the ledger has lost the place that the server has heard of",
    "an entry that takes the place itself is named all the same: it takes the loss of two entries at once",
    { namesAnew: false },
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
    "R10",
    "ending the connection before another one",
    { breaks: "I2", in: "a new server whose Connect goes off and on" },
    {
      connect: (before, installation, connectionId, sessionId, at) =>
        before?.isConnected
          ? { ...before, connectionId }
          : RULES.connect(before, installation, connectionId, sessionId, at),
    },
  ),
  removed(
    "R10",
    "taking a connection that a message registered for the one that is named later",
    { breaks: "I7", in: "the store forgets a new server" },
    {
      connect: (before, installation, connectionId, sessionId, at) =>
        before?.isConnected && before.connectionId === null && connectionId !== null
          ? { ...RULES.disconnect(before, at), isConnected: true, connectionId }
          : RULES.connect(before, installation, connectionId, sessionId, at),
    },
  ),
  removed(
    "R10",
    "sparing a connection that was made before another one's end is heard of",
    { breaks: "I3", in: "the end of a connection is heard of late" },
    { disconnect: (before, at) => RULES.disconnect(before, at) },
  ),
  removed(
    "R10",
    "registering by message",
    { breaks: "I7", in: "the store forgets a new server" },
    { registersByMessage: false },
  ),
  removed(
    "R11",
    "telling the ledger before a deletion is acknowledged",
    { breaks: "I2", in: "the store goes back across an opt-out" },
    { recordsDeletions: false },
  ),
  removed(
    "R11",
    "telling the ledger which choices have ended",
    { breaks: "I2", in: "the store goes back across an opt-out" },
    { recordsChoices: false },
  ),
  removed(
    "R11",
    "sparing counts of a later choice when an end is read in the ledger",
    { breaks: "I7", in: "the store goes back across an opt-out and an opt-in" },
    {
      endRecorded: (link, installation, ended) => {
        const recorded = RULES.endRecorded(link, installation, ended);
        return recorded?.status === "live" ? { ...recorded, report: null } : recorded;
      },
    },
  ),
  removed(
    "R11",
    "telling the ledger before a deletion is acknowledged again",
    { breaks: "I2", in: "the receiver crashes between store, ledger and cursor" },
    { recordsRepeated: false },
  ),
  removed(
    "R11",
    "telling the ledger which epochs are over",
    { breaks: "I2", in: "the store goes back across an owner's choices" },
    { recordsEpochs: false },
  ),
  removed(
    "R11",
    "taking the cursor back with the store",
    { breaks: "I2", in: "the store goes back across an opt-out" },
    { keepsCursorInStore: false },
  ),
  removed(
    "R11",
    "ending links in the commit that moves the cursor",
    { breaks: "I7", in: "the store goes back across an opt-out" },
    { applyEntries: (before, entries) => ({ ...RULES.applyEntries(before, entries), ended: [] }) },
  ),
  removed(
    "R11",
    "forgetting the connection where the ledger switches off",
    { breaks: "I7", in: "the store goes back across Connect going off and on" },
    {
      applyEntries: (before, entries) => {
        const applied = RULES.applyEntries(before, entries);
        const { connectionId } = before;
        return { ...applied, registration: { ...applied.registration, connectionId } };
      },
    },
  ),
  removed(
    "R11",
    "ending consents that are not redeemed where the ledger names them",
    { breaks: "I2", in: "the store goes back to a consent that was revoked" },
    { voidsEnded: false },
  ),
  removed(
    "R11",
    "reading the ledger before anything is minted",
    { breaks: "I2", in: "the store goes back across an owner's choices" },
    { readsBeforeMinting: false },
  ),
  removed(
    "R11",
    "looking at the ledger",
    { breaks: "I2", in: "the store goes back across an opt-out" },
    { looks: false },
  ),
  removed(
    "R11",
    "comparing every cursor with its head now and then",
    { breaks: "I2", in: "another entry takes the place of one that the ledger lost" },
    { comparesHeads: false },
  ),
  removed(
    "R11",
    "leaving out of what is shown what unread entries name",
    { breaks: "I2", in: "the store goes back across an opt-out" },
    { leavesOutUnread: false },
  ),
  removed(
    "R11",
    "writing again what the ledger has lost",
    { breaks: "I2", in: "the ledger loses its last entry, the store its last seconds" },
    { rewritesLost: false },
  ),
  removed(
    "R11",
    "recording what is unrecorded",
    { breaks: "I2", in: "the ledger loses its last entry, the store its last seconds" },
    { recordsUnrecorded: false },
  ),
  removed(
    "R11",
    "naming entries by their ids: a position is enough",
    { breaks: "I2", in: "another entry takes the place of one that the ledger lost" },
    {
      continuationOf: (readTo, page) => {
        const [first] = page;
        const isSame = first && readTo?.position === first.place.position;
        return RULES.continuationOf(isSame ? first.place : readTo, page);
      },
    },
  ),
  removed(
    "R11",
    "switching off where entries were pruned unread",
    { breaks: "I2", in: "the ledger is pruned, and an older store comes back" },
    { passEpoch: (before) => before },
  ),
];

function ids<Id>(id: Id | null): readonly Id[] {
  return id === null ? [] : [id];
}
