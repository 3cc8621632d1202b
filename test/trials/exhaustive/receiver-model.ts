import type { Answer, RecordOutcome } from "../../../src/domain/answer.ts";
import type { AccountId, LinkId } from "../../../src/domain/identifiers.ts";
import { type Message, PROTOCOL_VERSION } from "../../../src/domain/message.ts";
import type { StoredAttempt } from "../../../src/ghec/attempt.ts";
import { endingOf, type LiveLink, type ReceiverLink } from "../../../src/ghec/link.ts";
import { currentSession, type Registration } from "../../../src/ghec/registration.ts";
import { type Unrecorded, unreadDeletions, unrecordedEndings } from "./ledger-model.ts";
import type { Rules } from "./rules.ts";
import { type Cloud, isEnded, NOW, type Receiving } from "./world.ts";

/** What one commit of the store does, and what is answered once the ledger knows. */
export interface Committed {
  readonly cloud: Cloud;
  readonly answer: Answer;
  /** What the ledger has to know as ended before. */
  readonly unrecorded: readonly Unrecorded[];
}

/** What `messages.ts` and the memory store do with a message, over the same pure functions: one atomic step. */
export function commitMessage(
  rules: Rules,
  cloud: Cloud & { readonly registration: Registration },
  message: Message,
): Committed {
  const { registration } = cloud;
  switch (message.type) {
    case "attach": {
      if (rules.isTooFar(registration, message.featureSwitch.epoch)) return rejectAsTooFar(cloud, message);
      const attached = rules.attach(registration, message, rules.sessionOf(message), NOW);
      return attached
        ? say({ ...cloud, registration: attached }, message, {
            type: "attached",
            sessionId: attached.session.id,
          })
        : say(cloud, message, { type: "attach-refused", current: currentSession(registration) });
    }
    case "enable":
      if (rules.isTooFar(registration, message.after)) return rejectAsTooFar(cloud, message);
      return say({ ...cloud, registration: rules.enable(registration, message.after) }, message, {
        type: "switched",
      });
    case "disable": {
      const disabled = rules.disable(registration, message.epoch, NOW);
      const receipt = rules.disablingReceipt(disabled, message.epoch, NOW);
      return say({ ...cloud, registration: disabled }, message, { type: "disabled", receipt });
    }
    case "complete": {
      const admission = rules.admit(registration, message);
      if (admission.isErr())
        return say(cloud, message, { type: "detached", current: currentSession(registration), outcomes: [] });
      const completed = rules.complete(admission.value.registration);
      const hidesUnreported = completed.session.isCompleted && !registration.session.isCompleted;
      const links = hidesUnreported
        ? cloud.links.map((link) => {
            if (link.status === "deleted" || !rules.isUnreported(link, completed.session)) return link;
            return rules.killsUnreported ? rules.deleteLink(link, "withdrawn", NOW) : rules.hideLink(link);
          })
        : cloud.links;
      const { heardTo } = message;
      return say({ ...cloud, registration: completed, links }, message, {
        ...{ type: "completed", ended: [], heardTo, hasMore: false },
      });
    }
    case "deliver":
      return deliver(rules, cloud, message);
    case "push":
    case "redeem":
      throw new Error("A consent and its redemption are operations of their own here.");
  }
}

function deliver(
  rules: Rules,
  cloud: Cloud & { readonly registration: Registration },
  message: Extract<Message, { type: "deliver" }>,
): Committed {
  const links = [...cloud.links];
  const { installation } = cloud.registration;
  const outcomes: RecordOutcome[] = [];
  const admission = rules.admit(cloud.registration, message);
  for (const [index, record] of message.records.entries()) {
    if (record.type !== "withdraw") continue;
    outcomes[index] =
      !rules.withdrawsInAnySession && admission.isErr()
        ? { type: "not-applied" }
        : write(links, record.linkId, (link) =>
            rules.applyWithdrawal(link, installation, record.choice, NOW),
          );
  }
  const registration = admission.isOk() ? admission.value.registration : cloud.registration;
  for (const [index, record] of message.records.entries()) {
    if (record.type === "withdraw") continue;
    const { choice } = record;
    const window = record.type === "report" ? { first: record.first, counts: record.counts } : null;
    outcomes[index] = admission.isOk()
      ? write(links, record.linkId, (link) => rules.applyReport(link, registration, { choice, window }, NOW))
      : { type: "not-applied" };
  }
  const named = message.records.flatMap(({ linkId }, index) =>
    outcomes[index]?.type === "kept" ? [] : [linkId],
  );
  const unrecorded = unrecordedEndings(links).filter(
    ({ linkId, choice, installation: owner }) =>
      owner === installation &&
      named.includes(linkId) &&
      (rules.recordsRepeated || !hasEnded(cloud.links, linkId, choice)),
  );
  const after = { ...cloud, registration, links };
  const said = admission.isOk()
    ? say(after, message, { type: "delivered", outcomes })
    : say(after, message, { type: "detached", current: currentSession(registration), outcomes });
  return { ...said, unrecorded };
}

/** Whether the last ending of a link is this one. */
function hasEnded(links: readonly ReceiverLink[], id: LinkId, choice: number | null): boolean {
  const link = links.find(({ linkId }) => linkId === id);
  const ending = link && endingOf(link);
  return ending?.choice === choice;
}

function write(
  links: ReceiverLink[],
  id: LinkId,
  transition: (link: ReceiverLink | null) => ReturnType<Rules["applyReport"]>,
): RecordOutcome {
  const at = links.findIndex(({ linkId }) => linkId === id);
  const { outcome, link } = transition(links[at] ?? null);
  if (link) links[at] = link;
  return outcome;
}

function rejectAsTooFar(cloud: Cloud, { requestId }: Message): Committed {
  const supported = { first: PROTOCOL_VERSION, last: PROTOCOL_VERSION };
  const reason = "epoch-too-far";
  const answer: Answer = { version: PROTOCOL_VERSION, type: "rejected", requestId, reason, supported };
  return { cloud, answer, unrecorded: [] };
}

type Saying<Kind> = Kind extends Answer ? Omit<Kind, "version" | "requestId" | "featureSwitch"> : never;

function say(
  cloud: Cloud & { readonly registration: Registration },
  message: Message,
  saying: Saying<Exclude<Answer, { type: "rejected" }>>,
): Committed {
  const { requestId } = message;
  const answer = {
    version: PROTOCOL_VERSION,
    requestId,
    featureSwitch: cloud.registration.featureSwitch,
    ...saying,
  } as Answer;
  return { cloud, answer, unrecorded: [] };
}

/**
 * RS6: an account's live links among some are deleted; answers those that are unrecorded, too.
 *
 * @param before the links before the operation began
 */
export function deleteLinks(
  rules: Rules,
  before: readonly ReceiverLink[],
  some: readonly ReceiverLink[],
  account: AccountId,
): { readonly links: readonly ReceiverLink[]; readonly unrecorded: readonly Unrecorded[] } {
  const links = some.map((link) =>
    link.status === "live" && link.account === account ? rules.deleteLink(link, "replaced", NOW) : link,
  );
  const its = links.filter((link) => link.status === "deleted" && link.account === account);
  const unrecorded = unrecordedEndings(its).filter(
    ({ linkId }) => rules.recordsRepeated || !hasEnded(before, linkId, null),
  );
  return { links, unrecorded };
}

/** RS6: the consents of an account that are not redeemed are void. Their links are stored as deleted. */
export function voidConsents(
  rules: Rules,
  cloud: Cloud,
  account: AccountId,
): Pick<Cloud, "links" | "attempts"> {
  const voided = rules.voidsConsents ? pendingOf(cloud.attempts, account) : [];
  return {
    links: [...cloud.links, ...voided.map((attempt) => rules.voidedLink(attempt, account, "withdrawn", NOW))],
    attempts: cloud.attempts.filter((attempt) => !voided.includes(attempt)),
  };
}

/** The consents of an account that are not redeemed. */
export function pendingOf(attempts: readonly StoredAttempt[], account: AccountId): readonly StoredAttempt[] {
  return attempts.filter((attempt) => attempt.account === account && !attempt.isRedeemed);
}

/** The links whose counts the store may show (I1). */
export function shownLinks(rules: Rules, { registration, links }: Cloud): readonly LiveLink[] {
  return links.filter(
    (link): link is LiveLink =>
      link.status === "live" &&
      link.report?.window != null &&
      registration !== null &&
      rules.isOpen(registration, link.epoch),
  );
}

/** The links whose counts a viewer sees who looks now and may only read. */
export function viewedLinks(rules: Rules, receiving: Receiving): readonly LiveLink[] {
  const shown = shownLinks(rules, receiving.cloud);
  if (shown.length === 0) return shown;
  const { epochOff, ended } = unreadDeletions(rules, receiving);
  return shown.filter(
    ({ linkId, epoch, report }) => epoch > epochOff && !isEnded(ended, linkId, report?.choice ?? 0),
  );
}
