// A day of hourly reports, as fast as they can be stored, while autovacuum runs. It says how much the table grows
// and how many rows are replaced in their page. It also says how far the vacuum is behind when the day has ended. A real
// day is 24 hours long, so a real vacuum has thousands of times as long.
import { setTimeout as sleep } from "node:timers/promises";
import { atLeast, atMost, demand, type Effort, type Finding } from "../measure.ts";
import { numberFrom, openDatabase } from "../postgres/database.ts";
import { storeDelivery } from "../postgres/links.ts";
import { createTable, REPORTED_EACH } from "./table.ts";

// cspell:ignore naptime
const VACUUMED = { autovacuum: "on", autovacuum_naptime: "1s", shared_buffers: "2GB" };
const HOURS = 24;
const LOOK_MS = 250;
/** How long the vacuum is waited for. */
const PATIENCE_MS = 300_000;

/** Runs the rows. */
export async function day({ isQuick }: Effort): Promise<readonly Finding[]> {
  const database = await openDatabase(VACUUMED);
  try {
    const { schema, links, store, nextDelivery, reporting } = await createTable(database, isQuick ? 6 : 200);
    const tables = `FROM pg_partition_tree('${schema}.links') AS p JOIN pg_stat_user_tables AS s USING (relid) WHERE p.isleaf`;
    const ask = (what: string): Promise<number> => numberFrom(database.pool, `SELECT ${what} ${tables}`);
    const size = "sum(pg_total_relation_size(relid))";
    // Each call waits for the one before, so one connection does it all, and tells its statistics when it is asked to.
    const updates = async (): Promise<readonly [all: number, inPlace: number]> => {
      await database.pool.query("SELECT pg_stat_force_next_flush()");
      return [await ask("sum(n_tup_upd)"), await ask("sum(n_tup_hot_upd)")];
    };
    const before = await ask(size);
    const [allBefore, inPlaceBefore] = await updates();
    const startedMs = performance.now();
    for (let hour = 0; hour < HOURS; hour++) {
      for (const server of reporting) await storeDelivery(store, nextDelivery(REPORTED_EACH, server));
    }
    const tookMs = performance.now() - startedMs;
    const [allAfter, inPlaceAfter] = await updates();
    const reports = HOURS * reporting.length * REPORTED_EACH;
    const [updated, inPlace] = [allAfter - allBefore, inPlaceAfter - inPlaceBefore];
    demand(updated === reports, `the statistics know ${reports} reports, and not ${updated}`);
    const dead = await ask("sum(n_dead_tup)");
    const caughtUpMs = await waitForVacuum(ask);
    const after = await ask(size);
    const what = `${reports.toLocaleString("en")} reports of ${links.toLocaleString("en")} links`;
    const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
    return [
      atMost(1.3, {
        id: "scale.day-bytes",
        what: `bytes of the table and its indexes after a day, ${what}`,
        yardstick: "the same before the day",
        ratio: after / before,
        detail: `stored in ${seconds(tookMs)}; ${dead.toLocaleString("en")} dead rows at the end; every partition is below autovacuum's threshold ${caughtUpMs === null ? "not even five minutes later" : `${seconds(caughtUpMs)} later`}`,
      }),
      atLeast(0.9, {
        id: "scale.day-in-place",
        what: "reports that replaced their row in its page and touched no index",
        yardstick: "all reports",
        ratio: inPlace / updated,
        detail: `${inPlace.toLocaleString("en")} of ${updated.toLocaleString("en")}`,
      }),
    ];
  } finally {
    await database.stop();
  }
}

/** Returns how long autovacuum took until it was below its own threshold for every table, or null if it did not. */
async function waitForVacuum(ask: (what: string) => Promise<number>): Promise<number | null> {
  const startedMs = performance.now();
  while (performance.now() - startedMs < PATIENCE_MS) {
    // The defaults of autovacuum_vacuum_threshold and autovacuum_vacuum_scale_factor.
    if ((await ask("count(*) FILTER (WHERE n_dead_tup > 50 + 0.2 * n_live_tup)")) === 0) {
      return performance.now() - startedMs;
    }
    await sleep(LOOK_MS);
  }
  return null;
}
