import { expectEqual } from "../contract.ts";
import { bring, consent, NO_SUCH_CONSENT, open, openReported, push, redeem, redeemed } from "./consents.ts";
import {
  after,
  deliver,
  MONA,
  OTHER_SERVER,
  type ReceiverStoreCheck,
  receiverCheck,
  register,
  SERVER,
  shownCounts,
  UNKNOWN,
  WINDOW,
} from "./samples.ts";

/** The life of attempts to connect until they are redeemed. */
export const attemptChecks: readonly ReceiverStoreCheck[] = [
  receiverCheck("RS14", "nothing is taken where the installation is off or not connected", async (store) => {
    await register(store, { installation: OTHER_SERVER });
    const never = await push(store, "a");
    await register(store, { status: "off" });
    const off = await push(store, "b");
    await register(store, { isConnected: false, status: "on" });
    const unconnected = await push(store, "c");
    await register(store);

    expectEqual("the answer where it is not registered", never, "disabled");
    expectEqual("the answer where it is off", off, "disabled");
    expectEqual("the answer where it is not connected", unconnected, "disabled");
    for (const name of ["a", "b", "c"]) expectEqual("the attempt", await bring(store, name), null);
  }),

  receiverCheck("RS14", "an attempt that is pushed again stays as it is", async (store) => {
    await register(store);
    await push(store, "a");
    await consent(store, "a");

    const again = await push(store, "a", { expiresAt: after(90_000) });

    expectEqual("the answer", again, "pushed");
    expectEqual("the redemption", await redeem(store, "a"), redeemed("a"));
  }),

  receiverCheck("RS14", "an installation has no more than the limit that have not expired", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    await push(store, "a", { limit: 2 });
    await push(store, "b", { limit: 2, expiresAt: after(5) });

    const full = await push(store, "c", { limit: 2 });
    const again = await push(store, "a", { limit: 2 });
    const elsewhere = await push(store, "d", { limit: 1, installation: OTHER_SERVER });
    const later = await push(store, "e", { limit: 2, at: after(5) });

    expectEqual("the answer to one too many", full, "too-many-attempts");
    expectEqual("that to one that is there", again, "pushed");
    expectEqual("that to the other installation's", elsewhere, "pushed");
    expectEqual("that once one has expired", later, "pushed");
    expectEqual("the one too many", await bring(store, "c"), null);
  }),

  receiverCheck("RS14", "an attempt that has opened a link is not under way", async (store) => {
    await register(store);
    const { type } = await open(store, "a");
    // RS5 says whether it opens one.
    if (type !== "redeemed") return;

    expectEqual("the answer to the next one", await push(store, "b", { limit: 1 }), "pushed");
  }),

  receiverCheck("RS15", "the first browser has the attempt, and no other", async (store) => {
    await register(store);
    await push(store, "a");

    const first = await bring(store, "a");
    const other = await bring(store, "a", { browser: "b" });
    const others = await consent(store, "a", { browser: "b", account: MONA });
    const again = await bring(store, "a");

    const attempt = { installation: SERVER, expiresAt: after(60_000) };
    expectEqual("the first browser's", first, attempt);
    expectEqual("the other's", other, null);
    expectEqual("the other's consent", others, null);
    expectEqual("the first one's, again", again, attempt);
    expectEqual("a redemption", await redeem(store, "a"), NO_SUCH_CONSENT);
  }),

  receiverCheck("RS15", "the first account that consents has it, as long as its last code", async (store) => {
    await register(store);
    await push(store, "a");
    await consent(store, "a");

    const other = await consent(store, "a", { account: MONA });
    const again = await consent(store, "a", { expiresAt: after(70_000) });

    expectEqual("the other account's", other, null);
    expectEqual("the first one's, again", again, { installation: SERVER, expiresAt: after(70_000) });
    expectEqual("the redemption", await redeem(store, "a", { at: after(69_999) }), redeemed("a"));
  }),

  receiverCheck("RS15", "a consent opens no link and ends none", async (store) => {
    await register(store);
    await openReported(store, "a", 1);
    await push(store, "b");

    await consent(store, "b");

    expectEqual("the shown counts", await shownCounts(store), [WINDOW.counts]);
    const { reports } = await deliver(store, 2, { reports: ["b"] });
    expectEqual("the outcome of a report", reports, [UNKNOWN]);
  }),

  receiverCheck("RS15", "an attempt counts until it expires, and while its epoch is open", async (store) => {
    await register(store);
    await register(store, { installation: OTHER_SERVER });
    for (const name of ["a", "b", "c"]) await push(store, name);

    const justBefore = await bring(store, "a", { at: after(59_999) });
    const then = await bring(store, "b", { at: after(60_000) });
    await register(store, { status: "off" });
    const off = await bring(store, "c");
    await register(store, { isConnected: false });
    const unconnected = await bring(store, "c");
    await register(store, { epoch: 2 });
    const later = await bring(store, "c");

    expectEqual("a moment before", justBefore, { installation: SERVER, expiresAt: after(60_000) });
    for (const none of [then, off, unconnected, later]) expectEqual("after that", none, null);
  }),

  receiverCheck("RS15", "an attempt that is redeemed is answered no more", async (store) => {
    await register(store);
    await open(store, "a");

    expectEqual("the answer", await bring(store, "a"), null);
    expectEqual("the answer to a consent", await consent(store, "a"), null);
  }),
];
