import type { AccountId, CalendarDate, InstallationId, Instant, LinkId } from "unified-contributions";
import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import type { Registration } from "unified-contributions/ghec";
import type { Delivery, ReceiverStore, RegistrationCommit } from "unified-contributions/storage";
import type { RequestId, SessionId } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { openLinkIn } from "../support/consents.ts";
import { projectDatabase } from "../support/postgres/project-database.ts";
import { freshSchema } from "../support/postgres/test-database.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z") as Instant;
const LATER = (NOW + 5_000) as Instant;
const SERVER = "server-1" as InstallationId;
const OCTO = "octo-cloud" as AccountId;
const LINK = "link_0123456789abcdef" as LinkId;
const SESSION = "session_0123456789" as SessionId;
const ATTACHING = "request_0123456789" as RequestId;
const REPORTING = "request_of_the_report" as RequestId;
const FIRST = "2026-02-28" as CalendarDate;
/** 0x1f2e and 0x3d4c: bytes that are found again wherever they lie. */
const WINDOW = { first: FIRST, counts: [7_982, 15_692] };

const REGISTRATION: Registration = {
  installation: SERVER,
  isConnected: true,
  connectionId: null,
  featureSwitch: { epoch: 1, status: "on" },
  disabledAt: null,
  session: { id: SESSION, ordinal: 1, attachedBy: ATTACHING, lastRequestId: ATTACHING, isCompleted: false },
  readTo: null,
  recordedOff: 0,
};

/** A store with one link whose counts are kept, and a look at every row of every table as text. */
async function oneReportedLink() {
  const database = await projectDatabase();
  const schema = await freshSchema(database, "receiver");
  const store = createPostgresReceiverStore({ client: database.client, schema });
  const commit = {
    expectedVersion: 0,
    registration: REGISTRATION,
    hidesUnreported: false,
    ended: [],
    audit: [],
  };
  (await store.commitRegistration(commit))._unsafeUnwrap();
  const opening = { linkId: LINK, installation: SERVER, account: OCTO, at: NOW };
  (await openLinkIn(store, opening))._unsafeUnwrap();
  await deliver(store, REPORTING, [ATTACHING], { reports: [{ linkId: LINK, choice: 1, window: WINDOW }] });
  const everything = async (): Promise<string> => {
    const tables = await rowsOf(`SELECT tablename FROM pg_tables WHERE schemaname = '${schema}'`);
    const rows = await Promise.all(
      tables.map(({ tablename }) => rowsOf(`SELECT t::text AS row FROM ${schema}.${tablename} AS t`)),
    );
    return rows
      .flat()
      .map(({ row }) => row)
      .join("\n");
  };
  return { store, everything };

  async function rowsOf(text: string): Promise<readonly Record<string, string>[]> {
    const answer = await database.client.query(text, []);
    return (answer as { readonly rows: Record<string, string>[] }).rows;
  }
}

async function deliver(
  store: ReceiverStore,
  requestId: RequestId,
  follows: readonly RequestId[],
  records: {
    reports?: Delivery["reports"];
    withdrawals?: Delivery["withdrawals"];
  },
): Promise<void> {
  const { reports = [], withdrawals = [] } = records;
  const request = { installation: SERVER, sessionId: SESSION, requestId, follows, at: LATER };
  const result = (await store.applyDelivery({ ...request, reports, withdrawals }))._unsafeUnwrap();
  expect(result?.isDetached).toBe(false);
}

/** Writes the registration that stands anew, changed. */
async function change(
  store: ReceiverStore,
  changed: Partial<Registration>,
  links: Partial<Pick<RegistrationCommit, "hidesUnreported" | "ended">> = {},
) {
  const stored = (await store.loadRegistration(SERVER))._unsafeUnwrap();
  if (!stored) throw new Error("the registration is gone");
  const registration = { ...stored.value, ...changed };
  const linksOf = { hidesUnreported: false, ended: [], ...links };
  const commit = { expectedVersion: stored.version, registration, ...linksOf, audit: [] };
  (await store.commitRegistration(commit))._unsafeUnwrap();
}

const DISABLED: Partial<Registration> = { featureSwitch: { epoch: 1, status: "off" }, disabledAt: LATER };
const KEEP = { counts: FIRST, receipts: NOW, audit: NOW };
const SWEEP = { keep: KEEP, limit: 100, at: LATER };
const ON_ALL = { account: OCTO, installation: null };
const RECEIPT = { deletedAt: LATER, removed: { first: FIRST, last: "2026-03-01" as CalendarDate } };

/** A server withdraws the link, or a choice of it. */
const withdraw = (store: ReceiverStore, choice: number | null) =>
  deliver(store, "request_withdrawal" as RequestId, [REPORTING], { withdrawals: [{ linkId: LINK, choice }] });

/** What the ledger's word does, or what comes before it. */
const record = (store: ReceiverStore) =>
  change(store, {}, { ended: [{ linkId: LINK, choice: null, receipt: RECEIPT }] });

const DELETIONS: readonly (readonly [string, (store: ReceiverStore) => Promise<unknown>])[] = [
  ["a withdrawal", (store) => withdraw(store, null)],
  [
    "a newer consent of the account",
    async (store) => {
      const linkId = "link_fedcba9876543210" as LinkId;
      const opening = { linkId, installation: SERVER, account: OCTO, at: LATER };
      (await openLinkIn(store, opening))._unsafeUnwrap();
    },
  ],
  ["an account's end", async (store) => (await store.deleteLinks(ON_ALL, LATER))._unsafeUnwrap()],
  [
    "a revoked authorization",
    async (store) =>
      (await store.deleteLinks({ account: OCTO, installation: SERVER }, LATER))._unsafeUnwrap(),
  ],
  ["the word of the ledger", record],
];

describe("a raw look at every row of every table", () => {
  it("finds the counts and the account while the link lives", async () => {
    const { everything } = await oneReportedLink();

    expect(await everything()).toContain("1f2e3d4c");
    expect(await everything()).toContain(OCTO);
  });

  it.each([
    ...DELETIONS,
    ["the withdrawal of a choice", (store: ReceiverStore) => withdraw(store, 1)] as const,
  ])("finds only the receipt, and no counts, after %s", async (_, remove) => {
    const { store, everything } = await oneReportedLink();

    await remove(store);

    const rows = await everything();
    expect(rows).not.toContain("1f2e");
    expect(rows).not.toContain("3d4c");
    expect(rows).not.toContain(String(7_982 + 15_692));
    expect(rows).toContain(LINK);
    expect(rows).toContain(String(LATER));
  });

  it.each(DELETIONS)(
    "finds no account either, once the ledger has the deletion, after %s",
    async (_, remove) => {
      const { store, everything } = await oneReportedLink();

      await remove(store);
      await record(store);

      const rows = (await everything()).split("\n").filter((row) => row.includes(LINK));
      expect(rows).toHaveLength(1);
      expect(rows[0]).not.toContain(OCTO);
      expect(rows[0]).toContain(String(LATER));
    },
  );

  it.each([
    ["GitHub Connect going off", { isConnected: false }],
    ["a disabling", DISABLED],
  ])("finds nothing of the link after %s and its sweep", async (_, changed) => {
    const { store, everything } = await oneReportedLink();

    await change(store, changed);
    (await store.sweep(SWEEP))._unsafeUnwrap();

    expect(await everything()).not.toContain("1f2e");
    expect(await everything()).not.toContain(OCTO);
    expect(await everything()).not.toContain(LINK);
  });

  it("finds no counts after a session that never reported them", async () => {
    const { store, everything } = await oneReportedLink();

    const session = { ...REGISTRATION.session, ordinal: 2, isCompleted: true };
    await change(store, { session }, { hidesUnreported: true });

    expect(await everything()).not.toContain("1f2e");
    expect(await everything()).toContain(OCTO);
  });

  it("finds nothing to show from the disabling on, before any sweep", async () => {
    const { store } = await oneReportedLink();

    await change(store, DISABLED);

    expect((await store.loadShown(OCTO))._unsafeUnwrap()).toEqual([]);
  });

  it("finds no day that a sweep has trimmed, and no row of a receipt that it has forgotten", async () => {
    const trimmed = await oneReportedLink();
    const forgotten = await oneReportedLink();
    await record(forgotten.store);

    const counts = "2026-03-01" as CalendarDate;
    (await trimmed.store.sweep({ ...SWEEP, keep: { ...KEEP, counts } }))._unsafeUnwrap();
    const receipts = (LATER + 1) as Instant;
    (await forgotten.store.sweep({ ...SWEEP, keep: { ...KEEP, receipts } }))._unsafeUnwrap();

    expect(await trimmed.everything()).not.toContain("1f2e");
    expect(await trimmed.everything()).toContain("3d4c");
    expect(await forgotten.everything()).not.toContain(LINK);
  });
});

describe("a sweep of many", () => {
  it("goes on from where the last one stopped, and counts each link once", async () => {
    const database = await projectDatabase();
    const schema = await freshSchema(database, "receiver");
    const store = createPostgresReceiverStore({ client: database.client, schema });
    const commit = {
      expectedVersion: 0,
      registration: REGISTRATION,
      hidesUnreported: false,
      ended: [],
      audit: [],
    };
    (await store.commitRegistration(commit))._unsafeUnwrap();
    await database.client.query(
      `INSERT INTO ${schema}.links (installation, link, attempt, account, epoch, opened_at)
       SELECT 'server-1', md5(n::text), 'attempt-' || n, 'account-' || n, 1, 0 FROM generate_series(1, 25) AS n`,
      [],
    );
    await change(store, DISABLED);

    const deletedEach: number[] = [];
    for (let isDone = false; !isDone; ) {
      const swept = (await store.sweep({ ...SWEEP, limit: 10 }))._unsafeUnwrap();
      deletedEach.push(swept.deleted);
      isDone = swept.isDone;
    }

    expect(deletedEach).toEqual([10, 10, 5]);
  });

  it("looks at a hundred installations at a time, and says that it is not done", async () => {
    const database = await projectDatabase();
    const schema = await freshSchema(database, "receiver");
    const store = createPostgresReceiverStore({ client: database.client, schema });
    for (let number = 0; number < 101; number++) {
      const registration = { ...REGISTRATION, installation: `server-${number}` as InstallationId };
      const commit = { expectedVersion: 0, registration, hidesUnreported: false, ended: [], audit: [] };
      (await store.commitRegistration(commit))._unsafeUnwrap();
    }

    const first = (await store.sweep(SWEEP))._unsafeUnwrap();
    const second = (await store.sweep(SWEEP))._unsafeUnwrap();

    expect(first).toEqual({ deleted: 0, trimmed: 0, forgotten: 0, isDone: false });
    expect(second).toEqual({ deleted: 0, trimmed: 0, forgotten: 0, isDone: true });
  });

  it("forgets receipts of more than a hundred installations in another one", async () => {
    const database = await projectDatabase();
    const schema = await freshSchema(database, "receiver");
    const store = createPostgresReceiverStore({ client: database.client, schema });
    await database.client.query(
      `INSERT INTO ${schema}.registrations SELECT 'server-' || n, 1, true, NULL, 1, true, NULL, 's', 1, NULL, NULL, false,
         NULL, NULL, 0, 0, 20000, 20000, '' FROM generate_series(1, 101) AS n`,
      [],
    );
    await database.client.query(
      `INSERT INTO ${schema}.links (installation, link, attempt, epoch, opened_at, ended_to, ended_at, is_recorded, end_cause)
       SELECT 'server-' || n, md5(n::text), 'attempt', 1, 0, 2147483647, 0, true, 'withdrawn' FROM generate_series(1, 101) AS n`,
      [],
    );
    const query = { ...SWEEP, keep: { counts: FIRST, receipts: NOW, audit: NOW }, limit: 1_000 };

    const first = (await store.sweep(query))._unsafeUnwrap();
    const second = (await store.sweep(query))._unsafeUnwrap();

    expect(first.isDone).toBe(false);
    expect([first.forgotten + second.forgotten, second.isDone]).toEqual([101, true]);
  });
});
