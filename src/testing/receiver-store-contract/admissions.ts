import type { RequestId } from "../../domain/identifiers.ts";
import { answerOf, expectEqual, expectThat } from "../contract.ts";
import { open, openReported } from "./consents.ts";
import {
  after,
  type DeliveryChanges,
  deleteLinksOf,
  deliver,
  deliveryOf,
  FIVE,
  KEPT,
  linkId,
  MONA,
  NOT_APPLIED,
  OTHER_SERVER,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  registrationOf,
  requestId,
  sessionId,
  shownCounts,
  stored,
  UNKNOWN,
  WINDOW,
} from "./samples.ts";

/** RS4: the requests that are admitted (R8). */
export const admissionChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS4", "an admitted request is remembered as the session's last", async (store) => {
    await register(store);

    const { registration } = await deliver(store, 1);

    const expected = registrationOf({ session: { lastRequestId: requestId(1) } });
    expectEqual("the registration that is answered", registration, expected);
    expectEqual("the one that is loaded", (await stored(store)).value, expected);
  }),

  receiverCheck("RS4", "an admitted request changes the registration's version", async (store) => {
    await register(store);
    const { version } = await stored(store);

    await deliver(store, 1);

    const changed = (await stored(store)).version;
    expectThat(`version ${changed} is not ${version}`, changed !== version);
  }),

  receiverCheck("RS4", "a request is admitted if any that it may follow is the last", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    const follows = [requestId(70), requestId(1), requestId(71)];
    const { isDetached, reports } = await deliver(store, 9, { follows, reports: [["a", FIVE]] });

    expectEqual("isDetached", isDetached, false);
    expectEqual("the outcome", reports, [KEPT]);
    expectEqual("the shown counts", await shownCounts(store), [[5]]);
  }),

  receiverCheck("RS4", "a request that does not follow the last one is detached", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await deliver(store, 2);
    const before = await stored(store);

    for (const follows of [[], [requestId(0)], [requestId(1)], [requestId(70), requestId(71)]]) {
      const result = await deliver(store, 9, { follows, reports: [["a", FIVE], "b"] });

      const expected = {
        isDetached: true,
        registration: before.value,
        reports: [NOT_APPLIED, NOT_APPLIED],
        withdrawals: [],
        unrecorded: [],
      };
      expectEqual("the answer", result, expected);
    }
    expectEqual("the registration", await stored(store), before);
    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS4", "an earlier request that comes again is detached", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await deliver(store, 2);

    const { isDetached, reports } = await deliver(store, 1, { reports: [["a", FIVE]] });

    expectEqual("isDetached", isDetached, true);
    expectEqual("the outcome", reports, [NOT_APPLIED]);
    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS4", "a request of another session, or of none, is detached", async (store) => {
    await register(store, { session: { ordinal: 2 } });
    await open(store, "a");

    for (const sessionIdSent of [sessionId(1), null]) {
      const { isDetached, reports } = await deliver(store, 1, { sessionId: sessionIdSent, reports: ["a"] });
      expectEqual(`isDetached of a request of session ${sessionIdSent}`, isDetached, true);
      expectEqual("its outcome", reports, [NOT_APPLIED]);
    }
    expectEqual("the shown counts", await shownCounts(store), []);
  }),

  receiverCheck(
    "RS4",
    "a request of another session that follows the last one changes nothing",
    async (store) => {
      await register(store);
      await deliver(store, 1);
      const before = await stored(store);

      const { isDetached } = await deliver(store, 2, { sessionId: sessionId(2) });
      const again = await deliver(store, 1, { sessionId: sessionId(2) });

      expectEqual("isDetached", isDetached, true);
      expectEqual("isDetached of one with the id of the last one", again.isDetached, true);
      expectEqual("the registration", await stored(store), before);
    },
  ),

  receiverCheck("RS4", "a request leaves other installations as they are", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await openReported(store, "a", 1, { installation: OTHER_SERVER });
    const before = await stored(store, OTHER_SERVER);

    const { reports } = await deliver(store, 1, { reports: [["a", FIVE]] });
    const { withdrawals } = await deliver(store, 2, { withdrawals: ["a"] });

    expectEqual("the outcome of a report", reports, [UNKNOWN]);
    expectEqual("the outcome of a withdrawal", withdrawals, [UNKNOWN]);

    expectEqual("the other registration", await stored(store, OTHER_SERVER), before);
    expectEqual("what the other one shows", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS4", "a request that names a vacant session is detached", async (store) => {
    await register(store, { session: { attachedBy: null } });
    await open(store, "a");

    const { isDetached, reports } = await deliver(store, 1, { reports: ["a"] });

    expectEqual("isDetached", isDetached, true);
    expectEqual("the outcome", reports, [NOT_APPLIED]);
  }),

  receiverCheck("RS4", "the last request over again is answered as before", async (store) => {
    await register(store);
    await open(store, "a");
    await openReported(store, "b", 1, { account: MONA });
    const request = { reports: ["a"], withdrawals: ["b"], at: after(5) };
    const first = await deliver(store, 2, request);
    const { value: registration } = await stored(store);

    const again = await deliver(store, 2, { ...request, at: after(9) });

    expectEqual("the answer", again, first);
    expectEqual("the registration", (await stored(store)).value, registration);
    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck(
    "RS4",
    "an installation that is not connected gets null, and nothing is applied",
    async (store) => {
      const never = await answerOf(store.applyDelivery(deliveryOf(1, { withdrawals: ["a"] })));
      await register(store);
      await openReported(store, "a", 1);
      await register(store, { isConnected: false });
      const before = await stored(store);

      const result = await answerOf(
        store.applyDelivery(deliveryOf(2, { reports: ["b"], withdrawals: ["a"] })),
      );

      expectEqual("the answer where it was never registered", never, null);
      expectEqual("the answer where it is not connected", result, null);
      expectEqual("the registration", await stored(store), before);
      await register(store);
      const deleted = (await deleteLinksOf(store, after(9))).map(({ linkId, receipt }) => [
        linkId,
        receipt.deletedAt,
      ]);
      expectEqual("when its link was deleted", deleted, [[linkId("a"), after(9)]]);
    },
  ),

  receiverCheck("RS4", "of requests that follow the same one exactly one is admitted", async (store) => {
    await register(store);
    await open(store, "a");
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

    const results = await Promise.all(
      numbers.map((number) => deliver(store, number, numbered(number, [requestId(0)]))),
    );

    const admitted = numbers.filter((_, place) => !results[place]?.isDetached);
    expectEqual("the number of those admitted", admitted.length, 1);
    const { session } = (await stored(store)).value;
    expectEqual("the session's last request", session.lastRequestId, requestId(admitted[0] ?? 0));
    expectEqual("the shown counts", await shownCounts(store), [admitted]);
  }),

  receiverCheck(
    "RS4",
    "the counts that stay are those of the request that was admitted last",
    async (store) => {
      await register(store);
      await open(store, "a");
      const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
      const follows = [requestId(0), ...numbers.map(requestId)];

      const results = await Promise.all(
        numbers.map((number) => deliver(store, number, numbered(number, follows))),
      );

      expectThat(
        "all that came at once were admitted",
        results.every(({ isDetached }) => !isDetached),
      );
      const last = (await stored(store)).value.session.lastRequestId;
      const expected = numbers.filter((number) => requestId(number) === last);
      expectEqual("the shown counts", await shownCounts(store), [expected]);
    },
  ),
];

/** Returns a request that reports its own number for a link. */
function numbered(number: number, follows: readonly RequestId[]): DeliveryChanges {
  return { follows, reports: [["a", { ...WINDOW, counts: [number] }]], at: after(number) };
}
