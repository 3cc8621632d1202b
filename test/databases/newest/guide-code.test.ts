import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { InstallationId, ResultAsync } from "unified-contributions";
import type {
  KeyApplication,
  KeyChallenge,
  KeyRegistrar,
  SigningKey,
} from "unified-contributions/adapters/http-signatures";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemorySenderStore,
  createMemorySource,
  createMemoryTransport,
} from "unified-contributions/adapters/memory";
import {
  createPostgresSenderStore,
  migratePostgresSchema,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { createReceiver, type Receiver } from "unified-contributions/ghec";
import type { ContributionSource, Sender, SenderOptions } from "unified-contributions/ghes";
import type { LinkCommit, ReceiverReader, ReceiverStore } from "unified-contributions/storage";
import { createTestWorld } from "unified-contributions/testing";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { blocksOf, loadBlock, writeBlocks } from "../../documents/examples/code-blocks.ts";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";
import { day, NOW, OCTO, OCTO_ACCOUNT } from "../../support/values.ts";

type Listener = (event: object) => void;
type AnswerTo = (
  challenge: KeyChallenge,
) => ResultAsync<{ key: SigningKey; application: KeyApplication }, never>;

const SERVER = "server-1" as InstallationId;
const DATABASE = `guides_${randomUUID().replaceAll("-", "")}`;
const PARTS = ["sender", "receiver", "ledger", "nonces", "keys"] as const;

/** The addresses that the guides write. */
const ADDRESS = /postgres:\/\/[\w-]+\/(?:cloud|ledger)\b/g;

let pool: pg.Pool;
let address: string;
const warnings: string[] = [];

beforeAll(async () => {
  const { client } = await projectDatabase();
  await client.query(`CREATE DATABASE ${DATABASE}`, []);
  const { host, user, port } = serverConnection();
  address = `postgres://${user}@localhost/${DATABASE}?host=${host}${port === undefined ? "" : `&port=${port}`}`;
  pool = new pg.Pool({ connectionString: address });
  pool.on("error", () => {});
  // For the code that takes its server from the environment.
  const surroundings = { PGHOST: host, PGUSER: user, PGDATABASE: DATABASE, PGPORT: String(port ?? 5432) };
  Object.assign(process.env, surroundings);
  (await migratePostgresSchema({ client: pool, parts: [...PARTS] }))._unsafeUnwrap();
  const { warn } = console;
  console.warn = (text: string) => warnings.push(text);
  return async () => {
    // The code of the guides runs as long as its process, so its connections are ended for it.
    await client.query(`DROP DATABASE ${DATABASE} WITH (FORCE)`, []);
    await pool.end();
    console.warn = warn;
    for (const name of Object.keys(surroundings)) Reflect.deleteProperty(process.env, name);
  };
});

/** Writes the code of a guide, with the address of this test's database, and returns what loads a file of it. */
function codeOf(guide: string): <Module>(file: string) => Promise<Module> {
  const page = readFileSync(`docs/${guide}.md`, "utf8");
  // The driver `postgres` takes no folder of sockets from an address, but from the environment.
  const here = blocksOf(page, "ts").map((code) =>
    code.replace('postgres("postgres://localhost/cloud")', "postgres()").replaceAll(ADDRESS, address),
  );
  const folder = writeBlocks(`run/${guide}`, here);
  for (const sql of blocksOf(page, "sql")) {
    const [, file] = /^-- (\S+\.sql)\n/.exec(sql) ?? [];
    if (file === undefined) continue;
    // Where the bundle of the code is, which reads it.
    const beside = join("build", folder, "ghes");
    mkdirSync(beside, { recursive: true });
    writeFileSync(join(beside, file), sql);
  }
  return (file) => loadBlock(folder, file);
}

/** Gives the code of a guide what it declares as the host's own. */
function declare(own: Readonly<Record<string, unknown>>): void {
  Object.assign(globalThis, own);
  onTestFinished(() => {
    for (const name of Object.keys(own)) Reflect.deleteProperty(globalThis, name);
  });
}

it("docs/postgres.md starts a receiver, and says where its ledger is", async () => {
  const load = codeOf("postgres");
  const { receiver } = await load<{ receiver: Receiver }>("ghec/database.ts");

  expect((await receiver.connectInstallation(SERVER))._unsafeUnwrap()).toBeDefined();
  expect(warnings).toContain("The ledger is on the store's server.");
});

it("docs/postgres.md has a client of another driver, and a commit inside the host's own transaction", async () => {
  const load = codeOf("postgres");
  const { client } = await load<{ client: PostgresClient }>("ghec/postgres-client.ts");
  const { suspend } = await load<{ suspend(client: pg.PoolClient, commit: LinkCommit): Promise<void> }>(
    "ghes/suspend.ts",
  );
  await pool.query(
    "CREATE TABLE users (id text PRIMARY KEY, is_suspended bool NOT NULL); INSERT INTO users VALUES ('octo', false)",
  );
  const own = await pool.connect();
  onTestFinished(() => own.release());

  await suspend(own, {
    ...{ expectedVersion: 0, user: OCTO, withdraw: null, audit: null },
    link: { status: "ended", reason: "user-suspended", endedAt: NOW, receipt: null },
  });

  expect(await client.query("SELECT is_suspended::text AS suspended FROM users", [])).toEqual({
    rows: [{ suspended: "true" }],
    rowCount: 1,
  });
  expect(
    (await createPostgresSenderStore({ client: pool }).loadLink(OCTO))._unsafeUnwrap().value.link,
  ).toMatchObject({ status: "ended" });
});

it("docs/citus.md has a store for Citus, which refuses a server without it", async () => {
  const load = codeOf("citus");
  const { store, reader } = await load<{ store: ReceiverStore; reader: ReceiverReader }>(
    "ghec/distributed-store.ts",
  );

  const read = [
    (await store.loadRegistration(SERVER))._unsafeUnwrapErr(),
    (await reader.loadAccount(OCTO_ACCOUNT))._unsafeUnwrapErr(),
  ];

  for (const { message } of read) expect(message).toMatch(/isDistributed needs Citus/);
});

it("docs/deploying.md has a pool with every limit, and a client over it", async () => {
  const load = codeOf("deploying");
  const { pool: limited, client } = await load<{ pool: pg.Pool; client: PostgresClient }>("ghec/pool.ts");

  expect(limited.options).toMatchObject({ max: 20, lock_timeout: 3_000, ssl: { rejectUnauthorized: true } });
  // The server of this test speaks no TLS, and the code never does without it.
  await expect(client.query("SELECT 1", [])).rejects.toThrow("SSL");
});

it("docs/http-signatures.md registers a key, signs with it, and checks the answer's signature", async () => {
  const receiver = createReceiver({
    ...{ store: createMemoryReceiverStore(), ledger: createMemoryLedger() },
    ...{ clock: systemClock, random: systemRandom },
  });
  (await receiver.connectInstallation(SERVER))._unsafeUnwrap();
  const load = codeOf("http-signatures");
  const { answerTo } = await load<{ answerTo: AnswerTo }>("ghes/key.ts");
  declare({ client: pool, receiver });
  const { registrar } = await load<{ registrar: KeyRegistrar }>("ghec/handler.ts");
  const challenge = (await registrar.challenge(SERVER))._unsafeUnwrap();
  const { key, application } = (await answerTo(challenge))._unsafeUnwrap();

  const keyId = (await registrar.registerKey({ ...application, installation: SERVER }))._unsafeUnwrap();

  expect(keyId).toBe(key.keyId);
});

it("docs/events.md logs an event apart from what was thrown, and has a listener of OpenTelemetry", async () => {
  const logged: unknown[] = [];
  declare({
    logger: { info: (event: object) => logged.push(event), debug: (text: string) => logged.push(text) },
  });
  const load = codeOf("events");
  const { onEvent: log } = await load<{ onEvent: Listener }>("host/operations.ts");
  const { onEvent: measure } = await load<{ onEvent: Listener }>("host/telemetry.ts");
  const event = { type: "port-failed", at: NOW, port: "store", cause: new Error("row 7") };

  log(event);
  measure(event);

  expect(logged).toEqual([{ type: "port-failed", at: NOW, port: "store" }, "Error: row 7"]);
});

it("docs/github-graphql.md has a source that cannot read a user without a login", async () => {
  const { source } = await codeOf("github-graphql")<{ source: ContributionSource }>(
    "ghes/instance-source.ts",
  );
  const days = { first: day("2026-03-01"), last: day("2026-03-01") };

  const read = await source.read({ users: [OCTO], days, signal: new AbortController().signal });

  const entry = read.isOk() ? read.value.get(OCTO) : read.error;
  expect(entry).toMatchObject({ type: "source-fault" });
});

it("docs/instants.md has a source over a table of instants, and a sender in its zone", async () => {
  const load = codeOf("instants");
  const { createSource } = await load<{ createSource(query: unknown): ContributionSource }>(
    "ghes/source-over-instants.ts",
  );
  const { inBerlin } = await load<{ inBerlin(parts: SenderOptions): Sender }>("ghes/zone.ts");
  await pool.query(`CREATE TABLE contributors (login text PRIMARY KEY, time_zone text NOT NULL);
    CREATE TABLE contributions (user_login text NOT NULL, occurred_at timestamptz NOT NULL);
    INSERT INTO contributors VALUES ('octo', 'UTC');
    INSERT INTO contributions VALUES ('octo', '2026-03-01T09:00:00Z')`);
  const query = (sql: string, values: unknown[]) =>
    pool.query(sql.replace("JOIN users", "JOIN contributors"), values);
  const days = { first: day("2026-03-01"), last: day("2026-03-01") };

  const read = await createSource(query).read({ users: [OCTO], days, signal: new AbortController().signal });
  const world = createTestWorld();
  const sender = inBerlin({
    ...{ installation: SERVER, store: createMemorySenderStore(), source: createMemorySource() },
    ...{ transport: createMemoryTransport({ handle: (input) => world.receiver.handle(SERVER, input) }) },
    ...{ clock: world.clock, random: world.random },
  });

  expect(read._unsafeUnwrap().get(OCTO)).toEqual({
    type: "daily-counts",
    dailyCounts: [{ date: "2026-03-01", contributionCount: 1 }],
  });
  expect((await sender.status()).isOk()).toBe(true);
});
