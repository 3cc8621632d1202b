import type { AccountId, InstallationId } from "../../domain/identifiers.ts";
import { answerOf, expectEqual, expectThat } from "../contract.ts";
import { NAMES_AS_WRITTEN, NAMES_IN_ORDER } from "../odd-ids.ts";
import { consent, open, openReported, push, redeem, redemptionOf } from "./consents.ts";
import {
  after,
  commitEnded,
  deleteLinksOf,
  deliver,
  endedOf,
  linkId,
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
  unrecordedLinks,
  unrecordedOf,
  WINDOW,
  withdrawNext,
  withdrawn,
} from "./samples.ts";

/** An account whose id begins with that of another. */
const ALMOST_OCTO = `${OCTO}-2` as AccountId;

/** RS6: the deletions that begin in the cloud. RS7: the counts that may be shown. */
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
        unrecordedOf("a", after(5), REMOVED, { installation: OTHER_SERVER }),
        unrecordedOf("b", after(5), null),
      ];
      expectEqual("the answer", deleted, expected);
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

      const selection = { account: OCTO, installation: SERVER };
      const deleted = await answerOf(store.deleteLinks(selection, after(5)));

      const revoked = unrecordedOf("a", after(5), REMOVED, { cause: "authorization-revoked" });
      expectEqual("the answer", deleted, [revoked]);
      const left = (await shown(store)).map(({ installation }) => installation);
      expectEqual("the installations still shown", left, [OTHER_SERVER]);
      expectEqual("the counts of the other account", await shownCounts(store, MONA), [WINDOW.counts]);
    },
  ),

  receiverCheck("RS6", "the selection's consents are void, and no others", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await push(store, "a");
    await push(store, "b", { installation: OTHER_SERVER });
    await push(store, "c");
    await push(store, "d");
    for (const name of ["a", "b"]) await consent(store, name);
    await consent(store, "c", { account: MONA });

    await answerOf(store.deleteLinks({ account: OCTO, installation: SERVER }, after(5)));
    const one = await redeem(store, "a");
    const elsewhere = await redeem(store, "b", { installation: OTHER_SERVER });
    await deleteLinksOf(store, after(6));
    const all = await redeem(store, "b", { installation: OTHER_SERVER });

    expectEqual("its redemption", one.type, "no-such-consent");
    expectEqual("one of the other installation", elsewhere.type, "redeemed");
    expectThat("no redemption opens a deleted link again", all.type !== "redeemed");
    expectEqual("one of the other account", (await redeem(store, "c")).type, "redeemed");
    expectEqual("one that nobody has answered", (await consent(store, "d"))?.installation, SERVER);
  }),

  receiverCheck(
    "RS6",
    "a void consent is a link that ended at once, and has to be recorded",
    async (store) => {
      await register(store);
      await push(store, "a");
      await consent(store, "a");
      await push(store, "b");
      await consent(store, "b", { account: MONA });

      const revoked = await answerOf(store.deleteLinks({ account: OCTO, installation: SERVER }, after(5)));
      const deleted = await deleteLinksOf(store, after(6), MONA);

      const [openedAt, cause] = [after(5), "authorization-revoked"] as const;
      expectEqual("the first answer", revoked, [unrecordedOf("a", after(5), null, { openedAt, cause })]);
      const ofMona = unrecordedOf("b", after(6), null, { openedAt: after(6), account: MONA });
      expectEqual("the answer to the other account", deleted, [ofMona]);
      const left = [endedOf("a", after(5)), endedOf("b", after(6))];
      expectEqual("what is unrecorded", await unrecordedLinks(store), left);
    },
  ),

  receiverCheck("RS6", "no consent that was given before is redeemed afterwards", async (store) => {
    await register(store);
    const accounts = ["1", "2", "3", "4", "5", "6", "7", "8"].map((name) => name as AccountId);
    for (const account of accounts) {
      await push(store, account);
      await consent(store, account, { account });
    }

    await Promise.all(
      accounts.flatMap((account, index) => {
        const acts = [
          () => answerOf(store.openLink(redemptionOf(account))),
          () => deleteLinksOf(store, after(5), account),
        ];
        return (index % 2 === 0 ? acts : acts.toReversed()).map((act): Promise<unknown> => act());
      }),
    );

    for (const account of accounts) {
      const { type } = await redeem(store, account);
      expectThat("no consent from before the deletion opens a link", type !== "redeemed");
    }
  }),

  receiverCheck("RS6", "links of other accounts stay", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: ALMOST_OCTO });

    await deleteLinksOf(store, after(5));

    expectEqual("the counts of the other account", await shownCounts(store, ALMOST_OCTO), [WINDOW.counts]);
  }),

  receiverCheck("RS6", "links of epochs that are over are deleted too", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await register(store, { isConnected: false, status: "off" });

    const deleted = await deleteLinksOf(store, after(5));

    expectEqual("the answer", deleted, [unrecordedOf("a", after(5), REMOVED)]);
  }),

  receiverCheck("RS6", "a deleted link is answered again, with its first receipt", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await deleteLinksOf(store, after(5));
    await register(store, { installation: OTHER_SERVER });
    await open(store, "b", { installation: OTHER_SERVER });

    const again = await deleteLinksOf(store, after(7));

    const expected = [
      unrecordedOf("a", after(5), REMOVED),
      unrecordedOf("b", after(7), null, { installation: OTHER_SERVER }),
    ];
    expectEqual("the second answer", again, expected);
    const outcome = await withdrawNext(store, "a", after(9));
    expectEqual("the outcome of withdrawing it", outcome, withdrawn(after(5), REMOVED));
  }),

  receiverCheck("RS6", "so it is by a call that names the installation", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await deleteLinksOf(store, after(5));

    const again = await answerOf(store.deleteLinks({ account: OCTO, installation: SERVER }, after(7)));

    expectEqual("the second answer", again, [unrecordedOf("a", after(5), REMOVED)]);
  }),

  receiverCheck("RS6", "so is one that a withdrawal has deleted", async (store) => {
    await register(store);
    await open(store, "a");
    await deliver(store, 1, { withdrawals: ["a"], at: after(3) });

    const deleted = await deleteLinksOf(store, after(7));

    expectEqual("the answer", deleted, [unrecordedOf("a", after(3), null, { cause: "withdrawn" })]);
  }),

  receiverCheck("RS6", "one that is recorded is not", async (store) => {
    await register(store);
    await open(store, "a");
    await deleteLinksOf(store, after(5));
    await commitEnded(store, [endedOf("a", after(5))]);

    expectEqual("the answer", await deleteLinksOf(store, after(7)), []);
  }),

  receiverCheck(
    "RS6",
    "nor is one of another account, or on another installation than was asked",
    async (store) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      await open(store, "a", { account: ALMOST_OCTO });
      await open(store, "b", { installation: OTHER_SERVER });
      await deleteLinksOf(store, after(5), ALMOST_OCTO);
      await deleteLinksOf(store, after(5));

      const selection = { account: OCTO, installation: SERVER };
      expectEqual("the answer", await answerOf(store.deleteLinks(selection, after(7))), []);
    },
  ),

  receiverCheck("RS6", "of calls at once each answers the link, and all with one receipt", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    const instants = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(after);

    const answers = await Promise.all(instants.map((at) => deleteLinksOf(store, at)));

    const [outcome] = (await deliver(store, 2, { withdrawals: ["a"], at: after(99) })).withdrawals;
    const deletedAt = outcome?.type === "withdrawn" ? outcome.receipt.deletedAt : after(99);
    expectThat("it was deleted by one of them", instants.includes(deletedAt));
    for (const answer of answers) {
      expectEqual("an answer", answer, [unrecordedOf("a", deletedAt, REMOVED)]);
    }
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
        linkId: linkId(installation),
        choice: 1,
        epoch: 1,
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
