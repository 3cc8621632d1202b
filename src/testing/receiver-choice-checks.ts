import { answerOf, exactly, expectEqual } from "./contract.ts";
import { type ReceiverReaderCheck, readerCheck } from "./receiver-reader-check.ts";
import { openDeselected } from "./receiver-store-contract/consents.ts";
import {
  after,
  commitEnded,
  deleteLinksOf,
  deliver,
  endedOf,
  linkId,
  NOW,
  OCTO,
  REMOVED,
  register,
  SERVER,
  WINDOW,
} from "./receiver-store-contract/samples.ts";

/** RQ1, RQ4 and RQ6: what is read of a link of which a choice has ended. */
export const choiceReadChecks: readonly ReceiverReaderCheck[] = [
  readerCheck(
    "RQ1",
    "an ended choice waits for the ledger, and its link is open",
    async ({ store, reader }) => {
      const linksOf = async () =>
        (await answerOf(reader.loadInstallation({ installation: SERVER, lookAt: 9 })))?.links;
      await register(store);
      await openDeselected(store, "a", 1);
      const deselected = await linksOf();
      await deliver(store, 3, { reports: [["a", WINDOW, 2]], at: after(7) });
      const selected = await linksOf();
      await commitEnded(store, [endedOf("a", after(5), REMOVED, 1)]);

      const expected = { open: exactly(1), unswept: exactly(0), unrecorded: exactly(1) };
      const none = { ...expected, withCounts: exactly(0), newestCountsAt: null };
      expectEqual("the links", deselected, none);
      const sending = { ...expected, withCounts: exactly(1), newestCountsAt: after(7) };
      expectEqual("the links when it is selected again", selected, sending);
      expectEqual("those that wait when it is recorded", (await linksOf())?.unrecorded, exactly(0));
    },
  ),

  readerCheck("RQ4", "a server stays the account's when a choice has ended", async ({ store, reader }) => {
    await register(store);
    await openDeselected(store, "a", 1, { at: after(1) });
    const deselected = await answerOf(reader.loadAccount(OCTO));
    await deliver(store, 3, { reports: [["a", WINDOW, 2]], at: after(7) });
    const selected = await answerOf(reader.loadAccount(OCTO));

    const sender = { installation: SERVER, openedAt: after(1), isOpen: true };
    const silent = { ...sender, heardAt: null, countsAt: null };
    expectEqual("the account", deselected, { senders: [silent], unrecorded: [] });
    const heard = { ...sender, heardAt: after(7), countsAt: after(7) };
    expectEqual("the account when it is selected again", selected, { senders: [heard], unrecorded: [] });
  }),

  readerCheck(
    "RQ6",
    "a live link says which choice has ended, with its receipt",
    async ({ store, reader }) => {
      const linkOf = () => answerOf(reader.loadLink(SERVER, linkId("a")));
      await register(store);
      await openDeselected(store, "a", 1);
      const deselected = await linkOf();
      await commitEnded(store, [endedOf("a", after(6), null, 3)]);
      const recorded = await linkOf();
      await deleteLinksOf(store, after(9));

      const link = { linkId: linkId("a"), installation: SERVER, account: OCTO, openedAt: NOW, end: null };
      const first = { choice: 1, receipt: { deletedAt: after(5), removed: REMOVED } };
      expectEqual("the link", deselected, { ...link, withdrawn: first });
      const third = { choice: 3, receipt: { deletedAt: after(6), removed: null } };
      expectEqual("the link of the ledger's choice", recorded, { ...link, withdrawn: third });
      const end = { cause: "account-deleted", receipt: { deletedAt: after(9), removed: null } };
      expectEqual("the link when it is deleted", await linkOf(), { ...link, withdrawn: null, end });
    },
  ),
];
