// A whole installation is disabled. Its registration's one row says so, and nothing of it is shown from that commit on.
// The sweep then deletes its rows, chunk by chunk. The yardstick is written by hand: an update of one row, and deleting
// the rows in chunks.

import type { AccountId, CalendarDate, Instant } from "unified-contributions";
import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import type { Registration } from "unified-contributions/ghec";
import {
  atLeast,
  atMost,
  demand,
  type Effort,
  type Finding,
  median,
  perItem,
  ratioOf,
  timed,
} from "../measure.ts";
import { type BenchDatabase, numberFrom, rowsOf, SERVER, valueFrom } from "./database.ts";
import { FIRST_COMMIT, NOW, REGISTRATION, schemaWithLinks } from "./links.ts";

const CHUNK = 10_000;
const DISABLINGS_A_ROUND = 5;

/** Every round writes a million rows twice, so fewer rounds are enough. */
const MAX_ROUNDS = 3;

/** Runs the rows. */
export async function installation(database: BenchDatabase, effort: Effort): Promise<readonly Finding[]> {
  const links = effort.isQuick ? 5_000 : 1_000_000;
  const swept = effort.isQuick ? 5_000 : 250_000;
  return [await disable(database, effort, links), await sweep(database, effort, swept)];
}

async function disable({ pool, client }: BenchDatabase, { rounds }: Effort, links: number): Promise<Finding> {
  const schema = await schemaWithLinks(pool, links, { hasCounts: true });
  const store = createPostgresReceiverStore({ client, schema });
  await pool.query("CREATE TABLE one_row AS SELECT 1 AS id, 0 AS n");
  let version = 0;
  const commit = async (registration: Registration): Promise<void> => {
    version = await valueFrom(
      store.commitRegistration({ ...FIRST_COMMIT, expectedVersion: version, registration }),
    );
  };
  const shown = async (): Promise<number> =>
    (await valueFrom(store.loadShown("account-1" as AccountId))).length;
  const off: Registration = { ...REGISTRATION, featureSwitch: { epoch: 2, status: "off" }, disabledAt: NOW };

  const ours: number[] = [];
  const raw: number[] = [];
  for (let turn = -DISABLINGS_A_ROUND; turn < rounds * DISABLINGS_A_ROUND; turn++) {
    await commit(REGISTRATION);
    demand((await shown()) === 1, "an installation that is on is shown");
    const took = await timed(() => commit(off));
    demand((await shown()) === 0, "nothing of a disabled installation is shown");
    const rawTook = await timed(() => rowsOf(client, "UPDATE one_row SET n = n + 1 WHERE id = $1", [1]));
    if (turn < 0) continue;
    ours.push(took);
    raw.push(rawTook);
  }
  await pool.query(`DROP SCHEMA ${schema} CASCADE; DROP TABLE one_row`);
  return atMost(2, {
    id: "postgres.disable",
    what: `an installation of ${links.toLocaleString("en")} links disabled, until nothing of it is shown`,
    yardstick: "an update of one row",
    ratio: ratioOf(ours, raw),
    detail: `${perItem(median(ours), 1)} against ${perItem(median(raw), 1)}`,
  });
}

async function sweep({ pool, client }: BenchDatabase, { rounds }: Effort, links: number): Promise<Finding> {
  const ours: number[] = [];
  const raw: number[] = [];
  const fastest: number[] = [];
  for (let round = 0; round < Math.min(rounds, MAX_ROUNDS); round++) {
    const schema = await schemaWithLinks(pool, links, { hasCounts: true });
    const store = createPostgresReceiverStore({ client, schema });
    const registration: Registration = {
      ...REGISTRATION,
      featureSwitch: { epoch: 2, status: "off" },
      disabledAt: NOW,
    };
    await valueFrom(store.commitRegistration({ ...FIRST_COMMIT, registration }));
    const query = {
      keep: { counts: "2025-12-02" as CalendarDate, receipts: 0 as Instant, audit: 0 as Instant },
      at: NOW,
    };
    ours.push(
      await timed(async () => {
        for (let isDone = false; !isDone; ) {
          ({ isDone } = await valueFrom(store.sweep({ ...query, limit: links + 1 })));
        }
      }),
    );
    const kept = await numberFrom(pool, `SELECT count(*) FROM ${schema}.links WHERE counts IS NOT NULL`);
    demand(kept === 0, `no counts are kept, and not of ${kept} links`);
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);

    raw.push(await timeOfDeleting("link"));
    fastest.push(await timeOfDeleting("ctid"));
  }
  const perSecond = (times: readonly number[]): string =>
    `${Math.round((links / median(times)) * 1_000).toLocaleString("en")} links/s`;
  return atLeast(0.8, {
    id: "postgres.sweep",
    what: `the sweep of ${links.toLocaleString("en")} links of a disabled installation, links/s`,
    yardstick: `DELETE in chunks of ${CHUNK.toLocaleString("en")}, links/s`,
    ratio: ratioOf(raw, ours),
    detail: `${perSecond(ours)} against ${perSecond(raw)}; by the place of each row: ${perSecond(fastest)}`,
  });

  /** Returns the time of deleting the rows of a fresh schema in chunks that a column names. */
  async function timeOfDeleting(column: "link" | "ctid"): Promise<number> {
    const schema = await schemaWithLinks(pool, links, { hasCounts: true });
    const next = `SELECT ${column} FROM ${schema}.links WHERE installation = $1 ORDER BY link LIMIT ${CHUNK}`;
    const chunk = column === "ctid" ? `= ANY (ARRAY(${next}))` : `IN (${next})`;
    const statement = `DELETE FROM ${schema}.links WHERE installation = $1 AND ${column} ${chunk}`;
    const took = await timed(async () => {
      while ((await rowsOf(client, statement, [SERVER])) !== 0);
    });
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    return took;
  }
}
