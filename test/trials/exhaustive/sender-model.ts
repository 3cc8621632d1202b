import { err, ok, type Result } from "neverthrow";
import type { Answer, CompletedAnswer, RecordOutcome } from "../../../src/domain/answer.ts";
import type { LinkChoice } from "../../../src/domain/choice.ts";
import { CONTRIBUTION_SOURCE } from "../../../src/domain/contribution-payload.ts";
import type { AttemptId, ConsentCode, Instant, LinkId, SessionId } from "../../../src/domain/identifiers.ts";
import type { DeliveryRecord, Message } from "../../../src/domain/message.ts";
import { type ConnectingCommand, transitionConnecting } from "../../../src/ghes/connecting.ts";
import type { SettingsCommand } from "../../../src/ghes/settings.ts";
import type { PlannedRequest, ReportingScope } from "../../../src/ghes/sync/requests.ts";
import type {
  LinkContext,
  UserLink,
  UserLinkCommand,
  UserLinkTransition,
} from "../../../src/ghes/user-link.ts";
import type { Rules } from "./rules.ts";
import {
  type Handed,
  type Member,
  type Memo,
  NOW,
  type Pending,
  requestIdOf,
  type Server,
  userId,
  type World,
  windowOf,
} from "./world.ts";

/** What a round can say next. */
export type RequestKind = "withdraw" | "control" | "check" | "report" | "complete";

/** A request that was planned and stored, and what its process keeps in mind. */
export interface Planned {
  readonly server: Server;
  /** Null where the plan found nothing to send and stored that. */
  readonly message: Message | null;
  readonly memo: Memo;
}

const OWNER = { userId: userId(99), isEnterpriseOwner: true };
const LATER = 1 as Instant;

/** Plans what a round may send next, over the state as it is stored; null where there is nothing of the kind. */
export function planRequest(rules: Rules, world: World, server: Server, kind: RequestKind): Planned | null {
  const { state } = server;
  const id = requestIdOf(world);
  const planned = (request: PlannedRequest<Message>, reports: Memo["reports"] = []): Planned => ({
    server: { ...server, state: request.server },
    message: request.message,
    memo: { reports },
  });
  switch (kind) {
    case "control": {
      const request = rules.nextControlRequest(state, id);
      return request && planned(request);
    }
    case "check": {
      const request = rules.nextControlRequest(state, id) ? null : rules.planSwitchCheck(state, id);
      return request && planned(request);
    }
    case "withdraw": {
      const asked = server.withdrawals.filter(({ isWaiting }) => !isWaiting);
      if (asked.length === 0 || state.settings.status === "disconnected") return null;
      const records = asked.map(
        ({ linkId, choice }): DeliveryRecord => ({ type: "withdraw", linkId, choice }),
      );
      const request = planned(rules.planDelivery(state, id, records));
      return rules.keepsWithdrawals
        ? request
        : { ...request, server: { ...request.server, withdrawals: [] } };
    }
    case "complete": {
      const scope = rules.reportingScope(state);
      if (!scope || dueUsers(rules, world, server, scope).length > 0) return null;
      const isIncomplete = world.unreadable.some((user) => isDue(rules, server, user, scope.sessionId));
      if (isIncomplete && !rules.completesAlways) return null;
      const request = rules.planCompletion(state, id);
      return request && planned(request);
    }
    case "report": {
      const scope = rules.reportingScope(state);
      if (!scope) return null;
      const { sessionId } = scope;
      const due = dueUsers(rules, world, server, scope);
      if (due.length === 0) return null;
      const unchanged = due.filter((user) => isUnchanged(world, server, user, sessionId));
      if (unchanged.length > 0) {
        const members = server.members.map((member, user) =>
          unchanged.includes(user) && member.known
            ? { ...member, known: { ...member.known, changes: member.changes } }
            : member,
        );
        return { server: { ...server, members }, message: null, memo: { reports: [] } };
      }
      const reports = due.map((user) => {
        const member = server.members[user] as Member;
        const { linkId, choice } = choiceSentUnder(rules, server, member, user) as SentUnder;
        const version = world.unreadable.includes(user) ? null : (world.truth[user] as number);
        return { user, linkId, choice, changes: member.changes, version };
      });
      const records = reports.map(
        ({ linkId, choice, version }): DeliveryRecord =>
          version === null
            ? { type: "hold", linkId, choice }
            : { type: "report", linkId, choice, source: CONTRIBUTION_SOURCE, ...windowOf(version, choice) },
      );
      return planned(rules.planDelivery(state, id, records), reports);
    }
  }
}

/** The link and the choice that a user's counts go out under. */
interface SentUnder {
  readonly linkId: LinkId;
  readonly choice: number;
}

/** The link and the choice that a user's counts go out under, or null. */
export function choiceSentUnder(
  rules: Rules,
  server: Server,
  member: Member,
  user: number,
): SentUnder | null {
  const link = presentLink(rules, server, member, user);
  return link.status === "sending" ? { linkId: link.consent.linkId, choice: link.choice } : null;
}

/** A user's link as it is now. */
function presentLink(rules: Rules, { state }: Server, member: Member, user: number): UserLink {
  return rules.currentLink(member.link, { ...rules.linkContextOf(state), user: userId(user) }, NOW);
}

/** The users whose links have to be reported now, or held where their counts can't be read. */
function dueUsers(
  rules: Rules,
  world: World,
  server: Server,
  { sessionId, isCompleted }: ReportingScope,
): readonly number[] {
  return [...server.members.keys()].filter((user) => {
    if (!isDue(rules, server, user, sessionId)) return false;
    if (!world.unreadable.includes(user)) return true;
    const { known, heldIn } = server.members[user] as Member;
    return rules.holdsUnreadable && heldIn !== sessionId && (!isCompleted || known?.type === "unknown");
  });
}

function isDue(rules: Rules, server: Server, user: number, sessionId: SessionId): boolean {
  const member = server.members[user] as Member;
  const linkId = choiceSentUnder(rules, server, member, user)?.linkId;
  if (linkId === undefined) return false;
  const { known, changes } = member;
  if (known?.linkId !== linkId || known.isStale) return true;
  if (known.sessionId !== sessionId && rules.forgetsWithSession) return true;
  return known.type === "kept" && known.changes !== changes;
}

/** Whether the receiver is known to have just this, so that nothing is sent. */
function isUnchanged(world: World, { members }: Server, user: number, sessionId: SessionId): boolean {
  const known = members[user]?.known;
  const isKept = known?.type === "kept" && known.sessionId === sessionId && !known.isStale;
  return isKept && known.version === world.truth[user] && !world.unreadable.includes(user);
}

/**
 * What an answer does to the copy that waits for it; null where it waits for another, or for none.
 *
 * @param isRedeeming whether a link is being opened, or has not been handed over yet
 */
export function takeAnswer(
  rules: Rules,
  server: Server,
  message: Message,
  memo: Memo,
  answer: Answer,
  isRedeeming: boolean,
): Server | null {
  const applied = rules.applyAnswer(server.state, answer, NOW);
  if (!applied) return null;
  let after: Server = { ...server, state: applied.server };
  if (answer.type === "completed") return hearEnded(rules, after, answer, isRedeeming);
  if (message.type !== "deliver" || !("outcomes" in answer)) return after;
  const sessionId = message.sessionId as SessionId;
  for (const [index, outcome] of answer.outcomes.entries()) {
    const record = message.records[index] as DeliveryRecord;
    if (record.type === "withdraw") {
      const withdrawals = after.withdrawals.flatMap((pending) =>
        isAbout(rules, pending, record) ? answeredWithdrawal(rules, pending, outcome.type) : [pending],
      );
      after = { ...after, withdrawals };
      continue;
    }
    const report = memo.reports.find(({ linkId }) => linkId === record.linkId);
    if (!report || answer.type !== "delivered") continue;
    const { user, linkId, choice, changes, version } = report;
    if (outcome.type === "ended" && rules.endsEndedLinks) {
      after = hear(rules, after, user, { linkId, choice: outcome.choice });
    } else if (outcome.type === "unknown" && rules.endsUnknownLinks) {
      after = hear(rules, after, user, { linkId, choice: null });
    } else if (outcome.type === "kept" || outcome.type === "unknown") {
      const member = after.members[user] as Member;
      if (!isSentUnder(rules, member.link, { linkId, choice })) continue;
      const { type } = outcome;
      const known = { type, linkId, choice, sessionId, changes, version: version ?? 0, isStale: false };
      const isHeld = type === "kept" && version === null;
      const told = isHeld ? { ...member, heldIn: sessionId } : { ...member, known };
      after = { ...after, members: after.members.with(user, told) };
    }
  }
  return after;
}

/** SS3: whether a user's counts still go out under a link and a choice. */
function isSentUnder(rules: Rules, link: UserLink, { linkId, choice }: SentUnder): boolean {
  if (link.status !== "sending" || link.consent.linkId !== linkId) return false;
  return link.choice === choice || !rules.comparesReportedChoices;
}

/** SS4: whether an answer to a withdrawal is about what is pending. */
function isAbout(rules: Rules, pending: Pending, { linkId, choice }: LinkChoice): boolean {
  if (pending.linkId !== linkId) return false;
  return pending.choice === choice || !rules.comparesWithdrawnChoices;
}

/** What `completed` names ends. The place is remembered, unless a link may be named that is still on its way (S6). */
function hearEnded(
  rules: Rules,
  before: Server,
  { ended, heardTo }: CompletedAnswer,
  isRedeeming: boolean,
): Server {
  let after = before;
  for (const named of rules.endsNamedLinks ? ended : [])
    for (const user of before.members.keys()) after = hear(rules, after, user, named);
  const isHeard = ended.length === 0 || !isRedeeming || !rules.waitsForRedemptions;
  return isHeard ? { ...after, state: { ...after.state, heardTo } } : after;
}

/** What `endHeard` does with what the receiver has ended: nothing if the user is under another link by now. */
function hear(rules: Rules, server: Server, user: number, { linkId, choice }: LinkChoice): Server {
  const link = presentLink(rules, server, server.members[user] as Member, user);
  if (!("consent" in link) || link.consent.linkId !== linkId) return server;
  const changed = changeLink(rules, server, user, (stored, context) => {
    if (choice === null)
      return rules.transitionUserLink(stored, { type: "end", at: NOW, reason: "link-ended" }, context);
    const transition = rules.endChoice(link, choice, context, NOW);
    return transition ? ok(transition) : err(null);
  });
  return committed(rules, server, user, changed) ?? server;
}

/** What becomes of a pending withdrawal with an answer: its receipt is asked for twice, a day apart (S1). */
function answeredWithdrawal(
  rules: Rules,
  pending: Pending,
  outcome: RecordOutcome["type"],
): readonly Pending[] {
  const isReceipt = outcome === "withdrawn" || (outcome === "unknown" && !rules.waitsForUnknown);
  if (isReceipt)
    return pending.hasReceipt || !rules.asksTwice ? [] : [{ ...pending, hasReceipt: true, isWaiting: true }];
  return outcome === "unknown" ? [{ ...pending, isWaiting: true }] : [pending];
}

interface ChangedMember {
  readonly member: Member;
  readonly withdraw: LinkChoice | null;
}

function changeLink(
  rules: Rules,
  server: Server,
  user: number,
  transition: (link: UserLink, context: LinkContext) => Result<UserLinkTransition, unknown>,
): ChangedMember | null {
  const member = server.members[user] as Member;
  const context = { ...rules.linkContextOf(server.state), user: userId(user) };
  const changed = transition(member.link, context);
  if (changed.isErr() || changed.value.link === member.link) return null;
  const { link, withdraw } = changed.value;
  const isSame =
    link.status === "sending" &&
    member.link.status === "sending" &&
    link.consent.linkId === member.link.consent.linkId &&
    link.choice === member.link.choice;
  return {
    member: isSame ? { ...member, link } : { ...member, link, known: null, heldIn: null },
    withdraw,
  };
}

/** A user's command, with the withdrawal it asks for, in one commit (S1); null where it is refused or changes nothing. */
export function commandLink(
  rules: Rules,
  server: Server,
  user: number,
  command: UserLinkCommand,
): Server | null {
  return committed(
    rules,
    server,
    user,
    changeLink(rules, server, user, (link, context) => rules.transitionUserLink(link, command, context)),
  );
}

function committed(rules: Rules, server: Server, user: number, changed: ChangedMember | null): Server | null {
  if (!changed) return null;
  const members = server.members.with(user, changed.member);
  const { withdraw } = changed;
  if (!withdraw || !rules.storesWithdrawals) return { ...server, members };
  const { linkId, choice } = withdraw;
  const others = server.withdrawals.filter((pending) => pending.linkId !== linkId);
  const isPending = others.length < server.withdrawals.length;
  if (isPending && !rules.replacesWithdrawals) return { ...server, members };
  const withdrawals = [...others, { linkId, choice, hasReceipt: false, isWaiting: false }];
  return { ...server, members, withdrawals };
}

/**
 * A user connects an account, in place of the one they have, and opts in with the link that the redemption has opened: all in
 * one step.
 */
export function optIn(rules: Rules, server: Server, { user, linkId, epoch }: Handed): Server | null {
  const by = userId(user);
  const attempt = linkId as string as AttemptId;
  const code = linkId as string as ConsentCode;
  const connect = (before: Server | null, command: ConnectingCommand): Server | null =>
    before &&
    committed(
      rules,
      before,
      user,
      changeLink(rules, before, user, (link, context) => transitionConnecting(link, command, context)),
    );
  const without = commandLink(rules, server, user, { type: "disconnect", by, at: NOW }) ?? server;
  const started = connect(without, { type: "start-connecting", at: NOW, attempt, expiresAt: LATER });
  const redeeming = connect(started, { type: "start-redeeming", at: NOW, attempt, code });
  const consent = { linkId, epoch };
  const connected = connect(redeeming, { type: "finish-redeeming", at: NOW, attempt, consent });
  return connected && commandLink(rules, connected, user, { type: "opt-in", by, at: NOW });
}

/** An owner's command; null where it is refused or changes nothing. */
export function commandSettings(rules: Rules, server: Server, type: SettingsCommand["type"]): Server | null {
  const { state } = server;
  const changed = rules.transitionSettings(state.settings, settingsCommand(type));
  if (changed.isErr() || changed.value.settings === state.settings) return null;
  const next = rules.withSettings(state, changed.value.settings, NOW);
  const withdrawals =
    next.settings.connectionOrdinal === state.settings.connectionOrdinal &&
    next.settings.status !== "disconnected"
      ? server.withdrawals
      : [];
  return { ...server, state: next, withdrawals };
}

function settingsCommand(type: SettingsCommand["type"]): SettingsCommand {
  const command = { by: OWNER, at: NOW };
  switch (type) {
    case "connect":
      return { ...command, type, platform: { type: "github.com" }, isCloudOwner: true };
    case "enable":
      return { ...command, type, terms: { isAccepted: true } };
    case "disable":
    case "disconnect":
      return { ...command, type };
  }
}
