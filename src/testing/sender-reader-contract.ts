import type { Instant, UserId } from "../domain/identifiers.ts";
import type { Tally } from "../domain/tally.ts";
import type { AuditEntry } from "../ghes/audit.ts";
import type { SenderStore } from "../ghes/ports.ts";
import type {
  SenderReader,
  SendingScope,
  ServerTally,
  UserStanding,
  WaitingWithdrawal,
} from "../ghes/reader.ts";
import { NEW_SERVER } from "../ghes/server-state.ts";
import {
  answerOf,
  type ContractCheck,
  check,
  exactly,
  expectEqual,
  expectThat,
  type MakeFresh,
} from "./contract.ts";
import { NAMES_AS_WRITTEN, NAMES_IN_ORDER, ODD_IDS } from "./odd-ids.ts";
import { readLog } from "./read-log.ts";
import {
  acknowledge,
  after,
  auditOf,
  choose,
  connected,
  HOUR_MS,
  LATE_SESSION,
  linkCommit,
  linkId,
  MONA,
  NOW,
  OCTO,
  OPTED_OUT,
  OTHER_SESSION,
  redeeming,
  reported,
  SESSION,
  SIGNED,
  say,
  sending,
  serverCommit,
  unknown,
  withdrawal,
  withdrawn,
} from "./sender-store-contract/samples.ts";

/** A sender's store, and a reader of what it has stored. */
export interface ReadSenderStore {
  readonly store: SenderStore;
  readonly reader: SenderReader;
}

/** A check of a sender's reader. */
export type SenderReaderCheck = ContractCheck<MakeFresh<ReadSenderStore>>;

const readerCheck: typeof check<ReadSenderStore> = check;

const NOTHING: ServerTally = {
  sending: exactly(0),
  due: exactly(0),
  neverReported: exactly(0),
  withdrawals: exactly(0),
  oldestWithdrawalAt: null,
  redemptions: exactly(0),
};

/** Returns the tally of the first connection and epoch in the present session, up to 100, unless changed. */
function tallyIn(
  reader: SenderReader,
  changed: Partial<SendingScope> & { readonly lookAt?: number } = {},
): Promise<ServerTally> {
  const query = { connectionOrdinal: 1, epoch: 1, sessionId: SESSION, now: NOW, lookAt: 100 };
  return answerOf(reader.loadTally({ ...query, ...changed }));
}

async function userIn(reader: SenderReader, user: UserId = OCTO): Promise<UserStanding> {
  const found = await answerOf(reader.loadUser(user));
  if (!found) throw new Error("something is stored about the user, and the answer was null");
  return found;
}

async function waitingIn(reader: SenderReader, limit: number): Promise<readonly WaitingWithdrawal[]> {
  const found: WaitingWithdrawal[] = [];
  for (let rounds = 0; rounds < 100; rounds++) {
    const query = { connectionOrdinal: 1, after: found.at(-1) ?? null, limit };
    const page = await answerOf(reader.loadWithdrawals(query));
    if (page.length > limit) throw new Error(`a page of at most ${limit} has ${page.length}`);
    if (page.length === 0) return found;
    found.push(...page);
  }
  throw new Error("the pages come to no end");
}

function auditIn(reader: SenderReader, user: UserId | null, limit: number): Promise<readonly AuditEntry[]> {
  return readLog(limit, (after) => reader.loadAudit({ user, after, limit }));
}

/** Stores users of these names. Each sends under a link of the same name. */
async function send(store: SenderStore, ...names: readonly string[]): Promise<void> {
  for (const name of names) await choose(store, name as UserId, sending(name));
}

/**
 * The rules of every `SenderReader`, under the numbers SQ1 to SQ7 of its doc comments.
 *
 * Each check needs an unused store and a reader of it. An adapter's own tests must cover what no check can see: that
 * nothing is written, and what the answers cost.
 */
export const senderReaderContract: readonly SenderReaderCheck[] = [
  readerCheck("SQ1", "a server of which nothing was written is new", async ({ reader }) => {
    expectEqual("the state", await answerOf(reader.loadServer()), NEW_SERVER);
  }),

  readerCheck("SQ1", "the state comes as it was written last", async ({ store, reader }) => {
    const server = { ...NEW_SERVER, failures: 3, lastSyncAt: after(5), knownSessions: [SESSION] };
    const version = await answerOf(
      store.commitServer(serverCommit(0, { server: { ...server, failures: 2 } })),
    );
    await answerOf(store.commitServer(serverCommit(version, { server })));

    expectEqual("the state", await answerOf(reader.loadServer()), server);
  }),

  readerCheck("SQ2", "nothing is stored about a user whom nobody knows", async ({ store, reader }) => {
    await send(store, "mona");

    expectEqual("the answer", await answerOf(reader.loadUser(OCTO)), null);
  }),

  readerCheck(
    "SQ2",
    "a user comes with what was said of their link, without the counts",
    async ({ store, reader }) => {
      await choose(store, OCTO, sending("a"));
      const before = await userIn(reader);
      await acknowledge(store, { reported: [{ user: OCTO, reported: reported("a") }] });
      await answerOf(store.markChanged([OCTO]));
      const kept = await userIn(reader);
      await acknowledge(store, { reported: [{ user: OCTO, reported: unknown("a") }] });
      const notKnown = await userIn(reader);

      const standing = { user: OCTO, link: sending("a"), deletion: null, withdrawal: null };
      const { window: _, ...withoutCounts } = reported("a");
      expectEqual("before a report", before, { ...standing, changes: 0, reported: null });
      expectEqual("where counts are kept", kept, { ...standing, changes: 1, reported: withoutCounts });
      expectEqual("where it is not known", notKnown, { ...standing, changes: 1, reported: unknown("a") });
    },
  ),

  readerCheck(
    "SQ2",
    "a user comes with the withdrawal of the last deletion while it is pending",
    async ({ store, reader }) => {
      await choose(store, OCTO, sending("a"));
      await choose(store, OCTO, OPTED_OUT, withdrawal("a"));
      await choose(store, OCTO, sending("b"));
      const last = { ...withdrawal("b"), requestedAt: after(9) };
      await choose(store, OCTO, OPTED_OUT, last);
      await choose(store, MONA, OPTED_OUT, withdrawal("c"));
      const asked = await userIn(reader);
      await acknowledge(store, { withdrawn: [withdrawn("b", { nextAskAt: after(HOUR_MS) })] });
      const answered = await userIn(reader);
      await acknowledge(store, { withdrawn: [withdrawn("b", { receipt: SIGNED })] });
      const settled = await userIn(reader);

      const waiting = { ...last, user: OCTO, nextAskAt: 0, hasReceipt: false };
      const deletion = { ...last, receipt: SIGNED, notFoundSince: null };
      expectEqual("the one that waits", asked.withdrawal, waiting);
      expectEqual("its deletion", asked.deletion, { ...deletion, receipt: null });
      expectEqual("when it was answered", answered.withdrawal, {
        ...waiting,
        nextAskAt: after(HOUR_MS),
        hasReceipt: true,
      });
      expectEqual("when it waits no more", settled.withdrawal, null);
      expectEqual("the deletion then", settled.deletion, deletion);
    },
  ),

  readerCheck("SQ2", "odd ids are not taken for each other", async ({ store, reader }) => {
    for (const [index, id] of ODD_IDS.entries()) await choose(store, id as UserId, sending(`odd${index}`));

    for (const [index, id] of ODD_IDS.entries()) {
      const { user, link } = await userIn(reader, id as UserId);
      expectEqual(`the user ${JSON.stringify(id)}`, [user, link], [id, sending(`odd${index}`)]);
    }
  }),

  readerCheck("SQ3", "where nothing is stored nothing is counted", async ({ reader }) => {
    expectEqual("the tally", await tallyIn(reader), NOTHING);
    const off = { connectionOrdinal: null, epoch: null, sessionId: null };
    expectEqual("the tally while GitHub Connect is off", await tallyIn(reader, off), NOTHING);
  }),

  readerCheck(
    "SQ3",
    "users are counted who send under this connection and epoch",
    async ({ store, reader }) => {
      await send(store, "a", "b");
      await choose(store, "c" as UserId, sending("c", { connectionOrdinal: 2 }));
      await choose(store, "d" as UserId, sending("d", { epoch: 2 }));
      await choose(store, "e" as UserId, connected("e"));
      await choose(store, "f" as UserId, sending("f"));
      await choose(store, "f" as UserId, OPTED_OUT);

      const two = { sending: exactly(2), due: exactly(2), neverReported: exactly(2) };
      expectEqual("the tally", await tallyIn(reader), { ...NOTHING, ...two });
      expectEqual("while no epoch is confirmed", await tallyIn(reader, { epoch: null }), NOTHING);
      for (const sessionId of [OTHER_SESSION, SESSION, LATE_SESSION]) {
        const changed = { sessionId, refreshAt: NOW };
        await acknowledge(store, { reported: [say("c", changed), say("d", changed)] });
        expectEqual("those due once the others were reported", (await tallyIn(reader)).due, exactly(2));
      }
      expectEqual("while GitHub Connect is off", await tallyIn(reader, { connectionOrdinal: null }), NOTHING);
    },
  ),

  readerCheck("SQ3", "those are due who would be reported", async ({ store, reader }) => {
    await send(store, "kept", "changed", "old", "elsewhere", "unknown", "never");
    await acknowledge(store, {
      reported: [
        say("kept"),
        say("changed"),
        say("old", { refreshAt: NOW }),
        say("elsewhere", { sessionId: OTHER_SESSION }),
        { user: "unknown" as UserId, reported: unknown("unknown") },
      ],
    });
    await answerOf(store.markChanged(["changed", "unknown"] as UserId[]));

    const tally = await tallyIn(reader);
    expectEqual("those who send", tally.sending, exactly(6));
    expectEqual("those who are due", tally.due, exactly(4));
    expectEqual("those never reported", tally.neverReported, exactly(1));
    const dayLater = await tallyIn(reader, { now: after(24 * HOUR_MS) });
    expectEqual("those who are due a day later", dayLater.due, exactly(6));
    expectEqual("those never reported by then", dayLater.neverReported, exactly(1));
    const anHourLater = (await tallyIn(reader, { now: after(HOUR_MS) })).due;
    expectEqual("those who are due an hour later", anHourLater, exactly(5));
    expectEqual("those due without a session", (await tallyIn(reader, { sessionId: null })).due, exactly(6));
  }),

  readerCheck("SQ4", "withdrawals are counted until their receipt has come", async ({ store, reader }) => {
    const requested = [after(3), after(1), after(2)];
    for (const [index, name] of ["a", "b", "c"].entries()) {
      const requestedAt = requested[index] as Instant;
      await choose(store, name as UserId, OPTED_OUT, { ...withdrawal(name), requestedAt });
    }
    await choose(store, "d" as UserId, OPTED_OUT, { ...withdrawal("d", 2), requestedAt: NOW });
    const all = await tallyIn(reader);
    await acknowledge(store, { withdrawn: [withdrawn("b", { nextAskAt: after(HOUR_MS) })] });
    const two = await tallyIn(reader);
    await acknowledge(store, { withdrawn: [withdrawn("c", { receipt: null, nextAskAt: after(HOUR_MS) })] });
    const stillTwo = await tallyIn(reader);
    await acknowledge(store, { withdrawn: [withdrawn("a"), withdrawn("c")] });

    expectEqual("three of them", [all.withdrawals, all.oldestWithdrawalAt], [exactly(3), after(1)]);
    expectEqual("with one receipt", [two.withdrawals, two.oldestWithdrawalAt], [exactly(2), after(2)]);
    const answered = [stillTwo.withdrawals, stillTwo.oldestWithdrawalAt];
    expectEqual("with one answer that is no receipt", answered, [exactly(2), after(2)]);
    const none = await tallyIn(reader);
    expectEqual("when all have come", [none.withdrawals, none.oldestWithdrawalAt], [exactly(0), null]);
  }),

  readerCheck("SQ4", "redemptions are counted while they wait", async ({ store, reader }) => {
    await choose(store, OCTO, redeeming("a"));
    await choose(store, MONA, redeeming("b"));
    await choose(store, "hubot" as UserId, redeeming("c", 2));
    const two = (await tallyIn(reader)).redemptions;
    await choose(store, OCTO, connected("a"));

    expectEqual("two of them", two, exactly(2));
    expectEqual("when one was answered", (await tallyIn(reader)).redemptions, exactly(1));
  }),

  readerCheck(
    "SQ5",
    "what is beyond the bound is not counted, and the tally says so",
    async ({ store, reader }) => {
      await send(store, "a", "b", "c");
      for (const name of ["d", "e", "f"]) await choose(store, name as UserId, OPTED_OUT, withdrawal(name));
      for (const name of ["g", "h", "i"]) await choose(store, name as UserId, redeeming(name));

      const { oldestWithdrawalAt: _, ...cut } = await tallyIn(reader, { lookAt: 2 });
      const { oldestWithdrawalAt: __, ...whole } = await tallyIn(reader, { lookAt: 3 });
      const names = ["sending", "due", "neverReported", "withdrawals", "redemptions"];
      const each = (tally: Tally) => Object.fromEntries(names.map((name) => [name, tally]));
      expectEqual("of three, two", cut, each({ atLeast: 2, isExact: false }));
      expectEqual("of three, three", whole, each(exactly(3)));
    },
  ),

  readerCheck(
    "SQ5",
    "withdrawals are looked at in the order in which they are asked for",
    async ({ store, reader }) => {
      for (const name of ["a", "b", "c"]) await choose(store, name as UserId, OPTED_OUT, withdrawal(name));
      const later = ["a", "b"].map((name) => withdrawn(name, { nextAskAt: after(HOUR_MS) }));
      await acknowledge(store, { withdrawn: later });

      const { withdrawals } = await tallyIn(reader, { lookAt: 1 });
      expectEqual("the one without a receipt, of which more were not looked at", withdrawals, {
        atLeast: 1,
        isExact: false,
      });
      expectEqual("when all are looked at", (await tallyIn(reader, { lookAt: 3 })).withdrawals, exactly(1));
    },
  ),

  readerCheck(
    "SQ6",
    "withdrawals come with whose they are, in the order in which they are asked for",
    async ({ store, reader }) => {
      for (const name of ["a", "b", "c"]) await choose(store, name as UserId, OPTED_OUT, withdrawal(name));
      await choose(store, "d" as UserId, OPTED_OUT, withdrawal("d", 2));
      await acknowledge(store, {
        withdrawn: [
          withdrawn("a", { nextAskAt: after(2) }),
          withdrawn("b", { receipt: null, nextAskAt: after(1) }),
        ],
      });

      const one = (name: string, nextAskAt: number, hasReceipt: boolean) => {
        return { ...withdrawal(name), user: name, nextAskAt, hasReceipt };
      };
      const expected = [one("c", 0, false), one("b", after(1), false), one("a", after(2), true)];
      for (const limit of [1, 2, 100]) {
        expectEqual(`the withdrawals, ${limit} at once`, await waitingIn(reader, limit), expected);
      }
    },
  ),

  readerCheck(
    "SQ6",
    "among equals they come in the order of their link ids' characters",
    async ({ store, reader }) => {
      for (const name of NAMES_AS_WRITTEN) await choose(store, name as UserId, OPTED_OUT, withdrawal(name));

      const found = (await waitingIn(reader, 3)).map((one) => one.linkId);
      expectEqual("the links", found, NAMES_IN_ORDER.map(linkId));
    },
  ),

  readerCheck(
    "SQ7",
    "the audit log comes as it was written, of all or of one user, a page at a time",
    async ({ store, reader }) => {
      const users = [OCTO, MONA, OCTO, "octo-2" as UserId];
      for (const [index, user] of users.entries()) {
        const { version } = await answerOf(store.loadLink(user));
        const link = sending(`u${index}`);
        await answerOf(store.commitLink(linkCommit(user, version, link, { audit: auditOf(user) })));
      }

      for (const limit of [1, 2, 100]) {
        expectEqual(`all, ${limit} at once`, await auditIn(reader, null, limit), users.map(auditOf));
        expectEqual(`one user's, ${limit} at once`, await auditIn(reader, OCTO, limit), [
          auditOf(OCTO),
          auditOf(OCTO),
        ]);
      }
      expectEqual("those of a user whom nobody knows", await auditIn(reader, "x" as UserId, 9), []);
    },
  ),

  readerCheck("SQ7", "no entry has the id of one that was removed", async ({ store, reader }) => {
    const note = async (at: number): Promise<void> => {
      const { version } = await answerOf(store.loadServer());
      const audit = { ...auditOf(OCTO), createdAt: after(at) };
      await answerOf(store.commitServer(serverCommit(version, { audit })));
    };
    const query = { user: null, after: 0, limit: 9 };
    for (const at of [1, 2]) await note(at);
    const before = (await answerOf(reader.loadAudit(query))).map(({ id }) => id);
    await answerOf(store.pruneAudit({ before: after(3), limit: 9 }));
    await note(3);

    const [left] = await answerOf(reader.loadAudit(query));
    const isAbove = before.every((id) => id < (left?.id ?? 0));
    expectThat(`the later id ${left?.id} is above the removed ids ${before.join(", ")}`, isAbove);
  }),

  readerCheck("SQ6", "a withdrawal of a user who was forgotten names none", async ({ store, reader }) => {
    await choose(store, OCTO, OPTED_OUT, withdrawal("a"));
    const { version } = await answerOf(store.loadLink(OCTO));
    await answerOf(store.forgetUser({ user: OCTO, expectedVersion: version }));

    const waiting = await waitingIn(reader, 9);
    expectEqual(
      "whose they are",
      waiting.map(({ user }) => user),
      [null],
    );
  }),
];
