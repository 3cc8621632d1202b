import type { LinkContext, UserLink } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { type ConnectingCommand, transitionConnecting } from "../../../src/ghes/connecting.ts";
import { documentedCells } from "../../support/ghes-doc-table.ts";
import {
  CONNECTED,
  CONNECTING,
  CONTEXT,
  DESELECTED,
  ENDED,
  OPTED_OUT,
  REDEEMING,
  SENDING,
  SUSPENDED,
} from "../../support/ghes-states.ts";
import { attemptId, consentCode, linkId, NOW, OCTO } from "../../support/values.ts";

const LATER = instantAfter(600_000);
const CONSENT = { linkId: linkId("link-1"), epoch: 2 };

const LINKS: Record<string, UserLink> = {
  "never-connected": { status: "never-connected" },
  connecting: CONNECTING,
  redeeming: REDEEMING,
  "redeeming, undone": { ...REDEEMING, instead: ENDED },
  connected: CONNECTED,
  sending: SENDING,
  "opted-out": OPTED_OUT,
  suspended: SUSPENDED,
  ended: { ...ENDED, reason: "link-ended" },
};

const START = { type: "start-connecting", at: NOW, attempt: attemptId(2), expiresAt: LATER } as const;
const BRING = { type: "start-redeeming", at: NOW, attempt: attemptId(1), code: consentCode(1) } as const;
const FINISH = { type: "finish-redeeming", at: NOW, attempt: attemptId(1), consent: CONSENT } as const;
const COMMANDS: Record<string, ConnectingCommand> = {
  "start-connecting": START,
  "start-redeeming": BRING,
  "finish-redeeming": FINISH,
  "finish-redeeming, no link": { ...FINISH, consent: null },
};

const CELLS = documentedCells("src/ghes/connecting.ts", "link");

function instantAfter(milliseconds: number): typeof NOW {
  return (NOW + milliseconds) as typeof NOW;
}

function linkCalled(name: string): UserLink {
  return LINKS[name] ?? { status: "never-connected" };
}

/** What the table would say of this: `→ status`, `→ before`, `→ instead`, `unchanged`, or the name of a refusal. */
function outcomeOf(before: UserLink, name: string): string {
  return transitionConnecting(before, COMMANDS[name] ?? START, CONTEXT).match(
    ({ link }) => {
      if (link === before) return "unchanged";
      if (before.status === "redeeming" && link === before.instead) return "→ instead";
      return before.status === "redeeming" && link === before.before ? "→ before" : `→ ${link.status}`;
    },
    ({ type }) => type,
  );
}

function refusalOf(before: UserLink, command: ConnectingCommand, context: LinkContext = CONTEXT) {
  return transitionConnecting(before, command, context)._unsafeUnwrapErr();
}

function changedBy(before: UserLink, command: ConnectingCommand, context: LinkContext = CONTEXT) {
  return transitionConnecting(before, command, context)._unsafeUnwrap();
}

describe("the documented table of links and connecting", () => {
  it("has a cell for every state and every command", () => {
    const cells = CELLS.map(([row, column]) => `${row} ${column}`);

    expect(cells).toEqual(
      Object.keys(LINKS).flatMap((state) => Object.keys(COMMANDS).map((command) => `${state} ${command}`)),
    );
  });

  it.each(CELLS)("%s, %s: %s", (row, column, says) => {
    expect(outcomeOf(linkCalled(row), column)).toBe(says);
  });

  it.each(CELLS.filter(([, , says]) => says === "unchanged"))(
    "%s, %s: writes no audit entry and withdraws nothing",
    (row, column) => {
      const link = linkCalled(row);

      expect(changedBy(link, COMMANDS[column] ?? START)).toEqual({ link, withdraw: null, audit: null });
    },
  );
});

describe("starting to connect", () => {
  it.each([OPTED_OUT, SUSPENDED, ENDED])("remembers what the user was: $status", (before) => {
    expect(changedBy(before, START)).toEqual({
      link: { status: "connecting", connectionOrdinal: 1, attempt: attemptId(2), expiresAt: LATER, before },
      withdraw: null,
      audit: null,
    });
  });

  it("takes the place of an attempt that is under way", () => {
    expect(changedBy(CONNECTING, START).link).toEqual({ ...CONNECTING, attempt: attemptId(2) });
  });

  it("uses the connection of GitHub Connect as it is now", () => {
    const { link } = changedBy(SUSPENDED, START, { ...CONTEXT, connectionOrdinal: 3 });

    expect(link).toMatchObject({ connectionOrdinal: 3 });
  });

  it.each([
    ["GitHub Connect is off", null, "github-connect-disabled"],
    ["the feature is off", 1, "unified-contributions-disabled"],
  ])("is refused while %s", (_, connectionOrdinal, type) => {
    const context = { user: OCTO, connectionOrdinal, epoch: null };

    expect(refusalOf({ status: "never-connected" }, START, context)).toMatchObject({ type });
  });

  it.each([
    [DESELECTED, "already-connected", "An account is connected: disconnect it first to connect another."],
    [SENDING, "already-connected", "An account is connected: disconnect it first to connect another."],
    [
      REDEEMING,
      "still-redeeming",
      "GitHub Enterprise Cloud has not confirmed the last attempt yet: try again after the next sync.",
    ],
  ])("is refused to a user who has an account, or may have one", (before, type, message) => {
    expect(refusalOf(before, START)).toEqual({ type, message });
  });
});

describe("a browser that comes back", () => {
  it("is waited for until the attempt expires", () => {
    const justBefore = { ...BRING, at: instantAfter(599_999) };

    expect(changedBy(CONNECTING, justBefore).link).toEqual(REDEEMING);
    expect(refusalOf(CONNECTING, { ...BRING, at: LATER })).toEqual({
      type: "attempt-expired",
      message: "The attempt to connect has expired: start connecting again.",
    });
  });

  it.each([CONNECTING, REDEEMING, SENDING])("has to name the attempt: $status", (before) => {
    const command = { ...BRING, attempt: attemptId(8) };

    expect(refusalOf(before, command).type).toBe("no-such-attempt");
    expect(refusalOf(before, { ...command, at: LATER }).type).toBe("no-such-attempt");
  });

  it("with another code changes nothing", () => {
    expect(changedBy(REDEEMING, { ...BRING, code: consentCode(2) }).link).toBe(REDEEMING);
  });
});

describe("the answer to a redemption", () => {
  it("connects the user, under the link that it gives", () => {
    expect(changedBy(REDEEMING, FINISH)).toEqual({
      link: {
        status: "connected",
        connectionOrdinal: 1,
        attempt: attemptId(1),
        connectedAt: NOW,
        consent: CONSENT,
        choice: 0,
        optedOutAt: null,
      },
      withdraw: null,
      audit: {
        action: "unified_contributions_connection.create",
        actor: "octo",
        user: "octo",
        createdAt: NOW,
      },
    });
  });

  it("has the link withdrawn that nobody wants any more", () => {
    const undone = { ...REDEEMING, instead: ENDED };

    expect(changedBy(undone, FINISH)).toEqual({
      link: ENDED,
      withdraw: { linkId: CONSENT.linkId, choice: null },
      audit: null,
    });
    expect(changedBy(undone, { ...FINISH, consent: null })).toEqual({
      link: ENDED,
      withdraw: null,
      audit: null,
    });
  });

  it("changes nothing of another attempt", () => {
    expect(changedBy(REDEEMING, { ...FINISH, attempt: attemptId(8) }).link).toBe(REDEEMING);
  });

  it("is nothing to who has another connection of GitHub Connect by now", () => {
    const next = changedBy(REDEEMING, FINISH, { ...CONTEXT, connectionOrdinal: 2 });

    expect(next).toEqual({ link: OPTED_OUT, withdraw: null, audit: null });
  });
});
