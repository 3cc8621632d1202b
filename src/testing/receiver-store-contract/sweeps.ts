import type { AccountId } from "../../domain/identifiers.ts";
import type { ReceiverStore, SweepQuery, SweepResult } from "../../ghec/ports.ts";
import { answerOf, expectEqual, expectThat } from "../contract.ts";
import {
  after,
  deleteLinksOf,
  deliver,
  GONE,
  KEPT,
  MONA,
  NOW,
  OCTO,
  OTHER_SERVER,
  open,
  openReported,
  REMOVED,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  shown,
  shownCounts,
  WINDOW,
  withdrawNext,
  withdrawn,
} from "./samples.ts";

/** A sweep that keeps all counts and receipts of the checks, unless told. */
function sweep(store: ReceiverStore, changed: Partial<SweepQuery> = {}): Promise<SweepResult> {
  const query = { keepFrom: WINDOW.first, keepReceiptsFrom: NOW, limit: 100, at: after(10) };
  return answerOf(store.sweep({ ...query, ...changed }));
}

const NOTHING_SWEPT: SweepResult = { deleted: 0, trimmed: 0, forgotten: 0, isDone: true };
const MARCH_1 = "2026-03-01" as SweepQuery["keepFrom"];
const MARCH_2 = "2026-03-02" as SweepQuery["keepFrom"];

/** RS8: what a sweep removes. */
export const sweepChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS8", "a sweep that finds nothing to remove is done", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    expectEqual("the answer", await sweep(store), NOTHING_SWEPT);
    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS8", "links that their registration ended are deleted, with receipts", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await openReported(store, "a", 1);
    await openReported(store, "b", 1, { installation: OTHER_SERVER });
    await register(store, { epoch: 2 });
    await register(store, { installation: OTHER_SERVER, isConnected: false });

    const result = await sweep(store);

    expectEqual("the answer", result, { ...NOTHING_SWEPT, deleted: 2 });
    await register(store, { installation: OTHER_SERVER });
    const first = await withdrawNext(store, "a", after(20));
    const second = await withdrawNext(store, "b", after(20), OTHER_SERVER);
    expectEqual("the outcome of withdrawing the first", first, withdrawn(after(10), REMOVED));
    expectEqual("that of the second", second, withdrawn(after(10), REMOVED));
  }),

  receiverCheck("RS8", "so are those of an installation that was switched off", async (store) => {
    await register(store);
    await open(store, "a");
    await register(store, { status: "off" });

    expectEqual("the answer", await sweep(store), { ...NOTHING_SWEPT, deleted: 1 });
    const outcome = await withdrawNext(store, "a", after(20));
    expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(10), null));
  }),

  receiverCheck("RS8", "counts of days before keepFrom go, and that day's stay", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    const result = await sweep(store, { keepFrom: MARCH_1 });

    expectEqual("the answer", result, { ...NOTHING_SWEPT, trimmed: 1 });
    const windows = (await shown(store)).map(({ window }) => window);
    expectEqual("what is shown", windows, [{ first: "2026-03-01", counts: [1] }]);
    expectEqual("the next answer", await sweep(store, { keepFrom: MARCH_1 }), NOTHING_SWEPT);
  }),

  receiverCheck("RS8", "a window that lies before keepFrom goes whole", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    const result = await sweep(store, { keepFrom: MARCH_2 });

    expectEqual("the answer", result, { ...NOTHING_SWEPT, trimmed: 1 });
    expectEqual("the shown counts", await shownCounts(store), []);
    const removed = (await deleteLinksOf(store, after(20))).map(({ receipt }) => receipt.removed);
    expectEqual("what deleting its link removes", removed, [null]);
  }),

  receiverCheck("RS8", "a link whose counts have all aged out stays live", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await sweep(store, { keepFrom: MARCH_2, at: after(365 * 86_400_000) });

    const { reports } = await deliver(store, 2, { reports: ["a"] });
    expectEqual("the outcome of a report", reports, [KEPT]);
    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck(
    "RS8",
    "a receipt older than keepReceiptsFrom is forgotten, one as old is kept",
    async (store) => {
      await register(store);
      await openReported(store, "a", 1);
      await openReported(store, "b", 2, { account: MONA });
      await deleteLinksOf(store, after(4), OCTO);
      await deleteLinksOf(store, after(5), MONA);

      const result = await sweep(store, { keepReceiptsFrom: after(5) });

      expectEqual("the answer", result, { ...NOTHING_SWEPT, forgotten: 1 });
      const older = await withdrawNext(store, "a", after(20));
      const asOld = await withdrawNext(store, "b", after(20));
      expectEqual("the outcome of withdrawing the older", older, GONE);
      expectEqual("that of the one as old", asOld, withdrawn(after(5), REMOVED));
    },
  ),

  receiverCheck(
    "RS8",
    "no more than the limit is removed, and repeating it finds the rest",
    async (store) => {
      await prepareSeven(store);
      const query = { keepFrom: MARCH_1, keepReceiptsFrom: after(1), limit: 2 };

      const total = { deleted: 0, trimmed: 0, forgotten: 0 };
      let sweeps = 0;
      for (let isDone = false; !isDone; sweeps++) {
        expectThat("a sweep of 7 links, 2 in one go, is done after 5 at the most", sweeps < 5);
        const result = await sweep(store, query);
        const removed = result.deleted + result.trimmed + result.forgotten;
        expectThat(`a sweep limited to 2 removed ${removed}`, removed <= 2);
        expectThat("a sweep that removes fewer than its limit is done", result.isDone || removed === 2);
        total.deleted += result.deleted;
        total.trimmed += result.trimmed;
        total.forgotten += result.forgotten;
        isDone = result.isDone;
      }

      expectEqual("what was removed", total, { deleted: 2, trimmed: 3, forgotten: 2 });
      expectEqual("the answer after that", await sweep(store, query), NOTHING_SWEPT);
    },
  ),
];

/** Two links to delete, three to trim, two receipts to forget, and two links that need nothing. */
async function prepareSeven(store: ReceiverStore): Promise<void> {
  await register(store);
  await register(store, { installation: OTHER_SERVER });
  const accounts = ["1", "2", "3", "4", "5", "6", "7"].map((account) => account as AccountId);
  for (const [index, account] of accounts.entries())
    await openReported(store, `n${index}`, index + 1, { account });
  const fresh = { first: MARCH_1, counts: [1] };
  await deliver(store, 8, {
    reports: [
      ["n0", fresh],
      ["n3", fresh],
    ],
  });
  for (const account of ["2", "5"]) await deleteLinksOf(store, NOW, account as AccountId);
  await open(store, "x", { installation: OTHER_SERVER });
  await open(store, "y", { installation: OTHER_SERVER, account: MONA });
  await register(store, { installation: OTHER_SERVER, status: "off" });
}
