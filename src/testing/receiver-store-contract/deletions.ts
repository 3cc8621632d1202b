import type { AccountId, InstallationId } from "../../domain/identifiers.ts";
import { answerOf, expectEqual } from "../contract.ts";
import { NAMES_AS_WRITTEN, NAMES_IN_ORDER } from "../odd-ids.ts";
import {
  after,
  deleteLinksOf,
  deliver,
  GONE,
  linkId,
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
  SERVER,
  shown,
  shownCounts,
  WINDOW,
  withdrawNext,
  withdrawn,
} from "./samples.ts";

/** An account whose id begins with that of another. */
const ALMOST_OCTO = `${OCTO}-2` as AccountId;

/** RS6: deletions born on the cloud's side. RS7: what may be shown. */
export const deletionChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck(
    "RS6",
    "all links of an account are deleted, on every installation, with receipts",
    async (store) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      await open(store, "b");
      await openReported(store, "a", 1, { installation: OTHER_SERVER });

      const deleted = await deleteLinksOf(store, after(5));

      const expected = [
        {
          status: "deleted",
          linkId: linkId("a"),
          installation: OTHER_SERVER,
          receipt: { deletedAt: after(5), removed: REMOVED },
        },
        {
          status: "deleted",
          linkId: linkId("b"),
          installation: SERVER,
          receipt: { deletedAt: after(5), removed: null },
        },
      ];
      expectEqual("the answer", deleted, expected);
      const { reports } = await deliver(store, 1, { reports: ["b"] });
      expectEqual("the outcome of a report", reports, [GONE]);
      const outcome = await withdrawNext(store, "a", after(9), OTHER_SERVER);
      expectEqual("the outcome of withdrawing one", outcome, withdrawn(after(5), REMOVED));
    },
  ),

  receiverCheck(
    "RS6",
    "an account's link on one installation is deleted, and no other link",
    async (store) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      await openReported(store, "a", 1);
      await openReported(store, "b", 1, { installation: OTHER_SERVER });
      await openReported(store, "c", 2, { account: MONA });

      const selection = { type: "account-on-installation", account: OCTO, installation: SERVER } as const;
      const deleted = await answerOf(store.deleteLinks(selection, after(5)));

      const ids = deleted.map(({ linkId }) => linkId);
      expectEqual("the deleted links", ids, [linkId("a")]);
      const left = (await shown(store)).map(({ installation }) => installation);
      expectEqual("the installations still shown", left, [OTHER_SERVER]);
      expectEqual("the counts of the other account", await shownCounts(store, MONA), [WINDOW.counts]);
    },
  ),

  receiverCheck(
    "RS6",
    "of the links that are named, those of the installation are deleted, each once",
    async (store) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      await openReported(store, "a", 1);
      await openReported(store, "b", 2, { account: MONA });
      await openReported(store, "c", 1, { installation: OTHER_SERVER });

      const linkIds = ["c", "a", "unknown", "a"].map(linkId);
      const deleted = await answerOf(
        store.deleteLinks({ type: "links", linkIds, installation: SERVER }, after(5)),
      );

      const receipt = { deletedAt: after(5), removed: REMOVED };
      expectEqual("the answer", deleted, [
        { status: "deleted", linkId: linkId("a"), installation: SERVER, receipt },
      ]);
      const left = (await shown(store)).map(({ installation }) => installation);
      expectEqual("the installations still shown", left, [OTHER_SERVER]);
      expectEqual("the counts of the other account", await shownCounts(store, MONA), [WINDOW.counts]);
    },
  ),

  receiverCheck("RS6", "links of other accounts stay", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: ALMOST_OCTO });

    await deleteLinksOf(store, after(5));

    expectEqual("the counts of the other account", await shownCounts(store, ALMOST_OCTO), [WINDOW.counts]);
  }),

  receiverCheck("RS6", "links that have ended are deleted too", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await register(store, { isConnected: false, status: "off" });

    const deleted = await deleteLinksOf(store, after(5));

    const receipt = { deletedAt: after(5), removed: REMOVED };
    expectEqual("the answer", deleted, [
      { status: "deleted", linkId: linkId("a"), installation: SERVER, receipt },
    ]);
  }),

  receiverCheck("RS6", "a deleted link stays as it is, with its first receipt", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await deleteLinksOf(store, after(5));

    const again = await deleteLinksOf(store, after(7));

    expectEqual("the second answer", again, []);
    const outcome = await withdrawNext(store, "a", after(9));
    expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(5), REMOVED));
  }),

  receiverCheck("RS6", "they come in the order of their ids' characters", async (store) => {
    for (const name of NAMES_AS_WRITTEN) {
      const installation = `server of ${name}` as InstallationId;
      await register(store, { installation });
      await open(store, name, { installation });
    }

    const deleted = await deleteLinksOf(store, after(5));

    const ids = deleted.map(({ linkId }) => linkId);
    expectEqual("the deleted links", ids, NAMES_IN_ORDER.map(linkId));
  }),

  receiverCheck("RS6", "an account without links is no fault", async (store) => {
    expectEqual("the answer", await deleteLinksOf(store, NOW, "nobody" as AccountId), []);
  }),

  receiverCheck(
    "RS7",
    "the windows of an account come in the order of their installations",
    async (store) => {
      for (const name of NAMES_AS_WRITTEN) {
        const installation = name as InstallationId;
        await register(store, { installation });
        await openReported(store, name, 1, { installation });
      }

      const expected = NAMES_IN_ORDER.map((installation) => ({
        installation,
        window: WINDOW,
        receivedAt: NOW,
      }));
      expectEqual("what is shown", await shown(store), expected);
    },
  ),

  receiverCheck("RS7", "nothing is shown of another account's links", async (store) => {
    await register(store);
    await openReported(store, "a", 1, { account: ALMOST_OCTO });

    expectEqual("what is shown", await shown(store, OCTO), []);
  }),

  receiverCheck("RS7", "nothing is shown of a link that was never reported", async (store) => {
    await register(store);
    await open(store, "a");

    expectEqual("what is shown", await shown(store), []);
  }),

  receiverCheck("RS7", "nothing is shown while the installation is off or not connected", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await register(store, { status: "off" });
    expectEqual("what is shown while it is off", await shown(store), []);
    await register(store, { isConnected: false, status: "on" });
    expectEqual("what is shown while it is not connected", await shown(store), []);
    await register(store);
    expectEqual("the shown counts before any of it", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS7", "nothing is shown of a link of an earlier epoch", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await register(store, { epoch: 2 });

    expectEqual("what is shown", await shown(store), []);
  }),

  receiverCheck("RS7", "nothing is shown of a deleted link", async (store) => {
    await register(store);
    await openReported(store, "a", 1);

    await deliver(store, 2, { withdrawals: ["a"] });

    expectEqual("what is shown", await shown(store), []);
  }),
];
