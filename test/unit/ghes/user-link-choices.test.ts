import {
  type Connected,
  type Sending,
  transitionUserLink,
  type UserLink,
  type UserLinkTransition,
} from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { MAX_CHOICES } from "../../../src/domain/choice.ts";
import { endChoice, endLink } from "../../../src/ghes/user-link.ts";
import {
  CONNECTED,
  CONTEXT,
  DESELECTED,
  ENDED,
  OPTED_OUT,
  SENDING,
  SUSPENDED,
} from "../../support/ghes-states.ts";
import { EARLIER, NOW, OCTO } from "../../support/values.ts";

const LINK_1 = SENDING.consent.linkId;

function choose(link: UserLink, type: "opt-in" | "opt-out" | "disconnect"): UserLinkTransition {
  return transitionUserLink(link, { type, by: OCTO, at: NOW }, CONTEXT)._unsafeUnwrap();
}

describe("the choices of a user under one link", () => {
  it("count up each time the user opts in, and opting out withdraws the last", () => {
    let link: UserLink = CONNECTED;
    const choices: unknown[] = [];
    for (let time = 0; time < 3; time++) {
      const { link: sends, withdraw } = choose(link, "opt-in");
      expect(withdraw).toBeNull();
      const optedOut = choose(sends, "opt-out");
      choices.push([sends.status, (sends as Sending).choice, optedOut.withdraw]);
      link = optedOut.link;
    }

    expect(choices).toEqual([
      ["sending", 1, { linkId: LINK_1, choice: 1 }],
      ["sending", 2, { linkId: LINK_1, choice: 2 }],
      ["sending", 3, { linkId: LINK_1, choice: 3 }],
    ]);
    expect(link).toEqual({ ...CONNECTED, choice: 3, optedOutAt: NOW });
  });

  it("leave the account as it was connected, and the link open", () => {
    const { link, audit } = choose(DESELECTED, "opt-in");

    expect(link).toEqual({ ...SENDING, choice: 2, sendingAt: NOW });
    expect(audit).toEqual({
      action: "unified_contributions_link.create",
      actor: OCTO,
      user: OCTO,
      createdAt: NOW,
    });
  });

  it("are at most as many as the cloud keeps: then the user has to reconnect", () => {
    const beforeLast = { ...DESELECTED, choice: MAX_CHOICES - 1 };
    const last = choose(beforeLast, "opt-in").link;
    const { link: after } = choose(last, "opt-out");

    const refused = transitionUserLink(after, { type: "opt-in", by: OCTO, at: NOW }, CONTEXT);

    expect(MAX_CHOICES).toBe(1_000);
    expect(last).toMatchObject({ status: "sending", choice: MAX_CHOICES });
    expect(refused._unsafeUnwrapErr()).toEqual({
      type: "too-many-choices",
      message:
        "The user has opted in too often under this consent: disconnect the account, and connect it again.",
    });
  });

  it.each<[string, UserLink]>([
    ["of a user who has not chosen to send yet", CONNECTED],
    ["of a user who sends", { ...SENDING, choice: 7 }],
    ["of a user who opted out", { ...DESELECTED, choice: 7 }],
  ])("end all with the link: disconnecting withdraws the link itself, %s", (_, link) => {
    expect(choose(link, "disconnect")).toMatchObject({
      link: { status: "opted-out", optedOutAt: NOW },
      withdraw: { linkId: LINK_1, choice: null },
    });
  });

  it.each<[string, Connected | Sending]>([
    ["of a user who sends", { ...SENDING, choice: 7 }],
    ["of a user who opted out", { ...DESELECTED, choice: 7 }],
  ])("end all with the link: an end by the host withdraws the link itself, %s", (_, link) => {
    expect(endLink(link, { type: "end", at: NOW, reason: "user-suspended" }, CONTEXT)).toMatchObject({
      link: { status: "ended", reason: "user-suspended" },
      withdraw: { linkId: LINK_1, choice: null },
    });
  });

  it.each(["link-ended", "link-not-found"] as const)(
    "leave nothing to withdraw if the receiver has no such link: %s",
    (reason) => {
      expect(endLink(DESELECTED, { type: "end", at: NOW, reason }, CONTEXT)).toEqual({
        link: { status: "ended", reason, endedAt: NOW, receipt: null },
        withdraw: null,
        audit: {
          action: "unified_contributions_connection.destroy",
          actor: null,
          user: OCTO,
          createdAt: NOW,
        },
      });
    },
  );
});

describe("a choice that the receiver says has ended", () => {
  it.each([7, 8, 1_000])("takes sending back from a user who sends by choice 7: %d", (ended) => {
    const link: Sending = { ...SENDING, choice: 7 };

    expect(endChoice(link, ended, CONTEXT, NOW)).toEqual({
      link: { ...DESELECTED, choice: ended, optedOutAt: NOW },
      withdraw: { linkId: LINK_1, choice: ended },
      audit: {
        action: "unified_contributions_link.destroy",
        actor: null,
        user: OCTO,
        createdAt: NOW,
      },
    });
  });

  it("is before the next choice of a user who has fewer", () => {
    const raised = endChoice({ ...DESELECTED, choice: 2 }, 5, CONTEXT, NOW);
    const { link } = choose(raised?.link ?? DESELECTED, "opt-in");

    expect(raised?.link).toEqual({ ...DESELECTED, choice: 5, optedOutAt: EARLIER });
    expect(link).toMatchObject({ status: "sending", choice: 6 });
  });

  it("says when a user opted out who has not chosen yet, as this server knows it", () => {
    expect(endChoice(CONNECTED, 1, CONTEXT, NOW)?.link).toEqual({
      ...DESELECTED,
      choice: 1,
      optedOutAt: NOW,
    });
  });

  it.each<[string, UserLink]>([
    ["a later choice by which the user sends", { ...SENDING, choice: 6 }],
    ["a later choice that the user took back", { ...DESELECTED, choice: 6 }],
    ["the same choice, which the user took back", { ...DESELECTED, choice: 5 }],
    ["a user without an account", OPTED_OUT],
    ["a suspended user", SUSPENDED],
    ["a link that has ended", ENDED],
  ])("changes nothing of %s", (_, link) => {
    expect(endChoice(link, 5, CONTEXT, NOW)).toBeNull();
  });
});
