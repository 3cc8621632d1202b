import type { AccountId } from "../../domain/identifiers.ts";
import type { InstallationAuditEntry } from "../../ghec/audit.ts";
import type { KeptSince, ReceiverStore, SweepQuery, SweepResult } from "../../ghec/ports.ts";
import type { SweepClock } from "../../ghec/sweep-clock.ts";
import { answerOf, expectEqual, expectThat } from "../contract.ts";
import { bring, open, openReported, push, redeem } from "./consents.ts";
import {
  after,
  commitEnded,
  deleteLinksOf,
  deliver,
  endedOf,
  HUBOT,
  KEPT,
  MONA,
  NOW,
  OCTO,
  OTHER_SERVER,
  REMOVED,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  SERVER,
  shown,
  shownCounts,
  UNKNOWN,
  unrecordedLinks,
  WINDOW,
  withdrawNext,
  withdrawn,
} from "./samples.ts";

/** The bounds unless a check changes them: all counts, receipts and audit entries are kept. */
const KEEP_ALL: KeptSince = { counts: WINDOW.first, receipts: NOW, audit: NOW };

/** Sweeps, and keeps all counts and receipts unless changed. */
function sweep(
  store: ReceiverStore,
  keep: Partial<KeptSince> | null = {},
  changed: Partial<SweepQuery> = {},
): Promise<SweepResult> {
  const kept = keep && { ...KEEP_ALL, ...keep };
  return answerOf(store.sweep({ keep: kept, limit: 100, at: after(10), ...changed }));
}

/** Sweeps until a sweep is done, and returns what all of them removed. */
async function sweepAll(
  store: ReceiverStore,
  keep: Partial<KeptSince> | null,
  limit: number,
): Promise<Omit<SweepResult, "isDone">> {
  const total = { deleted: 0, trimmed: 0, forgotten: 0 };
  for (let sweeps = 0; ; sweeps++) {
    expectThat("a sweep of 9 links, 2 in one go, is done after 5 at the most", sweeps < 5);
    const { isDone, ...swept } = await sweep(store, keep, { limit });
    const removed = swept.deleted + swept.trimmed + swept.forgotten;
    expectThat(`a sweep limited to ${limit} removed ${removed}`, removed <= limit);
    expectThat("a sweep that removes fewer than its limit is done", isDone || removed === limit);
    total.deleted += swept.deleted;
    total.trimmed += swept.trimmed;
    total.forgotten += swept.forgotten;
    if (isDone) return total;
  }
}

const SWITCHED_OFF: InstallationAuditEntry = {
  ...{ action: "unified_contributions.disable", actor: "server", installation: SERVER },
  ...{ epoch: 1, createdAt: NOW },
};

const NOTHING_SWEPT: SweepResult = { deleted: 0, trimmed: 0, forgotten: 0, isDone: true };
const MARCH_1 = "2026-03-01" as KeptSince["counts"];
const MARCH_2 = "2026-03-02" as KeptSince["counts"];

/** RS8: the rows that a sweep removes. RS9: the statements of sweeps about the time. */
export const sweepChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS8", "a sweep that finds nothing to remove is done", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    expectEqual("the answer", await sweep(store), NOTHING_SWEPT);
    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS8", "links of epochs that are over are removed, wholly", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await openReported(store, "a", 1);
    await openReported(store, "b", 1, { installation: OTHER_SERVER });
    await register(store, { epoch: 2, recordedOff: 1 });
    await register(store, { installation: OTHER_SERVER, isConnected: false });

    const result = await sweep(store);

    expectEqual("the answer", result, { ...NOTHING_SWEPT, deleted: 2 });
    expectEqual("the unrecorded links", await unrecordedLinks(store), []);
    await register(store, { installation: OTHER_SERVER });
    const first = await withdrawNext(store, "a", after(20));
    const second = await withdrawNext(store, "b", after(20), OTHER_SERVER);
    expectEqual("the outcome of withdrawing the first", first, UNKNOWN);
    expectEqual("that of the second", second, UNKNOWN);
  }),

  receiverCheck("RS8", "so are those of an installation that was switched off", async (store) => {
    await register(store);
    await open(store, "a");
    await register(store, { status: "off" });

    expectEqual("the answer", await sweep(store), { ...NOTHING_SWEPT, deleted: 1 });
    expectEqual("the outcome of withdrawing it", await withdrawNext(store, "a", after(20)), UNKNOWN);
  }),

  receiverCheck("RS8", "a deleted link of an epoch that is over keeps its receipt", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: MONA });
    await deleteLinksOf(store, after(5));
    await register(store, { epoch: 2 });

    expectEqual("the answer", await sweep(store), { ...NOTHING_SWEPT, deleted: 1 });
    const outcome = await withdrawNext(store, "a", after(20));
    expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(5), REMOVED));
  }),

  receiverCheck("RS8", "counts of days before those kept go, and that day's stay", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    const result = await sweep(store, { counts: MARCH_1 });

    expectEqual("the answer", result, { ...NOTHING_SWEPT, trimmed: 1 });
    const windows = (await shown(store)).map(({ window }) => window);
    expectEqual("what is shown", windows, [{ first: "2026-03-01", counts: [1] }]);
    expectEqual("the next answer", await sweep(store, { counts: MARCH_1 }), NOTHING_SWEPT);
    const removed = (await deleteLinksOf(store, after(20))).map(({ receipt }) => receipt.removed);
    expectEqual("what deleting its link removes", removed, [{ first: MARCH_1, last: MARCH_1 }]);
  }),

  receiverCheck("RS8", "a window that lies before the days kept goes whole", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    const result = await sweep(store, { counts: MARCH_2 });

    expectEqual("the answer", result, { ...NOTHING_SWEPT, trimmed: 1 });
    expectEqual("the shown counts", await shownCounts(store), []);
    const removed = (await deleteLinksOf(store, after(20))).map(({ receipt }) => receipt.removed);
    expectEqual("what deleting its link removes", removed, [null]);
  }),

  receiverCheck("RS8", "a link whose counts have all aged out stays live", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await sweep(store, { counts: MARCH_2 }, { at: after(365 * 86_400_000) });

    const { reports } = await deliver(store, 2, { reports: ["a"] });
    expectEqual("the outcome of a report", reports, [KEPT]);
    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS8", "a receipt from before those kept is forgotten, one as old is kept", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: MONA });
    await deleteLinksOf(store, after(4));
    await deleteLinksOf(store, after(5), MONA);
    await commitEnded(store, [endedOf("a", after(4), REMOVED), endedOf("b", after(5), REMOVED)]);

    const result = await sweep(store, { receipts: after(5) });

    expectEqual("the answer", result, { ...NOTHING_SWEPT, forgotten: 1 });
    const older = await withdrawNext(store, "a", after(20));
    const asOld = await withdrawNext(store, "b", after(20));
    expectEqual("the outcome of withdrawing the older", older, UNKNOWN);
    expectEqual("that of the one as old", asOld, withdrawn(after(5), REMOVED));
  }),

  receiverCheck("RS8", "a receipt that is not recorded is never forgotten", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await deleteLinksOf(store, after(4));

    const result = await sweep(store, { receipts: after(365 * 86_400_000) });

    expectEqual("the answer", result, NOTHING_SWEPT);
    expectEqual("the unrecorded links", await unrecordedLinks(store), [endedOf("a", after(4), REMOVED)]);
  }),

  receiverCheck(
    "RS8",
    "while the clock is in doubt, links of epochs that are over go and nothing else",
    async (store) => {
      await prepareNine(store);

      const result = await sweep(store, null);

      expectEqual("the answer", result, { ...NOTHING_SWEPT, deleted: 2 });
      expectEqual("the shown counts", await shownCounts(store, "1" as AccountId), [WINDOW.counts]);
      const outcome = await withdrawNext(store, "n2", after(20));
      expectEqual("the outcome of withdrawing a deleted one", outcome, withdrawn(NOW, REMOVED));
    },
  ),

  receiverCheck(
    "RS8",
    "no more than the limit is removed, and repeating it finds the rest",
    async (store) => {
      await prepareNine(store);
      const keep = { counts: MARCH_1, receipts: after(1), audit: after(1) };

      const total = await sweepAll(store, keep, 2);

      expectEqual("what was removed", total, { deleted: 2, trimmed: 3, forgotten: 2 });
      expectEqual("the answer after that", await sweep(store, keep), NOTHING_SWEPT);
    },
  ),

  receiverCheck("RS8", "a sweep finds what one that kept more has passed by", async (store) => {
    await register(store);
    await openReported(store, "b", 1);
    await openReported(store, "c", 2, { account: MONA });
    await register(store, { epoch: 2 });
    await openReported(store, "a", 1, { account: HUBOT });

    const shorter = await sweep(store, null, { limit: 1 });
    const longer = await sweep(store, { counts: MARCH_1 });

    expectEqual("the first answer", shorter, { ...NOTHING_SWEPT, deleted: 1, isDone: false });
    expectEqual("the second answer", longer, { ...NOTHING_SWEPT, deleted: 1, trimmed: 1 });
  }),

  receiverCheck("RS8", "a sweep finds links whose epoch ended since one for the same days", async (store) => {
    const changes = [{ status: "off" }, { epoch: 2 }, { isConnected: false }] as const;
    for (const audit of [[], [SWITCHED_OFF]]) {
      for (const [index, changed] of changes.entries()) {
        await register(store);
        await openReported(store, `a${index}${audit.length}`, 1, { account: MONA });
        await openReported(store, `b${index}${audit.length}`, 2);
        expectEqual("the answer before", await sweep(store), NOTHING_SWEPT);
        await register(store, changed, audit);

        expectEqual("the answer after", await sweep(store), { ...NOTHING_SWEPT, deleted: 2 });
      }
    }
  }),

  receiverCheck("RS8", "so it does if the one before had not come to its end", async (store) => {
    for (const audit of [[], [SWITCHED_OFF]]) {
      await register(store);
      await openReported(store, `a${audit.length}`, 1, { account: MONA });
      await openReported(store, `b${audit.length}`, 2);
      const before = await sweep(store, { counts: MARCH_1 }, { limit: 1 });
      expectEqual("the answer before", before, { ...NOTHING_SWEPT, trimmed: 1, isDone: false });
      await register(store, { status: "off" }, audit);

      const after = await sweep(store, { counts: MARCH_1 });

      expectEqual("the answer after", after, { ...NOTHING_SWEPT, deleted: 2 });
    }
  }),

  receiverCheck("RS8", "a sweep finds old days that were reported behind its back", async (store) => {
    await register(store);
    await openReported(store, "a", 1, { account: MONA });
    await openReported(store, "b", 2);
    await sweep(store, { counts: MARCH_1 }, { limit: 1 });
    await deliver(store, 3, { reports: ["a"] });

    const rest = await sweep(store, { counts: MARCH_1 });

    expectEqual("the answer", rest, { ...NOTHING_SWEPT, trimmed: 2 });
    expectEqual("the shown counts", await shownCounts(store, MONA), [[1]]);
  }),

  receiverCheck("RS8", "so does the one after a sweep that had come to its end", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await sweep(store, { counts: MARCH_1 });
    await deliver(store, 2, { reports: ["a"] });

    const next = await sweep(store, { counts: MARCH_1 });

    expectEqual("the answer", next, { ...NOTHING_SWEPT, trimmed: 1 });
  }),

  receiverCheck("RS8", "attempts that have expired are removed, and no others", async (store) => {
    await register(store);
    await open(store, "x");
    for (const name of ["a", "b", "c"]) await push(store, name, { expiresAt: after(10) });
    await push(store, "d", { expiresAt: after(11) });

    const doubted = await sweep(store, null);
    const first = await sweep(store, {}, { limit: 2 });
    const second = await sweep(store);

    expectEqual("the answer while the clock is in doubt", doubted, NOTHING_SWEPT);
    expectEqual("the first answer", first, { ...NOTHING_SWEPT, forgotten: 2, isDone: false });
    expectEqual("the second answer", second, { ...NOTHING_SWEPT, forgotten: 1 });
    const left = await bring(store, "d", { at: NOW });
    expectEqual("the one that is left", left, { installation: SERVER, expiresAt: after(11) });
    expectEqual("the redeemed one", (await redeem(store, "x")).type, "redeemed");
  }),

  receiverCheck("RS8", "attempts and audit entries count against one limit", async (store) => {
    await register(store);
    await register(
      store,
      {},
      [1, 2].map((at) => ({ ...SWITCHED_OFF, createdAt: after(at) })),
    );
    for (const name of ["a", "b"]) await push(store, name, { expiresAt: after(10) });

    const swept: SweepResult[] = [];
    for (let sweeps = 0; sweeps < 2; sweeps++)
      swept.push(await sweep(store, { audit: after(3) }, { limit: 3 }));

    const forgotten = swept.map((result) => result.forgotten);
    expectEqual("what each sweep removed", forgotten, [3, 1]);
  }),

  receiverCheck("RS8", "a sweep whose signal has spoken removes nothing, and is not done", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await register(store, { epoch: 2, recordedOff: 1 });
    const stop = new AbortController();

    stop.abort();
    const ended = await sweep(store, {}, { signal: stop.signal });

    expectEqual("its answer", ended, { ...NOTHING_SWEPT, isDone: false });
    expectEqual("the answer of the next", await sweep(store), { ...NOTHING_SWEPT, deleted: 1 });
  }),

  receiverCheck("RS8", "a signal that has not spoken changes nothing", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await register(store, { epoch: 2, recordedOff: 1 });

    const { signal } = new AbortController();

    expectEqual("the answer", await sweep(store, {}, { signal }), { ...NOTHING_SWEPT, deleted: 1 });
  }),

  receiverCheck("RS9", "before the first sweep there is nothing to say of the time", async (store) => {
    await register(store);

    expectEqual("the answer", await answerOf(store.loadSweepClock()), null);
  }),

  receiverCheck("RS9", "what was stored last comes back", async (store) => {
    const clocks: readonly SweepClock[] = [
      { lastAt: NOW, doubtedAt: null },
      { lastAt: NOW, doubtedAt: after(5) },
      { lastAt: after(9), doubtedAt: null },
    ];
    for (const clock of clocks) {
      await answerOf(store.saveSweepClock(clock));

      expectEqual("the answer", await answerOf(store.loadSweepClock()), clock);
    }
  }),

  receiverCheck("RS9", "of two that are stored at once one stays whole", async (store) => {
    const clocks: readonly SweepClock[] = [
      { lastAt: after(1), doubtedAt: after(5) },
      { lastAt: NOW, doubtedAt: null },
    ];
    await Promise.all(clocks.map((clock) => answerOf(store.saveSweepClock(clock))));

    const stored = await answerOf(store.loadSweepClock());
    expectEqual(
      "the answer",
      stored,
      clocks.find(({ lastAt }) => lastAt === stored?.lastAt),
    );
  }),
];

/** Stores two links of a past epoch, three to trim, two receipts to forget, and two links that need nothing. */
async function prepareNine(store: ReceiverStore): Promise<void> {
  await register(store);
  await register(store, { installation: OTHER_SERVER });
  const accounts = ["0", "1", "2", "3", "4", "5", "6"].map((account) => account as AccountId);
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
  await commitEnded(store, [endedOf("n2", NOW, REMOVED), endedOf("n5", NOW, REMOVED)]);
  await open(store, "x", { installation: OTHER_SERVER, account: OCTO });
  await open(store, "y", { installation: OTHER_SERVER, account: MONA });
  await register(store, { installation: OTHER_SERVER, status: "off" });
}
