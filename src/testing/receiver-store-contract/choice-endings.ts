import type { LedgerEntry } from "../../ghec/ports.ts";
import { answerOf, expectEqual } from "../contract.ts";
import { open, openDeselected, openReported, redeem, redeemed } from "./consents.ts";
import {
  after,
  commitEnded,
  deleteLinksOf,
  deliver,
  endedOf,
  FIVE,
  HUBOT,
  MONA,
  OTHER_SERVER,
  REMOVED,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  registrationOf,
  SERVER,
  shownCounts,
  stored,
  unrecordedLinks,
  unrecordedOf,
  WINDOW,
  withdrawNext,
  withdrawn,
} from "./samples.ts";

/** RS3, RS5, RS6, RS8, RS10 to RS13: links of which a choice has ended, and the endings of choices in the ledger. */
export const choiceEndingChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS3", "counts of a link that the commit names as ended are not dropped", async (store) => {
    await register(store);
    await open(store, "a");
    await deliver(store, 1, { reports: [["a", FIVE, 2]] });
    const { version: expectedVersion } = await stored(store);
    const registration = registrationOf({ session: { ordinal: 2, isCompleted: true } });

    const endings = [endedOf("a", after(3), null, 1)];
    const commit = { expectedVersion, registration, hidesUnreported: true, ended: endings, audit: [] };
    await answerOf(store.commitRegistration(commit));

    expectEqual("the shown counts", await shownCounts(store), [FIVE.counts]);
  }),

  receiverCheck("RS5", "a repetition returns a link of which a choice has ended", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);

    expectEqual("the answer", await redeem(store, "a"), redeemed("a"));
  }),

  receiverCheck("RS5", "a new link replaces one of which a choice has ended", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);
    await deliver(store, 3, { reports: [["a", WINDOW, 2]] });

    const opened = await open(store, "b", { at: after(7) });

    expectEqual("the answer", opened, { ...redeemed("b"), unrecorded: [endedOf("a", after(7), REMOVED)] });
  }),

  receiverCheck("RS6", "a link of which a choice has ended is deleted, recorded or not", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);
    await openDeselected(store, "b", 3, { account: MONA });
    await commitEnded(store, [endedOf("b", after(5), null, 1)]);
    await deliver(store, 5, { reports: [["b", WINDOW, 2]] });

    const ofOcto = await deleteLinksOf(store, after(7));
    const ofMona = await deleteLinksOf(store, after(7), MONA);

    expectEqual("the answer", ofOcto, [unrecordedOf("a", after(7), null)]);
    const expected = [unrecordedOf("b", after(7), REMOVED, { account: MONA })];
    expectEqual("that where the choice is recorded", ofMona, expected);
  }),

  receiverCheck("RS8", "a live link stays, however old the receipt of its choice", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);
    await commitEnded(store, [endedOf("a", after(5), null, 1)]);

    const keep = { counts: WINDOW.first, receipts: after(1_000), audit: after(0) };
    const { forgotten } = await answerOf(store.sweep({ keep, limit: 100, at: after(100_000) }));

    expectEqual("a repeated redemption", await redeem(store, "a"), redeemed("a"));
    expectEqual("what was forgotten", forgotten, 0);
  }),

  receiverCheck("RS10", "a choice that has ended and is not recorded is seen", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);
    const before = await answerOf(store.loadLedgerStanding());
    await commitEnded(store, [endedOf("a", after(5), REMOVED, 1)]);
    const recorded = await answerOf(store.loadLedgerStanding());

    expectEqual("hasUnrecorded", before.hasUnrecorded, true);
    expectEqual("hasUnrecorded when it is recorded", recorded.hasUnrecorded, false);
  }),

  receiverCheck("RS11", "a choice ends as the ledger has it, and the link stays", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await commitEnded(store, [endedOf("a", after(3), REMOVED, 1)]);

    expectEqual("the shown counts", await shownCounts(store), []);
    const { withdrawals } = await deliver(store, 2, { withdrawals: [["a", 1]], at: after(9) });
    expectEqual("the outcome of withdrawing it", withdrawals, [withdrawn(after(3), REMOVED)]);
    expectEqual("a repeated redemption", await redeem(store, "a"), redeemed("a"));
  }),

  receiverCheck("RS11", "what came under a later choice stays", async (store) => {
    await register(store);
    await open(store, "a");
    await deliver(store, 1, { reports: [["a", FIVE, 2]] });

    await commitEnded(store, [endedOf("a", after(3), null, 1)]);

    expectEqual("the shown counts", await shownCounts(store), [FIVE.counts]);
  }),

  receiverCheck("RS11", "an unrecorded choice gets the receipt, and is recorded", async (store) => {
    await register(store);
    await open(store, "b");
    await deliver(store, 1, { withdrawals: [["b", 2]], at: after(5) });

    await commitEnded(store, [endedOf("b", after(3), REMOVED, 2)]);

    expectEqual("the unrecorded ones", await unrecordedLinks(store), []);
    const { withdrawals } = await deliver(store, 2, { withdrawals: [["b", 1]], at: after(9) });
    expectEqual("the outcome of withdrawing an earlier one", withdrawals, [withdrawn(after(3), REMOVED)]);
  }),

  receiverCheck("RS11", "a recorded choice keeps its receipt", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await commitEnded(store, [endedOf("a", after(3), REMOVED, 2)]);

    await commitEnded(store, [endedOf("a", after(5), null, 2)]);
    await commitEnded(store, [endedOf("a", after(6), null, 1)]);

    const { withdrawals } = await deliver(store, 2, { withdrawals: [["a", 2]], at: after(9) });
    expectEqual("the outcome of withdrawing it", withdrawals, [withdrawn(after(3), REMOVED)]);
  }),

  receiverCheck("RS11", "an earlier choice changes nothing", async (store) => {
    await register(store);
    await open(store, "a");
    await deliver(store, 1, { withdrawals: [["a", 2]], at: after(5) });
    await deliver(store, 2, { reports: [["a", FIVE, 3]] });

    await commitEnded(store, [endedOf("a", after(3), REMOVED, 1)]);

    expectEqual("the unrecorded ones", await unrecordedLinks(store), [endedOf("a", after(5), null, 2)]);
    expectEqual("the shown counts", await shownCounts(store), [FIVE.counts]);
  }),

  receiverCheck("RS11", "a later choice, or the link itself, ends after an earlier one", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);
    await openReported(store, "b", 3, { account: MONA });
    await commitEnded(store, [endedOf("b", after(2), REMOVED, 1)]);
    const reports = ["a", "b"].map((name) => [name, WINDOW, 2] as const);
    await deliver(store, 4, { reports });

    await commitEnded(store, [endedOf("a", after(3), REMOVED, 2), endedOf("b", after(4), REMOVED)]);
    await commitEnded(store, [endedOf("b", after(6), REMOVED, 7)]);

    const counts = [await shownCounts(store), await shownCounts(store, MONA)];
    expectEqual("the shown counts", counts, [[], []]);
    const { withdrawals } = await deliver(store, 5, { withdrawals: [["a", 2]], at: after(9) });
    expectEqual("the outcome of withdrawing the choice", withdrawals, [withdrawn(after(3), REMOVED)]);
    const outcome = await withdrawNext(store, "b", after(9));
    expectEqual("that of withdrawing the link", outcome, withdrawn(after(4), REMOVED));
  }),

  receiverCheck("RS11", "of endings of one link the highest counts, and the first of two", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: MONA });

    await commitEnded(store, [
      endedOf("a", after(1), REMOVED, 1),
      endedOf("b", after(2), REMOVED),
      endedOf("a", after(3), null, 3),
      endedOf("b", after(4), null, 9),
      endedOf("a", after(5), REMOVED, 2),
      endedOf("a", after(6), REMOVED, 3),
    ]);

    const { withdrawals } = await deliver(store, 3, { withdrawals: [["a", 3]], at: after(9) });
    expectEqual("the outcome of withdrawing the choice", withdrawals, [withdrawn(after(3), null)]);
    const outcome = await withdrawNext(store, "b", after(9));
    expectEqual("that of withdrawing the link", outcome, withdrawn(after(2), REMOVED));
  }),

  receiverCheck("RS11", "choices of another installation's links are let be", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await openReported(store, "a", 1, { installation: OTHER_SERVER });

    await commitEnded(store, [endedOf("a", after(3), REMOVED, 1)]);

    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS12", "an ended choice is answered like a deleted link, each link once", async (store) => {
    await register(store);
    await openDeselected(store, "c", 1);
    await deliver(store, 3, { reports: [["c", FIVE, 2]] });
    await open(store, "b", { account: MONA });
    await openDeselected(store, "a", 4, { account: HUBOT });
    await deleteLinksOf(store, after(6), MONA);
    await deleteLinksOf(store, after(7), HUBOT);

    const links = [endedOf("a", after(7)), endedOf("b", after(6)), endedOf("c", after(5), REMOVED, 1)];
    const expected: readonly LedgerEntry[] = [{ type: "links-ended", installation: SERVER, links }];
    expectEqual("the entries", await answerOf(store.loadUnrecorded(100)), expected);
  }),

  receiverCheck("RS12", "an ended choice that is recorded is left out", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);

    await commitEnded(store, [endedOf("a", after(5), REMOVED, 1)]);

    expectEqual("the unrecorded ones", await unrecordedLinks(store), []);
  }),

  receiverCheck("RS13", "every ended choice is unrecorded again, with its receipt", async (store) => {
    await register(store);
    await open(store, "a");
    await deliver(store, 1, { withdrawals: [["a", 1]], at: after(5) });
    await commitEnded(store, [endedOf("a", after(5), null, 1)]);
    await deliver(store, 2, { reports: [["a", FIVE, 2]] });

    await answerOf(store.takeForUnrecorded({ installation: SERVER, readTo: null }));

    const expected = [endedOf("a", after(5), null, 1)];
    expectEqual("the unrecorded ones", await unrecordedLinks(store), expected);
    expectEqual("the shown counts", await shownCounts(store), [FIVE.counts]);
  }),
];
