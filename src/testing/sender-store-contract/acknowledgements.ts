import type { CalendarDate } from "../../domain/calendar-date.ts";
import type { SenderStore } from "../../ghes/ports.ts";
import { answerOf, expectEqual } from "../contract.ts";
import {
  acknowledge,
  after,
  choose,
  connected,
  deselected,
  HOUR_MS,
  linkId,
  MONA,
  NOW,
  OCTO,
  OPTED_OUT,
  OTHER_SESSION,
  pending,
  pendingIds,
  RECEIPT,
  recordOf,
  reported,
  type SenderStoreCheck,
  SIGNATURE,
  SIGNED,
  senderCheck,
  sending,
  unknown,
  withdrawal,
  withdrawn,
} from "./samples.ts";

/** SS3, SS4: the receiver's acknowledgements, in the commit of the server's state. */
export const acknowledgementChecks: readonly SenderStoreCheck[] = [
  senderCheck("SS3", "what the receiver is known to have is stored with each user", async (store) => {
    await choose(store, OCTO, sending("a"));
    await choose(store, MONA, sending("b"));

    const acknowledged = [
      { user: OCTO, reported: reported("a") },
      { user: MONA, reported: reported("b", { changes: 7, refreshAt: after(1) }) },
    ];
    await acknowledge(store, { reported: acknowledged });

    expectEqual("the first", (await recordOf(store, OCTO)).reported, reported("a"));
    const second = reported("b", { changes: 7, refreshAt: after(1) });
    expectEqual("the second", (await recordOf(store, MONA)).reported, second);
  }),

  senderCheck("SS3", "a later acknowledgement replaces the earlier one", async (store) => {
    await choose(store, OCTO, sending("a"));
    await acknowledge(store, { reported: [{ user: OCTO, reported: reported("a") }] });

    const later = reported("a", { changes: 2, window: { ...reported("a").window, counts: [65_535] } });
    await acknowledge(store, { reported: [{ user: OCTO, reported: later }] });

    expectEqual("what is known", (await recordOf(store, OCTO)).reported, later);
  }),

  senderCheck("SS3", "nothing is stored with a user who sends under another link by now", async (store) => {
    await choose(store, OCTO, sending("a"));
    await choose(store, OCTO, sending("b"));

    await acknowledge(store, { reported: [{ user: OCTO, reported: reported("a") }] });

    expectEqual("what is known", (await recordOf(store, OCTO)).reported, null);
  }),

  senderCheck("SS3", "nothing is stored with a user who does not send any more", async (store) => {
    await choose(store, OCTO, sending("a"));
    await choose(store, OCTO, OPTED_OUT);

    await acknowledge(store, { reported: [{ user: OCTO, reported: reported("a") }] });

    expectEqual("what is known", (await recordOf(store, OCTO)).reported, null);
  }),

  senderCheck("SS3", "nothing is stored with a user who is connected and does not send", async (store) => {
    await choose(store, OCTO, connected("a"));

    await acknowledge(store, { reported: [{ user: OCTO, reported: reported("a") }] });

    expectEqual("what is known", (await recordOf(store, OCTO)).reported, null);
  }),

  senderCheck("SS3", "nothing is stored with a user who has taken the choice back", async (store) => {
    await choose(store, OCTO, sending("a"));
    await choose(store, OCTO, deselected("a"));

    await acknowledge(store, { reported: [{ user: OCTO, reported: reported("a") }] });

    expectEqual("what is known", (await recordOf(store, OCTO)).reported, null);
  }),

  senderCheck("SS3", "nothing is stored of an earlier choice, only of the present one", async (store) => {
    await choose(store, OCTO, sending("a"));
    await choose(store, OCTO, deselected("a"));
    await choose(store, OCTO, sending("a", { choice: 2 }));

    await acknowledge(store, { reported: [{ user: OCTO, reported: reported("a", { choice: 1 }) }] });
    expectEqual("what is known of the earlier", (await recordOf(store, OCTO)).reported, null);

    const present = reported("a", { choice: 2 });
    await acknowledge(store, { reported: [{ user: OCTO, reported: present }] });
    expectEqual("what is known of the present", (await recordOf(store, OCTO)).reported, present);
  }),

  senderCheck("SS3", "what is known stays whole when another choice or link is answered", async (store) => {
    const link = sending("a", { choice: 2 });
    await choose(store, OCTO, link);
    const known = reported("a", { choice: 2 });
    await acknowledge(store, { reported: [{ user: OCTO, reported: known }] });
    const late = {
      sessionId: OTHER_SESSION,
      changes: 7,
      window: { first: "2026-02-20" as CalendarDate, counts: [9] },
      reportedAt: after(-HOUR_MS),
      refreshAt: after(3 * HOUR_MS),
    };
    const others = [
      reported("a", { ...late, choice: 1 }),
      reported("b", { ...late, choice: 2 }),
      unknown("a", { since: after(-HOUR_MS), choice: 1 }),
      unknown("b", { since: after(-HOUR_MS), choice: 2 }),
    ];
    for (const answer of others) {
      await acknowledge(store, { reported: [{ user: OCTO, reported: answer }] });

      expectEqual("what is known", (await recordOf(store, OCTO)).reported, known);
    }
  }),

  senderCheck("SS3", "nothing is stored of a user of whom nothing was", async (store) => {
    await acknowledge(store, { reported: [{ user: OCTO, reported: reported("a") }] });

    const { value, version } = await answerOf(store.loadLink(OCTO));
    expectEqual("what is known", value.reported, null);
    expectEqual("the version", version, 0);
  }),

  senderCheck("SS3", "that the receiver does not know a link is stored with its user", async (store) => {
    await choose(store, OCTO, sending("a"));
    await acknowledge(store, { reported: [{ user: OCTO, reported: reported("a") }] });

    const answer = unknown("a", { since: after(-HOUR_MS) });
    await acknowledge(store, { reported: [{ user: OCTO, reported: answer }] });

    expectEqual("what is known", (await recordOf(store, OCTO)).reported, answer);
  }),

  senderCheck(
    "SS3",
    "a link that was unknown is known again, and the other way round at once",
    async (store) => {
      await choose(store, OCTO, sending("a"));
      await choose(store, MONA, sending("b"));
      await acknowledge(store, { reported: [{ user: OCTO, reported: unknown("a") }] });

      const acknowledged = [
        { user: OCTO, reported: reported("a") },
        { user: MONA, reported: unknown("b") },
      ];
      await acknowledge(store, { reported: acknowledged });

      expectEqual("the first", (await recordOf(store, OCTO)).reported, reported("a"));
      expectEqual("the second", (await recordOf(store, MONA)).reported, unknown("b"));
    },
  ),

  senderCheck("SS4", "a receipt ends its withdrawal and is stored with its user", async (store) => {
    await optOut(store, "a");

    await acknowledge(store, { withdrawn: [withdrawn("a")] });

    expectEqual("the pending withdrawals", await pendingIds(store), []);
    expectEqual("the receipt", (await recordOf(store, OCTO)).deletion?.receipt, RECEIPT);
  }),

  senderCheck("SS4", "a receipt that removed nothing is stored as it is", async (store) => {
    await optOut(store, "a");
    const receipt = { ...RECEIPT, removed: null };

    await acknowledge(store, { withdrawn: [withdrawn("a", { receipt })] });

    expectEqual("the receipt", (await recordOf(store, OCTO)).deletion?.receipt, receipt);
  }),

  senderCheck("SS4", "the receipt of an earlier deletion leaves the later one waiting", async (store) => {
    await optOut(store, "a");
    await choose(store, OCTO, sending("b"));
    await choose(store, OCTO, OPTED_OUT, withdrawal("b"));

    await acknowledge(store, { withdrawn: [withdrawn("a")] });

    expectEqual("the pending withdrawals", await pendingIds(store), [linkId("b")]);
    const { deletion } = await recordOf(store, OCTO);
    expectEqual("the last deletion", deletion?.linkId, linkId("b"));
    expectEqual("its receipt", deletion?.receipt, null);
  }),

  senderCheck("SS4", "of receipts that come at once the last deletion gets its own", async (store) => {
    for (const names of [
      ["a", "b"],
      ["d", "c"],
    ] as const) {
      for (const name of names) await optOut(store, name);

      const answers = [...names].sort();
      await acknowledge(store, { withdrawn: answers.map((name) => withdrawn(name)) });

      expectEqual("the pending withdrawals", await pendingIds(store), []);
      const { deletion } = await recordOf(store, OCTO);
      expectEqual("the last deletion", deletion?.linkId, linkId(names[1]));
      expectEqual("its receipt", deletion?.receipt, RECEIPT);
    }
  }),

  senderCheck("SS4", "a receipt stays with its user through their later choices", async (store) => {
    await optOut(store, "a");
    await acknowledge(store, { withdrawn: [withdrawn("a")] });

    await choose(store, OCTO, { status: "ended", reason: "user-suspended", endedAt: NOW, receipt: null });

    expectEqual("the receipt", (await recordOf(store, OCTO)).deletion?.receipt, RECEIPT);
  }),

  senderCheck("SS4", "several receipts of one commit each find their withdrawal", async (store) => {
    await optOut(store, "a");
    await choose(store, MONA, sending("b"));
    await choose(store, MONA, OPTED_OUT, withdrawal("b"));
    const second = { ...RECEIPT, removed: null };

    await acknowledge(store, { withdrawn: [withdrawn("b", { receipt: second }), withdrawn("a")] });

    expectEqual("the pending withdrawals", await pendingIds(store), []);
    expectEqual("the first receipt", (await recordOf(store, OCTO)).deletion?.receipt, RECEIPT);
    expectEqual("the second receipt", (await recordOf(store, MONA)).deletion?.receipt, second);
  }),

  senderCheck("SS4", "a withdrawal that is asked for again stays pending until then", async (store) => {
    await optOut(store, "a");
    const nextAskAt = after(24 * HOUR_MS);

    await acknowledge(store, { withdrawn: [withdrawn("a", { nextAskAt })] });

    expectEqual("the pending withdrawals", await allPending(store), [[linkId("a"), nextAskAt, true]]);
    expectEqual("the receipt", (await recordOf(store, OCTO)).deletion?.receipt, RECEIPT);
  }),

  senderCheck("SS4", "a second receipt ends its withdrawal, and the first one stays", async (store) => {
    await optOut(store, "a");
    await acknowledge(store, { withdrawn: [withdrawn("a", { nextAskAt: after(HOUR_MS) })] });

    const second = { deletedAt: after(HOUR_MS), removed: null };
    await acknowledge(store, { withdrawn: [withdrawn("a", { receipt: second })] });

    expectEqual("the pending withdrawals", await allPending(store), []);
    expectEqual("the receipt", (await recordOf(store, OCTO)).deletion?.receipt, RECEIPT);
  }),

  senderCheck("SS4", "a signed receipt is stored whole, and no answer takes its signature", async (store) => {
    await optOut(store, "a");
    const nextAskAt = after(HOUR_MS);
    const answers = [SIGNED, RECEIPT, null, { ...RECEIPT, signature: "another.signature.of_it" }];
    for (const receipt of answers) {
      await acknowledge(store, { withdrawn: [withdrawn("a", { receipt, nextAskAt })] });

      expectEqual("the receipt", (await recordOf(store, OCTO)).deletion?.receipt, SIGNED);
    }
  }),

  senderCheck("SS4", "a receipt takes a later signature of itself, and of no other", async (store) => {
    await optOut(store, "a");
    const nextAskAt = after(HOUR_MS);
    const others = [
      { deletedAt: after(1_001), removed: RECEIPT.removed, signature: SIGNATURE },
      { deletedAt: RECEIPT.deletedAt, removed: null, signature: SIGNATURE },
    ];
    for (const receipt of [RECEIPT, ...others]) {
      await acknowledge(store, { withdrawn: [withdrawn("a", { receipt, nextAskAt })] });

      expectEqual("the receipt", (await recordOf(store, OCTO)).deletion?.receipt, RECEIPT);
    }

    await acknowledge(store, { withdrawn: [withdrawn("a", { receipt: SIGNED })] });

    expectEqual("the signed receipt", (await recordOf(store, OCTO)).deletion?.receipt, SIGNED);
  }),

  senderCheck("SS4", "since when a link is not found stays until a receipt comes", async (store) => {
    await optOut(store, "a");
    const nextAskAt = after(HOUR_MS);
    const notFound = { receipt: null, nextAskAt };
    await acknowledge(store, { withdrawn: [withdrawn("a", { ...notFound, answeredAt: after(1) })] });
    await acknowledge(store, { withdrawn: [withdrawn("a", { ...notFound, answeredAt: after(2) })] });

    const lost = (await recordOf(store, OCTO)).deletion;
    expectEqual("since when it is not found", lost?.notFoundSince, after(1));
    expectEqual("the receipt", lost?.receipt, null);
    expectEqual("the pending withdrawals", await allPending(store), [[linkId("a"), nextAskAt, false]]);

    await acknowledge(store, { withdrawn: [withdrawn("a", { nextAskAt })] });

    const found = (await recordOf(store, OCTO)).deletion;
    expectEqual("since when, after the receipt", found?.notFoundSince, null);
    expectEqual("the receipt that came", found?.receipt, RECEIPT);
  }),

  senderCheck("SS4", "a link that is not found after its receipt keeps both", async (store) => {
    await optOut(store, "a");
    const nextAskAt = after(HOUR_MS);
    await acknowledge(store, { withdrawn: [withdrawn("a", { nextAskAt })] });

    await acknowledge(store, { withdrawn: [withdrawn("a", { receipt: null, nextAskAt })] });

    const { deletion } = await recordOf(store, OCTO);
    expectEqual("since when it is not found", deletion?.notFoundSince, after(2_000));
    expectEqual("the receipt", deletion?.receipt, RECEIPT);
    expectEqual("the pending withdrawals", await allPending(store), [[linkId("a"), nextAskAt, true]]);
  }),

  senderCheck("SS4", "a withdrawal that is given up is pending no more", async (store) => {
    await optOut(store, "a");

    await acknowledge(store, { withdrawn: [withdrawn("a", { receipt: null })] });

    expectEqual("the pending withdrawals", await allPending(store), []);
    const { deletion } = await recordOf(store, OCTO);
    expectEqual("since when it is not found", deletion?.notFoundSince, after(2_000));
    expectEqual("the receipt", deletion?.receipt, null);
  }),

  senderCheck("SS4", "the answer about an earlier choice leaves the later one waiting", async (store) => {
    await deselect(store, 1);
    await deselect(store, 2);
    const before = await allPending(store);

    for (const nextAskAt of [after(HOUR_MS), null])
      for (const receipt of [RECEIPT, null])
        await acknowledge(store, { withdrawn: [withdrawn("a", { choice: 1, receipt, nextAskAt })] });

    expectEqual("the pending withdrawals", await allPending(store), before);
    const { deletion } = await recordOf(store, OCTO);
    expectEqual("the receipt of the later", deletion?.receipt, null);
    expectEqual("since when it is not found", deletion?.notFoundSince, null);
    await acknowledge(store, { withdrawn: [withdrawn("a", { choice: 2 })] });
    expectEqual("its receipt then", (await recordOf(store, OCTO)).deletion?.receipt, RECEIPT);
  }),

  senderCheck("SS4", "the answer about a choice leaves the link itself waiting", async (store) => {
    await deselect(store, 1);
    await choose(store, OCTO, OPTED_OUT, withdrawal("a"));
    const before = await allPending(store);

    await acknowledge(store, { withdrawn: [withdrawn("a", { choice: 1 })] });

    expectEqual("the pending withdrawals", await allPending(store), before);
    expectEqual("the receipt of the link", (await recordOf(store, OCTO)).deletion?.receipt, null);
  }),

  senderCheck("SS4", "a receipt comes to a user who sends again by a later choice", async (store) => {
    await deselect(store, 1);
    await choose(store, OCTO, sending("a", { choice: 2 }));

    await acknowledge(store, { withdrawn: [withdrawn("a", { choice: 1 })] });

    expectEqual("the pending withdrawals", await allPending(store), []);
    await choose(store, OCTO, deselected("a", 2));
    expectEqual("the receipt", (await recordOf(store, OCTO)).deletion?.receipt, RECEIPT);
  }),

  senderCheck("SS4", "a receipt of a link that waits for none changes nothing", async (store) => {
    await choose(store, OCTO, sending("a"));
    const before = await recordOf(store, OCTO);

    await acknowledge(store, { withdrawn: [withdrawn("a")] });

    expectEqual("the user's record", await recordOf(store, OCTO), before);
  }),
];

/** The first user sends under the link of this name, and opts out. */
async function optOut(store: SenderStore, name: string): Promise<void> {
  await choose(store, OCTO, sending(name));
  await choose(store, OCTO, OPTED_OUT, withdrawal(name));
}

/** The first user sends by this choice, and takes it back. */
async function deselect(store: SenderStore, choice: number): Promise<void> {
  await choose(store, OCTO, sending("a", { choice }));
  await choose(store, OCTO, deselected("a", choice), withdrawal("a", 1, choice));
}

/**
 * Returns every pending withdrawal, even one for later: its link, when it is to be sent, and whether it has a receipt.
 */
async function allPending(store: SenderStore): Promise<readonly unknown[]> {
  const all = await pending(store, { now: after(1_000 * HOUR_MS) });
  return all.map(({ linkId: id, nextAskAt, hasReceipt }) => [id, nextAskAt, hasReceipt]);
}
