// An hour in which nothing is due, over a sender's store in PostgreSQL: the whole round, every statement of it. The
// yardstick reads the due links' keys in one plain query, without an index of the due links.
import {
  type AttemptId,
  type InstallationId,
  type LinkId,
  okAsync,
  type UserId,
} from "unified-contributions";
import {
  createMemoryLedger,
  createMemoryReceiverStore,
  createMemoryTransport,
} from "unified-contributions/adapters/memory";
import { createPostgresSenderStore } from "unified-contributions/adapters/postgres";
import { createReceiver } from "unified-contributions/ghec";
import { createSender, type UserLink } from "unified-contributions/ghes";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import type { SessionId } from "unified-contributions/wire";
import {
  atMost,
  demand,
  type Effort,
  type Finding,
  median,
  perItem,
  ratioOf,
  takeTurns,
  WrongResult,
} from "../measure.ts";
import { type BenchDatabase, benchSchema, rowsOf, SERVER, valueFrom } from "./database.ts";
import { NOW } from "./links.ts";

const HOURS_A_TURN = 10;

/** Runs the row. */
export async function idleHour(
  { pool, client }: BenchDatabase,
  { rounds, isQuick }: Effort,
): Promise<readonly Finding[]> {
  const users = isQuick ? 2_000 : 100_000;
  const schema = await benchSchema(pool, "sender");
  const store = createPostgresSenderStore({ client, schema });
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const random = createTestRandom(1);
  const receiver = createReceiver({
    store: createMemoryReceiverStore(),
    ledger: createMemoryLedger(),
    clock,
    random,
  });
  const transport = createMemoryTransport({ handle: (input) => receiver.handle(SERVER, input) });
  const source = { read: () => okAsync(new Map()) };
  const sender = createSender({
    installation: SERVER as InstallationId,
    store,
    transport,
    source,
    clock,
    random,
    pauseMs: 0,
  });

  const by = { userId: "owner" as UserId, isEnterpriseOwner: true };
  await valueFrom(receiver.connectInstallation(SERVER));
  const platform = { type: "github.com" } as const;
  await valueFrom(sender.changeSettings({ type: "connect", by, at: NOW, platform, isCloudOwner: true }));
  await valueFrom(sender.changeSettings({ type: "enable", by, at: NOW, terms: { isAccepted: true } }));
  await valueFrom(sender.sync());
  const { session, settings } = (await valueFrom(store.loadServer())).value;
  if (session.status !== "attached" || settings.status !== "enabled" || settings.epoch === null)
    throw new WrongResult("the server is attached");
  const scope = {
    connectionOrdinal: settings.connectionOrdinal,
    epoch: settings.epoch,
    sessionId: session.sessionId,
  };
  await fill(users, scope);

  const due = `
SELECT user_id, link_id FROM ${schema}.user_links
WHERE connection = $1 AND epoch = $2 AND (reported_session <> $3 OR reported_changes <> changes OR refresh_at <= $4)
ORDER BY link_id LIMIT 1000`;
  const times = await takeTurns(rounds, "collect", {
    ours: async () => {
      for (let hour = 0; hour < HOURS_A_TURN; hour++) {
        const { outcome, kept } = await valueFrom(sender.sync());
        demand(outcome === "completed" && kept === 0, "a round in which nothing is due is completed");
      }
    },
    raw: async () => {
      for (let hour = 0; hour < HOURS_A_TURN; hour++) {
        const found = await rowsOf(client, due, [scope.connectionOrdinal, scope.epoch, scope.sessionId, NOW]);
        demand(found === 0, "nothing is due");
      }
    },
    indexed: async () => {
      for (let hour = 0; hour < HOURS_A_TURN; hour++) {
        const found = await valueFrom(store.dueLinks({ ...scope, now: NOW, after: null, limit: 1_000 }));
        demand(found.length === 0, "nothing is due");
      }
    },
  });
  await pool.query(`DROP SCHEMA ${schema} CASCADE`);
  const perHour = (name: keyof typeof times): string => perItem(median(times[name]), HOURS_A_TURN);
  return [
    atMost(2, {
      id: "postgres.nothing-due",
      what: `an hour in which nothing is due, ${users.toLocaleString("en")} links`,
      yardstick: "reading the due links' keys in one plain query",
      ratio: ratioOf(times.ours, times.raw),
      detail: `${perHour("ours")} against ${perHour("raw")}; the store's query of what is due, by its index: ${perHour("indexed")}`,
    }),
  ];

  /** Stores users whose links were reported in this session and fall due in the hours to come. */
  async function fill(
    count: number,
    {
      connectionOrdinal,
      epoch,
      sessionId: reportedIn,
    }: { connectionOrdinal: number; epoch: number; sessionId: SessionId },
  ): Promise<void> {
    const link: UserLink = {
      status: "sending",
      connectionOrdinal,
      attempt: "attempt" as AttemptId,
      connectedAt: NOW,
      consent: { linkId: "LINK" as LinkId, epoch },
      choice: 1,
      sendingAt: NOW,
    };
    await pool.query(
      `INSERT INTO ${schema}.user_links (user_id, version, changes, link, link_id, choice, connection, epoch, reported_session,
         reported_changes, reported_at, refresh_at, first_day, counts, due_rank)
       SELECT 'user-' || n, 1, 0, replace($1, 'LINK', id)::json, id, 1, $2, $3, $4, 0, $5, refresh_at, 20424,
         decode(repeat('0001', 90), 'hex'), -refresh_at
       FROM (
         SELECT n, md5(n::text)::uuid::text AS id, $5::int8 + (1 + n % 24) * 3600000 AS refresh_at
         FROM generate_series(1, ${count}) AS n
       ) AS linked`,
      [JSON.stringify(link), connectionOrdinal, epoch, reportedIn, NOW],
    );
    await pool.query(`VACUUM ANALYZE ${schema}.user_links`);
  }
}
