import type { Answer, RecordOutcome } from "../../../src/domain/answer.ts";
import { covers, type LinkChoice } from "../../../src/domain/choice.ts";
import type {
  AccountId,
  AttemptId,
  BrowserId,
  ConsentCode,
  Instant,
  LinkId,
  SessionId,
} from "../../../src/domain/identifiers.ts";
import { endingOf, type LiveLink, type ReceiverLink } from "../../../src/ghec/link.ts";
import type { LedgerEntry } from "../../../src/ghec/ports.ts";
import type { Registration } from "../../../src/ghec/registration.ts";
import { append, catchUp, linksEnded, namedEnded, settle } from "./ledger-model.ts";
import { commitMessage, deleteLinks, pendingOf, voidConsents } from "./receiver-model.ts";
import type { Rules } from "./rules.ts";
import {
  type Cloud,
  type Code,
  type Ended,
  type Ids,
  type Job,
  mintFrom,
  NOW,
  type Operation,
  type Receiving,
  SERVER,
  type World,
} from "./world.ts";

/** An operation that nothing was done of yet. */
export function begun(operation: Operation): Job {
  const isMinting =
    operation.type === "consent" ||
    operation.type === "redeem" ||
    operation.type === "cut-off" ||
    operation.type === "connect" ||
    (operation.type === "message" && !["deliver", "complete"].includes(operation.packet.message.type));
  const at = isMinting ? "settle" : "commit";
  return { operation, at, entry: null, entryId: null, answer: null, given: null, opened: null, ended: [] };
}

/** What one phase of an operation does. */
export interface Advanced {
  readonly receiving: Receiving;
  /** The job as it stands then, or `"done"`, or `"failed"` where the ledger cannot be read: nothing is answered. */
  readonly job: Job;
  readonly outcome: "goes-on" | "done" | "failed" | "refused";
  /** Ghost: the links and choices that the operation may end. */
  readonly caused: readonly LinkChoice[];
  /** Ghost: the highest epoch that it may end. */
  readonly causedOff: number;
}

/** Does the next phase of an operation: each is atomic, and anything may happen between two of them. */
export function advance(rules: Rules, receiving: Receiving, isDown: boolean, job: Job, ids: Ids): Advanced {
  const after = (
    next: Partial<Job>,
    changed: Receiving = receiving,
    outcome: Advanced["outcome"] = "goes-on",
  ): Advanced => ({ receiving: changed, job: { ...job, ...next }, outcome, caused: [], causedOff: 0 });

  switch (job.at) {
    case "settle":
      if (isDown) return after({}, receiving, "failed");
      return after({ at: "commit" }, settle(rules, receiving, ids));
    case "commit":
      return commit(rules, receiving, isDown, job, ids);
    case "append": {
      if (isDown) return after({}, receiving, "failed");
      const ledger = append(receiving.ledger, job.entry as LedgerEntry, ids);
      const entryId = ledger.at(-1)?.place.entryId ?? null;
      return after({ at: "read", entryId }, { ...receiving, ledger });
    }
    case "read": {
      if (isDown) return after({}, receiving, "failed");
      const read = { ...receiving, cloud: catchUp(rules, receiving, ids) };
      // The ledger has lost at once what was written: that is no acknowledgement.
      const isRecorded = read.ledger.some(({ place }) => place.entryId === job.entryId);
      const answer = isRecorded ? rereadReceipts(read.cloud, job) : null;
      return after({ answer }, read, isRecorded && (answer || !job.answer) ? "done" : "failed");
    }
  }
}

/**
 * Withdrawals are read once more after they were recorded: one that was acknowledged before has its first receipt. Null
 * where a link or a choice lives again: the store has lost its ending, and so has the ledger.
 */
function rereadReceipts(cloud: Cloud, { operation, answer }: Job): Job["answer"] {
  if (operation.type !== "message" || operation.packet.message.type !== "deliver") return answer;
  if (!answer || !("outcomes" in answer)) return answer;
  const { records } = operation.packet.message;
  const outcomes: RecordOutcome[] = [];
  for (const [index, outcome] of answer.outcomes.entries()) {
    const record = records[index];
    const link = cloud.links.find(({ linkId }) => linkId === record?.linkId);
    const isReceipt = outcome.type === "withdrawn" || outcome.type === "ended";
    if (!link || !record || !isReceipt) {
      outcomes.push(outcome);
      continue;
    }
    const ending = endingOf(link);
    if (!ending || !covers(ending.choice, outcome.type === "ended" ? outcome.choice : record.choice))
      return null;
    outcomes.push({ ...outcome, receipt: ending.receipt });
  }
  return { ...answer, outcomes };
}

function commit(rules: Rules, receiving: Receiving, isDown: boolean, job: Job, ids: Ids): Advanced {
  const { cloud, ledger } = receiving;
  const { operation } = job;
  const done = (
    changed: Cloud,
    entry: LedgerEntry | null,
    next: Partial<Job>,
    ghost: Partial<Pick<Advanced, "caused" | "causedOff">>,
  ): Advanced => ({
    receiving: { ledger, cloud: changed },
    job: { ...job, ...next, at: "append", entry },
    outcome: entry && rules.recordsDeletions ? "goes-on" : "done",
    caused: ghost.caused ?? [],
    causedOff: ghost.causedOff ?? 0,
  });
  const refused: Advanced = { receiving, job, outcome: "refused", caused: [], causedOff: 0 };
  const epochs = (registration: Registration): LedgerEntry | null =>
    rules.recordsEpochs ? rules.unrecordedEpochs(registration) : null;

  switch (operation.type) {
    case "message": {
      const { message } = operation.packet;
      const session = mintFrom(ids) as SessionId;
      const isStored = cloud.registration?.isConnected === true;
      if (!isStored && !rules.registersByMessage) return refused;
      if (!isStored && message.type === "deliver") {
        if (isDown) return { ...refused, outcome: "failed" };
        const settled = settle(rules, receiving, ids);
        const registration = rules.connect(settled.cloud.registration, SERVER, null, session, NOW);
        return commit(rules, { ...settled, cloud: { ...settled.cloud, registration } }, isDown, job, ids);
      }
      const server = receiving.cloud.registration?.installation ?? SERVER;
      const registration = rules.connect(cloud.registration, server, null, session, NOW);
      const committed = commitMessage(rules, { ...cloud, registration }, message);
      const after = committed.cloud.registration as Registration;
      const recordable = message.type === "complete" ? null : epochs(after);
      const entry = message.type === "deliver" ? linksEnded(rules, committed.unrecorded) : recordable;
      const caused =
        message.type === "deliver"
          ? message.records.flatMap(({ type, linkId, choice }) =>
              type === "withdraw" ? [{ linkId, choice }] : [],
            )
          : [];
      const named =
        message.type === "complete" && committed.answer.type === "completed" && !isDown
          ? namedEnded(rules, { cloud: committed.cloud, ledger }, message.heardTo)
          : {};
      return done(
        committed.cloud,
        entry,
        { answer: { ...committed.answer, ...named } as Answer },
        {
          caused,
          causedOff: message.type === "disable" ? message.epoch : 0,
        },
      );
    }
    case "consent":
      return consent(rules, receiving, operation.user, ids, done) ?? refused;
    case "redeem":
      return redeem(rules, receiving, operation.code, done) ?? refused;
    case "revoke": {
      const account = accountOf(operation.user);
      const voided = voidConsents(rules, cloud, account);
      const { links, unrecorded } = deleteLinks(rules, cloud.links, voided.links, account);
      const changed = rules.killsOnRevocation ? { ...cloud, ...voided, links } : cloud;
      const waiting = pendingOf(cloud.attempts, account).map(asEnded);
      const ended = [...endedOf(cloud.links, operation.user), ...waiting];
      return done(
        changed,
        rules.killsOnRevocation ? linksEnded(rules, unrecorded) : null,
        { ended },
        { caused: ended.map(({ linkId }) => ({ linkId, choice: null })) },
      );
    }
    case "cut-off": {
      if (!cloud.registration) return refused;
      const { connectionId: current, isConnected, featureSwitch } = cloud.registration;
      const registration = rules.disconnect(cloud.registration, NOW, operation.connectionId);
      const isMeant = isConnected && [operation.connectionId, null].includes(current);
      const ended = isMeant ? [...cloud.links, ...cloud.attempts].map(asEnded) : [];
      const causedOff = isMeant ? featureSwitch.epoch + 1 : 0;
      return done({ ...cloud, registration }, epochs(registration), { ended }, { causedOff });
    }
    case "connect": {
      const session = mintFrom(ids) as SessionId;
      const before = cloud.registration;
      const registration = rules.connect(before, SERVER, operation.connectionId, session, NOW);
      const causedOff = before?.isConnected && before !== registration ? before.featureSwitch.epoch + 1 : 0;
      return done({ ...cloud, registration }, epochs(registration), {}, { causedOff });
    }
  }
}

/** What a commit leaves to be recorded and answered. */
type Done = (
  changed: Cloud,
  entry: LedgerEntry | null,
  next: Partial<Job>,
  ghost: Partial<Pick<Advanced, "caused">>,
) => Advanced;

/** The account's owner consents to an attempt that was pushed just before. It opens and ends nothing. */
function consent(rules: Rules, { cloud }: Receiving, user: number, ids: Ids, done: Done): Advanced | null {
  const { registration } = cloud;
  if (!registration?.isConnected || registration.featureSwitch.status === "off") return null;
  const linkId = mintFrom(ids) as LinkId;
  const named = { installation: SERVER, attempt: attemptOf(linkId), linkId, expiresAt: LATER };
  const pushed = rules.pushedAttempt({ ...named, limit: 1, at: NOW }, registration);
  const given = { account: accountOf(user), code: codeOf(linkId), expiresAt: LATER };
  const brought = { attempt: pushed.attempt, browser: BROWSER, consent: given, at: NOW };
  const attempt = rules.answeredAttempt(pushed, brought);
  if (!attempt) return null;
  return done({ ...cloud, attempts: [...cloud.attempts, attempt] }, null, { given: { user, linkId } }, {});
}

/** R6: the sender redeems a consent, and the account's other links of the server end. */
function redeem(rules: Rules, { cloud }: Receiving, { user, linkId }: Code, done: Done): Advanced | null {
  const { registration, links, attempts } = cloud;
  const attempt = attempts.find((each) => each.linkId === linkId);
  if (!registration || !attempt) return null;
  const account = accountOf(user);
  const { epoch } = attempt;
  const opened = { user, linkId, epoch };
  if (attempt.isRedeemed) {
    const link = links.find((each) => each.linkId === linkId);
    if (link?.status !== "live" || !rules.isOpen(registration, epoch)) return null;
    const { unrecorded } = deleteLinks(rules, links, others(links, linkId), account);
    return done(cloud, linksEnded(rules, unrecorded), { opened }, {});
  }
  if (!rules.isPending(attempt, registration, NOW)) return null;
  const live: LiveLink = {
    status: "live",
    linkId,
    installation: SERVER,
    account,
    epoch,
    openedAt: NOW,
    report: null,
    withdrawn: null,
  };
  const ended = rules.replacesConsents ? endedOf(links, user) : [];
  const deleted = rules.replacesConsents
    ? deleteLinks(rules, links, links, account)
    : { links, unrecorded: [] };
  const redeemed = attempts.map((each) => (each === attempt ? rules.redeemedAttempt(each) : each));
  return done(
    { registration, links: [...deleted.links, live], attempts: redeemed },
    linksEnded(rules, deleted.unrecorded),
    { opened, ended },
    { caused: ended.map(({ linkId: id }) => ({ linkId: id, choice: null })) },
  );
}

function others(links: readonly ReceiverLink[], id: LinkId): readonly ReceiverLink[] {
  return links.filter(({ linkId }) => linkId !== id);
}

const BROWSER = "browser" as BrowserId;
const LATER = (NOW + 1) as Instant;

function attemptOf(linkId: LinkId): AttemptId {
  return linkId as string as AttemptId;
}

function codeOf(linkId: LinkId): ConsentCode {
  return linkId as string as ConsentCode;
}

function accountOf(user: number): AccountId {
  return `account-${user}` as AccountId;
}

/** Ghost: an account's links, those that are dead but unrecorded included. */
function endedOf(links: readonly ReceiverLink[], user: number): readonly Ended[] {
  return links.filter(({ account }) => account === accountOf(user)).map(asEnded);
}

function asEnded({ linkId }: { readonly linkId: LinkId }): Ended {
  return { linkId, choice: null, isWithdrawn: false };
}

/** The receiver as a message of the server finds it. */
export function receivingOf(world: World, isMapped: boolean): Receiving {
  const { cloud, ledger, elsewhere } = world;
  return isMapped && elsewhere ? elsewhere : { cloud, ledger };
}
