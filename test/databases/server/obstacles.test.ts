import type pg from "pg";
import type { InstallationId, Instant, LinkId, ResultAsync, StorageFault } from "unified-contributions";
import {
  checkPostgresSchema,
  createPostgresReceiverReader,
  createPostgresReceiverStore,
  createPostgresSenderReader,
} from "unified-contributions/adapters/postgres";
import type { Receiver } from "unified-contributions/ghec";
import type { LedgerEntry } from "unified-contributions/storage";
import { beforeEach, describe, expect, it } from "vitest";
import { grantedRole } from "../../support/postgres/granted-role.ts";
import { deliveryOf } from "../../support/postgres/marked-reports.ts";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { poolOfTest } from "../../support/postgres/server-pool.ts";
import { createSidesOver } from "../../support/postgres/sides.ts";
import { RIGHT, tellStory } from "../../support/postgres/story.ts";
import { ALL_PARTS, freshSchema } from "../../support/postgres/test-database.ts";
import { type Cloud, OCTO, OCTO_CLOUD, type Server, START } from "../../support/world.ts";

const START_AT = Date.parse(START) as Instant;

let schema: string;
let role: string;
/** Connections as the role that has the documented grants. */
let app: pg.Pool;
let cloud: Cloud;
let server: Server;

beforeEach(async () => {
  const database = await projectDatabase();
  schema = await freshSchema(database, ...ALL_PARTS);
  role = await grantedRole(database.client, schema);
  app = poolOfTest({ role });
  ({ cloud, server } = createSidesOver({ client: app, schema }));
});

/** As the owner of the tables, whom nothing stands in the way of. */
async function asOwner(sql: string): Promise<readonly Record<string, unknown>[]> {
  const { client } = await projectDatabase();
  const answer = (await client.query(sql.replaceAll("{schema}", schema), [])) as pg.QueryResult;
  return answer.rows;
}

async function links(): Promise<number> {
  return (await asOwner("SELECT link FROM {schema}.links")).length;
}

async function checked(): Promise<string> {
  const result = await checkPostgresSchema({ client: app, schema, parts: ALL_PARTS });
  return result.match(
    () => "fits",
    (problem) => `${problem.reason}: ${problem.message}`,
  );
}

/** A user whose counts are shown, and a link of another account on the same server. */
async function shownCounts(): Promise<void> {
  await server.enable();
  await server.connect();
  await server.optIn();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.sync();
  expect(await cloud.shown()).toEqual([1]);
}

const SWITCHED_OFF: LedgerEntry = {
  type: "epochs-off",
  installation: "server-1" as InstallationId,
  epoch: 1,
  disabledAt: START_AT,
};

const NEVER = "CREATE FUNCTION {schema}.never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'";

/** What makes a table do less than it is told, and how the check names it. */
const OBSTACLES: readonly (readonly [string, string, string])[] = [
  [
    "row-level security without a policy",
    "ALTER TABLE {schema}.links ENABLE ROW LEVEL SECURITY",
    "links: row-level security",
  ],
  [
    "row-level security with a policy that hides some rows",
    "ALTER TABLE {schema}.links ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON {schema}.links USING (account = 'nobody')",
    "links: row-level security",
  ],
  [
    "row-level security with a policy that hides rows from deletions alone",
    `ALTER TABLE {schema}.links ENABLE ROW LEVEL SECURITY; CREATE POLICY s ON {schema}.links FOR SELECT USING (true);
     CREATE POLICY i ON {schema}.links FOR INSERT WITH CHECK (true); CREATE POLICY u ON {schema}.links FOR UPDATE USING (true)`,
    "links: row-level security",
  ],
  [
    "a trigger that keeps rows from being deleted",
    `${NEVER}; CREATE TRIGGER keep BEFORE DELETE ON {schema}.links FOR EACH ROW EXECUTE FUNCTION {schema}.never()`,
    "links: trigger keep",
  ],
  [
    "a trigger that keeps rows from being changed",
    `${NEVER}; CREATE TRIGGER keep BEFORE UPDATE ON {schema}.links FOR EACH ROW EXECUTE FUNCTION {schema}.never()`,
    "links: trigger keep",
  ],
  [
    "a rule that does something else",
    "CREATE RULE keep AS ON DELETE TO {schema}.links DO INSTEAD UPDATE {schema}.links SET epoch = 0 WHERE link = old.link",
    "links: rule keep",
  ],
  [
    "a rule that does nothing",
    "CREATE RULE keep AS ON DELETE TO {schema}.links DO INSTEAD NOTHING",
    "links: rule keep",
  ],
  [
    "row-level security on the registrations",
    "ALTER TABLE {schema}.registrations ENABLE ROW LEVEL SECURITY",
    "registrations: row-level security",
  ],
];

/** Every way in which somebody is told that counts are gone, or sees what there is. */
const DEEDS: readonly (readonly [string, (receiver: Receiver) => ResultAsync<unknown, unknown>])[] = [
  ["an account's end", (receiver) => receiver.deleteAccount(OCTO_CLOUD)],
  ["a revoked authorization", (receiver) => receiver.revokeAuthorization(server.installation, OCTO_CLOUD)],
];

describe("a role with the documented grants", () => {
  it("passes the whole story, and the check finds no fault", async () => {
    expect(await tellStory(app, schema)).toEqual(RIGHT);
    expect(await checked()).toBe("fits");
  });
});

describe.each(OBSTACLES)("%s", (_, obstacle, named) => {
  it("is named by the check", async () => {
    await asOwner(obstacle);

    expect(await checked()).toBe(
      `obstructed: Row-level security, triggers or rules can hide or change rows of the tables: ${named}. Disable them there.`,
    );
  });

  it("never makes an opt-out look deleted: it stays pending until the counts are gone", async () => {
    await shownCounts();
    await asOwner(obstacle);

    await server.optOut();
    const report = await server.sync("deletions");

    expect(report.receipts).toEqual([]);
    expect((await server.sharing()).deletion).toMatchObject({ status: "pending" });
    expect(await links()).toBe(1);
  });

  it("never ends a link in an ordinary sync", async () => {
    await shownCounts();
    await asOwner(obstacle);
    await server.contribute(OCTO, "2026-03-01T10:00:00Z");

    await server.sync();

    expect((await server.sharing()).link.status).toBe("sending");
  });

  it.each(DEEDS)("makes %s a fault by name, and nothing of it is done", async (_, deed) => {
    await shownCounts();
    await asOwner(obstacle);

    const result = await deed(cloud.receiver);

    expect(result._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "unavailable" });
    expect((result._unsafeUnwrapErr() as StorageFault).message).toMatch(/rule|row-level security/i);
    const counts = await asOwner("SELECT link FROM {schema}.links WHERE counts IS NOT NULL");
    expect(counts).toHaveLength(1);
  });

  it("makes a sweep a fault by name", async () => {
    await shownCounts();
    await server.disable();
    await server.sync();
    await asOwner(obstacle);

    const swept = await cloud.receiver.sweep({ limit: 10 });

    expect(swept._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "unavailable" });
    expect(await links()).toBe(1);
  });
});

describe("row-level security on a table of the sender's or the ledger's, or under a reader", () => {
  const READ_FIRST: readonly (readonly [string, () => ResultAsync<unknown, unknown>])[] = [
    ["server", () => server.senderStore.loadServer()],
    ["user_links", () => server.senderStore.loadLink(OCTO)],
    ["user_links", () => server.senderStore.markChanged([OCTO])],
    [
      "withdrawals",
      () =>
        server.senderStore.pendingWithdrawals({
          connectionOrdinal: 1,
          now: START_AT,
          after: null,
          limit: 9,
        }),
    ],
    ["server", () => createPostgresSenderReader({ client: app, schema }).loadServer()],
    ["withdrawals", () => createPostgresSenderReader({ client: app, schema }).loadUser(OCTO)],
    ["links", () => createPostgresReceiverReader({ client: app, schema }).loadAccount(OCTO_CLOUD)],
    [
      "registrations",
      () =>
        createPostgresReceiverReader({ client: app, schema }).loadInstallations({ after: null, limit: 9 }),
    ],
    ["ledger_entries", () => cloud.ledger.read({ installation: server.installation, from: 1, limit: 9 })],
    ["ledger_heads", () => cloud.ledger.loadHeads({ after: null, limit: 9 })],
    ["ledger_heads", () => cloud.ledger.loadDigest()],
    ["ledger_entries", () => cloud.ledger.append(SWITCHED_OFF, "entry_0123456789abcdef")],
  ];

  it.each(READ_FIRST)("%s is never taken for an empty table", async (table, read) => {
    await shownCounts();
    await asOwner(`ALTER TABLE {schema}.${table} ENABLE ROW LEVEL SECURITY`);

    expect((await read())._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "unavailable" });
    expect(await checked()).toMatch(`${table}: row-level security`);
  });

  it("prevents a user's choice, and the user still sends as before", async () => {
    await shownCounts();
    await asOwner("ALTER TABLE {schema}.user_links ENABLE ROW LEVEL SECURITY");

    const optOut = { type: "opt-out", by: OCTO, at: START_AT } as const;
    const refused = await server.sender.changeLink(OCTO, optOut);

    expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault" });
    await asOwner("ALTER TABLE {schema}.user_links DISABLE ROW LEVEL SECURITY");
    expect((await server.sharing()).link.status).toBe("sending");
  });
});

describe("a trigger on a table of the sender's", () => {
  it.each(["withdrawals", "audit_log"])(
    "that keeps a row out of %s undoes the choice that it belongs to",
    async (table) => {
      await shownCounts();
      await asOwner(`${NEVER}; CREATE TRIGGER keep BEFORE INSERT ON {schema}.${table}
        FOR EACH ROW EXECUTE FUNCTION {schema}.never()`);

      const refused = await server.sender.changeLink(OCTO, { type: "opt-out", by: OCTO, at: START_AT });

      expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "unavailable" });
      expect((await server.sharing()).link.status).toBe("sending");
      await asOwner(`DROP TRIGGER keep ON {schema}.${table}`);
      await server.optOut();
      await server.sync("deletions");
      expect((await server.sharing()).deletion.status).toBe("deleted");
    },
  );

  it("that keeps links as they are turns a change into a fault", async () => {
    await shownCounts();
    await asOwner(`${NEVER}; CREATE TRIGGER keep BEFORE UPDATE ON {schema}.user_links
      FOR EACH ROW EXECUTE FUNCTION {schema}.never()`);

    const told = await server.sender.contributionsChanged([OCTO]);

    expect(told._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "unavailable" });
  });
});

describe("a link that a withdrawal names", () => {
  it("and that a trigger brings back makes the request a fault", async () => {
    await shownCounts();
    await asOwner(`CREATE FUNCTION {schema}.bring_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        'BEGIN UPDATE {schema}.links SET ended_to = 0, ended_at = NULL, is_recorded = NULL, end_cause = NULL,
          removed_first = NULL, removed_last = NULL WHERE link = new.link; RETURN NULL; END';
      CREATE TRIGGER bring_back AFTER UPDATE ON {schema}.links FOR EACH ROW
        WHEN (old.ended_to < new.ended_to) EXECUTE FUNCTION {schema}.bring_back()`);
    const [{ link } = {}] = await asOwner("SELECT link FROM {schema}.links");
    const store = createPostgresReceiverStore({ client: app, schema });
    const withdrawal = deliveryOf(6, [], {
      installation: server.installation,
      withdrawals: [link as LinkId],
    });

    for (const _ of [1, 2]) {
      expect((await store.applyDelivery(withdrawal))._unsafeUnwrapErr()).toMatchObject({
        type: "storage-fault",
        reason: "corrupt",
        message: expect.stringMatching(/^A link that had to be deleted is still there/),
      });
    }
    expect(await checked()).toMatch("links: trigger bring_back");
  });
});
