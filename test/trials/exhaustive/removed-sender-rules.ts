import { newerSwitch } from "../../../src/domain/feature-switch.ts";
import { type RemovedRule, removed } from "./removed-rule.ts";
import { RULES } from "./rules.ts";

/** The rules of the sender, each taken out by itself. */
export const REMOVED_SENDER_RULES: readonly RemovedRule[] = [
  removed(
    "S1",
    "storing the withdrawal with the choice",
    { breaks: "I7", in: "a user opts out while reports are on their way" },
    { storesWithdrawals: false },
  ),
  removed(
    "S1",
    "waiting for the receipt of a withdrawal",
    { breaks: "I7", in: "a user opts out while reports are on their way" },
    { keepsWithdrawals: false },
  ),
  removed(
    "S1",
    "taking a withdrawal in place of an earlier one of the same link",
    { breaks: "I7", in: "a user opts out and in again while reports are on their way" },
    { replacesWithdrawals: false },
  ),
  removed(
    "S1",
    "comparing the choice: an answer to an earlier withdrawal counts",
    { breaks: "I2", in: "a user opts out and in again while reports are on their way" },
    { comparesWithdrawnChoices: false },
  ),
  removed(
    "S1",
    "counting: a user who opts in again sends under the same choice",
    { breaks: "I7", in: "a user opts out and in again while reports are on their way" },
    {
      transitionUserLink: (link, command, context) =>
        RULES.transitionUserLink(link, command, context).map((changed) =>
          command.type === "opt-in" && changed.link.status === "sending"
            ? { ...changed, link: { ...changed.link, choice: 1 } }
            : changed,
        ),
    },
  ),
  removed(
    "S1",
    "asking once more for a receipt",
    "a store that has forgotten a withdrawal has forgotten its request, too: a new session hides the link (R9)",
    { asksTwice: false },
  ),
  removed(
    "S1",
    "waiting for the receipt of a disabling",
    "the hourly question how the switch stands (S6) implies it",
    {
      nextControlRequest: (server, requestId) => {
        const planned = RULES.nextControlRequest(server, requestId);
        return planned?.message.type === "disable" && planned.server.disabling
          ? { ...planned, server: { ...planned.server, disabling: null } }
          : planned;
      },
    },
  ),
  removed(
    "S3",
    "forgetting what was reported in another session",
    "what is then not reported is hidden (R9) until the daily report shows it again",
    { forgetsWithSession: false },
  ),
  removed(
    "S3",
    "comparing the choice: what was reported under an earlier one counts",
    { breaks: "I7", in: "a user opts out and in again while reports are on their way" },
    { comparesReportedChoices: false },
  ),
  removed(
    "S3",
    "waiting for one request only: any answer counts",
    { breaks: "I8", in: "GitHub Connect goes off and on again" },
    {
      hearsLateAnswers: true,
      applyAnswer: (server, answer, at) =>
        RULES.applyAnswer({ ...server, inFlight: answer.requestId }, answer, at),
    },
  ),
  removed(
    "S4",
    "storing what a request may follow before it leaves",
    "it saves a new session and a full report for each lost answer, never safety",
    {
      planDelivery: (server, requestId, records) => {
        const planned = RULES.planDelivery(server, requestId, records);
        return { ...planned, server: { ...planned.server, session: server.session } };
      },
      planCompletion: (server, requestId) => {
        const planned = RULES.planCompletion(server, requestId);
        return planned && { ...planned, server: { ...planned.server, session: server.session } };
      },
    },
  ),
  removed(
    "S4",
    "storing the request that attaches before it leaves",
    { breaks: "I8", in: "a new server: everything late, lost or twice" },
    {
      nextControlRequest: (server, requestId) => {
        const { session } = server;
        const forgotten = session.status === "detached" ? { ...session, requestId: null } : session;
        return RULES.nextControlRequest({ ...server, session: forgotten }, requestId);
      },
    },
  ),
  removed(
    "S5",
    "attaching again",
    { breaks: "I7", in: "a server is restored from a backup" },
    {
      applyAnswer: (server, answer, at) => {
        const applied = RULES.applyAnswer(server, answer, at);
        return applied && answer.type === "detached"
          ? { ...applied, server: { ...applied.server, session: server.session } }
          : applied;
      },
    },
  ),
  removed(
    "S5",
    "leaving the session of another copy alone",
    { breaks: "I8", in: "another copy of the server and a user who opts out" },
    {
      applyAnswer: (server, answer, at) => {
        const applied = RULES.applyAnswer(server, answer, at);
        return applied && { ...applied, server: RULES.takeOver(applied.server) };
      },
    },
  ),
  removed(
    "S5",
    "replacing the sessions that were its own",
    { breaks: "I8", in: "the store goes back twice" },
    {
      applyAnswer: (server, answer, at) => {
        const own = server.session.status === "attached" ? [server.session.sessionId] : [];
        return RULES.applyAnswer({ ...server, knownSessions: own }, answer, at);
      },
    },
  ),
  removed(
    "S5",
    "attaching again where the switch is behind in the own session",
    { breaks: "I7", in: "the store forgets an attach or an enabling" },
    {
      applyAnswer: (server, answer, at) => {
        if (answer.type !== "delivered" && answer.type !== "completed")
          return RULES.applyAnswer(server, answer, at);
        const featureSwitch = newerSwitch(server.featureSwitch, answer.featureSwitch);
        return RULES.applyAnswer(server, { ...answer, featureSwitch }, at);
      },
    },
  ),
  removed(
    "S5",
    "believing only the answer to an attach while it is waited for",
    { breaks: "I8", in: "the store goes back across an opt-out" },
    {
      applyAnswer: (server, answer, at) => {
        const { session } = server;
        const hears = answer.type === "detached" && session.status === "detached";
        return RULES.applyAnswer(
          hears ? { ...server, session: { ...session, requestId: null } } : server,
          answer,
          at,
        );
      },
    },
  ),
  removed(
    "S6",
    "hearing of the switch",
    { breaks: "I7", in: "an owner disables and enables" },
    {
      applyAnswer: (server, answer, at) => {
        if (answer.type === "rejected") return RULES.applyAnswer(server, answer, at);
        const applied = RULES.applyAnswer(server, { ...answer, featureSwitch: server.featureSwitch }, at);
        return (
          applied && {
            ...applied,
            server: { ...applied.server, featureSwitch: server.featureSwitch, settings: server.settings },
          }
        );
      },
    },
  ),
  removed(
    "S6",
    "asking for off where the owner wants it off",
    "the hourly question how the switch stands implies it",
    {
      applyAnswer: (server, answer, at) => {
        const applied = RULES.applyAnswer(server, answer, at);
        const isAsked = applied?.server.disabling && !applied.server.disabling.receipt && !server.disabling;
        return isAsked ? { ...applied, server: { ...applied.server, disabling: null } } : applied;
      },
    },
  ),
  removed(
    "S6",
    "telling a receiver that has forgotten what is off",
    "the ledger implies it (R11): it tells the receiver first",
    {
      applyAnswer: (server, answer, at) => {
        if (answer.type === "rejected" || server.settings.status === "disabled")
          return RULES.applyAnswer(server, answer, at);
        const believed = newerSwitch(server.featureSwitch, answer.featureSwitch);
        return RULES.applyAnswer(server, { ...answer, featureSwitch: believed }, at);
      },
    },
  ),
  removed(
    "S6",
    "asking how the switch stands while it is off",
    { breaks: "I7", in: "a server is restored across its owner's choices" },
    { planSwitchCheck: () => null },
  ),
  removed(
    "S6",
    "ending the link that is dead",
    { breaks: "I7", in: "a consent is revoked on the cloud" },
    { endsEndedLinks: false },
  ),
  removed(
    "S6",
    "ending the choice that has ended",
    { breaks: "I7", in: "a server is restored to before an opt-out" },
    { endChoice: () => null },
  ),
  removed(
    "S6",
    "counting on from the choice that has ended",
    { breaks: "I7", in: "a server is restored to before an opt-in" },
    {
      endChoice: (link, choice, context, at) =>
        link.status === "connected" ? null : RULES.endChoice(link, choice, context, at),
    },
  ),
  removed(
    "S6",
    "withdrawing once more the choice that has ended",
    "the receiver has ended it for good (R11); it gets the user the receipt",
    {
      endChoice: (link, choice, context, at) => {
        const ended = RULES.endChoice(link, choice, context, at);
        return ended && { ...ended, withdraw: null };
      },
    },
  ),
  removed(
    "S6",
    "ending the links that are named when a sync is completed",
    { breaks: "I7", in: "a consent is revoked on the cloud" },
    { endsNamedLinks: false },
  ),
  removed(
    "S6",
    "hearing once more of the links that are named while a redemption waits",
    { breaks: "I7", in: "the receiver crashes on a consent" },
    { waitsForRedemptions: false },
  ),
  removed(
    "S7",
    "reporting each link once per day",
    "what `complete` names implies it, except for what the ledger was pruned of",
    { refreshesDaily: false },
  ),
  removed(
    "S7",
    "completing syncs",
    { breaks: "I7", in: "a server that does not know a consent is restored" },
    { planCompletion: () => null },
  ),
  removed(
    "S7",
    "holding links whose counts cannot be read",
    { breaks: "I7", in: "one user's counts cannot be read" },
    { holdsUnreadable: false },
  ),
  removed(
    "S7",
    "completing syncs although some counts could not be read",
    { breaks: "I7", in: "a server is restored while one user's counts cannot be read" },
    { completesAlways: false },
  ),
];
