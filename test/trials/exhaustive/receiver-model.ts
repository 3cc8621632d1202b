import type { Answer, RecordOutcome } from "../../../src/domain/answer.ts";
import type { LinkId, SessionId } from "../../../src/domain/identifiers.ts";
import { type Message, PROTOCOL_VERSION } from "../../../src/domain/message.ts";
import type { ReceiverLink } from "../../../src/ghec/link.ts";
import { currentSession, type Registration } from "../../../src/ghec/registration.ts";
import type { Rules } from "./rules.ts";
import { type Cloud, NOW, SERVER } from "./world.ts";

/** The receiver's answer to a message, and what it keeps afterwards: one atomic step. */
export interface Handled {
  readonly cloud: Cloud;
  readonly answer: Answer;
}

/** What `answer-message.ts` and the memory store do, over the same pure functions. */
export function handle(rules: Rules, cloud: Cloud, message: Message, newSession: SessionId): Handled {
  const { registration } = cloud;
  if (!registration.isConnected) {
    const supported = { first: PROTOCOL_VERSION, last: PROTOCOL_VERSION };
    return {
      cloud,
      answer: {
        version: PROTOCOL_VERSION,
        type: "rejected",
        requestId: message.requestId,
        reason: "unknown-installation",
        supported,
      },
    };
  }
  switch (message.type) {
    case "attach": {
      const attached = rules.attach(registration, message, newSession, NOW);
      return attached
        ? say({ ...cloud, registration: attached }, message, {
            type: "attached",
            sessionId: attached.session.id,
          })
        : say(cloud, message, { type: "attach-refused", current: currentSession(registration) });
    }
    case "enable":
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
      const links =
        completed.session.isCompleted && !registration.session.isCompleted
          ? cloud.links.map((link) =>
              link.status === "live" && rules.isUnreported(link, completed.session)
                ? rules.killLink(link, NOW)
                : link,
            )
          : cloud.links;
      return say({ registration: completed, links }, message, { type: "completed" });
    }
    case "deliver":
      return deliver(rules, cloud, message);
  }
}

function deliver(rules: Rules, cloud: Cloud, message: Extract<Message, { type: "deliver" }>): Handled {
  const links = [...cloud.links];
  const outcomes: RecordOutcome[] = [];
  for (const [index, record] of message.records.entries()) {
    if (record.type !== "withdraw") continue;
    if (!rules.withdrawsInAnySession && rules.admit(cloud.registration, message).isErr()) {
      outcomes[index] = { type: "not-applied" };
      continue;
    }
    outcomes[index] = write(links, record.linkId, (link) => rules.applyWithdrawal(link, SERVER, NOW));
  }
  const admission = rules.admit(cloud.registration, message);
  const registration = admission.isOk() ? admission.value.registration : cloud.registration;
  for (const [index, record] of message.records.entries()) {
    if (record.type !== "report") continue;
    const window = { first: record.first, counts: record.counts };
    outcomes[index] = admission.isOk()
      ? write(links, record.linkId, (link) => rules.applyReport(link, registration, window, NOW))
      : { type: "not-applied" };
  }
  const after = { registration, links };
  return admission.isOk()
    ? say(after, message, { type: "delivered", outcomes })
    : say(after, message, { type: "detached", current: currentSession(registration), outcomes });
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

type Saying<Kind> = Kind extends Answer ? Omit<Kind, "version" | "requestId" | "featureSwitch"> : never;

function say(cloud: Cloud, message: Message, saying: Saying<Exclude<Answer, { type: "rejected" }>>): Handled {
  const { requestId } = message;
  const answer = {
    version: PROTOCOL_VERSION,
    requestId,
    featureSwitch: cloud.registration.featureSwitch,
    ...saying,
  } as Answer;
  return { cloud, answer };
}

/** The links that may be shown (I1). */
export function shownLinks(
  rules: Rules,
  { registration, links }: Cloud,
): readonly (ReceiverLink & { status: "live" })[] {
  return links.filter(
    (link): link is ReceiverLink & { status: "live" } =>
      link.status === "live" &&
      link.report?.window != null &&
      rules.isOpen(registration as Registration, link.epoch),
  );
}
