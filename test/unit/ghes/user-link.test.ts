import {
  type Connecting,
  type Ended,
  type OptedOut,
  type Suspended,
  transitionUserLink,
  type UserLink,
  type UserLinkCommand,
} from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { endLink } from "../../../src/ghes/user-link.ts";
import { documentedCells } from "../../support/ghes-doc-table.ts";
import { CONNECTED, CONTEXT, SENDING } from "../../support/ghes-states.ts";
import { EARLIER, linkId, NOW, OCTO, user } from "../../support/values.ts";

const LATER = instantAfter(600_000);
const KEPT = { connectionOrdinal: 1, attempt: "attempt-1", connectedAt: EARLIER };
const OPTED_OUT: OptedOut = { status: "opted-out", account: null, optedOutAt: EARLIER };
const CONNECTING: Connecting = {
  status: "connecting",
  connectionOrdinal: 1,
  attempt: "attempt-1",
  expiresAt: LATER,
  before: OPTED_OUT,
};
const SUSPENDED: Suspended = { status: "suspended", reason: "unified-contributions-disabled" };
const ENDED: Ended = { status: "ended", reason: "account-deleted", endedAt: EARLIER };

const LINKS: Record<string, UserLink> = {
  "never-connected": { status: "never-connected" },
  connecting: CONNECTING,
  connected: CONNECTED,
  sending: SENDING,
  "opted-out": OPTED_OUT,
  "opted-out, kept": { ...OPTED_OUT, account: KEPT },
  suspended: SUSPENDED,
  ended: ENDED,
};

const COMMANDS = {
  "start-connecting": {
    type: "start-connecting",
    by: OCTO,
    at: NOW,
    attempt: "attempt-2",
    expiresAt: LATER,
  },
  "cancel-connecting": { type: "cancel-connecting", by: OCTO, at: NOW, attempt: "attempt-1" },
  "finish-connecting": { type: "finish-connecting", by: OCTO, at: NOW, attempt: "attempt-1" },
  "opt-in": { type: "opt-in", by: OCTO, at: NOW, consent: { linkId: linkId("link-1"), epoch: 2 } },
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
  const started = (before: UserLink): object => ({
    status: "connecting",
    connectionOrdinal: 1,
    attempt: "attempt-2",
    expiresAt: LATER,
    before,
  });
  const connected = { status: "connected", connectionOrdinal: 1, attempt: "attempt-1", connectedAt: NOW };
  const sending = {
    status: "sending",
    connectionOrdinal: 1,
    attempt: "attempt-1",
    connectedAt: EARLIER,
    consent: { linkId: "link-1__________", epoch: 2 },
    sendingAt: NOW,
  };
  const optedOut = { status: "opted-out", account: null, optedOutAt: NOW };
  const ended = { status: "ended", reason: "user-suspended", endedAt: NOW };

  const changes: readonly [string, Name, object, string | null, object | null][] = [
    ["never-connected", "start-connecting", started({ status: "never-connected" }), null, null],
    ["connecting", "start-connecting", started(OPTED_OUT), null, null],
    ["connecting", "cancel-connecting", OPTED_OUT, null, null],
    ["connecting", "finish-connecting", connected, null, entry("connection.create", "octo")],
    ["connecting", "disconnect", optedOut, null, entry("connection.destroy", "octo")],
    ["connecting", "end", ended, null, entry("connection.destroy", null)],
    ["connected", "opt-in", sending, null, entry("link.create", "octo")],
    ["connected", "disconnect", optedOut, null, entry("connection.destroy", "octo")],
    ["connected", "end", ended, null, entry("connection.destroy", null)],
    ["sending", "opt-out", { ...optedOut, account: KEPT }, "link-1__________", entry("link.destroy", "octo")],
    ["sending", "disconnect", optedOut, "link-1__________", entry("link.destroy", "octo")],
    ["sending", "end", ended, "link-1__________", entry("link.destroy", null)],
    ["opted-out", "start-connecting", started(OPTED_OUT), null, null],
    ["opted-out, kept", "opt-in", sending, null, entry("link.create", "octo")],
    [
      "opted-out, kept",
      "disconnect",
      { ...optedOut, optedOutAt: EARLIER },
      null,
      entry("connection.destroy", "octo"),
    ],
    ["opted-out, kept", "end", ended, null, entry("connection.destroy", null)],
    ["suspended", "start-connecting", started(SUSPENDED), null, null],
    ["suspended", "disconnect", optedOut, null, entry("connection.destroy", "octo")],
    ["suspended", "end", ended, null, entry("connection.destroy", null)],
    ["ended", "start-connecting", started(ENDED), null, null],
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

describe("starting to connect", () => {
  const start = COMMANDS["start-connecting"];

  it("is refused while GitHub Connect is off", () => {
    const refused = transitionUserLink({ status: "never-connected" }, start, {
      user: OCTO,
      connectionOrdinal: null,
      epoch: null,
    });

    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "github-connect-disabled",
      message: "GitHub Connect is off: an enterprise owner has to enable it first.",
    });
  });

  it("needs the feature no more than GitHub Connect does", () => {
    const next = transitionUserLink({ status: "never-connected" }, start, { ...CONTEXT, epoch: null });

    expect(next._unsafeUnwrap().link.status).toBe("connecting");
  });

  it("is refused where the attempt has expired at that very instant", () => {
    const refused = transitionUserLink({ status: "never-connected" }, { ...start, expiresAt: NOW }, CONTEXT);

    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "attempt-expired",
      message: "The attempt to connect has expired: start connecting again.",
    });
  });

  it("is allowed where the attempt expires a millisecond later", () => {
    const command = { ...start, expiresAt: instantAfter(1) };

    expect(transitionUserLink(OPTED_OUT, command, CONTEXT)._unsafeUnwrap().link).toMatchObject({
      expiresAt: NOW + 1,
    });
  });

  it("twice with the same attempt is harmless", () => {
    const again = transitionUserLink(CONNECTING, { ...start, attempt: "attempt-1" }, CONTEXT)._unsafeUnwrap();

    expect(again.link).toBe(CONNECTING);
  });

  it("is refused while an account is connected", () => {
    expect(transitionUserLink(SENDING, start, CONTEXT)._unsafeUnwrapErr()).toEqual({
      type: "already-connected",
      message: "An account is connected: disconnect it first to connect another.",
    });
  });

  it("is refused also under the attempt that connected it", () => {
    const command = { ...start, attempt: "attempt-1" };

    expect(transitionUserLink(CONNECTED, command, CONTEXT)._unsafeUnwrapErr().type).toBe("already-connected");
  });

  it("uses the connection of GitHub Connect as it is now", () => {
    const next = transitionUserLink(SUSPENDED, start, { ...CONTEXT, connectionOrdinal: 3 });

    expect(next._unsafeUnwrap().link).toMatchObject({ connectionOrdinal: 3 });
  });
});

describe("an attempt to connect", () => {
  it.each(["cancel-connecting", "finish-connecting"] as const)("%s: has to be named", (name) => {
    const refused = transitionUserLink(CONNECTING, { ...COMMANDS[name], attempt: "attempt-9" }, CONTEXT);

    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "no-such-attempt",
      message: "No such attempt to connect is under way: start connecting again.",
    });
  });

  it.each([CONNECTED, SENDING, { ...OPTED_OUT, kept: KEPT }])(
    "that is another than the one that connected ($status) is not finished",
    (before) => {
      const command = { ...COMMANDS["finish-connecting"], attempt: "attempt-9" };

      expect(transitionUserLink(before, command, CONTEXT)._unsafeUnwrapErr().type).toBe("no-such-attempt");
    },
  );

  it("can be finished a millisecond before it expires", () => {
    const command = { ...COMMANDS["finish-connecting"], at: instantAfter(599_999) };

    expect(transitionUserLink(CONNECTING, command, CONTEXT)._unsafeUnwrap().link).toMatchObject({
      status: "connected",
      connectedAt: NOW + 599_999,
    });
  });

  it("can't be finished from the instant on at which it expires", () => {
    const command = { ...COMMANDS["finish-connecting"], at: LATER };

    expect(transitionUserLink(CONNECTING, command, CONTEXT)._unsafeUnwrapErr().type).toBe("attempt-expired");
  });

  it("that connected an account which is suspended since is no attempt any more", () => {
    const context = { ...CONTEXT, connectionOrdinal: 2 };

    const refused = transitionUserLink(SENDING, COMMANDS["finish-connecting"], context);

    expect(refused._unsafeUnwrapErr().type).toBe("no-such-attempt");
  });

  it("that has expired is unknown by any other name", () => {
    const command = { ...COMMANDS["finish-connecting"], attempt: "attempt-9", at: LATER };

    expect(transitionUserLink(CONNECTING, command, CONTEXT)._unsafeUnwrapErr().type).toBe("no-such-attempt");
  });

  it("that has expired can't be cancelled, and is over anyway", () => {
    const command = { ...COMMANDS["cancel-connecting"], at: LATER };

    expect(transitionUserLink(CONNECTING, command, CONTEXT)._unsafeUnwrapErr().type).toBe("no-such-attempt");
  });

  it("that has expired leaves what was before to the next command", () => {
    const expired = { ...CONNECTING, before: SUSPENDED };

    const next = transitionUserLink(expired, { ...COMMANDS["opt-out"], at: LATER }, CONTEXT);

    expect(next._unsafeUnwrap()).toEqual({ link: SUSPENDED, withdraw: null, audit: null });
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

  it("is refused while the feature is off or not confirmed", () => {
    const refused = transitionUserLink(CONNECTED, optIn, { ...CONTEXT, epoch: null });

    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "unified-contributions-disabled",
      message: "Unified contributions is off or not confirmed yet: an enterprise owner has to enable it.",
    });
  });

  it.each([1, 3])("is refused with the consent of another epoch: %i", (epoch) => {
    const command = { ...optIn, consent: { linkId: linkId("link-9"), epoch } };

    expect(transitionUserLink(CONNECTED, command, CONTEXT)._unsafeUnwrapErr()).toEqual({
      type: "outdated-consent",
      message: "The consent was given before the feature was last enabled: ask for it again.",
    });
  });

  it("is refused after the owner disabled the feature, until the account is connected again", () => {
    const refused = transitionUserLink(SENDING, optIn, { ...CONTEXT, epoch: 3 });

    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "reconnect-required",
      message: "The earlier consent has ended: connect the account again, then opt in.",
    });
  });

  it("with another consent while sending replaces the link and withdraws the old one", () => {
    const command = { ...optIn, consent: { linkId: linkId("link-2"), epoch: 2 } };

    const next = transitionUserLink(SENDING, command, CONTEXT)._unsafeUnwrap();

    expect(next).toEqual({
      link: { ...SENDING, consent: { linkId: "link-2__________", epoch: 2 }, sendingAt: NOW },
      withdraw: "link-1__________",
      audit: {
        action: "unified_contributions_link.create",
        actor: "octo",
        user: "octo",
        createdAt: NOW,
      },
    });
  });
});

describe("what the enterprise did in between", () => {
  it("suspends a link of another epoch, whose user then has nothing to withdraw", () => {
    const next = transitionUserLink(SENDING, COMMANDS.disconnect, { ...CONTEXT, epoch: 3 });

    expect(next._unsafeUnwrap()).toMatchObject({
      link: { status: "opted-out", account: null },
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

  it("takes the kept connection from who opted out", () => {
    const before: OptedOut = { ...OPTED_OUT, account: KEPT };

    const refused = transitionUserLink(before, COMMANDS["opt-in"], { ...CONTEXT, connectionOrdinal: 2 });

    expect(refused._unsafeUnwrapErr().type).toBe("not-connected");
  });
});

describe("the end of a link", () => {
  it.each(["link-ended", "link-not-found"] as const)(
    "withdraws nothing where the receiver has nothing of it: %s",
    (reason) => {
      const ending = endLink(SENDING, { type: "end", at: NOW, reason }, CONTEXT);

      expect(ending).toEqual({
        link: { status: "ended", reason, endedAt: NOW },
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

      expect(ending.withdraw).toBe("link-1__________");
      expect(ending.link).toEqual({ status: "ended", reason, endedAt: NOW });
    },
  );
});
