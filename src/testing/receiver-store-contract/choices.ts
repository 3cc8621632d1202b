import { MAX_CHOICES } from "../../domain/choice.ts";
import { expectEqual } from "../contract.ts";
import { open, openDeselected, openReported } from "./consents.ts";
import {
  after,
  commitEnded,
  deliver,
  ended,
  endedOf,
  FIVE,
  HUBOT,
  KEPT,
  MONA,
  NOW,
  OTHER_SERVER,
  REMOVED,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  SERVER,
  shown,
  shownCounts,
  UNKNOWN,
  WINDOW,
  withdrawn,
} from "./samples.ts";

/** RS4: reports, holds and withdrawals of the choices of a link. RS7: the choice under which counts came. */
export const choiceChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck(
    "RS4",
    "a report or a hold under a choice that has ended, or before it, is `ended`",
    async (store) => {
      await register(store);
      await open(store, "a");
      await deliver(store, 1, { reports: [["a", WINDOW, 3]] });
      await deliver(store, 2, { withdrawals: [["a", 3]], at: after(5) });

      const last = await deliver(store, 3, { reports: [["a", FIVE, 3]], at: after(9) });
      const earlier = await deliver(store, 4, { reports: [["a", FIVE, 1]], at: after(9) });
      const held = await deliver(store, 5, { reports: [["a", null, 3]], at: after(9) });

      for (const { reports } of [last, earlier, held]) {
        expectEqual("the outcome", reports, [ended(after(5), REMOVED, 3)]);
      }
    },
  ),

  receiverCheck("RS4", "so it is while the feature is off", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);
    await register(store, { status: "off" });

    const { reports } = await deliver(store, 1, { reports: ["a"], at: after(9) });

    expectEqual("the outcome", reports, [ended(after(5), REMOVED, 1)]);
  }),

  receiverCheck("RS4", "a report under a later choice is kept: it opens the choice", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);

    const { reports } = await deliver(store, 3, { reports: [["a", FIVE, 2]], at: after(9) });

    expectEqual("the outcome", reports, [KEPT]);
    expectEqual("the shown counts", await shownCounts(store), [FIVE.counts]);
  }),

  receiverCheck("RS4", "a hold under the same later choice keeps what was reported", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);
    await deliver(store, 3, { reports: [["a", FIVE, 2]] });

    const { reports } = await deliver(store, 4, { reports: [["a", null, 2]] });

    expectEqual("the outcome", reports, [KEPT]);
    expectEqual("the shown counts", await shownCounts(store), [FIVE.counts]);
  }),

  receiverCheck("RS4", "a hold under another choice drops what was reported", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    const { reports } = await deliver(store, 2, { reports: [["a", null, 2]] });

    expectEqual("the outcome", reports, [KEPT]);
    expectEqual("what is shown", await shown(store), []);
    const { withdrawals } = await deliver(store, 3, { withdrawals: [["a", 2]], at: after(5) });
    expectEqual("the outcome of a withdrawal", withdrawals, [withdrawn(after(5), null)]);
  }),

  receiverCheck("RS4", "a withdrawal of a choice deletes what came under it", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await open(store, "b", { account: MONA });
    await openReported(store, "c", 2, { account: HUBOT });

    const { withdrawals } = await deliver(store, 3, {
      withdrawals: [
        ["a", 1],
        ["b", 1],
      ],
      at: after(5),
    });

    expectEqual("the outcomes", withdrawals, [withdrawn(after(5), REMOVED), withdrawn(after(5), null)]);
    expectEqual("the counts of another link", await shownCounts(store, HUBOT), [WINDOW.counts]);
  }),

  receiverCheck("RS4", "it counts in a request that is detached", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    const detached = { sessionId: null, withdrawals: [["a", 1]] as const, at: after(5) };
    const { isDetached, withdrawals } = await deliver(store, 2, detached);

    expectEqual("isDetached", isDetached, true);
    expectEqual("the outcome", withdrawals, [withdrawn(after(5), REMOVED)]);
  }),

  receiverCheck("RS4", "it leaves what came under a later choice", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await deliver(store, 2, { reports: [["a", FIVE, 2]] });

    const { withdrawals } = await deliver(store, 3, { withdrawals: [["a", 1]], at: after(5) });

    expectEqual("the outcome", withdrawals, [withdrawn(after(5), null)]);
    expectEqual("the shown counts", await shownCounts(store), [FIVE.counts]);
    const earlier = await deliver(store, 4, { reports: ["a"] });
    expectEqual("the outcome of a report under it", earlier.reports, [ended(after(5), null, 1)]);
    const later = await deliver(store, 5, { reports: [["a", WINDOW, 2]] });
    expectEqual("that of one under the later choice", later.reports, [KEPT]);
  }),

  receiverCheck("RS4", "repeated, or of an earlier choice, it gets the last receipt", async (store) => {
    await register(store);
    await open(store, "a");
    await deliver(store, 1, { reports: [["a", WINDOW, 2]] });
    await deliver(store, 2, { withdrawals: [["a", 2]], at: after(5) });

    const again = await deliver(store, 3, { withdrawals: [["a", 2]], at: after(9) });
    const earlier = await deliver(store, 4, { withdrawals: [["a", 1]], at: after(9) });

    expectEqual("the outcome", again.withdrawals, [withdrawn(after(5), REMOVED)]);
    expectEqual("that of an earlier choice", earlier.withdrawals, [withdrawn(after(5), REMOVED)]);
  }),

  receiverCheck("RS4", "of two withdrawals of one link the higher one counts", async (store) => {
    await register(store);
    await open(store, "a");
    await open(store, "b", { account: MONA });
    await open(store, "c", { account: HUBOT });
    const names = ["a", "b", "c"] as const;
    await deliver(store, 1, { reports: names.map((name) => [name, WINDOW, 2] as const) });

    const { withdrawals } = await deliver(store, 2, {
      withdrawals: [["a", 1], ["a", 2], ["b", 2], ["b", 1], ["c", 1], "c"],
      at: after(5),
    });

    const receipt = withdrawn(after(5), REMOVED);
    expectEqual("the outcomes", withdrawals, [receipt, receipt, receipt, receipt, receipt, receipt]);
    const { reports } = await deliver(store, 3, { reports: names.map((name) => [name, FIVE, 2] as const) });
    expectEqual("those of reports", reports, [
      ended(after(5), REMOVED, 2),
      ended(after(5), REMOVED, 2),
      ended(after(5), REMOVED),
    ]);
  }),

  receiverCheck("RS4", "withdrawing the link itself deletes it after any choice", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);
    await openDeselected(store, "b", 3, { account: MONA });
    await deliver(store, 5, { reports: [["b", FIVE, 2]] });

    const { withdrawals } = await deliver(store, 6, { withdrawals: ["a", "b"], at: after(9) });

    const removed = { first: WINDOW.first, last: WINDOW.first };
    expectEqual("the outcomes", withdrawals, [withdrawn(after(9), null), withdrawn(after(9), removed)]);
    const { reports } = await deliver(store, 7, { reports: [["a", WINDOW, 2]] });
    expectEqual("the outcome of a report", reports, [ended(after(9), null)]);
    const again = await deliver(store, 8, { withdrawals: [["a", 7]], at: after(11) });
    expectEqual("that of withdrawing a choice then", again.withdrawals, [withdrawn(after(9), null)]);
  }),

  receiverCheck("RS4", "choices of an unknown or a foreign link are `unknown`", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await openReported(store, "foreign", 1, { installation: OTHER_SERVER });

    const { withdrawals } = await deliver(store, 1, {
      withdrawals: [
        ["unknown", 1],
        ["foreign", 1],
      ],
    });
    const { reports } = await deliver(store, 2, { reports: [["foreign", FIVE, 2]] });

    expectEqual("the outcomes", [...withdrawals, ...reports], [UNKNOWN, UNKNOWN, UNKNOWN]);
    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS4", "a link has 1,000 choices", async (store) => {
    await register(store);
    await open(store, "a");
    const deliverLast = (number: number, choice: number) =>
      deliver(store, number, { reports: [["a", WINDOW, choice]] });
    await deliver(store, 1, { withdrawals: [["a", MAX_CHOICES - 1]], at: after(3) });
    const opened = await deliverLast(2, MAX_CHOICES);
    await deliver(store, 3, { withdrawals: [["a", MAX_CHOICES]], at: after(5) });

    const last = await deliverLast(4, MAX_CHOICES);

    expectEqual("the outcome of the first report under the last", opened.reports, [KEPT]);
    expectEqual("that after its end", last.reports, [ended(after(5), REMOVED, MAX_CHOICES)]);
  }),

  receiverCheck(
    "RS4",
    "the answer names an ended choice that is not recorded, unless the report was kept",
    async (store) => {
      await register(store);
      await openDeselected(store, "a", 1);
      await openDeselected(store, "b", 3, { account: MONA });
      await openReported(store, "c", 5, { account: HUBOT });

      const { unrecorded } = await deliver(store, 6, {
        reports: [
          ["b", FIVE, 2],
          ["a", null, 1],
        ],
        withdrawals: [["c", 1]],
        at: after(9),
      });
      const detached = await deliver(store, 1, { sessionId: null, reports: [["b", FIVE, 2]] });

      const expected = [endedOf("a", after(5), REMOVED, 1), endedOf("c", after(9), REMOVED, 1)];
      expectEqual("the unrecorded ones", unrecorded, expected);
      const ofDetached = [endedOf("b", after(5), REMOVED, 1)];
      expectEqual("those of a request that is detached", detached.unrecorded, ofDetached);
    },
  ),

  receiverCheck("RS4", "an ended choice that is recorded is not among them", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);
    await commitEnded(store, [endedOf("a", after(5), REMOVED, 1)]);

    const reported = await deliver(store, 3, { reports: ["a"] });
    const again = await deliver(store, 4, { withdrawals: [["a", 1]] });

    expectEqual("the unrecorded ones", [...reported.unrecorded, ...again.unrecorded], []);
  }),

  receiverCheck("RS7", "counts are shown with the choice under which they came", async (store) => {
    await register(store);
    await open(store, "a");
    await deliver(store, 1, { reports: [["a", WINDOW, 3]] });

    const [link] = await shown(store);
    expectEqual("what is shown", link, {
      installation: SERVER,
      linkId: endedOf("a", NOW).linkId,
      choice: 3,
      epoch: 1,
      window: WINDOW,
      receivedAt: NOW,
    });
  }),

  receiverCheck("RS7", "nothing is shown of a choice that has ended", async (store) => {
    await register(store);
    await openDeselected(store, "a", 1);

    expectEqual("what is shown", await shown(store), []);
  }),
];
