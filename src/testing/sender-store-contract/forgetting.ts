import type { Instant, UserId } from "../../domain/identifiers.ts";
import type { AuditEntry } from "../../ghes/audit.ts";
import { answerOf, expectEqual, expectFault } from "../contract.ts";
import {
  type AuditedSenderStore,
  acknowledge,
  after,
  auditLogOf,
  auditOf,
  choose,
  linkCommit,
  MONA,
  NOW,
  OCTO,
  OPTED_OUT,
  pending,
  recordOf,
  type SenderStoreCheck,
  senderCheck,
  sending,
  serverCommit,
  withdrawal,
  withdrawn,
} from "./samples.ts";

const HUBOT = "hubot" as UserId;

async function versionOf(store: AuditedSenderStore, user: UserId): Promise<number> {
  const { version } = await answerOf(store.loadLink(user));
  return version;
}

/** Writes a link with an audit entry about its user, over whatever is stored; answers the version. */
async function chooseAudited(store: AuditedSenderStore, user: UserId, name: string): Promise<number> {
  const { version } = await answerOf(store.loadLink(user));
  await answerOf(store.commitLink(linkCommit(user, version, sending(name), { audit: auditOf(user) })));
  return versionOf(store, user);
}

/** Writes an entry about the enterprise, made at an instant. */
async function note(store: AuditedSenderStore, createdAt: Instant): Promise<AuditEntry> {
  const audit: AuditEntry = { action: "unified_contributions.enable", actor: OCTO, user: null, createdAt };
  const { version } = await answerOf(store.loadServer());
  await answerOf(store.commitServer(serverCommit(version, { audit })));
  return audit;
}

/** The audit entries that are not about this user. */
async function auditBut(store: AuditedSenderStore, user: UserId): Promise<readonly AuditEntry[]> {
  return (await auditLogOf(store)).filter((entry) => entry.user !== user);
}

/** SS13 and SS14: what is removed, and what stays. Expectations are relative, so no check depends on another rule. */
export const forgettingChecks: readonly SenderStoreCheck[] = [
  senderCheck("SS13", "a user's record and audit entries are removed, and nobody else's", async (store) => {
    const nobody = await answerOf(store.loadLink("octo-2" as UserId));
    const version = await chooseAudited(store, OCTO, "a");
    await chooseAudited(store, MONA, "b");
    await note(store, NOW);
    const others = await auditBut(store, OCTO);
    const mona = await answerOf(store.loadLink(MONA));

    await answerOf(store.forgetUser({ user: OCTO, expectedVersion: version }));

    const forgotten = await answerOf(store.loadLink(OCTO));
    expectEqual("the record", forgotten, { ...nobody, value: { ...nobody.value, user: OCTO } });
    expectEqual("the audit log", await auditLogOf(store), others);
    expectEqual("the other user's record", await answerOf(store.loadLink(MONA)), mona);
  }),

  senderCheck("SS13", "another version is a conflict, and removes nothing", async (store) => {
    const version = await chooseAudited(store, OCTO, "a");
    const before = await answerOf(store.loadLink(OCTO));
    const audit = await auditLogOf(store);

    for (const expectedVersion of [0, version + 1]) {
      const call = `\`forgetUser\` with version ${expectedVersion} over version ${version}`;
      await expectFault(call, store.forgetUser({ user: OCTO, expectedVersion }), "version-conflict");
    }
    const unknown = store.forgetUser({ user: MONA, expectedVersion: version });
    await expectFault("`forgetUser` of a user of whom nothing is stored", unknown, "version-conflict");

    expectEqual("what loadLink answers", await answerOf(store.loadLink(OCTO)), before);
    expectEqual("the audit log", await auditLogOf(store), audit);
  }),

  senderCheck("SS13", "a user of whom nothing is stored is forgotten", async (store) => {
    await answerOf(store.forgetUser({ user: OCTO, expectedVersion: 0 }));
  }),

  senderCheck("SS13", "a pending withdrawal is asked for as before", async (store) => {
    const first = await chooseAudited(store, OCTO, "a");
    const withdraw = withdrawal("a");
    await answerOf(store.commitLink(linkCommit(OCTO, first, OPTED_OUT, { withdraw })));
    const version = await versionOf(store, OCTO);
    const before = await pending(store);

    await answerOf(store.forgetUser({ user: OCTO, expectedVersion: version }));

    expectEqual("what is asked for", await pending(store), before);
  }),

  senderCheck("SS13", "the answer to it brings no record back", async (store) => {
    const nobody = await answerOf(store.loadLink("octo-2" as UserId));
    const first = await chooseAudited(store, OCTO, "a");
    const withdraw = withdrawal("a");
    await answerOf(store.commitLink(linkCommit(OCTO, first, OPTED_OUT, { withdraw })));
    const version = await versionOf(store, OCTO);
    await answerOf(store.forgetUser({ user: OCTO, expectedVersion: version }));

    await acknowledge(store, { withdrawn: [withdrawn("a")] });

    const record = await answerOf(store.loadLink(OCTO));
    expectEqual("the record", record, { ...nobody, value: { ...nobody.value, user: OCTO } });
  }),

  senderCheck("SS13", "the receipt of another user's withdrawal still reaches that user", async (store) => {
    const version = await chooseAudited(store, OCTO, "a");
    for (const [user, name] of [
      [MONA, "b"],
      [HUBOT, "c"],
    ] as const) {
      await chooseAudited(store, user, name);
      await choose(store, user, OPTED_OUT, withdrawal(name));
    }
    await acknowledge(store, { withdrawn: [withdrawn("b")] });

    await answerOf(store.forgetUser({ user: OCTO, expectedVersion: version }));
    await acknowledge(store, { withdrawn: [withdrawn("c")] });

    const before = await recordOf(store, MONA);
    const then = await recordOf(store, HUBOT);
    expectEqual("the receipt that came then", then.deletion?.receipt, before.deletion?.receipt);
  }),

  senderCheck("SS13", "whoever comes next can have the link", async (store) => {
    const version = await chooseAudited(store, OCTO, "a");
    await answerOf(store.forgetUser({ user: OCTO, expectedVersion: version }));

    await chooseAudited(store, MONA, "a");
  }),

  senderCheck(
    "SS14",
    "entries from before an instant are removed, the oldest first, up to the limit",
    async (store) => {
      for (const at of [3, 1, 0, 2]) await note(store, after(at));
      const all = await auditLogOf(store);
      const isFrom = (instant: Instant) => (entry: AuditEntry) => entry.createdAt >= instant;
      const isThere = all.length > 0;

      const none = await answerOf(store.pruneAudit({ before: after(0), limit: 9 }));
      const one = await answerOf(store.pruneAudit({ before: after(2), limit: 1 }));
      const left = await auditLogOf(store);
      const rest = await answerOf(store.pruneAudit({ before: after(2), limit: 9 }));

      expectEqual("how many were older than the oldest", none, 0);
      expectEqual("how many the limit takes", one, isThere ? 1 : 0);
      expectEqual("what that leaves", left, all.filter(isFrom(after(1))));
      expectEqual("how many are left before the instant", rest, isThere ? 1 : 0);
      const kept = all.filter(isFrom(after(2)));
      expectEqual("what stays, the instant's own included", await auditLogOf(store), kept);
    },
  ),
];
