import type { Answer, CompletedAnswer, RecordOutcome } from "../../domain/answer.ts";
import type {
  AccountId,
  AttemptId,
  InstallationId,
  LinkId,
  RequestId,
  SessionId,
} from "../../domain/identifiers.ts";
import type { DeliverMessage, Message, WithdrawRecord } from "../../domain/message.ts";
import type { ShownWindow } from "../../ghec/ports.ts";
import {
  addReport,
  beginAsking,
  type Consent,
  type ConsentEnd,
  type Ending,
  type Exit,
  endChoice,
  endConsents,
  endsOf,
  isOf,
  judgeEnded,
  judgeOutcome,
  judgeSeen,
  judgeShown,
  judgeUnknown,
  loseFromBoth,
  loseFromStore,
  newConsent,
} from "./consent.ts";
import type { InvariantViolation } from "./violation.ts";

/** The mark of every text that must never cross the wire (I6). */
export const PERSONAL = "personal";

/** A loss and its place in the order of events: see {@link Judge.moment}. */
export interface LostSince {
  /** The moment of the oldest lost change. */
  readonly since: number;
  /** The installation that lost data, or null for all of them. */
  readonly installation: InstallationId | null;
}

/** The circumstances of a look at the shown counts. */
export interface Look {
  readonly account: AccountId;
  readonly windows: readonly ShownWindow[];
  /** The receiver's today, in days since 1970. */
  readonly lastDay: number;
  /** The instant since which the ledger can be read, or null while it cannot. */
  readonly readableSince: number | null;
}

/** Judges the world by three facts: the consents, the acknowledged deletions, and the times of what was sent. */
export interface Judge {
  /** Returns the first violation, or null. */
  violation(): InvariantViolation | null;
  blame(violation: InvariantViolation | null): void;
  /** Returns a number that grows with every event that the judge is told. */
  moment(): number;
  /**
   * An account's owner consents to an attempt of an installation, which may be redeemed from now on. The returned
   * function is called once the consent was given, so that a later exit has to void it.
   */
  consents(installation: InstallationId, account: AccountId, attempt: AttemptId): () => void;
  /** A text has crossed the wire, in either direction. */
  overhears(text: string): void;
  /** A message has reached the receiver. Its effects are possible from now on. */
  arrives(installation: InstallationId, message: Message, readAt: (linkId: LinkId) => number): void;
  /** A message was answered. The statements of the answer are settled. */
  answered(installation: InstallationId, message: Message, answer: Answer): void;
  /** The cloud is about to end links. It calls the returned function once it has. */
  exits(exit: Exit): () => void;
  /** A sweep is about to keep no day before this one, in days since 1970. */
  sweeps(firstKept: number): void;
  /** The store has lost its last commits. */
  storeForgot(lost: LostSince): void;
  /** The store and the ledger have both lost their last commits. */
  bothForgot(lost: LostSince): void;
  /** The store has read the ledger to its end. */
  storeIsWhole(): void;
  /** A server with a right clock and without a second copy has said everything that it has to say. */
  serverSpoke(installation: InstallationId): void;
  /** Looks at the counts that a process shows after it has just read the ledger, or failed to. */
  looks(look: Look): void;
  /** Looks at the counts that a process shows if it reads the ledger once per minute. */
  glances(look: Look): void;
  /** Returns the account that consented to a link. */
  accountOf(linkId: LinkId): AccountId | null;
  /** Returns the attempt whose redemption has opened a link. */
  attemptOf(linkId: LinkId): AttemptId | null;
  /** Returns the link of an installation that was asked for last, or null. */
  lastLinkOf(installation: InstallationId): LinkId | null;
  /** Whether the receiver may not know a link any more. */
  mayBeForgotten(linkId: LinkId): boolean;
  /** Whether the receiver has kept a report under a choice of a link, and has not lost it. */
  hasReport(linkId: LinkId, choice: number): boolean;
  /** Whether a request or an exit could end a link, or a request a choice of it. */
  mayEnd(linkId: LinkId, choice: number | null): boolean;
  /** Returns how many sessions an installation was given. */
  sessionsOf(installation: InstallationId): number;
}

/** A withdrawal has reached the receiver. It may end the link, or choices of it, from now on. */
function mayEndBy(consent: Consent, { choice }: WithdrawRecord): void {
  if (choice === null) consent.mayEnd = true;
  else consent.mayEndTo = Math.max(consent.mayEndTo, choice);
}

function isOpened({ linkId }: Consent): boolean {
  return linkId !== null;
}

/**
 * How long data may be shown after the store has lost its deletion, in milliseconds: a minute, and its last instant.
 */
const BOUND_MS = 60_001;

/** After how long a server has asked for a receipt again, in milliseconds. */
const ASKED_AGAIN_MS = 25 * 3_600_000;

/** Returns a judge that has seen nothing. */
export function createJudge(now: () => number): Judge {
  const byLink = new Map<LinkId, Consent>();
  const byInstallation = new Map<InstallationId, Consent[]>();
  const sessions = new Map<InstallationId, { readonly id: SessionId; readonly number: number }>();
  // The consents that were open when an attach arrived for the first time.
  const openAt = new Map<RequestId, ReadonlySet<Consent>>();
  /** The consents that were open when a redemption arrived for the first time. */
  const replacedBy = new Map<Consent, readonly Consent[]>();
  let violation: InvariantViolation | null = null;
  let moment = 0;
  let firstKept = 0;

  // Exits that have begun and have no known end. They may be carried out at any time.
  let exits: readonly Exit[] = [];

  const blame: Judge["blame"] = (seen) => {
    violation ??= seen;
  };
  const of = (installation: InstallationId): readonly Consent[] => byInstallation.get(installation) ?? [];
  const all = (): readonly Consent[] => [...byInstallation.values()].flat();
  const ofAttempt = (installation: InstallationId, attempt: AttemptId): Consent | undefined =>
    of(installation).find((each) => each.attempt === attempt);
  const named = (linkId: LinkId, installation: InstallationId): Consent | null => {
    const consent = byLink.get(linkId);
    return consent?.installation === installation ? consent : null;
  };

  function end(consents: Iterable<Consent>, type: Ending, isAskedAgain = false): void {
    endConsents(consents, { type, isAskedAgain, moment: ++moment, at: now() });
  }

  function arrivesDelivery(
    installation: InstallationId,
    message: DeliverMessage,
    readAt: (linkId: LinkId) => number,
  ): void {
    for (const record of message.records) {
      const consent = named(record.linkId, installation);
      if (!consent) continue;
      if (record.type === "withdraw") mayEndBy(consent, record);
      else if (record.type === "report") addReport(consent, record, readAt(record.linkId), now());
      else if (consent.isOld === true) consent.isOld = "maybe";
    }
  }

  /** Returns the last epoch that a message may end, so that the links of it and of all before may be removed. */
  function endedBy(message: Message): number {
    if (message.type === "disable") return message.epoch;
    if (message.type === "enable") return message.after;
    if (message.type !== "attach") return 0;
    const { epoch, status } = message.featureSwitch;
    return status === "off" ? epoch : epoch - 1;
  }

  function judgeDelivery(installation: InstallationId, message: DeliverMessage, answer: Answer): void {
    if (!("outcomes" in answer)) return;
    for (const [index, outcome] of answer.outcomes.entries()) {
      const record = message.records[index];
      const consent = record && named(record.linkId, installation);
      if (!consent) continue;
      if (record.type === "withdraw") judgeWithdrawal(consent, record, outcome);
      else blame(judgeOutcome(consent, record, outcome, ++moment));
    }
  }

  function judgeWithdrawal(consent: Consent, { choice }: WithdrawRecord, { type }: RecordOutcome): void {
    if (type === "unknown") blame(judgeUnknown(consent));
    if (type !== "withdrawn") return;
    consent.isLost = false;
    if (choice === null) end([consent], "acknowledged", true);
    else endChoice(consent, choice, { moment: ++moment, at: now() });
  }

  /** Judges the choices that a `completed` names. */
  function judgeNamed(installation: InstallationId, { ended }: CompletedAnswer): void {
    for (const { linkId, choice } of ended) {
      const consent = named(linkId, installation);
      if (consent && choice !== null) blame(judgeEnded(consent, choice));
    }
  }

  /**
   * Notes that a redemption has reached the receiver. It may open its link from now on, unless it has, and end others.
   *
   * The others are the account's. Those whose answers are still to come may be opened later than this one.
   */
  function redeems(installation: InstallationId, attempt: AttemptId): void {
    const consent = ofAttempt(installation, attempt);
    if (!consent) return;
    const others = of(installation).filter(
      (each) => each.isAsked && each.account === consent.account && each !== consent,
    );
    for (const other of others) other.mayEnd = true;
    if (consent.linkId) return;
    if (!consent.isAsked) {
      beginAsking(consent);
      replacedBy.set(
        consent,
        others.filter(({ linkId }) => linkId !== null),
      );
    }
    consent.mayEnd ||=
      others.some(({ linkId }) => linkId === null) || exits.some((exit) => isOf(consent, exit));
    consent.mayBeForgotten ||= exits.some((exit) => exit.account === null && isOf(consent, exit));
  }

  function judgeRedemption(installation: InstallationId, attempt: AttemptId, answer: Answer): void {
    if (answer.type === "redeemed") redeems(installation, attempt);
    const consent = ofAttempt(installation, attempt);
    if (!consent) return;
    if (answer.type !== "redeemed") {
      if (!isOpened(consent)) consent.isAsked = false;
      return;
    }
    const { linkId, epoch } = answer;
    if (consent.linkId === linkId) return;
    if (consent.linkId !== null && !consent.mayBeForgotten) {
      blame({ invariant: "I3", message: "an attempt has opened two links" });
      return;
    }
    consent.linkId = linkId;
    consent.epoch = epoch;
    consent.openedAt = ++moment;
    byLink.set(linkId, consent);
    end(replacedBy.get(consent) ?? [], "by-link");
  }

  /** Consents that were open when the attaching request first arrived are older than its session. Later ones may be. */
  function beginSession(installation: InstallationId, id: SessionId, attachedBy: RequestId): void {
    const last = sessions.get(installation);
    if (last?.id === id) return;
    sessions.set(installation, { id, number: (last?.number ?? 0) + 1 });
    const older = openAt.get(attachedBy);
    for (const consent of of(installation)) consent.isOld = older?.has(consent) ? true : "maybe";
  }

  /** Hides the links that a session's first completed sync has not named, until they are reported. */
  function hide(installation: InstallationId): void {
    for (const consent of of(installation)) {
      if (consent.isOld !== true) continue;
      consent.hidden = Math.max(consent.hidden, ...consent.reports.map(({ order }) => order));
    }
  }

  /** An answer that states the switch has written into the ledger which epochs are over. */
  function applySwitch(installation: InstallationId, answer: Answer): void {
    if (answer.type !== "attached" && answer.type !== "switched" && answer.type !== "disabled") return;
    const { epoch, status } = answer.featureSwitch;
    const past = of(installation).filter(
      (consent) =>
        isOpened(consent) &&
        !consent.end &&
        (consent.epoch < epoch || (consent.epoch === epoch && status === "off")),
    );
    end(past, "heard");
  }

  function forEachLost({ installation }: LostSince, lose: (consent: Consent) => void): void {
    for (const consent of installation === null ? all() : of(installation)) lose(consent);
  }

  return {
    violation: () => violation,
    blame,
    moment: () => moment,

    consents: (installation, account, attempt) => {
      const consent = newConsent(installation, account, attempt);
      byInstallation.set(installation, [...of(installation), consent]);
      return () => {
        consent.isGiven = true;
      };
    },

    overhears: (text) => {
      if (text.includes(PERSONAL))
        blame({ invariant: "I6", message: "something of a person crossed the wire" });
    },

    arrives: (installation, message, readAt) => {
      if (message.type === "deliver") return arrivesDelivery(installation, message, readAt);
      if (message.type === "attach" && !openAt.has(message.requestId))
        openAt.set(message.requestId, new Set(of(installation).filter(({ linkId }) => linkId !== null)));
      if (message.type === "redeem") redeems(installation, message.attempt);
      const lastEnded = endedBy(message);
      for (const consent of of(installation)) {
        if (message.type === "attach") consent.isOld ||= "maybe";
        consent.mayBeForgotten ||= lastEnded > 0 && consent.epoch <= lastEnded;
      }
    },

    answered: (installation, message, answer) => {
      if (answer.type === "attached") beginSession(installation, answer.sessionId, message.requestId);
      if (answer.type === "completed") {
        hide(installation);
        judgeNamed(installation, answer);
      }
      if (answer.type === "disabled")
        end(
          of(installation).filter((consent) => isOpened(consent) && consent.epoch <= answer.receipt.epoch),
          "acknowledged",
          true,
        );
      if (message.type === "redeem") judgeRedemption(installation, message.attempt, answer);
      applySwitch(installation, answer);
      if (message.type === "deliver") judgeDelivery(installation, message, answer);
    },

    exits: (given) => {
      const exit = { ...given };
      exits = [...exits, exit];
      const concerned = all().filter((consent) => isOf(consent, exit));
      for (const consent of concerned) {
        consent.mayEnd = true;
        consent.mayBeForgotten ||= exit.account === null;
      }
      const ended = concerned.filter(({ isGiven }) => isGiven);
      return () => {
        exits = exits.filter((begun) => begun !== exit);
        // The end of a connection ends its epochs, whatever links the store knows.
        end(ended, exit.account === null ? "acknowledged" : "by-link");
      };
    },

    sweeps: (day) => {
      firstKept = Math.max(firstKept, day);
    },

    storeForgot: (lost) => forEachLost(lost, (consent) => loseFromStore(consent, { ...lost, at: now() })),
    bothForgot: (lost) => forEachLost(lost, (consent) => loseFromBoth(consent, { ...lost, at: now() })),

    storeIsWhole: () => {
      for (const ended of all().flatMap(endsOf)) ended.lostAt = null;
    },

    serverSpoke: (installation) => {
      for (const ended of of(installation).flatMap(endsOf)) {
        if (ended.isOwed && ended.at + ASKED_AGAIN_MS <= now()) ended.isOwed = false;
      }
    },

    looks: ({ account, windows, lastDay, readableSince }) => {
      const installations = new Set(windows.map(({ installation }) => installation));
      if (installations.size < windows.length)
        blame({ invariant: "I5", message: "one account is shown two links of one server" });
      const forgives = ({ lostAt }: ConsentEnd): boolean => readableSince === null && lostAt !== null;
      for (const { installation, window } of windows) {
        const its = of(installation).filter((consent) => consent.account === account);
        blame(judgeShown(its, window, { lastDay, firstKept, forgives }));
      }
    },

    glances: ({ account, windows, lastDay, readableSince }) => {
      const forgives = ({ lostAt }: ConsentEnd): boolean =>
        lostAt !== null && (readableSince === null || now() <= Math.max(lostAt, readableSince) + BOUND_MS);
      for (const { installation, window } of windows) {
        const its = of(installation).filter((consent) => consent.account === account);
        blame(judgeSeen(its, window, { lastDay, firstKept, forgives }));
      }
    },

    accountOf: (linkId) => byLink.get(linkId)?.account ?? null,
    attemptOf: (linkId) => byLink.get(linkId)?.attempt ?? null,
    lastLinkOf: (installation) => of(installation).findLast(isOpened)?.linkId ?? null,
    mayBeForgotten: (linkId) => byLink.get(linkId)?.mayBeForgotten ?? true,
    hasReport: (linkId, choice) => byLink.get(linkId)?.keptAt.has(choice) ?? false,
    mayEnd: (linkId, choice) => {
      const consent = byLink.get(linkId);
      return !consent || judgeEnded(consent, choice) === null;
    },
    sessionsOf: (installation) => sessions.get(installation)?.number ?? 0,
  };
}
