import type { UserId } from "../../domain/identifiers.ts";
import { newLinkRecord } from "../../ghes/ports.ts";
import type { UserLink } from "../../ghes/user-link.ts";
import { answerOf, expectEqual, expectFault, expectNotCounted, expectThat, winnersOf } from "../contract.ts";
import { ODD_IDS } from "../odd-ids.ts";
import {
  acknowledge,
  after,
  attemptId,
  auditLogOf,
  auditOf,
  choose,
  connected,
  deselected,
  linkCommit,
  linkId,
  MONA,
  NOW,
  OCTO,
  OPTED_OUT,
  pendingIds,
  recordOf,
  redeeming,
  reported,
  type SenderStoreCheck,
  SIGNED,
  senderCheck,
  sending,
  withdrawal,
  withdrawn,
} from "./samples.ts";

const OPTED_OUT_BEFORE = { status: "opted-out", optedOutAt: NOW } as const;

/** Links in each status and with each reason. */
export const LINKS: readonly UserLink[] = [
  { status: "never-connected" },
  {
    status: "connecting",
    connectionOrdinal: 1,
    attempt: attemptId("2"),
    expiresAt: after(1),
    before: OPTED_OUT_BEFORE,
  },
  redeeming("2"),
  { ...redeeming("2"), instead: OPTED_OUT_BEFORE },
  connected("2"),
  { ...deselected("3"), optedOutAt: after(1) },
  OPTED_OUT,
  { status: "suspended", reason: "unified-contributions-disabled" },
  { status: "ended", reason: "link-ended", endedAt: NOW, receipt: { deletedAt: NOW, removed: null } },
  { status: "ended", reason: "link-ended", endedAt: NOW, receipt: SIGNED },
];

/** SS5, SS6: one user's link. */
export const linkChecks: readonly SenderStoreCheck[] = [
  senderCheck("SS5", "a user of whom nothing was written has a new record at version 0", async (store) => {
    await choose(store, MONA, sending("a"));

    const loaded = await answerOf(store.loadLink(OCTO));

    expectEqual("what loadLink answers", loaded, { value: newLinkRecord(OCTO), version: 0 });
  }),

  senderCheck("SS5", "a link comes back as it was written, in every status", async (store) => {
    for (const link of [sending("a", { connectionOrdinal: 3, epoch: 9 }), ...LINKS]) {
      await choose(store, OCTO, link);

      expectEqual("the record", await recordOf(store, OCTO), { ...newLinkRecord(OCTO), link });
    }
  }),

  senderCheck("SS5", "users are told apart by every character of their ids", async (store) => {
    const users = ODD_IDS.map((id) => id as UserId);
    for (const [index, user] of users.entries()) await choose(store, user, sending(`u${index}`));

    for (const [index, user] of users.entries()) {
      const expected = { ...newLinkRecord(user), link: sending(`u${index}`) };
      expectEqual("the record", await recordOf(store, user), expected);
    }
  }),

  senderCheck(
    "SS6",
    "a commit changes the version and answers the one that is loaded then",
    async (store) => {
      const first = await answerOf(store.commitLink(linkCommit(OCTO, 0, sending("a"))));
      const second = await answerOf(store.commitLink(linkCommit(OCTO, first, OPTED_OUT)));

      const loaded = await answerOf(store.loadLink(OCTO));
      expectThat(`versions 0, ${first} and ${second} differ`, new Set([0, first, second]).size === 3);
      expectEqual("the version", loaded.version, second);
      expectEqual("the link", loaded.value.link, OPTED_OUT);
    },
  ),

  senderCheck("SS6", "a commit that expects any version but the stored one conflicts", async (store) => {
    const never = "`commitLink` with version 1 of what was never written";
    await expectFault(never, store.commitLink(linkCommit(OCTO, 1, OPTED_OUT)), "version-conflict");
    const first = await answerOf(store.commitLink(linkCommit(OCTO, 0, sending("a"))));
    const second = await answerOf(store.commitLink(linkCommit(OCTO, first, OPTED_OUT)));

    for (const wrong of [0, first, second + 1]) {
      const call = `\`commitLink\` with version ${wrong} over version ${second}`;
      await expectFault(call, store.commitLink(linkCommit(OCTO, wrong, OPTED_OUT)), "version-conflict");
    }
  }),

  senderCheck("SS6", "versions are not counted, so that none comes again", async (store) => {
    const versions: number[] = [];
    for (const name of ["a", "b", "c", "d"]) {
      const { version } = await answerOf(store.loadLink(OCTO));
      versions.push(await answerOf(store.commitLink(linkCommit(OCTO, version, sending(name)))));
    }

    expectNotCounted(versions);
  }),

  senderCheck("SS6", "a conflict changes nothing", async (store) => {
    const version = await answerOf(store.commitLink(linkCommit(OCTO, 0, sending("a"))));
    await acknowledge(store, { reported: [{ user: OCTO, reported: reported("a") }] });
    const before = await answerOf(store.loadLink(OCTO));

    const stale = linkCommit(OCTO, version + 1, OPTED_OUT, {
      withdraw: withdrawal("a"),
      audit: auditOf(OCTO),
    });
    await expectFault("`commitLink` with another version", store.commitLink(stale), "version-conflict");

    expectEqual("what loadLink answers", await answerOf(store.loadLink(OCTO)), before);
    expectEqual("the pending withdrawals", await pendingIds(store), []);
    expectEqual("the audit log", await auditLogOf(store), []);
  }),

  senderCheck("SS6", "of many commits at once with the same version exactly one wins", async (store) => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

    const won = await winnersOf(
      names.map((name) =>
        store.commitLink(linkCommit(OCTO, 0, sending(name), { withdraw: withdrawal(name) })),
      ),
      "version-conflict",
    );

    expectEqual("the number of winners", won.length, 1);
    const name = names[won[0]?.index ?? 0] ?? "";
    const { value, version } = await answerOf(store.loadLink(OCTO));
    expectEqual("the version", version, won[0]?.value);
    expectEqual("the link", value.link, sending(name));
    expectEqual("the pending withdrawals", await pendingIds(store), [linkId(name)]);
  }),

  senderCheck(
    "SS6",
    "a link belongs to one user: another's is a fault, and changes nothing",
    async (store) => {
      for (const owned of [sending("a"), connected("a")]) {
        await choose(store, MONA, owned);
        for (const taken of [sending("a"), connected("a")]) {
          const commit = linkCommit(OCTO, 0, { ...taken, attempt: attemptId("b") }, { audit: auditOf(OCTO) });
          const call = "`commitLink` of a link that another user has";
          const fault = await expectFault(call, store.commitLink(commit), "storage-fault");
          expectEqual("the fault's reason", "reason" in fault && fault.reason, "corrupt");
        }
        expectEqual("the version", (await answerOf(store.loadLink(OCTO))).version, 0);
        expectEqual("what the owner has", (await recordOf(store, MONA)).link, owned);
        expectEqual("the audit log", await auditLogOf(store), []);
      }
    },
  ),

  senderCheck("SS6", "another version is a conflict, even where another user has the link", async (store) => {
    await choose(store, MONA, sending("a"));
    const version = await answerOf(store.commitLink(linkCommit(OCTO, 0, OPTED_OUT)));

    for (const stale of [0, version + 1]) {
      const call = `\`commitLink\` with version ${stale} over version ${version}`;
      await expectFault(call, store.commitLink(linkCommit(OCTO, stale, sending("a"))), "version-conflict");
    }
  }),

  senderCheck("SS6", "a user who connects, sends and opts out has the link in each step", async (store) => {
    for (const link of [connected("a"), sending("a"), OPTED_OUT]) await choose(store, OCTO, link);

    expectEqual("the link", (await recordOf(store, OCTO)).link, OPTED_OUT);
  }),

  senderCheck("SS6", "commits of different users never conflict", async (store) => {
    const users = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"].map((id) => id as UserId);

    const won = await winnersOf(
      users.map((user, index) => store.commitLink(linkCommit(user, 0, sending(`u${index}`)))),
      "version-conflict",
    );

    expectEqual("the number of winners", won.length, users.length);
  }),

  senderCheck("SS6", "nothing but a commit of the link changes its version", async (store) => {
    const first = await answerOf(store.commitLink(linkCommit(OCTO, 0, sending("a"))));
    const version = await answerOf(
      store.commitLink(linkCommit(OCTO, first, sending("b"), { withdraw: withdrawal("a") })),
    );

    await answerOf(store.markChanged([OCTO]));
    await acknowledge(store, {
      reported: [{ user: OCTO, reported: reported("b") }],
      withdrawn: [withdrawn("a")],
    });

    expectEqual("the version", (await answerOf(store.loadLink(OCTO))).version, version);
  }),

  senderCheck("SS6", "the audit entry of a commit is stored, none where there is none", async (store) => {
    const first = await answerOf(
      store.commitLink(linkCommit(OCTO, 0, sending("a"), { audit: auditOf(OCTO) })),
    );
    await answerOf(store.commitLink(linkCommit(OCTO, first, OPTED_OUT)));
    await answerOf(store.commitLink(linkCommit(MONA, 0, sending("b"), { audit: auditOf(MONA) })));

    expectEqual("the audit log", await auditLogOf(store), [auditOf(OCTO), auditOf(MONA)]);
  }),
];
