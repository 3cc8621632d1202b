import type { AccountId } from "../../domain/identifiers.ts";
import { MAX_RECORDS } from "../../domain/message.ts";
import { expectEqual, expectThat } from "../contract.ts";
import { open, openReported } from "./consents.ts";
import {
  after,
  commitEnded,
  deleteLinksOf,
  deliver,
  ended,
  endedOf,
  FIVE,
  HUBOT,
  KEPT,
  MONA,
  NOT_APPLIED,
  NOW,
  OTHER_SERVER,
  REMOVED,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  sessionId,
  shown,
  shownCounts,
  shownReports,
  UNKNOWN,
  WINDOW,
  withdrawn,
} from "./samples.ts";

/** RS4: the effects of the reports in a request (R1, R2). */
export const deliveryChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS4", "a report replaces whatever was kept for its link", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    const window = { ...WINDOW, counts: Array.from({ length: 90 }, (_, day) => (day === 89 ? 65_535 : day)) };
    const { isDetached, reports } = await deliver(store, 2, { reports: [["a", window]], at: after(5) });

    expectEqual("isDetached", isDetached, false);
    expectEqual("the outcome", reports, [KEPT]);
    const expected = [{ window, receivedAt: after(5) }];
    expectEqual("what is shown", await shownReports(store), expected);
  }),

  receiverCheck("RS4", "a report of an unknown or a foreign link is `unknown` (R2)", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await openReported(store, "foreign", 1, { installation: OTHER_SERVER });
    await openReported(store, "deleted", 2, { installation: OTHER_SERVER, account: MONA });
    await deliver(store, 3, { installation: OTHER_SERVER, withdrawals: ["deleted"] });
    const before = await shown(store);

    const { reports } = await deliver(store, 1, {
      reports: ["unknown", "deleted", ["none", null], ["foreign", FIVE]],
      at: after(5),
    });

    expectEqual("the outcomes", reports, [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]);
    expectEqual("what is shown", await shown(store), before);
  }),

  receiverCheck("RS4", "a report or a hold of a deleted link is `ended`, with its receipt", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: MONA });
    await deliver(store, 3, { withdrawals: ["a", "b"], at: after(5) });

    const { reports } = await deliver(store, 4, { reports: ["a", ["b", null]], at: after(9) });

    expectEqual("the outcomes", reports, [ended(after(5), REMOVED), ended(after(5), REMOVED)]);
  }),

  receiverCheck(
    "RS4",
    "a report or a hold of a link whose epoch is not open is `not-applied`",
    async (store) => {
      await register(store);
      await openReported(store, "a", 1);
      await openReported(store, "b", 2, { account: MONA });
      const reports = [
        ["a", FIVE],
        ["b", null],
      ] as const;

      await register(store, { epoch: 1, status: "off" });
      const off = await deliver(store, 1, { reports });
      await register(store, { epoch: 2 });
      const later = await deliver(store, 1, { reports });
      await register(store);

      expectEqual("the outcomes while it is off", off.reports, [NOT_APPLIED, NOT_APPLIED]);
      expectEqual("the outcomes in a later epoch", later.reports, [NOT_APPLIED, NOT_APPLIED]);
      expectEqual("the counts that were kept", await shownCounts(store), [WINDOW.counts]);
    },
  ),

  receiverCheck("RS4", "a hold keeps what was reported, and when", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await open(store, "b", { account: MONA });

    const { reports } = await deliver(store, 2, {
      reports: [["a", null], "b"],
      at: after(5),
    });

    expectEqual("the outcomes", reports, [KEPT, KEPT]);
    const expected = [{ window: WINDOW, receivedAt: NOW }];
    expectEqual("what is shown of the one held", await shownReports(store), expected);
    expectEqual("the counts of the one reported", await shownCounts(store, MONA), [WINDOW.counts]);
  }),

  receiverCheck(
    "RS4",
    "a hold of a link that was never reported is kept, and shows nothing",
    async (store) => {
      await register(store);
      await open(store, "a");

      const { reports } = await deliver(store, 1, { reports: [["a", null]] });

      expectEqual("the outcome", reports, [KEPT]);
      expectEqual("what is shown", await shown(store), []);
    },
  ),

  receiverCheck("RS4", "each outcome has the place of its record", async (store) => {
    await register(store);
    await open(store, "a");
    await openReported(store, "b", 1, { account: MONA });

    const { reports, withdrawals } = await deliver(store, 2, {
      reports: ["x", "a", "y"],
      withdrawals: ["v", "b", "w"],
    });

    expectEqual("the outcomes of the reports", reports, [UNKNOWN, KEPT, UNKNOWN]);
    const types = withdrawals.map(({ type }) => type);
    expectEqual("the outcomes of the withdrawals", types, ["unknown", "withdrawn", "unknown"]);
  }),

  receiverCheck("RS4", "one request takes 1,000 records of 90 days", async (store) => {
    await register(store);
    const names = Array.from({ length: MAX_RECORDS }, (_, index) => `n${index}`);
    await Promise.all(names.map((name) => open(store, name, { account: name as AccountId })));
    const counts = Array.from({ length: 90 }, () => 65_535);

    const { reports } = await deliver(store, 1, {
      reports: names.map((name) => [name, { ...WINDOW, counts }] as const),
    });

    expectThat(
      "each of the 1,000 was kept",
      reports.length === MAX_RECORDS && reports.every(({ type }) => type === "kept"),
    );
    expectEqual("the counts of the last", await shownCounts(store, "n999" as AccountId), [counts]);
  }),

  receiverCheck(
    "RS4",
    "the answer names each deleted link of the request that is not recorded, once",
    async (store) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      await openReported(store, "d", 1);
      await openReported(store, "c", 2, { account: MONA });
      await open(store, "a", { account: HUBOT });
      await open(store, "foreign", { installation: OTHER_SERVER });
      await open(store, "b", { account: "other-cloud" as AccountId });
      await deleteLinksOf(store, after(3), MONA);
      await deliver(store, 3, { withdrawals: ["a"], at: after(4) });
      await deliver(store, 1, { installation: OTHER_SERVER, withdrawals: ["foreign"] });

      const { unrecorded } = await deliver(store, 4, {
        reports: ["c", "b", "foreign", "x"],
        withdrawals: ["d", "a", "e", "d"],
        at: after(5),
      });

      const expected = [
        endedOf("a", after(4)),
        endedOf("c", after(3), REMOVED),
        endedOf("d", after(5), REMOVED),
      ];
      expectEqual("the unrecorded links", unrecorded, expected);
    },
  ),

  receiverCheck("RS4", "so does the answer to a request that is detached", async (store) => {
    await register(store, { session: { ordinal: 2 } });
    await open(store, "a");
    await open(store, "b", { account: MONA });
    await deleteLinksOf(store, after(3));

    const { isDetached, reports, unrecorded } = await deliver(store, 1, {
      sessionId: sessionId(1),
      reports: ["a"],
      withdrawals: ["b"],
      at: after(5),
    });

    expectEqual("isDetached", isDetached, true);
    expectEqual("the outcome of the report", reports, [NOT_APPLIED]);
    expectEqual("the unrecorded links", unrecorded, [endedOf("a", after(3)), endedOf("b", after(5))]);
  }),

  receiverCheck("RS4", "a link that is recorded is not among them", async (store) => {
    await register(store);
    await open(store, "a");
    await open(store, "b", { account: MONA });
    await commitEnded(store, [endedOf("a", after(3)), endedOf("b", after(3))]);

    const { reports, withdrawals, unrecorded } = await deliver(store, 1, {
      reports: ["a"],
      withdrawals: ["b"],
    });

    expectEqual("the outcome of the report", reports, [ended(after(3), null)]);
    expectEqual("that of the withdrawal", withdrawals, [withdrawn(after(3), null)]);
    expectEqual("the unrecorded links", unrecorded, []);
  }),
];
