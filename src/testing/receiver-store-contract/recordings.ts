import type { AccountId } from "../../domain/identifiers.ts";
import { answerOf, expectEqual, expectThat } from "../contract.ts";
import { consent, NO_SUCH_CONSENT, open, openReported, push, redeem, redeemed } from "./consents.ts";
import {
  after,
  commitEnded,
  deleteLinksOf,
  deliver,
  endedOf,
  MONA,
  OTHER_SERVER,
  placeOf,
  REMOVED,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  registrationOf,
  SERVER,
  shownCounts,
  stored,
  unrecordedLinks,
  WINDOW,
  withdrawNext,
  withdrawn,
} from "./samples.ts";

/** RS11: the links that have ended in the ledger. RS13: the entries that the ledger has lost. */
export const recordingChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS11", "a live link is deleted with the receipt of the ledger", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await commitEnded(store, [endedOf("a", after(3), REMOVED)]);

    expectEqual("the shown counts", await shownCounts(store), []);
    const outcome = await withdrawNext(store, "a", after(9));
    expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(3), REMOVED));
  }),

  receiverCheck("RS11", "it is recorded: a deletion by account does not answer it", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await commitEnded(store, [endedOf("a", after(3), REMOVED)]);

    expectEqual("the answer to deleteLinks", await deleteLinksOf(store, after(9)), []);
  }),

  receiverCheck("RS11", "an unrecorded link gets the receipt that was acknowledged", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await deleteLinksOf(store, after(7));

    await commitEnded(store, [endedOf("a", after(3))]);

    const outcome = await withdrawNext(store, "a", after(9));
    expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(3), null));
  }),

  receiverCheck("RS11", "a recorded link keeps its receipt", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await commitEnded(store, [endedOf("a", after(3), REMOVED)]);

    await commitEnded(store, [endedOf("a", after(5))]);

    const outcome = await withdrawNext(store, "a", after(9));
    expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(3), REMOVED));
  }),

  receiverCheck("RS11", "of two entries that name one link the first counts", async (store) => {
    await register(store);
    await open(store, "a");
    await open(store, "b", { account: MONA });

    await commitEnded(store, [
      endedOf("b", after(4), REMOVED),
      endedOf("a", after(3)),
      endedOf("b", after(2)),
    ]);

    const outcome = await withdrawNext(store, "b", after(9));
    expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(4), REMOVED));
  }),

  receiverCheck("RS11", "a consent whose link has ended is void, and no other", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    for (const name of ["a", "b", "c"]) await push(store, name);
    await push(store, "d", { installation: OTHER_SERVER });
    for (const [index, name] of ["a", "b", "c", "d"].entries())
      await consent(store, name, { account: `account ${index}` as AccountId });

    const ended = [endedOf("a", after(3)), endedOf("b", after(3), null, 1), endedOf("d", after(3))];
    await commitEnded(store, ended);

    expectEqual("its redemption", await redeem(store, "a"), NO_SUCH_CONSENT);
    expectEqual("one of which a choice has ended", await redeem(store, "b"), redeemed("b"));
    expectEqual("another one", await redeem(store, "c"), redeemed("c"));
    const elsewhere = await redeem(store, "d", { installation: OTHER_SERVER });
    expectEqual("one of another installation", elsewhere, redeemed("d"));
  }),

  receiverCheck("RS11", "links of other installations, and unknown ones, are let be", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await openReported(store, "a", 1);
    await openReported(store, "b", 1, { installation: OTHER_SERVER, account: MONA });

    await commitEnded(store, [endedOf("b", after(3)), endedOf("x", after(3)), endedOf("a", after(3))]);

    expectEqual("the shown counts", await shownCounts(store), []);
    expectEqual("those of the other installation", await shownCounts(store, MONA), [WINDOW.counts]);
    const { reports } = await deliver(store, 2, { reports: ["x"] });
    expectEqual("the outcome of a report of the unknown one", reports, [{ type: "unknown" }]);
  }),

  receiverCheck(
    "RS11",
    "links end in the commit that moves the cursor, also where others are hidden in it",
    async (store) => {
      await register(store);
      await openReported(store, "a", 1);
      await openReported(store, "b", 2, { account: MONA });
      const { version: expectedVersion } = await stored(store);
      const session = { ordinal: 2, isCompleted: true };
      const registration = registrationOf({ session, readTo: placeOf(3), recordedOff: 0 });

      await answerOf(
        store.commitRegistration({
          expectedVersion,
          registration,
          hidesUnreported: true,
          ended: [endedOf("a", after(3), REMOVED)],
          audit: [],
        }),
      );

      expectEqual("the registration", (await stored(store)).value, registration);
      const outcome = await withdrawNext(store, "a", after(9));
      expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(3), REMOVED));
    },
  ),

  receiverCheck("RS11", "a page of the ledger may end 2,000 links", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    const others = Array.from({ length: 1_999 }, (_, index) => endedOf(`n${index}`, after(index), REMOVED));

    await commitEnded(store, [...others, endedOf("a", after(3), REMOVED)]);

    const outcome = await withdrawNext(store, "a", after(9));
    expectEqual("the outcome of withdrawing one", outcome, withdrawn(after(3), REMOVED));
  }),

  receiverCheck("RS13", "the cursor is taken back, and no epoch is recorded", async (store) => {
    await register(store, { epoch: 3, readTo: placeOf(5), recordedOff: 2 });

    await answerOf(store.takeForUnrecorded({ installation: SERVER, readTo: placeOf(2) }));
    const back = (await stored(store)).value;
    await answerOf(store.takeForUnrecorded({ installation: SERVER, readTo: null }));
    const toTheFirst = (await stored(store)).value;

    expectEqual("the registration", back, registrationOf({ epoch: 3, readTo: placeOf(2) }));
    expectEqual("that before the first entry", toTheFirst, registrationOf({ epoch: 3 }));
  }),

  receiverCheck("RS13", "every deleted link is unrecorded again, with its receipt", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await deleteLinksOf(store, after(3));
    await commitEnded(store, [endedOf("a", after(3), REMOVED)]);
    await openReported(store, "b", 2, { account: MONA });
    await deleteLinksOf(store, after(5), MONA);

    await answerOf(store.takeForUnrecorded({ installation: SERVER, readTo: null }));

    const expected = [endedOf("a", after(3), REMOVED), endedOf("b", after(5), REMOVED)];
    expectEqual("the unrecorded links", await unrecordedLinks(store), expected);
  }),

  receiverCheck("RS13", "live links, and those of other installations, are let be", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER, readTo: placeOf(4), recordedOff: 1 });
    await openReported(store, "a", 1);
    await open(store, "b", { installation: OTHER_SERVER, account: MONA });
    await commitEnded(store, [endedOf("b", after(3))], OTHER_SERVER);
    const before = await stored(store, OTHER_SERVER);

    await answerOf(store.takeForUnrecorded({ installation: SERVER, readTo: null }));

    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
    expectEqual("the unrecorded links", await unrecordedLinks(store), []);
    expectEqual("the other registration", await stored(store, OTHER_SERVER), before);
  }),

  receiverCheck("RS13", "the version changes, so that no earlier decision counts", async (store) => {
    await register(store);
    const { version } = await stored(store);

    await answerOf(store.takeForUnrecorded({ installation: SERVER, readTo: null }));

    const changed = (await stored(store)).version;
    expectThat(`version ${changed} is not ${version}`, changed !== version);
  }),

  receiverCheck("RS13", "an installation that is not registered is no fault", async (store) => {
    await answerOf(store.takeForUnrecorded({ installation: OTHER_SERVER, readTo: placeOf(2) }));

    const cursors = await answerOf(store.loadCursors({ after: null, limit: 10 }));
    expectEqual("the cursors", cursors, []);
  }),
];
