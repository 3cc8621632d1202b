import type { AccountId, LinkId } from "../../domain/identifiers.ts";
import type { OpeningResult } from "../../ghec/ports.ts";
import { answerOf, expectEqual, faultOf } from "../contract.ts";
import { ODD_IDS } from "../odd-ids.ts";
import {
  after,
  commitEnded,
  deleteLinksOf,
  deliver,
  deliveryOf,
  endedOf,
  KEPT,
  MONA,
  OTHER_SERVER,
  open,
  openingOf,
  openReported,
  REMOVED,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  shownCounts,
  UNKNOWN,
  WINDOW,
  withdrawNext,
  withdrawn,
} from "./samples.ts";

const OPENED: OpeningResult = { type: "opened", unrecorded: [] };

/** RS5: consents. */
export const openingChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS5", "a link of any valid id takes reports, which its account is shown", async (store) => {
    await register(store);
    const ids = ["0123456789abcdef", "0123456789ABCDEF", "_-".repeat(32)] as const;
    const accounts = ids.map((id) => `account of ${id}` as AccountId);

    for (const [index, id] of ids.entries()) {
      const opening = openingOf("", { linkId: id as LinkId, account: accounts[index] ?? MONA });
      expectEqual("the answer", await answerOf(store.openLink(opening)), OPENED);
    }
    const reports = ids.map((id, index) => ({
      linkId: id as LinkId,
      window: { ...WINDOW, counts: [index] },
    }));
    const delivered = await answerOf(store.applyDelivery({ ...deliveryOf(1), reports }));

    expectEqual("the outcomes of reports", delivered?.reports, [KEPT, KEPT, KEPT]);
    for (const [index, account] of accounts.entries()) {
      expectEqual("the shown counts", await shownCounts(store, account), [[index]]);
    }
  }),

  receiverCheck("RS5", "nothing is opened where the installation is off or not connected", async (store) => {
    const never = await open(store, "a");
    await register(store, { status: "off" });
    const off = await open(store, "b");
    await register(store, { isConnected: false, status: "on" });
    const unconnected = await open(store, "c");
    await register(store);

    expectEqual("the answer where it is not registered", never, { type: "disabled" });
    expectEqual("the answer where it is off", off, { type: "disabled" });
    expectEqual("the answer where it is not connected", unconnected, { type: "disabled" });
    const { reports } = await deliver(store, 1, { reports: ["a", "b", "c"] });
    expectEqual("the outcomes of reports", reports, [UNKNOWN, UNKNOWN, UNKNOWN]);
  }),

  receiverCheck("RS5", "nothing is opened by a consent of another epoch", async (store) => {
    await register(store, { epoch: 2 });

    const earlier = await open(store, "a", { epoch: 1 });
    const later = await open(store, "b", { epoch: 3 });

    expectEqual("the answer to an earlier epoch", earlier, { type: "outdated-consent" });
    expectEqual("the answer to a later epoch", later, { type: "outdated-consent" });
    const { reports } = await deliver(store, 1, { reports: ["a", "b"] });
    expectEqual("the outcomes of reports", reports, [UNKNOWN, UNKNOWN]);
  }),

  receiverCheck(
    "RS5",
    "the account's other link of the installation is deleted in the same commit",
    async (store) => {
      await register(store);
      await openReported(store, "a", 1);

      await open(store, "b", { at: after(5) });

      const outcome = await withdrawNext(store, "a", after(9));
      expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(5), REMOVED));
    },
  ),

  receiverCheck("RS5", "the answer says which link that was, and that it is unrecorded", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    const result = await open(store, "b", { at: after(5) });

    const unrecorded = [endedOf("a", after(5), REMOVED)];
    expectEqual("the answer", result, { type: "opened", unrecorded });
  }),

  receiverCheck("RS5", "so it says of every earlier one until it is recorded", async (store) => {
    await register(store);
    await open(store, "b");
    await deleteLinksOf(store, after(3));
    await open(store, "a");

    const first = await open(store, "c", { at: after(5) });
    await commitEnded(store, [endedOf("b", after(3)), endedOf("a", after(5))]);
    const second = await open(store, "d", { at: after(7) });

    const unrecorded = [endedOf("a", after(5)), endedOf("b", after(3))];
    expectEqual("the answer", first, { type: "opened", unrecorded });
    const left = [endedOf("c", after(7))];
    expectEqual("the answer after two were recorded", second, { type: "opened", unrecorded: left });
  }),

  receiverCheck("RS5", "it says nothing of other accounts and other installations", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await open(store, "a", { account: MONA });
    await open(store, "b", { installation: OTHER_SERVER });
    await deleteLinksOf(store, after(3), MONA);
    await deleteLinksOf(store, after(3));

    expectEqual("the answer", await open(store, "c"), OPENED);
  }),

  receiverCheck("RS5", "a link that ended with an earlier epoch is deleted, too", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await register(store, { epoch: 2 });

    await open(store, "b", { epoch: 2, at: after(5) });

    const outcome = await withdrawNext(store, "a", after(9));
    expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(5), REMOVED));
  }),

  receiverCheck("RS5", "links of other accounts and of other installations stay", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await openReported(store, "a", 1, { account: MONA });
    await openReported(store, "b", 1, { installation: OTHER_SERVER });

    await open(store, "c");
    await open(store, "d");

    expectEqual("the counts of the other account", await shownCounts(store, MONA), [WINDOW.counts]);
    expectEqual("those of the other installation", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS5", "a consent that is refused deletes no link", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await open(store, "b", { epoch: 2 });
    await register(store, { status: "off" });
    await open(store, "c");
    await register(store);

    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS5", "the id of a live link is a fault, and changes nothing", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: MONA });

    const fault = await faultOf(store.openLink(openingOf("b")));

    expectEqual("the answer", fault, "storage-fault");
    expectEqual("the counts of the consenting account", await shownCounts(store), [WINDOW.counts]);
    expectEqual("those of the link's own", await shownCounts(store, MONA), [WINDOW.counts]);
  }),

  receiverCheck(
    "RS5",
    "the id of a deleted link is a fault: a deleted link never becomes live",
    async (store) => {
      await register(store);
      await openReported(store, "a", 1);
      await deleteLinksOf(store, after(5));

      const fault = await faultOf(store.openLink(openingOf("a")));

      expectEqual("the answer", fault, "storage-fault");
      const outcome = await withdrawNext(store, "a", after(9));
      expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(5), REMOVED));
    },
  ),

  receiverCheck("RS5", "of consents that come at once exactly one link stays live", async (store) => {
    await register(store);
    const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

    const results = await Promise.all(names.map((name) => open(store, name)));

    const types = new Set(results.map(({ type }) => type));
    expectEqual("the answers", [...types], ["opened"]);
    const { reports } = await deliver(store, 1, { reports: names });
    const kept = reports.filter(({ type }) => type === "kept");
    expectEqual("the number of live links", kept.length, 1);
    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS5", "accounts are told apart by every character of their ids", async (store) => {
    await register(store);
    const accounts = ODD_IDS.map((id) => id as AccountId);
    for (const [index, account] of accounts.entries()) {
      await answerOf(store.openLink(openingOf(`n${index}`, { account })));
    }

    const reports = accounts.map((_, index) => [`n${index}`, { ...WINDOW, counts: [index] }] as const);
    await deliver(store, 1, { reports });

    for (const [index, account] of accounts.entries()) {
      expectEqual("the shown counts", await shownCounts(store, account), [[index]]);
    }
  }),
];
