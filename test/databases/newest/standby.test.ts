// A hot standby answers what only reads, refuses what writes by name, and writes once it is promoted.
import pg from "pg";
import type { AttemptId, BrowserId, ConsentCode, InstallationId, LinkId } from "unified-contributions";
import { createMemoryLedger } from "unified-contributions/adapters/memory";
import {
  checkPostgresSchema,
  createPostgresKeyDirectory,
  createPostgresLedger,
  createPostgresNonceStore,
  createPostgresReceiverReader,
  createPostgresReceiverStore,
  createPostgresSenderReader,
  createPostgresSenderStore,
  migratePostgresSchema,
  sharesServer,
} from "unified-contributions/adapters/postgres";
import { createReceiver } from "unified-contributions/ghec";
import { inspectServer, inspectUser } from "unified-contributions/storage";
import { createTestClock } from "unified-contributions/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CommandClient } from "../../../src/adapters/postgres/command-connection.ts";
import { runMigrateCommand } from "../../../src/adapters/postgres/command-line.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres/server.ts";
import { ALL_PARTS, freshSchema } from "../../support/postgres/test-database.ts";
import { createCloudOver, createServerOver, OCTO, OCTO_CLOUD, SERVER, START } from "../../support/world.ts";

const READ_ONLY = {
  type: "storage-fault",
  reason: "read-only",
  message:
    "The server is a standby, or its transaction is read-only, so it takes no writes: connect to the primary, or end the transaction.",
};

let primary: PostgresServer;
let standby: PostgresServer;
let pools: { readonly primary: pg.Pool; readonly local: pg.Pool; readonly standby: pg.Pool };
let schema: string;
let world: Awaited<ReturnType<typeof createWorld>>;

function open({ connection }: PostgresServer, settings = ""): pg.Pool {
  const pool = new pg.Pool({ ...connection, database: "postgres", max: 3, options: settings });
  // The end of the primary ends its connections.
  pool.on("error", () => undefined);
  return pool;
}

/** Both sides over the primary, with the counts of one user, and a ledger of its own. */
async function createWorld() {
  const options = { client: pools.primary, schema };
  const ledger = createMemoryLedger();
  const cloud = createCloudOver(createPostgresReceiverStore(options), ledger, START, 1);
  const server = createServerOver(createPostgresSenderStore(options), cloud, {});
  await server.enable();
  await server.contribute(OCTO, "2026-03-01T09:00:00Z");
  await server.optIn();
  await server.sync();
  return { cloud, server, ledger };
}

/** A receiver over the standby, and over the ledger that the primary's receiver writes. */
function readingReceiver() {
  const { ledger } = world;
  const clock = createTestClock(world.cloud.clock.now());
  const store = createPostgresReceiverStore({ client: pools.standby, schema });
  return { clock, receiver: createReceiver({ store, ledger, clock, random: world.cloud.random }) };
}

beforeAll(async () => {
  [primary, standby] = await Promise.all([
    startPostgres(18, { synchronous_commit: "remote_apply" }),
    startPostgres(18),
  ]);
  await Promise.all([primary.kill(), standby.kill()]);
  standby.follow(primary);
  await primary.start();
  await standby.start();
  pools = {
    primary: open(primary),
    // Waits for no standby.
    local: open(primary, "-c synchronous_commit=local"),
    standby: open(standby),
  };
  // From here on an answered commit is applied by the standby.
  await pools.local.query("ALTER SYSTEM SET synchronous_standby_names = '*'");
  await pools.local.query("SELECT pg_reload_conf()");
  const { primary: client } = pools;
  schema = await freshSchema({ name: "PostgreSQL", client, close: async () => undefined }, ...ALL_PARTS);
  world = await createWorld();
});

afterAll(async () => {
  await Promise.all(Object.values(pools).map((pool) => pool.end()));
  await Promise.all([primary.stop(), standby.stop()]);
});

it("it shows the counts, and a reconciliation that finds nothing new reads alone", async () => {
  const { receiver } = readingReceiver();

  const shown = (await receiver.shownCounts(OCTO_CLOUD))._unsafeUnwrap();

  expect(shown).toEqual((await world.cloud.receiver.shownCounts(OCTO_CLOUD))._unsafeUnwrap());
  expect(shown.map(({ window }) => window.counts.at(-1))).toEqual([1]);
  expect((await receiver.reconcile())._unsafeUnwrap()).toEqual({ entries: 0, recorded: 0, cutOff: [] });
});

it("its readers answer as those of the primary", async () => {
  const [linkId] = (await pools.primary.query(`SELECT link FROM ${schema}.links`)).rows.map(
    ({ link }) => link as LinkId,
  );
  const answers = async (client: pg.Pool) => {
    const options = { client, schema };
    const cloud = createPostgresReceiverReader(options);
    const reader = createPostgresSenderReader(options);
    const { clock } = world.cloud;
    return [
      await cloud.loadInstallation({ installation: SERVER, lookAt: 10 }),
      await cloud.loadInstallations({ after: null, limit: 10 }),
      await cloud.loadAccount(OCTO_CLOUD),
      await cloud.loadAudit({ installation: SERVER, after: 0, limit: 10 }),
      await cloud.loadLink(SERVER, linkId as LinkId),
      await inspectServer({ reader, clock }, 10),
      await inspectUser({ reader, clock }, OCTO),
      await reader.loadWithdrawals({ connectionOrdinal: 1, after: null, limit: 10 }),
      await reader.loadAudit({ user: null, after: 0, limit: 10 }),
      await createPostgresKeyDirectory(options).find("a-key-of-nobody"),
    ].map((result) => result._unsafeUnwrap() as unknown);
  };

  expect(await answers(pools.standby)).toEqual(await answers(pools.primary));
});

it("the check takes it, a migration with nothing to do does nothing, and another is refused", async () => {
  const { connection } = standby;
  let said = "";
  const command = (...words: readonly string[]) =>
    runMigrateCommand(
      { words, schema },
      {
        makeClient: async () => new pg.Client({ ...connection, database: "postgres" }) as CommandClient,
        print: (text) => {
          said += text;
        },
        warn: () => undefined,
      },
    );
  const migrated = await migratePostgresSchema({
    client: pools.standby,
    schema: "another",
    parts: ["ledger"],
  });

  expect((await checkPostgresSchema({ client: pools.standby, schema, parts: ALL_PARTS })).isOk()).toBe(true);
  expect((await command("check", ...ALL_PARTS)).isOk()).toBe(true);
  expect((await command(...ALL_PARTS)).isOk()).toBe(true);
  expect(said).toBe(`${ALL_PARTS.join(", ")}: as this release expects.\nNothing to do.\n`);
  expect(migrated._unsafeUnwrapErr()).toEqual(READ_ONLY);
});

it("it is known as the server that it follows", async () => {
  const shared = await sharesServer({ store: pools.primary, ledger: pools.standby });

  expect(shared._unsafeUnwrap()).toBe(true);
});

it("it refuses each write, and says that it is a standby", async () => {
  const options = { client: pools.standby, schema };
  const store = createPostgresReceiverStore(options);
  const sender = createPostgresSenderStore(options);
  const ledger = createPostgresLedger(options);
  const keys = createPostgresKeyDirectory(options);
  const at = world.cloud.clock.now();
  const attempt = "attempt-of-nobody-0001" as AttemptId;
  const another = "another" as InstallationId;
  const stored = (await store.loadRegistration(SERVER))._unsafeUnwrap();
  if (!stored) throw new Error("The server is not registered.");
  const { value: registration, version: expectedVersion } = stored;
  const server = (await sender.loadServer())._unsafeUnwrap();
  const user = (await sender.loadLink(OCTO))._unsafeUnwrap();
  const request = {
    requestId: "request-of-nobody-0001",
    sessionId: registration.session.id,
    follows: [],
  } as never as { follows: never; requestId: never; sessionId: never };
  const entry = { type: "epochs-off", installation: another, epoch: 1, disabledAt: at } as const;
  const keep = { counts: "2026-06-01" as never, receipts: at, audit: at };
  const key = {
    keyId: "key",
    thumbprint: "t".repeat(43),
    installation: another,
    algorithm: "ed25519",
  } as const;
  const challenge = "challenge-0123456789";

  const writes = {
    commitRegistration: store.commitRegistration({
      ...{ expectedVersion, registration, hidesUnreported: false, ended: [], audit: [] },
    }),
    applyDelivery: store.applyDelivery({
      ...request,
      installation: SERVER,
      reports: [],
      withdrawals: [],
      at,
    }),
    pushAttempt: store.pushAttempt({
      ...{ installation: SERVER, attempt, linkId: "link-0123456789" as LinkId, expiresAt: at, limit: 9, at },
    }),
    answerAttempt: store.answerAttempt({
      ...{ attempt, browser: "browser-of-nobody" as BrowserId, consent: null, at },
    }),
    openLink: store.openLink({ installation: SERVER, attempt, code: "code-0123456789" as ConsentCode, at }),
    deleteLinks: store.deleteLinks({ account: OCTO_CLOUD, installation: null }, at),
    sweep: store.sweep({ keep, limit: 9, at }),
    saveSweepClock: store.saveSweepClock({ lastAt: at, doubtedAt: null }),
    takeForUnrecorded: store.takeForUnrecorded({ installation: SERVER, readTo: null }),
    commitServer: sender.commitServer({
      ...{ expectedVersion: server.version, server: server.value, audit: null, reported: [], withdrawn: [] },
    }),
    commitLink: sender.commitLink({
      ...{ expectedVersion: user.version, user: OCTO, link: user.value.link, withdraw: null, audit: null },
    }),
    markChanged: sender.markChanged([OCTO]),
    forgetUser: sender.forgetUser({ user: OCTO, expectedVersion: user.version }),
    pruneAudit: sender.pruneAudit({ before: at, limit: 9 }),
    append: ledger.append(entry, "entry-of-nobody-0001"),
    prune: ledger.prune(another, 1),
    remember: createPostgresNonceStore(options).remember({
      ...{ installation: another, nonce: "nonce-0123456789", until: at, at },
    }),
    offer: keys.offer({ installation: another, challenge, until: at }),
    register: keys.register({ ...key, jwk: {}, challenge, at }),
    revoke: keys.revoke("key", at),
    revokeAll: keys.revokeAll(another, at),
  };
  const refusals: Record<string, unknown> = {};
  for (const [method, result] of Object.entries(writes)) {
    const refused = await result;
    refusals[method] = refused.isErr() ? refused.error : "written";
  }

  expect(refusals).toEqual(Object.fromEntries(Object.keys(writes).map((method) => [method, READ_ONLY])));
});

it("it answers no message of a server, and no call that deletes", async () => {
  const { receiver } = readingReceiver();
  const disable = { version: 1, requestId: "request-0123456789", type: "disable", epoch: 1 };

  expect((await receiver.handle(SERVER, disable))._unsafeUnwrapErr()).toEqual(READ_ONLY);
  expect((await receiver.deleteAccount(OCTO_CLOUD))._unsafeUnwrapErr()).toEqual(READ_ONLY);
  expect((await receiver.sweep())._unsafeUnwrapErr()).toEqual(READ_ONLY);
});

it("while it lags behind, it shows nothing of which the ledger has the deletion", async () => {
  await pools.standby.query("SELECT pg_wal_replay_pause()");
  const { cloud, ledger } = world;
  const store = createPostgresReceiverStore({ client: pools.local, schema });
  const ahead = createReceiver({ ...cloud.options, store, ledger });
  (await ahead.deleteAccount(OCTO_CLOUD))._unsafeUnwrap();
  const behind = createPostgresReceiverStore({ client: pools.standby, schema });

  const { receiver } = readingReceiver();
  const shown = (await receiver.shownCounts(OCTO_CLOUD))._unsafeUnwrap();

  expect((await behind.loadShown(OCTO_CLOUD))._unsafeUnwrap()).toHaveLength(1);
  expect(shown).toEqual([]);
  expect((await receiver.reconcile())._unsafeUnwrapErr()).toEqual(READ_ONLY);
  await pools.standby.query("SELECT pg_wal_replay_resume()");
});

it("once it is promoted, the same pool writes", async () => {
  const { receiver } = readingReceiver();
  expect((await receiver.sweep())._unsafeUnwrapErr()).toEqual(READ_ONLY);
  await primary.kill();
  await pools.standby.query("SELECT pg_promote()");

  expect((await receiver.sweep())._unsafeUnwrap()).toMatchObject({ isDone: true });
  expect((await receiver.reconcile()).isOk()).toBe(true);
  expect((await receiver.deleteAccount(OCTO_CLOUD)).isOk()).toBe(true);
  expect((await receiver.shownCounts(OCTO_CLOUD))._unsafeUnwrap()).toEqual([]);
});
