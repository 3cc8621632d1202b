import type { AccountId, ConnectionId, InstallationId } from "../domain/identifiers.ts";
import type {
  AccountStanding,
  InstallationDetails,
  InstallationStanding,
  ReceiverReader,
} from "../ghec/reader.ts";
import { answerOf, exactly, expectEqual, expectThat } from "./contract.ts";
import { NAMES_AS_WRITTEN, NAMES_IN_ORDER, ODD_IDS } from "./odd-ids.ts";
import { auditChecks } from "./receiver-audit-checks.ts";
import { choiceReadChecks } from "./receiver-choice-checks.ts";
import { type ReceiverReaderCheck, readerCheck } from "./receiver-reader-check.ts";
import { open, openReported } from "./receiver-store-contract/consents.ts";
import {
  after,
  commitEnded,
  deleteLinksOf,
  deliver,
  endedOf,
  HUBOT,
  MONA,
  NOW,
  OCTO,
  OTHER_SERVER,
  REMOVED,
  register,
  registrationOf,
  SERVER,
  sessionId,
  stored,
  unrecordedOf,
} from "./receiver-store-contract/samples.ts";

async function detailsOf(
  reader: ReceiverReader,
  lookAt = 100,
  installation: InstallationId = SERVER,
): Promise<InstallationDetails> {
  const found = await answerOf(reader.loadInstallation({ installation, lookAt }));
  if (!found) throw new Error("the installation is registered, and the answer was null");
  return found;
}

function accountOf(reader: ReceiverReader, account: AccountId = OCTO): Promise<AccountStanding> {
  return answerOf(reader.loadAccount(account));
}

async function pagesOf(reader: ReceiverReader, limit: number): Promise<readonly InstallationStanding[]> {
  const found: InstallationStanding[] = [];
  for (;;) {
    const last: InstallationId | null = found.at(-1)?.installation ?? null;
    const page = await answerOf(reader.loadInstallations({ after: last, limit }));
    expectThat(`a page of at most ${limit} has ${page.length}`, page.length <= limit);
    if (page.length === 0) return found;
    found.push(...page);
    expectThat("there are no more than are registered", found.length < 100);
  }
}

/** Returns the installation without its links. */
function standingIn({ links: _, ...standing }: InstallationDetails): InstallationStanding {
  return standing;
}

/**
 * The rules of every `ReceiverReader`, under the numbers RQ1 to RQ6 of its doc comments.
 *
 * Each check needs an unused store and a reader of it. An adapter's own tests must cover what no check can see: that
 * nothing is written, and what the answers cost.
 */
export const receiverReaderContract: readonly ReceiverReaderCheck[] = [
  readerCheck("RQ1", "an installation that is not registered is null", async ({ store, reader }) => {
    await register(store, { installation: OTHER_SERVER });

    expectEqual(
      "the answer",
      await answerOf(reader.loadInstallation({ installation: SERVER, lookAt: 9 })),
      null,
    );
  }),

  readerCheck(
    "RQ1",
    "an installation comes as it is registered, without ids of its session",
    async ({ store, reader }) => {
      await register(store, { connectionId: "connection-7" as ConnectionId, epoch: 3, recordedOff: 2 });
      const on = standingIn(await detailsOf(reader));
      await register(store, { epoch: 3, status: "off", disabledAt: after(7), recordedOff: 2 });
      const off = standingIn(await detailsOf(reader));
      const { value } = await stored(store);
      const vacant = { attachedBy: null, lastRequestId: null, isCompleted: true };
      const session = { ...value.session, ...vacant };
      const registration = {
        ...registrationOf({ isConnected: false, epoch: 0, status: "off" }),
        session,
        disabledAt: null,
      };
      const { version: expectedVersion } = await stored(store);
      const commit = { expectedVersion, registration, hidesUnreported: false, ended: [], audit: [] };
      await answerOf(store.commitRegistration(commit));
      const never = standingIn(await detailsOf(reader));

      expectEqual("one that is on", on, {
        installation: SERVER,
        isConnected: true,
        connectionId: "connection-7",
        featureSwitch: { epoch: 3, status: "on" },
        disabledAt: null,
        session: { isAttached: true, isCompleted: false },
        isRecorded: true,
      });
      expectEqual("one that is off", off, {
        installation: SERVER,
        isConnected: true,
        connectionId: null,
        featureSwitch: { epoch: 3, status: "off" },
        disabledAt: after(7),
        session: { isAttached: true, isCompleted: false },
        isRecorded: false,
      });
      expectEqual("one that nobody holds", never, {
        installation: SERVER,
        isConnected: false,
        connectionId: null,
        featureSwitch: { epoch: 0, status: "off" },
        disabledAt: null,
        session: { isAttached: false, isCompleted: true },
        isRecorded: true,
      });
    },
  ),

  readerCheck("RQ1", "its links are counted by what became of them", async ({ store, reader }) => {
    await register(store);
    const none = (await detailsOf(reader)).links;
    await register(store, { installation: OTHER_SERVER });
    await open(store, "other", { installation: OTHER_SERVER });
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: MONA });
    await deliver(store, 3, { reports: ["b"], at: after(9) });
    await open(store, "c", { account: HUBOT });
    await deliver(store, 4, { reports: [["c", null]], at: after(10) });
    await openReported(store, "d", 5, { account: "d" as AccountId });
    await deleteLinksOf(store, after(11), "d" as AccountId);
    const { links } = await detailsOf(reader);

    const nothing = { open: exactly(0), withCounts: exactly(0), unswept: exactly(0), unrecorded: exactly(0) };
    expectEqual("where there are no links", none, { ...nothing, newestCountsAt: null });
    expectEqual("three that live and one that was deleted", links, {
      open: exactly(3),
      withCounts: exactly(2),
      unswept: exactly(0),
      unrecorded: exactly(1),
      newestCountsAt: after(9),
    });
    await commitEnded(store, [endedOf("d", after(11), REMOVED)]);
    expectEqual("unrecorded when it is recorded", (await detailsOf(reader)).links.unrecorded, exactly(0));
  }),

  readerCheck(
    "RQ1",
    "live links of an epoch that is not open wait for the sweep",
    async ({ store, reader }) => {
      await register(store);
      await openReported(store, "a", 1);
      await openReported(store, "b", 2, { account: MONA });
      await deleteLinksOf(store, after(5), MONA);
      const expected = {
        open: exactly(0),
        withCounts: exactly(0),
        unswept: exactly(1),
        unrecorded: exactly(1),
        newestCountsAt: null,
      };

      for (const changed of [
        { status: "off" },
        { isConnected: false },
        { epoch: 2, session: { ordinal: 2 } },
      ] as const) {
        await register(store, changed);
        expectEqual(`the links of ${JSON.stringify(changed)}`, (await detailsOf(reader)).links, expected);
      }
    },
  ),

  readerCheck("RQ1", "counts that were hidden or have aged out are not held", async ({ store, reader }) => {
    await register(store);
    await openReported(store, "a", 1);
    await openReported(store, "b", 2, { account: MONA });
    const keep = { counts: "2026-03-02" as never, receipts: NOW, audit: NOW };
    await answerOf(store.sweep({ keep, limit: 100, at: NOW }));
    const aged = (await detailsOf(reader)).links;
    await deliver(store, 3, { reports: ["a", "b"], at: after(3) });
    const registration = registrationOf({ session: { ordinal: 2, id: sessionId(2) } });
    const { version: expectedVersion } = await stored(store);
    const commit = { expectedVersion, registration, hidesUnreported: true, ended: [], audit: [] };
    await answerOf(store.commitRegistration(commit));
    const hidden = (await detailsOf(reader)).links;
    const account = await accountOf(reader);

    for (const links of [aged, hidden]) {
      expectEqual("the open ones", links.open, exactly(2));
      expectEqual("those with counts", links.withCounts, exactly(0));
      expectEqual("the newest counts", links.newestCountsAt, null);
    }
    expectEqual(
      "the account's",
      account.senders.map(({ countsAt }) => countsAt),
      [null],
    );
  }),

  readerCheck(
    "RQ2",
    "what was not looked at is not counted, and the tally says so",
    async ({ store, reader }) => {
      await register(store);
      await openReported(store, "a", 1);
      await openReported(store, "b", 2, { account: MONA });
      await openReported(store, "c", 3, { account: HUBOT });
      const cut = (await detailsOf(reader, 2)).links;
      const whole = (await detailsOf(reader, 3)).links;

      expectEqual("the open ones of two that were looked at", cut.open, { atLeast: 2, isExact: false });
      expectEqual("those with counts among them", cut.withCounts, { atLeast: 2, isExact: false });
      expectEqual("those to be swept among them", cut.unswept, { atLeast: 0, isExact: false });
      expectEqual("the open ones of three", whole.open, exactly(3));
      expectEqual("those to be swept of three", whole.unswept, exactly(0));
    },
  ),

  readerCheck("RQ2", "the links of the lowest ids are looked at", async ({ store, reader }) => {
    await register(store);
    await open(store, "d");
    await register(store, { epoch: 2 });
    for (const name of ["c", "b", "a"]) await open(store, name, { account: name as AccountId });
    const { unswept } = (await detailsOf(reader, 2)).links;
    expectEqual("those to be swept among them", unswept, { atLeast: 0, isExact: false });
  }),

  readerCheck(
    "RQ2",
    "what waits for the ledger is found behind any number of others",
    async ({ store, reader }) => {
      await register(store);
      for (const name of ["a", "b", "c"]) await open(store, name, { account: name as AccountId });
      for (const name of ["d", "e"]) {
        await open(store, name, { account: name as AccountId });
        await deleteLinksOf(store, after(5), name as AccountId);
      }

      const { unrecorded, open: live } = (await detailsOf(reader, 1)).links;
      expectEqual("those that wait, one of them counted", unrecorded, { atLeast: 1, isExact: false });
      expectEqual("the open ones, one of them counted", live, { atLeast: 1, isExact: false });
      expectEqual("those that wait, of two", (await detailsOf(reader, 2)).links.unrecorded, exactly(2));
    },
  ),

  readerCheck(
    "RQ3",
    "installations come in the order of their ids' characters, in pages, as each is looked at",
    async ({ store, reader }) => {
      for (const [index, name] of NAMES_AS_WRITTEN.entries()) {
        const installation = name as InstallationId;
        await register(store, { installation, epoch: index + 1, recordedOff: index });
      }

      for (const limit of [1, 3, 100]) {
        const ids = (await pagesOf(reader, limit)).map(({ installation }) => installation);
        expectEqual(`the ids, ${limit} at once`, ids, NAMES_IN_ORDER);
      }
      for (const standing of await pagesOf(reader, 100)) {
        const alone = standingIn(await detailsOf(reader, 1, standing.installation));
        expectEqual("one of the page", standing, alone);
      }
    },
  ),

  readerCheck("RQ3", "nothing is registered where nothing was", async ({ reader }) => {
    expectEqual("the page", await pagesOf(reader, 10), []);
  }),

  readerCheck("RQ4", "nothing is stored under an account that nobody knows", async ({ store, reader }) => {
    await register(store);
    await openReported(store, "a", 1);

    expectEqual("the answer", await accountOf(reader, MONA), { senders: [], unrecorded: [] });
  }),

  readerCheck(
    "RQ4",
    "an account's servers come with when they were let, and when their counts came",
    async ({ store, reader }) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      await open(store, "b", { installation: OTHER_SERVER, at: after(1) });
      await openReported(store, "a", 1, { at: after(2) });
      await deliver(store, 2, { reports: ["a"], at: after(3) });
      await open(store, "c", { account: MONA, at: after(4) });

      expectEqual("the servers", await accountOf(reader), {
        senders: [
          { installation: SERVER, openedAt: after(2), heardAt: after(3), countsAt: after(3), isOpen: true },
          { installation: OTHER_SERVER, openedAt: after(1), heardAt: null, countsAt: null, isOpen: true },
        ],
        unrecorded: [],
      });
    },
  ),

  readerCheck(
    "RQ4",
    "a server that is off, gone or in another epoch is not open",
    async ({ store, reader }) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      await openReported(store, "a", 1);
      const isOpen: (boolean | undefined)[] = [];
      const later = { epoch: 2, session: { ordinal: 2 } };
      for (const changed of [{}, { status: "off" }, { isConnected: false }, later] as const) {
        await register(store, changed);
        isOpen.push((await accountOf(reader)).senders[0]?.isOpen);
      }

      expectEqual("whether it is open", isOpen, [true, false, false, false]);
    },
  ),

  readerCheck(
    "RQ4",
    "deleted links stand under the account until the ledger has them",
    async ({ store, reader }) => {
      await register(store);
      await register(store, { installation: OTHER_SERVER });
      await open(store, "b", { installation: OTHER_SERVER });
      await openReported(store, "a", 1);
      await deleteLinksOf(store, after(5));
      await open(store, "c");
      const before = await accountOf(reader);
      await commitEnded(store, [endedOf("a", after(5), REMOVED)]);
      const then = await accountOf(reader);

      const other = unrecordedOf("b", after(5), null, { installation: OTHER_SERVER });
      expectEqual("what waits", before.unrecorded, [unrecordedOf("a", after(5), REMOVED), other]);
      expectEqual("what waits when one is recorded", then.unrecorded, [other]);
      expectEqual("the server that was let again", then.senders, [
        { installation: SERVER, openedAt: NOW, heardAt: null, countsAt: null, isOpen: true },
      ]);
    },
  ),

  readerCheck(
    "RQ4",
    "the last report of a server is known when its counts are gone, and a hold is not a report",
    async ({ store, reader }) => {
      await register(store);
      await openReported(store, "a", 1, { at: after(1) });
      await open(store, "b", { account: MONA });
      await deliver(store, 2, { reports: [["b", null]], at: after(2) });
      const keep = { counts: "2026-03-02" as never, receipts: NOW, audit: NOW };
      await answerOf(store.sweep({ keep, limit: 100, at: after(3) }));
      const aged = (await accountOf(reader)).senders;
      await deliver(store, 3, { reports: [["a", null]], at: after(4) });
      const held = (await accountOf(reader)).senders;

      const expected = {
        installation: SERVER,
        openedAt: after(1),
        heardAt: NOW,
        countsAt: null,
        isOpen: true,
      };
      expectEqual("the one whose counts have aged out", aged, [expected]);
      expectEqual("the same one, held since", held, [expected]);
      const [only] = (await accountOf(reader, MONA)).senders;
      expectEqual("the one that was only held", only?.heardAt, null);
    },
  ),

  readerCheck("RQ4", "odd ids are not taken for each other", async ({ store, reader }) => {
    await register(store);
    for (const [index, id] of ODD_IDS.entries()) {
      await open(store, `odd${index}`, { account: id as AccountId, at: after(index) });
    }
    for (const [index, id] of ODD_IDS.entries()) {
      const { senders } = await accountOf(reader, id as AccountId);
      expectEqual(
        `since when ${JSON.stringify(id)} lets it send`,
        senders.map(({ openedAt }) => openedAt),
        [after(index)],
      );
    }
  }),
  ...choiceReadChecks,
  ...auditChecks,
];
