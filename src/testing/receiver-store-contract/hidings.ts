import type { InstallationAuditEntry } from "../../ghec/audit.ts";
import type { ReceiverStore, RegistrationCommit } from "../../ghec/ports.ts";
import { answerOf, expectEqual } from "../contract.ts";
import { open, openReported } from "./consents.ts";
import {
  after,
  deleteLinksOf,
  deliver,
  endedOf,
  KEPT,
  MONA,
  OTHER_SERVER,
  REMOVED,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  registrationOf,
  SERVER,
  sessionId,
  shownCounts,
  stored,
  WINDOW,
  withdrawNext,
  withdrawn,
} from "./samples.ts";

const IN_SECOND = { sessionId: sessionId(2) };

/**
 * Commits the first completed sync of a second session, unless changed. It hides the links that the session never
 * reported.
 */
async function complete(store: ReceiverStore, changed: Partial<RegistrationCommit> = {}): Promise<void> {
  const { value, version: expectedVersion } = await stored(store);
  const { ordinal, lastRequestId } = value.session;
  const session = ordinal === 2 ? { ordinal, lastRequestId } : { ordinal: 2 };
  const registration = registrationOf({ session: { ...session, isCompleted: true } });
  await answerOf(
    store.commitRegistration({
      expectedVersion,
      registration,
      hidesUnreported: true,
      ended: [],
      audit: [],
      ...changed,
    }),
  );
}

/** RS3: the counts that a session's first completed sync hides (R9). */
export const hidingChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS3", "the counts of a link that the session never reported are dropped", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await complete(store);

    expectEqual("the shown counts", await shownCounts(store), []);
    const removed = (await deleteLinksOf(store, after(20))).map(({ receipt }) => receipt.removed);
    expectEqual("what deleting it removes", removed, [null]);
  }),

  receiverCheck("RS3", "the link stays, and is shown when it is reported again", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await complete(store);

    const { reports } = await deliver(store, 1, { ...IN_SECOND, reports: ["a"] });

    expectEqual("the outcome of a report", reports, [KEPT]);
    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS3", "a hold does not bring back what was dropped", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await complete(store);

    const { reports } = await deliver(store, 1, { ...IN_SECOND, reports: [["a", null]] });

    expectEqual("the outcome of the hold", reports, [KEPT]);
    expectEqual("the shown counts", await shownCounts(store), []);
  }),

  receiverCheck("RS3", "a link that the session has reported keeps its counts", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await register(store, { session: { ordinal: 2 } });
    await deliver(store, 1, { ...IN_SECOND, reports: ["a"] });

    await complete(store);

    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS3", "so does one that the session has held", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await register(store, { session: { ordinal: 2 } });
    await deliver(store, 1, { ...IN_SECOND, reports: [["a", null]] });

    await complete(store);

    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS3", "a link without counts stays as it is", async (store) => {
    await register(store);
    await open(store, "a");

    await complete(store);

    const { reports } = await deliver(store, 1, { ...IN_SECOND, reports: ["a"] });
    expectEqual("the outcome of a report", reports, [KEPT]);
  }),

  receiverCheck("RS3", "links of other installations keep their counts", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await openReported(store, "a", 1, { installation: OTHER_SERVER });

    await complete(store);

    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS3", "counts are dropped also in a commit that ends other links", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: MONA });

    await complete(store, { ended: [endedOf("b", after(3))] });

    expectEqual("the shown counts", await shownCounts(store), []);
  }),

  receiverCheck("RS3", "a commit that does not say so drops no counts", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await openReported(store, "b", 2, { account: MONA });
    const entry: InstallationAuditEntry = {
      action: "unified_contributions.enable",
      actor: "server",
      installation: SERVER,
      epoch: 1,
      createdAt: after(3),
    };

    await complete(store, { hidesUnreported: false });
    await complete(store, { hidesUnreported: false, ended: [endedOf("b", after(3))] });
    await complete(store, { hidesUnreported: false, audit: [entry] });

    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS3", "a deleted link keeps its receipt", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await deleteLinksOf(store, after(5));

    await complete(store);

    const outcome = await withdrawNext(store, "a", after(20));
    expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(5), REMOVED));
  }),
];
