import type { AttemptId, LinkId, UserId } from "../../domain/identifiers.ts";
import type { LinkUser, PendingRedemption, RedemptionQuery, SenderStore } from "../../ghes/ports.ts";
import { answerOf, expectEqual } from "../contract.ts";
import { NAMES_AS_WRITTEN, NAMES_IN_ORDER } from "../odd-ids.ts";
import {
  after,
  attemptId,
  choose,
  codeOf,
  connected,
  deselected,
  linkId,
  MONA,
  NOW,
  OCTO,
  OPTED_OUT,
  redeeming,
  type SenderStoreCheck,
  senderCheck,
  sending,
  withdrawal,
} from "./samples.ts";

/** Returns the redemptions of the first connection that wait, unless changed. */
function pending(
  store: SenderStore,
  changed: Partial<RedemptionQuery> = {},
): Promise<readonly PendingRedemption[]> {
  const query = { connectionOrdinal: 1, after: null, limit: 100 };
  return answerOf(store.pendingRedemptions({ ...query, ...changed }));
}

async function pendingAttempts(
  store: SenderStore,
  changed: Partial<RedemptionQuery> = {},
): Promise<readonly AttemptId[]> {
  return (await pending(store, changed)).map(({ attempt }) => attempt);
}

/** Returns the users of these links. The store may answer in any order. */
async function usersOf(store: SenderStore, links: readonly LinkId[]): Promise<readonly LinkUser[]> {
  const users = await answerOf(store.usersOfLinks(links));
  return [...users].sort((a, b) => (a.linkId < b.linkId ? -1 : 1));
}

const CONNECTING = {
  status: "connecting",
  connectionOrdinal: 1,
  attempt: attemptId("c"),
  expiresAt: after(1),
  before: { status: "never-connected" },
} as const;

/** SS11: the redemptions that wait. SS12 and SS15: the user that an attempt or a link belongs to. */
export const redemptionChecks: readonly SenderStoreCheck[] = [
  senderCheck(
    "SS11",
    "a redemption waits, with its user and code, until its link is another",
    async (store) => {
      await choose(store, OCTO, redeeming("a"));
      await choose(store, MONA, {
        ...redeeming("b"),
        instead: { status: "opted-out", optedOutAt: NOW },
      });

      const both = [
        { user: OCTO, attempt: attemptId("a"), code: codeOf("a") },
        { user: MONA, attempt: attemptId("b"), code: codeOf("b") },
      ];
      expectEqual("those that wait", await pending(store), both);
      await choose(store, OCTO, connected("a"));
      expectEqual("those that wait then", await pending(store), both.slice(1));
    },
  ),

  senderCheck("SS11", "nothing waits of another connection, or of who does not redeem", async (store) => {
    await choose(store, OCTO, redeeming("a", 2));
    await choose(store, MONA, CONNECTING);
    await choose(store, "hubot" as UserId, sending("d"));

    expectEqual("those that wait", await pending(store), []);
    expectEqual("those of the other", await pendingAttempts(store, { connectionOrdinal: 2 }), [
      attemptId("a"),
    ]);
  }),

  senderCheck("SS11", "they come in pages, in the order of their attempts' characters", async (store) => {
    for (const name of NAMES_AS_WRITTEN) await choose(store, `user of ${name}` as UserId, redeeming(name));

    const inOrder = NAMES_IN_ORDER.map(attemptId);
    expectEqual("all", await pendingAttempts(store), inOrder);
    expectEqual("the first page", await pendingAttempts(store, { limit: 3 }), inOrder.slice(0, 3));
    const next = { limit: 3, after: attemptId("A") };
    expectEqual("the second page", await pendingAttempts(store, next), inOrder.slice(3, 6));
    expectEqual("those above the last", await pendingAttempts(store, { after: attemptId("z") }), []);
  }),

  senderCheck("SS12", "an attempt is its user's, from connecting to sending", async (store) => {
    for (const link of [CONNECTING, redeeming("c"), sending("c"), connected("c")]) {
      await choose(store, OCTO, link);

      expectEqual(`whose it is, ${link.status}`, await answerOf(store.userOf(attemptId("c"))), OCTO);
    }
    await choose(store, OCTO, OPTED_OUT);
    expectEqual("whose it is then", await answerOf(store.userOf(attemptId("c"))), null);
  }),

  senderCheck("SS12", "an attempt is its user's who has opted out and is still connected", async (store) => {
    await choose(store, OCTO, sending("c"));

    await choose(store, OCTO, deselected("c"), withdrawal("c", 1, 1));

    expectEqual("whose it is", await answerOf(store.userOf(attemptId("c"))), OCTO);
  }),

  senderCheck("SS15", "a link is its user's who has opted out and is still connected", async (store) => {
    await choose(store, OCTO, sending("c"));

    await choose(store, OCTO, deselected("c"), withdrawal("c", 1, 1));

    const expected = [{ user: OCTO, linkId: linkId("c"), choice: null }];
    expectEqual("whose it is", await usersOf(store, [linkId("c")]), expected);
  }),

  senderCheck("SS15", "a link is its user's, once, while they are connected or send", async (store) => {
    await choose(store, OCTO, connected("b"));
    await choose(store, MONA, sending("a"));
    await choose(store, "hubot" as UserId, sending("c", { choice: 2 }));
    const asked = [linkId("c"), linkId("b"), linkId("a"), linkId("b"), linkId("d")];

    expectEqual("whose they are", await usersOf(store, asked), [
      { user: MONA, linkId: linkId("a"), choice: 1 },
      { user: OCTO, linkId: linkId("b"), choice: null },
      { user: "hubot", linkId: linkId("c"), choice: 2 },
    ]);
    expectEqual("whose no link is", await usersOf(store, []), []);
    await choose(store, OCTO, OPTED_OUT);
    await choose(store, MONA, sending("d"));
    expectEqual("whose they are then", await usersOf(store, asked), [
      { user: "hubot", linkId: linkId("c"), choice: 2 },
      { user: MONA, linkId: linkId("d"), choice: 1 },
    ]);
  }),

  senderCheck("SS12", "an attempt that was given up for another is nobody's", async (store) => {
    await choose(store, OCTO, CONNECTING);
    await choose(store, OCTO, { ...CONNECTING, attempt: attemptId("d") });

    expectEqual("whose the first is", await answerOf(store.userOf(attemptId("c"))), null);
    expectEqual("whose the second is", await answerOf(store.userOf(attemptId("d"))), OCTO);
    expectEqual("whose an unknown one is", await answerOf(store.userOf(attemptId("e"))), null);
  }),
];
