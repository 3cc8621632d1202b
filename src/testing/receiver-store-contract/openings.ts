import type { AccountId, AttemptId, LinkId } from "../../domain/identifiers.ts";
import { answerOf, expectEqual, expectFault } from "../contract.ts";
import { ODD_IDS } from "../odd-ids.ts";
import {
  bring,
  codeOf,
  consent,
  NO_SUCH_CONSENT,
  open,
  openReported,
  push,
  redeem,
  redeemed,
  redemptionOf,
} from "./consents.ts";
import {
  after,
  commitEnded,
  deleteLinksOf,
  deliver,
  deliveryOf,
  endedOf,
  KEPT,
  linkId,
  MONA,
  NOT_APPLIED,
  NOW,
  OTHER_SERVER,
  REMOVED,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  shownCounts,
  WINDOW,
  withdrawNext,
  withdrawn,
} from "./samples.ts";

/** RS14: attempts. RS15: the browser and account that may answer them. RS5: the links of consents. */
export const openingChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS5", "a link of any valid id takes reports, which its account is shown", async (store) => {
    await register(store);
    const ids = ["0123456789abcdef", "0123456789ABCDEF", "_-".repeat(32)] as const;
    const accounts = ids.map((id) => `account of ${id}` as AccountId);

    for (const [index, id] of ids.entries()) {
      await push(store, `n${index}`, { attempt: id as string as AttemptId, linkId: id as LinkId });
      const given = { account: accounts[index] ?? MONA, code: codeOf("x"), expiresAt: after(60_000) };
      const brought = { attempt: id as string as AttemptId, browser: "browser_012345678" as never, at: NOW };
      await answerOf(store.answerAttempt({ ...brought, consent: given }));
      const ofId = { attempt: id as string as AttemptId, code: codeOf("x") };
      const opened = { type: "redeemed", linkId: id, epoch: 1, unrecorded: [] };
      expectEqual("the answer", await redeem(store, "", ofId), opened);
    }
    const reports = ids.map((id, index) => ({
      linkId: id as LinkId,
      choice: 1,
      window: { ...WINDOW, counts: [index] },
    }));
    const delivered = await answerOf(store.applyDelivery({ ...deliveryOf(1), reports }));

    expectEqual("the outcomes of reports", delivered?.reports, [KEPT, KEPT, KEPT]);
    for (const [index, account] of accounts.entries()) {
      expectEqual("the shown counts", await shownCounts(store, account), [[index]]);
    }
  }),

  receiverCheck(
    "RS5",
    "nothing is opened without a consent, or by a code that is not its own",
    async (store) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      for (const name of ["a", "b", "c"]) await push(store, name);
      await bring(store, "b");
      await consent(store, "c", { code: codeOf("x") });
      await consent(store, "c");

      const answers = [
        await redeem(store, "z"),
        await redeem(store, "z", { code: codeOf("c") }),
        await redeem(store, "a"),
        await redeem(store, "b"),
        await redeem(store, "c", { code: codeOf("a") }),
        await redeem(store, "c", { code: codeOf("x") }),
        await redeem(store, "c", { installation: OTHER_SERVER }),
        await redeem(store, "c", { at: after(60_000) }),
      ];

      for (const answer of answers) expectEqual("the answer", answer, NO_SUCH_CONSENT);
      expectEqual(
        "the answer to its own code",
        await redeem(store, "c", { at: after(59_999) }),
        redeemed("c"),
      );
    },
  ),

  receiverCheck("RS5", "nothing is opened where the epoch of the attempt is not open", async (store) => {
    await register(store);
    for (const name of ["a", "b", "c"]) {
      await push(store, name);
      await consent(store, name);
    }
    await register(store, { status: "off" });
    const off = await redeem(store, "a");
    await register(store, { isConnected: false });
    const unconnected = await redeem(store, "b");
    await register(store, { epoch: 2 });
    const later = await redeem(store, "c");

    for (const answer of [off, unconnected, later]) expectEqual("the answer", answer, NO_SUCH_CONSENT);
  }),

  receiverCheck(
    "RS5",
    "a repeated redemption gets the same link, whatever its code and the time",
    async (store) => {
      await register(store);
      await openReported(store, "a", 1);

      const again = await redeem(store, "a", { code: codeOf("x"), at: after(86_400_000) });

      expectEqual("the answer", again, redeemed("a"));
      expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
      const elsewhere = await redeem(store, "a", { installation: OTHER_SERVER });
      expectEqual("the answer to another installation", elsewhere, NO_SUCH_CONSENT);
    },
  ),

  receiverCheck("RS5", "so it does where the attempt is pushed and answered anew", async (store) => {
    await register(store);
    await open(store, "a");

    await push(store, "a", { linkId: linkId("b") });
    await consent(store, "a", { account: MONA });

    expectEqual("the answer", await redeem(store, "a"), redeemed("a"));
  }),

  receiverCheck("RS5", "once the link is deleted it says so, and opens no other", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await withdrawNext(store, "a", after(5));

    const first = await redeem(store, "a", { at: after(6) });
    await commitEnded(store, [endedOf("a", after(5), REMOVED)]);
    const second = await redeem(store, "a", { at: after(7) });

    const unrecorded = [endedOf("a", after(5), REMOVED)];
    expectEqual("the answer", first, { type: "link-ended", unrecorded });
    expectEqual("the answer once it is recorded", second, { type: "link-ended", unrecorded: [] });
  }),

  receiverCheck("RS5", "so it does once the link's epoch is over", async (store) => {
    await register(store);
    await open(store, "a");
    for (const over of [{ status: "off" }, { epoch: 2 }] as const) {
      await register(store, over);

      expectEqual("the answer", await redeem(store, "a"), { type: "link-ended", unrecorded: [] });
    }
    const { reports } = await deliver(store, 1, { reports: ["a"] });
    expectEqual("the outcome of a report", reports, [NOT_APPLIED]);
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
    expectEqual("the answer", result, { ...redeemed("b"), unrecorded });
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
    expectEqual("the answer", first, { ...redeemed("c"), unrecorded });
    const left = [endedOf("c", after(7))];
    expectEqual("the answer after two were recorded", second, { ...redeemed("d"), unrecorded: left });
  }),

  receiverCheck("RS5", "so it says when the redemption is repeated", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await open(store, "b", { at: after(5) });

    const again = await redeem(store, "b", { at: after(9) });

    const unrecorded = [endedOf("a", after(5), REMOVED)];
    expectEqual("the answer", again, { ...redeemed("b"), unrecorded });
  }),

  receiverCheck("RS5", "it says nothing of other accounts and other installations", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await open(store, "a", { account: MONA });
    await open(store, "b", { installation: OTHER_SERVER });
    await deleteLinksOf(store, after(3), MONA);
    await deleteLinksOf(store, after(3));

    expectEqual("the answer", await open(store, "c"), redeemed("c"));
    expectEqual("the answer to a repetition", await redeem(store, "c"), redeemed("c"));
  }),

  receiverCheck("RS5", "a link that ended with an earlier epoch is deleted, too", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await register(store, { epoch: 2 });

    await open(store, "b", { at: after(5) });

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

  receiverCheck("RS5", "a redemption that is refused deletes no link", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await push(store, "b");
    await consent(store, "b");

    await redeem(store, "b", { code: codeOf("x") });
    await register(store, { status: "off" });
    await redeem(store, "b");
    await register(store);

    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS5", "the id of a live link is a fault, and changes nothing", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: MONA });

    await push(store, "c", { linkId: linkId("b") });
    await consent(store, "c");
    const taken = store.openLink(redemptionOf("c"));
    await expectFault("`openLink` with the id of a live link", taken, "storage-fault");

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

      await push(store, "c", { linkId: linkId("a") });
      await consent(store, "c");
      const taken = store.openLink(redemptionOf("c"));
      await expectFault("`openLink` with the id of a deleted link", taken, "storage-fault");

      const outcome = await withdrawNext(store, "a", after(9));
      expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(5), REMOVED));
    },
  ),

  receiverCheck("RS5", "of consents that come at once exactly one link stays live", async (store) => {
    await register(store);
    const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

    const results = await Promise.all(names.map((name) => open(store, name)));

    const types = new Set(results.map(({ type }) => type));
    expectEqual("the answers", [...types], ["redeemed"]);
    const { reports } = await deliver(store, 1, { reports: names });
    const kept = reports.filter(({ type }) => type === "kept");
    expectEqual("the number of live links", kept.length, 1);
    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
  }),

  receiverCheck("RS5", "redemptions of one consent that come at once get one link", async (store) => {
    await register(store);
    await push(store, "a");
    await consent(store, "a");

    const results = await Promise.all(Array.from({ length: 10 }, () => redeem(store, "a")));

    for (const result of results) expectEqual("an answer", result, redeemed("a"));
    const { reports } = await deliver(store, 1, { reports: ["a"] });
    expectEqual("the outcome of a report", reports, [KEPT]);
  }),

  receiverCheck("RS5", "accounts are told apart by every character of their ids", async (store) => {
    await register(store);
    const accounts = ODD_IDS.map((id) => id as AccountId);
    for (const [index, account] of accounts.entries()) {
      await open(store, `n${index}`, { account });
    }

    const reports = accounts.map((_, index) => [`n${index}`, { ...WINDOW, counts: [index] }] as const);
    await deliver(store, 1, { reports });

    for (const [index, account] of accounts.entries()) {
      expectEqual("the shown counts", await shownCounts(store, account), [[index]]);
    }
  }),
];
