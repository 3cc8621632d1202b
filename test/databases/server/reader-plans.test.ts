import type pg from "pg";
import type { AccountId, InstallationId, ResultAsync, UserId } from "unified-contributions";
import {
  createPostgresReceiverReader,
  createPostgresSenderReader,
  type PostgresClient,
} from "unified-contributions/adapters/postgres";
import type { ReceiverReader, SenderReader } from "unified-contributions/storage";
import { beforeAll, describe, expect, it } from "vitest";
import { projectDatabase } from "../../support/postgres/project-database.ts";
import { freshSchema } from "../../support/postgres/test-database.ts";
import { NOW } from "../../support/values.ts";

/** Tables in which reading all would cost too much: of one installation, all rows or one in a thousand. */
const MANY = 20_000;
const FILLED = `
INSERT INTO {schema}.user_links (user_id, version, changes, link, link_id, choice, connection, epoch, attempt, redeemed_under,
  reported_session, reported_changes, reported_at, refresh_at, first_day, counts, due_rank)
SELECT 'user' || n, 1, 0, '{"status":"sending"}', 'link' || n, 1, 1, 1, 'attempt' || n, CASE WHEN n % 1000 = 0 THEN 1 END,
  CASE WHEN n % 1000 = 0 THEN '' ELSE 'session' END, 0, 1, 9000000000000, 20000, '\\x0001', CASE WHEN n % 1000 = 0 THEN 0 ELSE -9000000000000 END
FROM generate_series(1, ${MANY}) AS n;
INSERT INTO {schema}.withdrawals (link, ended_to, user_id, connection, requested_at, next_ask_at, has_receipt)
SELECT 'link' || n, 2147483647, 'user' || n, n % 2, 1, n, false FROM generate_series(1, ${MANY}) AS n;
INSERT INTO {schema}.registrations (installation, version, is_connected, epoch, is_on, session_id, session_ordinal, is_completed,
  read_to_digest, recorded_off, swept_to, swept_for, swept_after)
SELECT 'server' || n, 1, true, 1, true, 'session', 1, true, 0, 0, 0, 0, '' FROM generate_series(1, ${MANY}) AS n;
INSERT INTO {schema}.links (installation, link, attempt, account, epoch, opened_at, choice, report_session, received_at,
  first_day, last_day, counts)
SELECT CASE WHEN n % 1000 = 0 THEN 'server2' ELSE 'server1' END, 'link' || n, 'attempt' || n, 'account' || n, 1, 1, 1, 1, 1,
  20000, 20000, '\\x0001'
FROM generate_series(1, ${MANY}) AS n;
ANALYZE {schema}.user_links, {schema}.withdrawals, {schema}.registrations, {schema}.links`;

let schema: string;
let client: PostgresClient;

beforeAll(async () => {
  const database = await projectDatabase();
  client = database.client;
  schema = await freshSchema(database, "sender", "receiver");
  await client.query(FILLED.replaceAll("{schema}", schema), []);
});

/** The plan of the one statement that a reader runs. */
async function planOf(run: (client: PostgresClient) => ResultAsync<unknown, unknown>): Promise<string> {
  const plans: string[] = [];
  const found = await run({
    query: async (text, values) => {
      const { rows } = (await client.query(`EXPLAIN ${text}`, values)) as pg.QueryResult;
      plans.push(rows.map((row) => row["QUERY PLAN"]).join("\n"));
      return client.query(text, values);
    },
  });
  expect(found.isOk()).toBe(true);
  expect(plans).toHaveLength(1);
  return plans.join();
}

describe("a reader of large tables finds everything by an index", () => {
  const scope = { connectionOrdinal: 1, epoch: 1, sessionId: "session" as never, now: NOW };

  it.each<readonly [string, (reader: SenderReader) => ResultAsync<unknown, unknown>]>([
    ["a user", (reader) => reader.loadUser("user7" as UserId)],
    ["what there is to do", (reader) => reader.loadTally({ ...scope, lookAt: 1_000 })],
    [
      "what there is to do in an epoch that has just begun",
      (reader) => reader.loadTally({ ...scope, epoch: 2, lookAt: 1_000 }),
    ],
    ["withdrawals", (reader) => reader.loadWithdrawals({ connectionOrdinal: 1, after: null, limit: 100 })],
  ])("of the sender's: %s", async (_, look) => {
    const plan = await planOf((spy) => look(createPostgresSenderReader({ client: spy, schema })));

    expect(plan).not.toMatch(/Seq Scan on (?:user_links|withdrawals)|Sort Key: (?:u|withdrawals)\./);
  });

  it.each<readonly [string, (reader: ReceiverReader) => ResultAsync<unknown, unknown>]>([
    [
      "the installation of nearly all links",
      (reader) => reader.loadInstallation({ installation: "server1" as InstallationId, lookAt: 1_000 }),
    ],
    [
      "the installation of few links",
      (reader) => reader.loadInstallation({ installation: "server2" as InstallationId, lookAt: 1_000 }),
    ],
    ["a page of installations", (reader) => reader.loadInstallations({ after: null, limit: 100 })],
    ["an account", (reader) => reader.loadAccount("account7" as AccountId)],
  ])("of the receiver's: %s", async (_, look) => {
    const plan = await planOf((spy) => look(createPostgresReceiverReader({ client: spy, schema })));

    expect(plan).not.toMatch(/Seq Scan on (?:links|registrations)/);
  });
});
