// The sync after a day of silence, over a sender's store in PostgreSQL: the daily refresh of every link is due. The
// yardstick is the first full report of the same links, in the same tables. The receiver is in memory for both.
import { type CalendarDate, okAsync, type UserId, windowEndingOn } from "unified-contributions";
import { createMemoryTransport } from "unified-contributions/adapters/memory";
import { createPostgresSenderStore } from "unified-contributions/adapters/postgres";
import { type ContributionSource, createSender, type DailyCount } from "unified-contributions/ghes";
import { createTestRandom } from "unified-contributions/testing";
import { addDays } from "../../../src/domain/calendar-date.ts";
import { dailyCounts } from "../activity.ts";
import {
  atMost,
  collectGarbage,
  demand,
  type Effort,
  type Finding,
  median,
  perItem,
  ratioOf,
  timed,
} from "../measure.ts";
import { type Backup, createWorld, enable, withSending } from "../world.ts";
import { type BenchDatabase, benchSchema, SERVER, valueFrom } from "./database.ts";

const START = "2026-03-01T12:00:00Z";

/** A day and an hour later, so that the refresh of every link is due. */
const A_DAY_LATER = "2026-03-02T13:00:00Z";

/** A full report takes a minute, so fewer rounds are enough. */
const MAX_ROUNDS = 3;

/** Runs the row. */
export async function catchUp(
  database: BenchDatabase,
  { rounds, isQuick }: Effort,
): Promise<readonly Finding[]> {
  const users = Array.from({ length: isQuick ? 2_000 : 200_000 }, (_, user) => `user-${user}` as UserId);
  const source = createSource();
  const start = createWorld(START, source);
  await enable(start);
  const backup = withSending(start, users);

  const first: number[] = [];
  const later: number[] = [];
  for (let round = 0; round < Math.min(rounds, MAX_ROUNDS); round++) {
    const times = await timesOf(database, source, backup);
    first.push(times.first);
    later.push(times.later);
  }
  const perLink = (times: readonly number[]): string => perItem(median(times), users.length);
  return [
    atMost(1.3, {
      id: "postgres.catch-up",
      what: `a sync after a day of silence, all refreshes due, ${users.length.toLocaleString("en")} links`,
      yardstick: "the first full report of the same links",
      ratio: ratioOf(later, first),
      detail: `${perLink(later)} against ${perLink(first)} a link`,
    }),
  ];
}

/** Returns the times of both syncs in tables of their own, in milliseconds. */
async function timesOf(
  { pool, client }: BenchDatabase,
  source: ContributionSource,
  backup: Backup,
): Promise<{ readonly first: number; readonly later: number }> {
  const schema = await benchSchema(pool, "sender");
  const { clock, receiver } = createWorld(START, source, backup);
  const sender = createSender({
    installation: SERVER,
    store: createPostgresSenderStore({ client, schema }),
    transport: createMemoryTransport({ handle: (input) => receiver.handle(SERVER, input) }),
    source,
    clock,
    random: createTestRandom(2),
    pauseMs: 0,
  });
  const { server, links } = backup.sender;
  const sync = async (): Promise<number> => {
    // As autovacuum would have done by then. It is off here, so that it does not run beside one of the two alone.
    await pool.query(`VACUUM ANALYZE ${schema}.user_links`);
    collectGarbage();
    return await timed(async () => {
      const { outcome, kept } = await valueFrom(sender.sync());
      demand(
        outcome === "completed" && kept === links.length,
        `every link is reported, and not ${kept}: ${outcome}`,
      );
    });
  };

  await pool.query(`UPDATE ${schema}.server SET version = 1, state = $1`, [JSON.stringify(server.value)]);
  await pool.query(
    `INSERT INTO ${schema}.user_links (user_id, version, changes, link, link_id, choice, connection, epoch, attempt,
       reported_session, due_rank)
     SELECT user_id, 1, 0, link, link->'consent'->>'linkId', 1, (link->>'connectionOrdinal')::int4,
       (link->'consent'->>'epoch')::int4, link->>'attempt', '', 0
     FROM unnest($1::text[], $2::json[]) AS u (user_id, link)`,
    [links.map(({ value }) => value.user), links.map(({ value }) => JSON.stringify(value.link))],
  );
  const first = await sync();
  clock.set(A_DAY_LATER);
  const later = await sync();
  await pool.query(`DROP SCHEMA ${schema} CASCADE`);
  return { first, later };
}

/** How many histories the users share. Only their numbers are ever read. */
const HISTORIES = 64;

function createSource(): ContributionSource {
  const { first } = windowEndingOn("2026-03-01" as CalendarDate);
  const histories = Array.from({ length: HISTORIES }, () =>
    dailyCounts(first).map(
      (contributionCount, day): DailyCount => ({ date: addDays(first, day), contributionCount }),
    ),
  );
  return {
    read: ({ users }) =>
      okAsync(
        new Map(
          users.map((user, index) => [
            user,
            { type: "daily-counts" as const, dailyCounts: histories[index % HISTORIES] ?? [] },
          ]),
        ),
      ),
  };
}
