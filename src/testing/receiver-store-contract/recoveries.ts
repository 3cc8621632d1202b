import { answerOf, expectEqual, expectThat } from "../contract.ts";
import {
  after,
  deleteLinksOf,
  deliver,
  KEPT,
  MONA,
  NOT_APPLIED,
  OTHER_SERVER,
  open,
  openReported,
  REMOVED,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  registrationOf,
  requestId,
  sessionId,
  shownCounts,
  stored,
  WINDOW,
  withdrawNext,
  withdrawn,
} from "./samples.ts";

const VACANT = "session_after_recovery" as ReturnType<typeof sessionId>;

/** RS9: what a recovery drops, and what it leaves (R11). */
export const recoveryChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS9", "every count is dropped, and every session is vacant with this id", async (store) => {
    await register(store, { session: { ordinal: 3, isCompleted: true } });
    await register(store, { installation: OTHER_SERVER, isConnected: false, status: "off" });
    await open(store, "a");
    await deliver(store, 1, { sessionId: sessionId(3), reports: ["a"] });
    await open(store, "b", { account: MONA });

    const result = await answerOf(store.recover(VACANT));

    expectEqual("the answer", result, { installations: 2, links: 1 });
    expectEqual("the shown counts", await shownCounts(store), []);
    const vacant = { id: VACANT, attachedBy: null };
    const first = (await stored(store)).value;
    expectEqual("the first registration", first, registrationOf({ session: { ordinal: 4, ...vacant } }));
    const second = (await stored(store, OTHER_SERVER)).value;
    const expected = registrationOf({
      installation: OTHER_SERVER,
      isConnected: false,
      status: "off",
      session: { ordinal: 2, ...vacant },
    });
    expectEqual("the second registration", second, expected);
  }),

  receiverCheck("RS9", "a request of the session before is detached", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await answerOf(store.recover(VACANT));

    const { isDetached, reports } = await deliver(store, 2, { reports: ["a"] });
    expectEqual("isDetached", isDetached, true);
    expectEqual("the outcome", reports, [NOT_APPLIED]);
  }),

  receiverCheck(
    "RS9",
    "every registration's version is raised, so that no earlier decision counts",
    async (store) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      const first = (await stored(store)).version;
      const second = (await stored(store, OTHER_SERVER)).version;

      await answerOf(store.recover(VACANT));

      const firstRaised = (await stored(store)).version;
      const secondRaised = (await stored(store, OTHER_SERVER)).version;
      expectThat(`version ${firstRaised} is above ${first}`, firstRaised > first);
      expectThat(`version ${secondRaised} is above ${second}`, secondRaised > second);
    },
  ),

  receiverCheck("RS9", "links stay live, and are shown when they are reported again", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await answerOf(store.recover(VACANT));

    await register(store, { session: { ordinal: 3, attachedBy: requestId(50) } });
    const { reports } = await deliver(store, 51, { sessionId: sessionId(3), reports: ["a"] });

    expectEqual("the outcome of a report", reports, [KEPT]);
    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS9", "a link that is withdrawn after it has no counts to remove", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await answerOf(store.recover(VACANT));

    const removed = (await deleteLinksOf(store, after(5))).map(({ receipt }) => receipt.removed);
    expectEqual("what was removed", removed, [null]);
  }),

  receiverCheck("RS9", "receipts stay as they are", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await deleteLinksOf(store, after(5));

    await answerOf(store.recover(VACANT));

    await register(store, { session: { ordinal: 3 } });
    const outcome = await withdrawNext(store, "a", after(9));
    expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(5), REMOVED));
  }),
];
