import type { Answer } from "../../domain/answer.ts";
import type { AccountId, InstallationId, LinkId, RequestId, SessionId } from "../../domain/identifiers.ts";
import type { DeliverMessage, Message } from "../../domain/message.ts";
import type { ShownWindow } from "../../ghec/ports.ts";
import {
  addReport,
  type Consent,
  type Exit,
  endConsents,
  isOf,
  judgeOutcome,
  judgeShown,
  newConsent,
} from "./consent.ts";
import type { InvariantViolation } from "./violation.ts";

/** Marks every text that must never cross the wire (I6). */
export const PERSONAL = "personal";

/** The judge's whole knowledge is who consented to what, what was acknowledged as deleted, and what was sent when. */
export interface Judge {
  /** The first violation, or null. */
  violation(): InvariantViolation | null;
  blame(violation: InvariantViolation | null): void;
  /** A consent is being given; to be told the link it became, or null where it was refused. */
  consents(installation: InstallationId, account: AccountId, epoch: number): (linkId: LinkId | null) => void;
  /** Something has crossed the wire, in either direction. */
  overhears(text: string): void;
  /** A message has reached the receiver: what it asks for may be done from now on. */
  arrives(installation: InstallationId, message: Message, readAt: (linkId: LinkId) => number): void;
  /** It was answered: what the answer says is settled. */
  answered(installation: InstallationId, message: Message, answer: Answer): void;
  /** The cloud is about to end links. */
  exits(exit: Exit): void;
  /** It has ended them. */
  exited(exit: Exit): void;
  /** A server was restored, or another copy of it runs: the judge has not seen everything that ends its links. */
  serverForked(installation: InstallationId): void;
  /** The receiver was recovered from a backup: links whose deletion was not acknowledged may be there again. */
  receiverRecovered(): void;
  /** Looks at what is shown of an account. */
  looks(account: AccountId, windows: readonly ShownWindow[], lastDay: number): void;
  /** The account that consented to a link. */
  accountOf(linkId: LinkId): AccountId | null;
  /** How many sessions an installation was given. */
  sessionsOf(installation: InstallationId): number;
}

/** Makes a judge who has seen nothing. */
export function createJudge(): Judge {
  const byLink = new Map<LinkId, Consent>();
  const byInstallation = new Map<InstallationId, Consent[]>();
  const sessions = new Map<InstallationId, { readonly id: SessionId; readonly number: number }>();
  // The consents that were open when an attach arrived for the first time.
  const openAt = new Map<RequestId, ReadonlySet<Consent>>();
  const forked = new Set<InstallationId>();
  let isRecovered = false;
  let violation: InvariantViolation | null = null;

  // Exits that have begun and that nobody heard the end of: they may be carried out at any time.
  let exits: readonly Exit[] = [];

  const blame: Judge["blame"] = (seen) => {
    violation ??= seen;
  };
  const of = (installation: InstallationId): readonly Consent[] => byInstallation.get(installation) ?? [];
  const all = (): readonly Consent[] => [...byInstallation.values()].flat();

  /** Whether something may have ended a consent that nobody was told of. */
  function mayHaveEnded({ installation, account }: Consent): boolean {
    if (isRecovered || forked.has(installation)) return true;
    if (of(installation).some((consent) => consent.account === account && consent.linkId === null))
      return true;
    return exits.some((exit) => isOf({ installation, account }, exit));
  }

  function begin(exit: Exit): void {
    exits = [...exits, exit];
    for (const consent of all()) consent.isDoubtful ||= isOf(consent, exit);
  }

  function finish(exit: Exit): void {
    exits = exits.filter(
      (begun) => begun.account !== exit.account || begun.installation !== exit.installation,
    );
    endConsents(
      all().filter((consent) => consent.linkId && isOf(consent, exit)),
      "acknowledged",
    );
  }

  function arrivesDelivery(message: DeliverMessage, readAt: (linkId: LinkId) => number): void {
    for (const record of message.records) {
      const consent = byLink.get(record.linkId);
      if (!consent) continue;
      if (record.type === "withdraw") consent.isDoubtful = true;
      else addReport(consent, record, readAt(record.linkId));
    }
  }

  function judgeDelivery(message: DeliverMessage, answer: Answer): void {
    if (!("outcomes" in answer)) return;
    for (const [index, outcome] of answer.outcomes.entries()) {
      const record = message.records[index];
      const consent = record && byLink.get(record.linkId);
      if (record && consent) blame(judgeOutcome(consent, record, outcome, mayHaveEnded(consent)));
    }
  }

  /** What was open when the request that attaches first arrived is older than its session; what was opened since may be. */
  function beginSession(installation: InstallationId, id: SessionId, attachedBy: RequestId): void {
    const last = sessions.get(installation);
    if (last?.id === id) return;
    sessions.set(installation, { id, number: (last?.number ?? 0) + 1 });
    const older = openAt.get(attachedBy);
    for (const consent of of(installation)) consent.isOld = older?.has(consent) ? true : "maybe";
  }

  function applySwitch(
    installation: InstallationId,
    { epoch, status }: { epoch: number; status: string },
  ): void {
    const past = of(installation).filter(
      (consent) => !consent.end && (consent.epoch < epoch || (consent.epoch === epoch && status === "off")),
    );
    endConsents(past, "forgotten");
  }

  return {
    violation: () => violation,
    blame,

    consents: (installation, account, epoch) => {
      const earlier = of(installation).filter((consent) => consent.account === account);
      for (const consent of earlier) consent.isDoubtful = true;
      const consent = newConsent(installation, account, epoch);
      byInstallation.set(installation, [...of(installation), consent]);
      return (linkId) => {
        if (linkId === null) {
          byInstallation.set(
            installation,
            of(installation).filter((each) => each !== consent),
          );
          return;
        }
        consent.linkId = linkId;
        byLink.set(linkId, consent);
        const replaced = of(installation).filter(
          (each) => each !== consent && each.account === account && each.linkId,
        );
        endConsents(replaced, "replaced");
      };
    },

    overhears: (text) => {
      if (text.includes(PERSONAL))
        blame({ invariant: "I6", message: "something of a person crossed the wire" });
    },

    arrives: (installation, message, readAt) => {
      if (message.type === "deliver") return arrivesDelivery(message, readAt);
      if (message.type === "attach" && !openAt.has(message.requestId))
        openAt.set(message.requestId, new Set(of(installation).filter(({ linkId }) => linkId !== null)));
      for (const consent of of(installation)) {
        if (message.type === "attach") consent.isOld ||= "maybe";
        if (message.type === "complete") consent.isDoubtful ||= consent.isOld !== false;
      }
    },

    answered: (installation, message, answer) => {
      if (answer.type === "attached") beginSession(installation, answer.sessionId, message.requestId);
      if (answer.type === "completed")
        endConsents(
          of(installation).filter((consent) => consent.isOld === true && !consent.end),
          "forgotten",
        );
      if (answer.type === "disabled")
        endConsents(
          of(installation).filter((consent) => consent.epoch <= answer.receipt.epoch),
          "acknowledged",
        );
      if ("featureSwitch" in answer) applySwitch(installation, answer.featureSwitch);
      if (message.type === "deliver") judgeDelivery(message, answer);
    },

    exits: begin,
    exited: finish,

    serverForked: (installation) => {
      forked.add(installation);
    },

    receiverRecovered: () => {
      isRecovered = true;
      for (const consent of all()) if (consent.end !== "acknowledged") consent.end = null;
    },

    looks: (account, windows, lastDay) => {
      const installations = new Set(windows.map(({ installation }) => installation));
      if (installations.size < windows.length)
        blame({ invariant: "I5", message: "one account is shown two links of one server" });
      for (const { installation, window } of windows) {
        const its = of(installation).filter((consent) => consent.account === account);
        blame(judgeShown(its, window, lastDay));
      }
    },

    accountOf: (linkId) => byLink.get(linkId)?.account ?? null,
    sessionsOf: (installation) => sessions.get(installation)?.number ?? 0,
  };
}
