import {
  type Ended,
  type OptedOut,
  type Redeeming,
  transitionUserLink,
  type UserLink,
  type UserLinkCommand,
} from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { endLink } from "../../../src/ghes/user-link.ts";
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
import { attemptId, EARLIER, NOW, OCTO, user } from "../../support/values.ts";

const LATER = instantAfter(600_000);
/** The link itself, for ever. */
const WHOLE = { linkId: "link-1__________", choice: null };

const LINKS: Record<string, UserLink> = {
  "never-connected": { status: "never-connected" },
  connecting: CONNECTING,
  redeeming: REDEEMING,
  connected: CONNECTED,
  sending: SENDING,
  "opted-out": OPTED_OUT,
  suspended: SUSPENDED,
  ended: ENDED,
};

const COMMANDS = {
  "cancel-connecting": { type: "cancel-connecting", by: OCTO, at: NOW, attempt: attemptId(1) },
  "opt-in": { type: "opt-in", by: OCTO, at: NOW },
  "opt-out": { type: "opt-out", by: OCTO, at: NOW },
  disconnect: { type: "disconnect", by: OCTO, at: NOW },
  end: { type: "end", at: NOW, reason: "user-suspended" },
} as const satisfies Record<UserLinkCommand["type"], UserLinkCommand>;
type Name = keyof typeof COMMANDS;

const CELLS = documentedCells("src/ghes/user-link.ts", "link");

function instantAfter(milliseconds: number): typeof NOW {
  return (NOW + milliseconds) as typeof NOW;
}

function linkCalled(name: string): UserLink {
  return LINKS[name] ?? { status: "never-connected" };
}

/** What the table would say of this: `→ status`, `→ before`, `unchanged`, or the name of a refusal. */
function outcomeOf(before: UserLink, command: UserLinkCommand): string {
  return transitionUserLink(before, command, CONTEXT).match(
    (next) => {
      if (next.link === before) return "unchanged";
      if (next.link.status === "redeeming") return next.link.instead ? "→ undone" : "→ redeeming";
      const isBefore = before.status === "connecting" && next.link === before.before;
      return isBefore ? "→ before" : `→ ${next.link.status}`;
    },
    (refusal) => refusal.type,
  );
}

describe("the documented table of links and commands", () => {
  it("has a cell for every state and every command", () => {
    const cells = CELLS.map(([row, column]) => `${row} ${column}`);

    expect(cells).toEqual(
      Object.keys(LINKS).flatMap((state) => Object.keys(COMMANDS).map((command) => `${state} ${command}`)),
    );
  });

  it.each(CELLS)("%s, %s: %s", (row, column, says) => {
    expect(outcomeOf(linkCalled(row), COMMANDS[column as Name])).toBe(says);
  });

  it.each(CELLS.filter(([, column]) => column !== "end"))(
    "%s, %s: refused to anybody but the user",
    (row, column) => {
      const command = { ...COMMANDS[column as Exclude<Name, "end">], by: user("hubot") };

      const refused = transitionUserLink(linkCalled(row), command, CONTEXT);

      expect(refused._unsafeUnwrapErr()).toEqual({
        type: "not-yourself",
        message: "Users decide for themselves only: the user has to ask.",
      });
    },
  );

  it.each(CELLS.filter(([, , says]) => says === "unchanged"))(
    "%s, %s: writes no audit entry and withdraws nothing",
    (row, column) => {
      const next = transitionUserLink(linkCalled(row), COMMANDS[column as Name], CONTEXT)._unsafeUnwrap();

      expect(next).toEqual({ link: linkCalled(row), withdraw: null, audit: null });
      expect(next.link).toBe(linkCalled(row));
    },
  );
});

describe("what a command leaves behind:", () => {
  const entry = (action: string, actor: string | null): object => ({
    action: `unified_contributions_${action}`,
    actor,
    user: "octo",
    createdAt: NOW,
  });
  const sending = {
    status: "sending",
    connectionOrdinal: 1,
    attempt: attemptId(1),
    connectedAt: EARLIER,
    consent: { linkId: "link-1__________", epoch: 2 },
    choice: 1,
    sendingAt: NOW,
  };
  const deselected = { ...DESELECTED, optedOutAt: NOW };
  const optedOut = { status: "opted-out", optedOutAt: NOW };
  const ended = { status: "ended", reason: "user-suspended", endedAt: NOW, receipt: null };
  const undone = (instead: object): object => ({ ...REDEEMING, instead });

  const changes: readonly [string, Name, object, object | null, object | null][] = [
    ["connecting", "cancel-connecting", OPTED_OUT, null, null],
    ["connecting", "disconnect", optedOut, null, entry("connection.destroy", "octo")],
    ["connecting", "end", ended, null, entry("connection.destroy", null)],
    ["redeeming", "opt-out", undone(optedOut), null, entry("connection.destroy", "octo")],
    ["redeeming", "disconnect", undone(optedOut), null, entry("connection.destroy", "octo")],
    ["redeeming", "end", undone(ended), null, entry("connection.destroy", null)],
    ["connected", "opt-in", sending, null, entry("link.create", "octo")],
    ["connected", "disconnect", optedOut, WHOLE, entry("connection.destroy", "octo")],
    ["connected", "end", ended, WHOLE, entry("connection.destroy", null)],
    ["sending", "opt-out", deselected, { ...WHOLE, choice: 1 }, entry("link.destroy", "octo")],
    ["sending", "disconnect", optedOut, WHOLE, entry("link.destroy", "octo")],
    ["sending", "end", ended, WHOLE, entry("link.destroy", null)],
    ["suspended", "disconnect", optedOut, null, entry("connection.destroy", "octo")],
    ["suspended", "end", ended, null, entry("connection.destroy", null)],
  ];

  it.each(changes)("%s, %s", (row, name, after, withdraw, audit) => {
    const next = transitionUserLink(linkCalled(row), COMMANDS[name], CONTEXT);

    expect(next._unsafeUnwrap()).toEqual({ link: after, withdraw, audit });
  });

  it("in every cell of the table that changes something", () => {
    const changing = CELLS.filter(([, , says]) => says.startsWith("→"));

    expect(changes.map(([row, column]) => [row, column])).toEqual(
      changing.map(([row, column]) => [row, column]),
    );
  });
});

describe("an attempt to connect", () => {
  const cancel = COMMANDS["cancel-connecting"];

  it("has to be named", () => {
    const refused = transitionUserLink(CONNECTING, { ...cancel, attempt: attemptId(9) }, CONTEXT);

    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "no-such-attempt",
      message: "No such attempt to connect is under way: start connecting again.",
    });
  });

  it("that has expired can't be cancelled, and is over anyway", () => {
    const refused = transitionUserLink(CONNECTING, { ...cancel, at: LATER }, CONTEXT);

    expect(refused._unsafeUnwrapErr().type).toBe("no-such-attempt");
  });

  it("that has expired leaves what was before to the next command", () => {
    const expired = { ...CONNECTING, before: SUSPENDED };

    const next = transitionUserLink(expired, { ...COMMANDS["opt-out"], at: LATER }, CONTEXT);

    expect(next._unsafeUnwrap()).toEqual({ link: SUSPENDED, withdraw: null, audit: null });
  });
});

describe("a connection that is being undone", () => {
  const undone = (instead: OptedOut | Ended): Redeeming => ({ ...REDEEMING, instead });

  it.each(["opt-out", "disconnect"] as const)("is not undone twice: %s", (name) => {
    const before = undone(ENDED);

    expect(transitionUserLink(before, COMMANDS[name], CONTEXT)._unsafeUnwrap()).toEqual({
      link: before,
      withdraw: null,
      audit: null,
    });
  });

  it("ends for the reason that came first", () => {
    const before = undone(ENDED);

    expect(transitionUserLink(before, COMMANDS.end, CONTEXT)._unsafeUnwrap().link).toBe(before);
  });

  it("ends where its user is gone after they have opted out", () => {
    const next = transitionUserLink(undone(OPTED_OUT), COMMANDS.end, CONTEXT)._unsafeUnwrap();

    expect(next.link).toEqual(
      undone({ status: "ended", reason: "user-suspended", endedAt: NOW, receipt: null }),
    );
  });
});

describe("opting in", () => {
  const optIn = COMMANDS["opt-in"];

  it("is refused without an account", () => {
    expect(transitionUserLink(OPTED_OUT, optIn, CONTEXT)._unsafeUnwrapErr()).toEqual({
      type: "not-connected",
      message: "No account is connected: connect one first.",
    });
  });

  it.each([CONNECTED, DESELECTED, SENDING])(
    "is refused after the owner disabled the feature, until the account is connected again: $status",
    (before) => {
      const refused = transitionUserLink(before, optIn, { ...CONTEXT, epoch: 3 });

      expect(refused._unsafeUnwrapErr()).toEqual({
        type: "reconnect-required",
        message: "The earlier consent has ended: connect the account again, then opt in.",
      });
    },
  );
});

describe("what the enterprise did in between", () => {
  it("suspends a link of another epoch, whose user then has nothing to withdraw", () => {
    const next = transitionUserLink(SENDING, COMMANDS.disconnect, { ...CONTEXT, epoch: 3 });

    expect(next._unsafeUnwrap()).toMatchObject({
      link: { status: "opted-out" },
      withdraw: null,
    });
  });

  it("suspends a link of another connection of GitHub Connect", () => {
    const next = transitionUserLink(SENDING, COMMANDS["opt-out"], { ...CONTEXT, connectionOrdinal: 2 });

    expect(next._unsafeUnwrap()).toEqual({
      link: { status: "suspended", reason: "github-connect-disabled" },
      withdraw: null,
      audit: null,
    });
  });
});

describe("the end of a link", () => {
  it.each(["link-ended", "link-not-found"] as const)(
    "withdraws nothing where the receiver has nothing of it: %s",
    (reason) => {
      const ending = endLink(SENDING, { type: "end", at: NOW, reason }, CONTEXT);

      expect(ending).toEqual({
        link: { status: "ended", reason, endedAt: NOW, receipt: null },
        withdraw: null,
        audit: {
          action: "unified_contributions_link.destroy",
          actor: null,
          user: "octo",
          createdAt: NOW,
        },
      });
    },
  );

  it.each(["authorization-revoked", "account-deleted", "user-suspended", "user-deleted"] as const)(
    "withdraws the link where the host says so: %s",
    (reason) => {
      const ending = endLink(SENDING, { type: "end", at: NOW, reason }, CONTEXT);

      expect(ending.withdraw).toEqual(WHOLE);
      expect(ending.link).toEqual({ status: "ended", reason, endedAt: NOW, receipt: null });
    },
  );
});
