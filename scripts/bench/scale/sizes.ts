// Ten million links beside a hundred thousand, in one server with room for both in memory: the same calls, by turns. The
// yardstick is always the small table. Last, the large one is used with nothing in memory, from the disk.
import pg from "pg";
import type { CalendarDate, InstallationId, Instant } from "unified-contributions";
import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import {
  atMost,
  demand,
  type Effort,
  type Finding,
  median,
  perItem,
  ratioOf,
  type Times,
  takeTurns,
  timed,
  warmUpRounds,
} from "../measure.ts";
import { type BenchDatabase, numberFrom, openDatabase, valueFrom } from "../postgres/database.ts";
import { NOW, storeDelivery } from "../postgres/links.ts";
import { forgetPages } from "./forget-pages.ts";
import { hour } from "./hour.ts";
import { accountOf, createTable, LINKS_EACH, REPORTED_EACH, type Table } from "./table.ts";

/** Room for ten million links with their indexes, and no checkpoint in between. */
const LARGE = { shared_buffers: "9GB", max_wal_size: "64GB" };

const DELIVERIES_A_TURN = 10;
const READS_A_TURN = 200;
const DELETIONS_A_TURN = 50;
const SWITCHES_A_TURN = 10;
const FEW = 60;

/** Both tables, and how much is measured. */
interface Scene {
  readonly database: BenchDatabase;
  readonly rounds: number;
  /** How many calls are timed, or counted, one by one. */
  readonly calls: number;
  readonly large: Table;
  readonly small: Table;
}

/** Runs the rows. */
export async function sizes({ rounds, isQuick }: Effort): Promise<readonly Finding[]> {
  const [few, many] = isQuick ? [6, 7] : [20, 2_000];
  const database = await openDatabase(isQuick ? {} : LARGE);
  try {
    const scene: Scene = {
      database,
      rounds,
      calls: isQuick ? 5 : 100,
      small: await createTable(database, few),
      large: await createTable(database, many),
    };
    const { large, calls } = scene;
    const stored = await turns(scene, DELIVERIES_A_TURN, (table) => {
      const delivery = table.nextDelivery(REPORTED_EACH);
      return () => storeDelivery(table.store, delivery);
    });
    const shown = await turns(scene, READS_A_TURN, (table) => () => showOne(table));
    const deleted = await turns(scene, DELETIONS_A_TURN, (table, n) => () => deleteOne(table, n));
    const switched = await turns(scene, SWITCHES_A_TURN, (table, n) => () => switchOne(table, n));
    const touched = await blocks(scene);
    const stands = await bytes(scene);
    const swept = await sweeping(scene);
    const service = {
      few: { links: FEW, ms: await deliveryTimes(large, FEW, calls) },
      many: { links: REPORTED_EACH, ms: await deliveryTimes(large, REPORTED_EACH, calls) },
    };
    await forgetPages(database);
    const coldStored = perItem(median(await deliveryTimes(large, REPORTED_EACH, calls)), REPORTED_EACH);
    await forgetPages(database);
    const coldShown = perItem(median(await timesOf(() => showOne(large), calls)), 1);
    const row = rowsOf(scene);
    return [
      row(
        "store",
        `applyDelivery of the ${REPORTED_EACH} reports of a server's hour, a link`,
        stored,
        DELIVERIES_A_TURN * REPORTED_EACH,
        coldStored,
      ),
      row("shown", "the counts of one account", shown, READS_A_TURN, coldShown),
      row("delete", "a revocation of one account", deleted, DELETIONS_A_TURN),
      row("disable", "a server switched off and on", switched, SWITCHES_A_TURN),
      row("sweep", "the sweep of a server that is off, a link", swept, LINKS_EACH),
      touched,
      stands,
      hour(service),
    ];
  } finally {
    await database.stop();
  }
}

function rowsOf({ large, small }: Scene) {
  return (id: string, what: string, times: Times<"large" | "small">, items: number, cold = ""): Finding =>
    atMost(1.3, {
      id: `scale.${id}`,
      what: `${what}, ${numberOf(large.links)} links`,
      yardstick: `the same, ${numberOf(small.links)} links`,
      ratio: ratioOf(times.large, times.small),
      detail: `${perItem(median(times.large), items)} against ${perItem(median(times.small), items)}${cold === "" ? "" : `; the first calls with nothing in memory: ${cold}`}`,
    });
}

function numberOf(count: number): string {
  return Math.round(count).toLocaleString("en");
}

/** Lets both tables take turns. The requests are made before, so that no turn pays for them. */
function turns(
  { rounds, large, small }: Scene,
  calls: number,
  callOf: (table: Table, n: number) => () => Promise<void>,
): Promise<Times<"large" | "small">> {
  const subject = (table: Table): (() => Promise<void>) => {
    const all = (rounds + warmUpRounds(rounds)) * calls;
    const waiting = Array.from({ length: all }, (_, n) => callOf(table, n));
    return async () => {
      for (const call of waiting.splice(0, calls)) await call();
    };
  };
  return takeTurns(rounds, "collect", { large: subject(large), small: subject(small) });
}

async function showOne({ store, someAccount }: Table): Promise<void> {
  demand((await valueFrom(store.loadShown(someAccount()))).length === 1, "the account's link is shown");
}

async function deleteOne({ store, spare }: Table, n: number): Promise<void> {
  const selection = { account: accountOf(spare[0] as InstallationId, n + 1), installation: null };
  demand((await valueFrom(store.deleteLinks(selection, NOW))).length === 1, "one link is deleted");
}

async function switchOne({ setSwitch, spare }: Table, n: number): Promise<void> {
  const installation = spare[n % spare.length] as InstallationId;
  await setSwitch(installation, "off");
  await setSwitch(installation, "on");
}

/** Sweeps each spare server of both tables, by turns. */
async function sweeping({ large, small }: Scene): Promise<Times<"large" | "small">> {
  const times = { large: [] as number[], small: [] as number[] };
  for (const place of large.spare.keys()) {
    times.large.push(await sweepOne(large, place));
    times.small.push(await sweepOne(small, place));
  }
  return times;
}

async function sweepOne({ store, spare, setSwitch }: Table, place: number): Promise<number> {
  await setSwitch(spare[place] as InstallationId, "off");
  const keep = { counts: "2025-12-02" as CalendarDate, receipts: 0 as Instant, audit: 0 as Instant };
  let removed = 0;
  const took = await timed(async () => {
    for (let isDone = false; !isDone; ) {
      const swept = await valueFrom(store.sweep({ keep, at: NOW, limit: LINKS_EACH + 1 }));
      removed += swept.deleted;
      ({ isDone } = swept);
    }
  });
  demand(removed > LINKS_EACH / 2, `the links of the server are removed, and not ${removed}`);
  return took;
}

/** Returns how long each of some deliveries takes, in milliseconds. */
function deliveryTimes(table: Table, records: number, calls: number): Promise<readonly number[]> {
  return timesOf(() => storeDelivery(table.store, table.nextDelivery(records)), calls);
}

async function timesOf(call: () => Promise<void>, calls: number): Promise<readonly number[]> {
  const times: number[] = [];
  while (times.length < calls) times.push(await timed(call));
  return times;
}

// cspell:ignore blks datname
/** Counts the pages that a stored link touches: a plan that reads more of a larger table is seen here first. */
async function blocks({ database, calls, large, small }: Scene): Promise<Finding> {
  const touched = async (table: Table): Promise<number> => {
    // One connection, whose statistics are asked for when its work is done.
    const client = new pg.Pool({ ...database.server.connection, database: "postgres", max: 1 });
    const count = async (): Promise<number> => {
      await client.query("SELECT pg_stat_force_next_flush()");
      return numberFrom(
        client,
        "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = 'postgres'",
      );
    };
    const store = createPostgresReceiverStore({ client, schema: table.schema });
    // The first calls read the catalogs, and choose their plans.
    const deliver = () => storeDelivery(store, table.nextDelivery(REPORTED_EACH));
    for (let call = 0; call < 10; call++) await deliver();
    const before = await count();
    for (let call = 0; call < calls; call++) await deliver();
    const after = await count();
    await client.end();
    return (after - before) / (calls * REPORTED_EACH);
  };
  const [ours, theirs] = [await touched(large), await touched(small)];
  // A larger table has a level more in its indexes.
  return atMost(1.5, {
    id: "scale.blocks",
    what: `pages that a stored link touches, ${numberOf(large.links)} links`,
    yardstick: `the same, ${numberOf(small.links)} links`,
    ratio: ours / theirs,
    detail: `${ours.toFixed(2)} against ${theirs.toFixed(2)} a link`,
  });
}

/** Weighs a link in its table and indexes. */
async function bytes({ database: { pool }, large, small }: Scene): Promise<Finding> {
  const size = (of: string, { schema, links }: Table): Promise<number> =>
    numberFrom(
      pool,
      `SELECT sum(${of}(relid))::float8 / ${links} FROM pg_partition_tree('${schema}.links') WHERE isleaf`,
    );
  const [ours, theirs] = [
    await size("pg_total_relation_size", large),
    await size("pg_total_relation_size", small),
  ];
  return atMost(1.1, {
    id: "scale.bytes",
    what: `bytes of a link in the table and its indexes, ${numberOf(large.links)} links`,
    yardstick: `the same, ${numberOf(small.links)} links`,
    ratio: ours / theirs,
    detail: `${numberOf(ours)} bytes, of them ${numberOf(await size("pg_indexes_size", large))} in indexes, against ${numberOf(theirs)}`,
  });
}
