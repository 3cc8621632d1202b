import type { SenderStore } from "../../ghes/ports.ts";
import { answerOf, expectEqual } from "../contract.ts";
import {
  acknowledge,
  after,
  choose,
  deselected,
  HOUR_MS,
  linkId,
  MONA,
  OCTO,
  OPTED_OUT,
  pending,
  pendingIds,
  recordOf,
  reported,
  type SenderStoreCheck,
  senderCheck,
  sending,
  unknown,
  withdrawal,
  withdrawn,
} from "./samples.ts";

/** SS7, SS8: the links that a user's choice starts and ends, and everything that it leaves alone. */
export const choiceChecks: readonly SenderStoreCheck[] = [
  senderCheck("SS7", "the withdrawal waits, and is the user's last deletion", async (store) => {
    await choose(store, OCTO, sending("a"));

    const withdraw = { ...withdrawal("a"), requestedAt: after(5) };
    await choose(store, OCTO, OPTED_OUT, withdraw);

    expectEqual("the pending withdrawals", await pendingIds(store), [linkId("a")]);
    const { deletion } = await recordOf(store, OCTO);
    expectEqual("the user's last deletion", deletion, { ...withdraw, receipt: null, notFoundSince: null });
  }),

  senderCheck("SS7", "a later withdrawal is the last deletion, and both wait", async (store) => {
    await choose(store, OCTO, sending("a"));
    await choose(store, OCTO, sending("b"), withdrawal("a"));

    await choose(store, OCTO, OPTED_OUT, withdrawal("b"));

    expectEqual("the pending withdrawals", await pendingIds(store), [linkId("a"), linkId("b")]);
    expectEqual("the last deletion", (await recordOf(store, OCTO)).deletion?.linkId, linkId("b"));
  }),

  senderCheck("SS7", "a commit without a withdrawal leaves the last deletion", async (store) => {
    await choose(store, OCTO, OPTED_OUT, withdrawal("a"));

    await choose(store, OCTO, sending("b"));

    expectEqual("the last deletion", (await recordOf(store, OCTO)).deletion?.linkId, linkId("a"));
    expectEqual("the pending withdrawals", await pendingIds(store), [linkId("a")]);
  }),

  senderCheck("SS7", "a withdrawal that is asked for anew is to be sent at once", async (store) => {
    await choose(store, OCTO, OPTED_OUT, withdrawal("a"));
    await acknowledge(store, { withdrawn: [withdrawn("a", { nextAskAt: after(HOUR_MS) })] });

    await choose(store, OCTO, OPTED_OUT, withdrawal("a"));

    const [anew] = await pending(store, { now: after(1_000 * HOUR_MS) });
    expectEqual("when it is to be sent", anew?.nextAskAt, 0);
    expectEqual("whether it has a receipt", anew?.hasReceipt, false);
  }),

  senderCheck("SS7", "a later withdrawal of the same link takes the place of the earlier", async (store) => {
    const requestedAt = after(5);
    const later = [
      { link: deselected("a", 3), withdraw: { ...withdrawal("a", 1, 3), requestedAt } },
      { link: OPTED_OUT, withdraw: { ...withdrawal("a"), requestedAt } },
    ];
    await choose(store, OCTO, sending("a"));
    await choose(store, OCTO, deselected("a"), withdrawal("a", 1, 1));

    for (const { link, withdraw } of later) {
      await choose(store, OCTO, link, withdraw);

      const all = await pending(store);
      expectEqual(
        "the pending withdrawals",
        all.map(({ choice }) => choice),
        [withdraw.choice],
      );
      const { deletion } = await recordOf(store, OCTO);
      expectEqual("the last deletion", deletion, { ...withdraw, receipt: null, notFoundSince: null });
    }
  }),

  senderCheck("SS7", "that a link is not known is forgotten with the link", async (store) => {
    await choose(store, OCTO, sending("a"));
    await acknowledge(store, { reported: [{ user: OCTO, reported: unknown("a") }] });

    await choose(store, OCTO, sending("b"));

    expectEqual("what is known", (await recordOf(store, OCTO)).reported, null);
  }),

  senderCheck("SS7", "what is known is forgotten with the link it was of", async (store) => {
    await choose(store, OCTO, sending("a"));
    await know(store);

    await choose(store, OCTO, sending("b"));

    expectEqual("what is known", (await recordOf(store, OCTO)).reported, null);
  }),

  senderCheck("SS7", "what is known is forgotten when its user sends no more", async (store) => {
    await choose(store, OCTO, sending("a"));
    await know(store);

    await choose(store, OCTO, OPTED_OUT);

    expectEqual("what is known", (await recordOf(store, OCTO)).reported, null);
  }),

  senderCheck("SS7", "what is known is forgotten when its user sends by another choice", async (store) => {
    await choose(store, OCTO, sending("a"));
    await know(store);

    await choose(store, OCTO, sending("a", { choice: 2 }));

    expectEqual("what is known", (await recordOf(store, OCTO)).reported, null);
  }),

  senderCheck("SS7", "what is known is kept while the link stays the same", async (store) => {
    await choose(store, OCTO, sending("a"));
    await know(store);

    const link = { ...sending("a"), sendingAt: after(5) };
    await choose(store, OCTO, link);

    expectEqual("what is known", (await recordOf(store, OCTO)).reported, reported("a"));
  }),

  senderCheck("SS8", "one more change is counted for each user named, and for nobody else", async (store) => {
    await choose(store, OCTO, sending("a"));
    await choose(store, MONA, sending("b"));

    await answerOf(store.markChanged([OCTO, MONA]));
    await answerOf(store.markChanged([OCTO]));
    await answerOf(store.markChanged([]));

    expectEqual("the changes of the first", (await recordOf(store, OCTO)).changes, 2);
    expectEqual("the changes of the second", (await recordOf(store, MONA)).changes, 1);
  }),

  senderCheck("SS8", "one change is counted for a user who is named twice", async (store) => {
    await choose(store, OCTO, sending("a"));

    await answerOf(store.markChanged([OCTO, MONA, OCTO]));

    expectEqual("the changes", (await recordOf(store, OCTO)).changes, 1);
  }),

  senderCheck("SS8", "a user of whom nothing is stored is passed over", async (store) => {
    await choose(store, MONA, sending("b"));

    await answerOf(store.markChanged([OCTO, MONA]));

    const { value, version } = await answerOf(store.loadLink(OCTO));
    expectEqual("the changes", value.changes, 0);
    expectEqual("the version", version, 0);
    expectEqual("the changes of the other", (await recordOf(store, MONA)).changes, 1);
  }),

  senderCheck("SS8", "changes of a user who does not send are counted too", async (store) => {
    await choose(store, OCTO, OPTED_OUT);

    await answerOf(store.markChanged([OCTO]));

    expectEqual("the changes", (await recordOf(store, OCTO)).changes, 1);
  }),

  senderCheck(
    "SS8",
    "no choice of a user and no acknowledgement loses a change that was counted",
    async (store) => {
      await choose(store, OCTO, sending("a"));
      await answerOf(store.markChanged([OCTO]));

      await know(store);
      await choose(store, OCTO, sending("b"));

      expectEqual("the changes", (await recordOf(store, OCTO)).changes, 1);
    },
  ),

  senderCheck("SS8", "changes that are counted at once are all counted", async (store) => {
    await choose(store, OCTO, sending("a"));
    await choose(store, MONA, sending("b"));
    const marks = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? [OCTO, MONA] : [MONA, OCTO]));

    await Promise.all(marks.map((users) => answerOf(store.markChanged(users))));

    expectEqual("the changes of the first", (await recordOf(store, OCTO)).changes, 20);
    expectEqual("the changes of the second", (await recordOf(store, MONA)).changes, 20);
  }),
];

/** Stores that the receiver has the first user's link. */
async function know(store: SenderStore): Promise<void> {
  await acknowledge(store, { reported: [{ user: OCTO, reported: reported("a") }] });
}
