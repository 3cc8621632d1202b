import type { Instant, SessionId, UserId } from "../../domain/identifiers.ts";
import type { DueLink, Reported, SenderStore } from "../../ghes/ports.ts";
import { answerOf, expectEqual } from "../contract.ts";
import { NAMES_AS_WRITTEN, NAMES_IN_ORDER } from "../odd-ids.ts";
import { LINKS } from "./links.ts";
import {
  acknowledge,
  after,
  choose,
  deselected,
  due,
  dueIds,
  HOUR_MS,
  LATE_SESSION,
  linkId,
  MONA,
  OCTO,
  OPTED_OUT,
  OTHER_SESSION,
  pending,
  pendingIds,
  recordOf,
  reported,
  SESSION,
  type SenderStoreCheck,
  senderCheck,
  sending,
  unknown,
  withdrawal,
  withdrawn,
} from "./samples.ts";

const IDS_IN_ORDER = NAMES_IN_ORDER.map(linkId);

/** Names of links in the order of their places, as {@link fillPlaces} stores them. It is not that of their ids. */
const PLACES_IN_ORDER = ["z", "y", "x", "v", "u", "w", "t", "r", "s"] as const;

/** SS9: the links that are due. SS10: the withdrawals that wait. */
export const pageChecks: readonly SenderStoreCheck[] = [
  senderCheck("SS9", "a link that was never reported is due, with its user and changes", async (store) => {
    await choose(store, OCTO, sending("a"));
    await answerOf(store.markChanged([OCTO]));

    const links = await due(store);

    expectEqual("the due links", links, [dueLink({ changes: 1 })]);
  }),

  senderCheck(
    "SS9",
    "a link that was reported in this session and is unchanged is not due",
    async (store) => {
      await choose(store, OCTO, sending("a"));
      await choose(store, MONA, sending("b"));
      await know(store, OCTO, reported("a"));

      expectEqual("the due links", await dueIds(store), [linkId("b")]);
    },
  ),

  senderCheck(
    "SS9",
    "a link that was reported in another session is due, with what is known",
    async (store) => {
      await choose(store, OCTO, sending("a"));
      const known = reported("a", { sessionId: OTHER_SESSION });
      await know(store, OCTO, known);

      const links = await due(store);

      const place = { answeredIn: OTHER_SESSION, dueFrom: known.refreshAt };
      expectEqual("the due links", links, [dueLink({ ...place, reported: known })]);
      expectEqual("those due in that session", await dueIds(store, { sessionId: OTHER_SESSION }), []);
    },
  ),

  senderCheck("SS9", "a due link names the choice by which its user sends now", async (store) => {
    await choose(store, OCTO, sending("a"));
    await know(store, OCTO, reported("a"));
    await choose(store, OCTO, deselected("a"));
    expectEqual("those due after opting out", await due(store), []);

    await choose(store, OCTO, sending("a", { choice: 2 }));
    expectEqual("those due after opting in again", await due(store), [dueLink({ choice: 2 })]);

    await know(store, OCTO, reported("a", { choice: 2, refreshAt: after(0) }));
    const again = dueLink({ choice: 2, ...(await lastWordOn(store, OCTO)) });
    expectEqual("those due after the report", await due(store), [again]);
  }),

  senderCheck("SS9", "a link that has changed since it was reported is due", async (store) => {
    await choose(store, OCTO, sending("a"));
    await know(store, OCTO, reported("a"));
    await answerOf(store.markChanged([OCTO]));

    const links = await due(store);

    const known = { answeredIn: SESSION, reported: reported("a") };
    expectEqual("the due links", links, [dueLink({ changes: 1, ...known })]);
  }),

  senderCheck("SS9", "a link that changed while its report was on its way is due", async (store) => {
    await choose(store, OCTO, sending("a"));
    await answerOf(store.markChanged([OCTO]));
    await answerOf(store.markChanged([OCTO]));
    await know(store, OCTO, reported("a", { changes: 1 }));

    expectEqual("the due links", await dueIds(store), [linkId("a")]);
  }),

  senderCheck("SS9", "a link is due from its refreshAt on, that instant included", async (store) => {
    await choose(store, OCTO, sending("a"));
    await know(store, OCTO, reported("a", { refreshAt: after(HOUR_MS) }));

    expectEqual("those due a moment before", await dueIds(store, { now: after(HOUR_MS - 1) }), []);
    expectEqual("those due then", await dueIds(store, { now: after(HOUR_MS) }), [linkId("a")]);
    expectEqual("those due a day later", await dueIds(store, { now: after(24 * HOUR_MS) }), [linkId("a")]);
  }),

  senderCheck("SS9", "the query's own now counts, not that of an earlier query", async (store) => {
    await choose(store, OCTO, sending("a"));
    await know(store, OCTO, reported("a", { refreshAt: after(HOUR_MS) }));
    const late = await dueIds(store, { now: after(2 * HOUR_MS) });

    const early = await dueIds(store);

    expectEqual("those due later", late, [linkId("a")]);
    expectEqual("those due now", early, []);
  }),

  senderCheck("SS9", "links of another connection or epoch are not due", async (store) => {
    await choose(store, OCTO, sending("a"));
    await choose(store, MONA, sending("b", { connectionOrdinal: 2 }));
    await choose(store, "hubot" as UserId, sending("c", { epoch: 2 }));

    expectEqual("the due links", await dueIds(store), [linkId("a")]);
    expectEqual("those of the other connection", await dueIds(store, { connectionOrdinal: 2 }), [
      linkId("b"),
    ]);
    expectEqual("those of the other epoch", await dueIds(store, { epoch: 2 }), [linkId("c")]);
    for (const sessionId of [OTHER_SESSION, SESSION, LATE_SESSION]) {
      await know(store, MONA, reported("b", { sessionId, refreshAt: after(0) }));
      await know(store, "hubot" as UserId, reported("c", { sessionId, refreshAt: after(0) }));

      expectEqual("those due once the others were reported", await dueIds(store), [linkId("a")]);
    }
  }),

  senderCheck("SS9", "links that do not send are not due", async (store) => {
    for (const [index, linkId] of LINKS.entries()) {
      const user = `user-${index}` as UserId;
      await choose(store, user, sending(`u${index}`));
      await choose(store, user, linkId);
      await answerOf(store.markChanged([user]));
    }

    expectEqual("the due links", await dueIds(store), []);
  }),

  senderCheck("SS9", "what is due follows every commit between two queries", async (store) => {
    await choose(store, OCTO, sending("a"));
    expectEqual("those due at first", await dueIds(store), [linkId("a")]);

    await choose(store, OCTO, OPTED_OUT);
    expectEqual("those due after opting out", await dueIds(store), []);

    await choose(store, OCTO, sending("b"));
    expectEqual("those due after reconnecting", await dueIds(store), [linkId("b")]);

    await know(store, OCTO, reported("b"));
    expectEqual("those due after the report", await dueIds(store), []);

    for (const late of [reported("a", { changes: 9 }), reported("b", { changes: 9, choice: 2 })]) {
      await know(store, OCTO, late);
      expectEqual("those due after another one's report", await dueIds(store), []);
    }
    await choose(store, OCTO, { ...sending("b"), sendingAt: after(5) });
    expectEqual("those due after another commit", await dueIds(store), []);

    await answerOf(store.markChanged([OCTO]));
    expectEqual("those due after a change", await dueIds(store), [linkId("b")]);

    await know(store, OCTO, reported("b", { changes: 1 }));
    await choose(store, OCTO, sending("c"));
    const next = dueLink({ linkId: linkId("c"), changes: 1 });
    expectEqual("those due after reconnecting again", await due(store), [next]);
  }),

  senderCheck("SS9", "they come in the order of their ids' characters", async (store) => {
    for (const name of NAMES_AS_WRITTEN) await choose(store, `user of ${name}` as UserId, sending(name));

    expectEqual("the due links", await dueIds(store), IDS_IN_ORDER);
  }),

  senderCheck(
    "SS9",
    "they come by their sessions, then the latest instant first, then by their ids",
    async (store) => {
      await fillPlaces(store);

      expectEqual("the due links", await dueIds(store), PLACES_IN_ORDER.map(linkId));
    },
  ),

  senderCheck(
    "SS9",
    "a page has at most the limit, and begins behind the place it is given",
    async (store) => {
      await fillPlaces(store);
      const all = await due(store);
      const ids = all.map((link) => link.linkId);

      for (const limit of [1, 2, 100]) {
        expectEqual(`the first page of ${limit}`, await dueIds(store, { limit }), ids.slice(0, limit));
        for (const [index, place] of all.entries()) {
          const behind = ids.slice(index + 1, index + 1 + limit);
          const name = `the page of ${limit} behind ${index + 1} links`;
          expectEqual(name, await dueIds(store, { after: place, limit }), behind);
        }
      }
    },
  ),

  senderCheck("SS9", "a page begins behind a place that no link has", async (store) => {
    await fillPlaces(store);
    const idsBehind = (answeredIn: string | null, dueFrom: number, name: string) =>
      dueIds(store, {
        after: { answeredIn: answeredIn as SessionId, dueFrom: dueFrom as Instant, linkId: linkId(name) },
      });
    const ids = PLACES_IN_ORDER.map(linkId);

    expectEqual("those behind another session", await idsBehind("at_night", 0, "a"), ids.slice(3));
    expectEqual("those behind a later instant", await idsBehind(SESSION, after(1), "z"), ids.slice(3));
    expectEqual("those behind an id", await idsBehind(SESSION, after(-1), "v"), ids.slice(5));
    expectEqual("those behind an earlier instant", await idsBehind(SESSION, after(-2), "a"), ids.slice(6));
    expectEqual("those behind a later session", await idsBehind("the_session_between", 0, "a"), ids.slice(7));
    expectEqual("those behind every session", await idsBehind("with_nothing_behind_it", 0, "a"), []);
  }),

  senderCheck("SS9", "a link that is answered between two pages costs no other its turn", async (store) => {
    await fillPlaces(store);
    const page = await due(store, { limit: 5 });

    for (const { user, linkId: id, choice, changes } of page)
      await know(store, user, { ...reported("a"), linkId: id, choice, changes });

    const next = await dueIds(store, { after: page.at(-1) ?? null, limit: 2 });
    expectEqual("the second page", next, PLACES_IN_ORDER.slice(5, 7).map(linkId));
  }),

  senderCheck("SS9", "a link that changes between two pages does not lose its turn", async (store) => {
    await fillPlaces(store);
    const page = await due(store, { limit: 4 });
    await answerOf(store.markChanged(["u" as UserId]));

    const rest = await dueIds(store, { after: page.at(-1) ?? null });
    expectEqual("those behind the page", rest, ["w", "t", "u", "r", "s"].map(linkId));
  }),

  senderCheck("SS9", "a link that is not known there waits for its day, whatever changes", async (store) => {
    await choose(store, OCTO, sending("a"));
    await know(store, OCTO, unknown("a"));
    await answerOf(store.markChanged([OCTO]));
    const known = (await recordOf(store, OCTO)).reported;
    // SS3 says whether it is stored.
    if (!known) return;

    expectEqual("those due now", await dueIds(store), []);
    expectEqual("those due a moment before", await dueIds(store, { now: after(24 * HOUR_MS - 1) }), []);
    const links = await due(store, { now: after(24 * HOUR_MS) });
    const place = { answeredIn: SESSION, dueFrom: known.refreshAt };
    expectEqual("those due then", links, [dueLink({ ...place, changes: 1, reported: known })]);
  }),

  senderCheck("SS9", "a link that was not known in another session is due, with that", async (store) => {
    await choose(store, OCTO, sending("a"));
    await know(store, OCTO, unknown("a", { sessionId: OTHER_SESSION }));
    const known = await lastWordOn(store, OCTO);

    const links = await due(store);

    expectEqual("the due links", links, [dueLink(known)]);
  }),

  senderCheck("SS10", "each withdrawal of the connection is to be sent at once", async (store) => {
    const first = { ...withdrawal("a", 1, 2), requestedAt: after(5) };
    await choose(store, OCTO, OPTED_OUT, first);
    await choose(store, MONA, OPTED_OUT, withdrawal("b", 2));

    const expected = [{ ...first, nextAskAt: 0, hasReceipt: false }];
    expectEqual("those to be sent", await pending(store), expected);
    expectEqual("those by a clock that was never set", await pending(store, { now: 0 as Instant }), expected);
  }),

  senderCheck(
    "SS10",
    "a withdrawal is to be sent from its nextAskAt on, that instant included",
    async (store) => {
      await choose(store, OCTO, OPTED_OUT, withdrawal("a"));
      await acknowledge(store, { withdrawn: [withdrawn("a", { nextAskAt: after(HOUR_MS) })] });

      // SS4 says when that is.
      for (const { linkId: id, nextAskAt } of await pending(store, { now: after(1_000 * HOUR_MS) })) {
        const justBefore = (nextAskAt - 1) as Instant;
        expectEqual("those a moment before", await pendingIds(store, { now: justBefore }), []);
        expectEqual("those then", await pendingIds(store, { now: nextAskAt }), [id]);
      }
    },
  ),

  senderCheck("SS10", "they come in the order of their link ids' characters", async (store) => {
    for (const name of NAMES_AS_WRITTEN) await choose(store, name as UserId, OPTED_OUT, withdrawal(name));

    expectEqual("those to be sent", await pendingIds(store), IDS_IN_ORDER);
  }),

  senderCheck("SS10", "those that were to be sent earlier come first", async (store) => {
    for (const name of ["a", "b", "c"]) await choose(store, name as UserId, OPTED_OUT, withdrawal(name));
    const answers = [withdrawn("b", { nextAskAt: after(2) }), withdrawn("c", { nextAskAt: after(1) })];
    await acknowledge(store, { withdrawn: answers });

    const all = await pending(store, { now: after(2) });

    const instants = all.map(({ nextAskAt }) => nextAskAt);
    expectEqual(
      "when they were to be sent",
      instants,
      [...instants].sort((a, b) => a - b),
    );
    const behind = await pending(store, { now: after(2), after: all[0] ?? null });
    expectEqual("those behind the first", behind, all.slice(1));
  }),

  senderCheck(
    "SS10",
    "a page has at most the limit, and begins behind the one it is given",
    async (store) => {
      for (const name of NAMES_AS_WRITTEN) await choose(store, name as UserId, OPTED_OUT, withdrawal(name));
      const page = (limit: number, name: string | null) => {
        const place = name === null ? null : { nextAskAt: 0 as Instant, linkId: linkId(name) };
        return pendingIds(store, { after: place, limit });
      };

      expectEqual("the first one", await page(1, null), IDS_IN_ORDER.slice(0, 1));
      expectEqual("the second page", await page(3, "A"), IDS_IN_ORDER.slice(3, 6));
      expectEqual("those behind an id that does not wait", await page(100, "B"), IDS_IN_ORDER.slice(3));
      expectEqual("those behind the last", await page(100, "z"), []);
    },
  ),
];

/** Stores that the receiver has this of a user's link. */
function know(store: SenderStore, user: UserId, known: Reported): Promise<void> {
  return acknowledge(store, { reported: [{ user, reported: known }] });
}

/** Returns the due link of the first user, which was never reported unless changed. */
function dueLink(changed: Partial<DueLink>): DueLink {
  const place = { answeredIn: null, dueFrom: 0 as Instant, linkId: linkId("a") };
  return { ...place, user: OCTO, choice: 1, changes: 0, reported: null, ...changed };
}

/** Returns the receiver's last word on a link that has not changed since, and the place that it gives the link. */
async function lastWordOn(store: SenderStore, user: UserId): Promise<Partial<DueLink>> {
  const { reported: known } = await recordOf(store, user);
  return known ? { answeredIn: known.sessionId, dueFrom: known.refreshAt, reported: known } : {};
}

/** Stores due links of several sessions and instants, and one that is not due. Each has a user of its name. */
async function fillPlaces(store: SenderStore): Promise<void> {
  const answered: readonly (readonly [string, SessionId, Instant])[] = [
    ["q", SESSION, after(HOUR_MS)],
    ["r", LATE_SESSION, after(2 * HOUR_MS)],
    ["s", LATE_SESSION, after(HOUR_MS)],
    ["t", SESSION, after(HOUR_MS)],
    ["u", SESSION, after(-1)],
    ["v", SESSION, after(0)],
    ["w", SESSION, after(-1)],
    ["x", OTHER_SESSION, after(HOUR_MS)],
    ["y", OTHER_SESSION, after(-HOUR_MS)],
  ];
  for (const [name, sessionId, refreshAt] of answered) {
    await choose(store, name as UserId, sending(name));
    await know(store, name as UserId, reported(name, { sessionId, refreshAt }));
  }
  await choose(store, "z" as UserId, sending("z"));
  // Due at once, whatever their instants were.
  for (const name of ["t", "x"]) await answerOf(store.markChanged([name as UserId]));
}
