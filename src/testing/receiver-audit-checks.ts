import type { CalendarDate } from "../domain/calendar-date.ts";
import type { AccountId, InstallationId, Instant } from "../domain/identifiers.ts";
import type { InstallationAuditEntry } from "../ghec/audit.ts";
import type { ReceiverStore } from "../ghec/ports.ts";
import type { LinkStanding, ReceiverReader } from "../ghec/reader.ts";
import { answerOf, expectEqual, expectFault } from "./contract.ts";
import { readLog } from "./read-log.ts";
import { type ReceiverReaderCheck, readerCheck } from "./receiver-reader-check.ts";
import { open, openReported } from "./receiver-store-contract/consents.ts";
import {
  after,
  commitEnded,
  deleteLinksOf,
  endedOf,
  HUBOT,
  linkId,
  MONA,
  NOW,
  OCTO,
  OTHER_SERVER,
  REMOVED,
  register,
  registrationOf,
  SERVER,
  stored,
  withdrawNext,
} from "./receiver-store-contract/samples.ts";

function entryOf(
  action: InstallationAuditEntry["action"],
  at: number,
  actor: InstallationAuditEntry["actor"] = "server",
): InstallationAuditEntry {
  return { action, actor, installation: SERVER, epoch: at, createdAt: after(at) };
}

/** Commits an installation's registration as it stands, with entries of its audit log. */
async function commitAudit(
  store: ReceiverStore,
  audit: readonly InstallationAuditEntry[],
  installation: InstallationId = SERVER,
): Promise<void> {
  const { value: registration, version: expectedVersion } = await stored(store, installation);
  const commit = { expectedVersion, registration, hidesUnreported: false, ended: [], audit };
  await answerOf(store.commitRegistration(commit));
}

function auditOf(
  reader: ReceiverReader,
  limit: number,
  installation: InstallationId = SERVER,
): Promise<readonly InstallationAuditEntry[]> {
  return readLog(limit, (after) => reader.loadAudit({ installation, after, limit }));
}

function linkOf(
  reader: ReceiverReader,
  name: string,
  installation: InstallationId = SERVER,
): Promise<LinkStanding | null> {
  return answerOf(reader.loadLink(installation, linkId(name)));
}

async function endsOf(
  reader: ReceiverReader,
  names: readonly string[],
): Promise<readonly (Pick<LinkStanding, "account" | "end"> | null)[]> {
  const links: (Pick<LinkStanding, "account" | "end"> | null)[] = [];
  for (const name of names) {
    const link = await linkOf(reader, name);
    links.push(link && { account: link.account, end: link.end });
  }
  return links;
}

/** RQ5 and RQ6: what the audit of an installation and of a link says. */
export const auditChecks: readonly ReceiverReaderCheck[] = [
  readerCheck(
    "RQ5",
    "the audit log has what was written with each commit, in its order, a page at a time",
    async ({ store, reader }) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      const first = [
        entryOf("enterprise_installation.create", 1),
        entryOf("unified_contributions.enable", 2),
      ];
      const second = [entryOf("unified_contributions.disable", 3, "ledger")];
      const other = [{ ...entryOf("unified_contributions.enable", 4), installation: OTHER_SERVER }];
      await commitAudit(store, first);
      await commitAudit(store, other, OTHER_SERVER);
      await commitAudit(store, second);
      await commitAudit(store, []);

      for (const limit of [1, 2, 100]) {
        expectEqual(`the entries, ${limit} at once`, await auditOf(reader, limit), [...first, ...second]);
      }
      expectEqual("the other one's", await auditOf(reader, 9, OTHER_SERVER), other);
      expectEqual("one that is not registered", await auditOf(reader, 9, "server-9" as InstallationId), []);
    },
  ),

  readerCheck("RQ5", "a commit that conflicts writes no entry", async ({ store, reader }) => {
    const version = await register(store);
    const commit = {
      registration: registrationOf(),
      hidesUnreported: false,
      ended: [],
      audit: [entryOf("unified_contributions.enable", 1)],
    };
    for (const wrong of [0, version + 1]) {
      await expectFault(
        `\`commitRegistration\` with version ${wrong} over version ${version}`,
        store.commitRegistration({ expectedVersion: wrong, ...commit }),
        "version-conflict",
      );
    }

    expectEqual("the entries", await auditOf(reader, 9), []);
  }),

  readerCheck(
    "RQ5",
    "an entry is there from the first commit of an installation on",
    async ({ store, reader }) => {
      const audit = [entryOf("enterprise_installation.create", 1)];
      const commit = { registration: registrationOf(), hidesUnreported: false, ended: [], audit };
      await answerOf(store.commitRegistration({ expectedVersion: 0, ...commit }));

      expectEqual("the entries", await auditOf(reader, 9), audit);
    },
  ),

  readerCheck(
    "RQ5",
    "a sweep removes entries that are not kept, up to its limit",
    async ({ store, reader }) => {
      await register(store);
      const entries = [1, 2, 3, 4].map((at) => entryOf("unified_contributions.enable", at));
      await commitAudit(store, entries);
      const keep = { counts: "2026-03-01" as CalendarDate, receipts: 0 as Instant, audit: after(3) };
      const untold = await answerOf(store.sweep({ keep: null, limit: 9, at: NOW }));
      const some = await answerOf(store.sweep({ keep, limit: 1, at: NOW }));
      const left = await auditOf(reader, 9);
      const rest = await answerOf(store.sweep({ keep, limit: 9, at: NOW }));

      expectEqual("what a sweep whose clock is in doubt forgets", untold.forgotten, 0);
      expectEqual("what the first sweep forgets", [some.forgotten, some.isDone], [1, false]);
      expectEqual("how many are left", left.length, 3);
      expectEqual("what the second sweep forgets", [rest.forgotten, rest.isDone], [1, true]);
      expectEqual("what is kept, its own instant included", await auditOf(reader, 9), entries.slice(2));
    },
  ),

  readerCheck("RQ6", "a live link says whose it is and since when", async ({ store, reader }) => {
    await register(store);
    await open(store, "a", { at: after(1) });

    expectEqual("the link", await linkOf(reader, "a"), {
      linkId: linkId("a"),
      installation: SERVER,
      account: OCTO,
      openedAt: after(1),
      withdrawn: null,
      end: null,
    });
    expectEqual("one that nobody opened", await linkOf(reader, "b"), null);
    expectEqual("another installation's", await linkOf(reader, "a", OTHER_SERVER), null);
  }),

  readerCheck(
    "RQ6",
    "a deleted link says what has ended it, and keeps that when the ledger has it",
    async ({ store, reader }) => {
      await register(store);
      await openReported(store, "a", 1);
      await openReported(store, "b", 2, { account: MONA });
      await openReported(store, "c", 3, { account: HUBOT });
      await openReported(store, "d", 4, { account: "d" as AccountId });
      await open(store, "e", { account: "e" as AccountId });
      await open(store, "f", { account: "d" as AccountId, at: after(4) });
      await withdrawNext(store, "a", after(1));
      await answerOf(store.deleteLinks({ account: MONA, installation: SERVER }, after(2)));
      await deleteLinksOf(store, after(3), HUBOT);
      const before = await endsOf(reader, ["a", "b", "c", "d", "e", "f"]);
      await commitEnded(store, [endedOf("a", after(1), REMOVED), endedOf("e", after(9), null)]);
      const then = await endsOf(reader, ["a", "e"]);

      expectEqual("what has ended them", before, [
        { account: OCTO, end: { cause: "withdrawn", receipt: { deletedAt: after(1), removed: REMOVED } } },
        {
          account: MONA,
          end: { cause: "authorization-revoked", receipt: { deletedAt: after(2), removed: REMOVED } },
        },
        {
          account: HUBOT,
          end: { cause: "account-deleted", receipt: { deletedAt: after(3), removed: REMOVED } },
        },
        { account: "d", end: { cause: "replaced", receipt: { deletedAt: after(4), removed: REMOVED } } },
        { account: "e", end: null },
        { account: "d", end: null },
      ]);
      expectEqual("when the ledger has them, with no account", then, [
        { account: null, end: { cause: "withdrawn", receipt: { deletedAt: after(1), removed: REMOVED } } },
        { account: null, end: { cause: "recorded", receipt: { deletedAt: after(9), removed: null } } },
      ]);
    },
  ),
];
