import type { AccountId } from "../../domain/identifiers.ts";
import { MAX_RECORDS } from "../../domain/message.ts";
import { expectEqual, expectThat } from "../contract.ts";
import {
  after,
  deliver,
  GONE,
  KEPT,
  MONA,
  OTHER_SERVER,
  open,
  openReported,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  SERVER,
  shown,
  shownCounts,
  WINDOW,
} from "./samples.ts";

const FIVE = { ...WINDOW, counts: [5] };

/** RS4: what the reports of a request do (R1, R2). */
export const deliveryChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS4", "a report replaces whatever was kept for its link", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    const window = { ...WINDOW, counts: Array.from({ length: 90 }, (_, day) => (day === 89 ? 65_535 : day)) };
    const { isDetached, reports } = await deliver(store, 2, { reports: [["a", window]], at: after(5) });

    expectEqual("isDetached", isDetached, false);
    expectEqual("the outcome", reports, [KEPT]);
    const expected = [{ installation: SERVER, window, receivedAt: after(5) }];
    expectEqual("what is shown", await shown(store), expected);
  }),

  receiverCheck("RS4", "a report of an unknown, a deleted or a foreign link is gone (R2)", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await openReported(store, "foreign", 1, { installation: OTHER_SERVER });
    await openReported(store, "deleted", 1);
    await deliver(store, 2, { withdrawals: ["deleted"] });
    const before = await shown(store);

    const { reports } = await deliver(store, 3, { reports: ["unknown", "deleted", "foreign"], at: after(5) });

    expectEqual("the outcomes", reports, [GONE, GONE, GONE]);
    expectEqual("what is shown", await shown(store), before);
  }),

  receiverCheck("RS4", "a report of a link whose epoch is not open is gone", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await register(store, { epoch: 1, status: "off" });
    const off = await deliver(store, 1, { reports: [["a", FIVE]] });
    await register(store, { epoch: 2 });
    const later = await deliver(store, 1, { reports: [["a", FIVE]] });
    await register(store);

    expectEqual("the outcome while it is off", off.reports, [GONE]);
    expectEqual("the outcome in a later epoch", later.reports, [GONE]);
    expectEqual("the counts that were kept", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS4", "each outcome has the place of its record", async (store) => {
    await register(store);
    await open(store, "a");
    await openReported(store, "b", 1, { account: MONA });

    const { reports, withdrawals } = await deliver(store, 2, {
      reports: ["x", "a", "y"],
      withdrawals: ["x", "b", "y"],
    });

    expectEqual("the outcomes of the reports", reports, [GONE, KEPT, GONE]);
    const types = withdrawals.map(({ type }) => type);
    expectEqual("the outcomes of the withdrawals", types, ["gone", "withdrawn", "gone"]);
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
];
