import { expectEqual } from "../contract.ts";
import { open, openReported } from "./consents.ts";
import {
  after,
  deliver,
  HUBOT,
  MONA,
  OTHER_SERVER,
  REMOVED,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  sessionId,
  shownCounts,
  UNKNOWN,
  WINDOW,
  withdrawn,
} from "./samples.ts";

/** RS4: the effects of the withdrawals in a request (R3). */
export const withdrawalChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS4", "a withdrawal deletes, and its receipt says when and what", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    const { withdrawals } = await deliver(store, 2, { withdrawals: ["a"], at: after(5) });

    expectEqual("the outcome", withdrawals, [withdrawn(after(5), REMOVED)]);
  }),

  receiverCheck(
    "RS4",
    "the receipt of a link without counts says that nothing was removed",
    async (store) => {
      await register(store);
      await open(store, "a");

      const { withdrawals } = await deliver(store, 1, { withdrawals: ["a"], at: after(5) });

      expectEqual("the outcome", withdrawals, [withdrawn(after(5), null)]);
    },
  ),

  receiverCheck("RS4", "a withdrawal that comes again gets the first receipt", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    const first = await deliver(store, 2, { withdrawals: ["a", "a"], at: after(5) });
    const again = await deliver(store, 3, { withdrawals: ["a"], at: after(9) });

    const receipt = withdrawn(after(5), REMOVED);
    expectEqual("the outcomes of one request", first.withdrawals, [receipt, receipt]);
    expectEqual("the outcome of a later one", again.withdrawals, [receipt]);
  }),

  receiverCheck("RS4", "a withdrawal counts in a request that is detached", async (store) => {
    await register(store, { session: { ordinal: 2 } });
    await open(store, "a");
    await open(store, "b", { account: MONA });
    await open(store, "c", { account: HUBOT });

    const earlier = { sessionId: sessionId(1), withdrawals: ["a"], reports: ["b"], at: after(5) };
    const ofEarlier = await deliver(store, 1, earlier);
    const ofNone = await deliver(store, 1, { sessionId: null, withdrawals: ["b"], at: after(6) });
    const overtaken = { sessionId: sessionId(2), withdrawals: ["c"], at: after(7) };
    const ofOvertaken = await deliver(store, 7, overtaken);

    const detached = [ofEarlier, ofNone, ofOvertaken].map(({ isDetached }) => isDetached);
    expectEqual("isDetached", detached, [true, true, true]);
    const outcomes = [ofEarlier, ofNone, ofOvertaken].flatMap(({ withdrawals }) => withdrawals);
    const expected = [withdrawn(after(5), null), withdrawn(after(6), null), withdrawn(after(7), null)];
    expectEqual("the outcomes", outcomes, expected);
  }),

  receiverCheck(
    "RS4",
    "a withdrawal counts while the feature is off, and in a later epoch",
    async (store) => {
      await register(store);
      await openReported(store, "a", 1);
      await openReported(store, "b", 2, { account: MONA });

      await register(store, { status: "off" });
      const off = await deliver(store, 1, { withdrawals: ["a"], at: after(5) });
      await register(store, { epoch: 2 });
      const later = await deliver(store, 1, { withdrawals: ["b"], at: after(6) });

      expectEqual("the outcome while it is off", off.withdrawals, [withdrawn(after(5), REMOVED)]);
      expectEqual("the outcome in a later epoch", later.withdrawals, [withdrawn(after(6), REMOVED)]);
    },
  ),

  receiverCheck(
    "RS4",
    "a withdrawal of an unknown or a foreign link is `unknown`, and harms none (R2)",
    async (store) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      await openReported(store, "foreign", 1, { installation: OTHER_SERVER });
      await openReported(store, "deleted", 2, {
        installation: OTHER_SERVER,
        account: MONA,
      });
      await deliver(store, 3, { installation: OTHER_SERVER, withdrawals: ["deleted"] });

      const { withdrawals } = await deliver(store, 1, { withdrawals: ["unknown", "foreign", "deleted"] });

      expectEqual("the outcomes", withdrawals, [UNKNOWN, UNKNOWN, UNKNOWN]);
      expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
    },
  ),

  receiverCheck("RS4", "a withdrawal deletes no other link", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: MONA });

    await deliver(store, 3, { withdrawals: ["b"] });

    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),
];
