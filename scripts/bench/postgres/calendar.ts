// The query of a profile: one account's counts of three installations, through the receiver. The yardstick is the
// smallest possible round trip. In throughput it is pgbench's own read of one row, a program in C that does nothing
// else.
import { existsSync } from "node:fs";
import type { AccountId, InstallationId } from "unified-contributions";
import { createMemoryLedger } from "unified-contributions/adapters/memory";
import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import { systemRandom } from "unified-contributions/adapters/system";
import { createReceiver, type Receiver } from "unified-contributions/ghec";
import { createTestClock } from "unified-contributions/testing";
import { command } from "../../command.ts";
import { below } from "../activity.ts";
import {
  atLeast,
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
import { type BenchDatabase, CONNECTIONS, valueFrom } from "./database.ts";
import { FIRST_COMMIT, REGISTRATION, schemaWithLinks, TODAY } from "./links.ts";

const INSTALLATIONS = ["server-1", "server-2", "server-3"] as InstallationId[];
const READS_A_TURN = 200;

/** Debian keeps it away from the path. */
const PGBENCH = "/usr/lib/postgresql/15/bin/pgbench";

/** Runs the rows. */
export async function calendar(database: BenchDatabase, effort: Effort): Promise<readonly Finding[]> {
  const { pool, client } = database;
  const accounts = effort.isQuick ? 1_000 : 100_000;
  const schema = await schemaWithLinks(pool, accounts, { hasCounts: true, installations: INSTALLATIONS });
  const store = createPostgresReceiverStore({ client, schema });
  for (const installation of INSTALLATIONS) {
    const registration = { ...REGISTRATION, installation };
    await valueFrom(store.commitRegistration({ ...FIRST_COMMIT, registration }));
  }
  const receiver = createReceiver({
    store,
    ledger: createMemoryLedger(),
    clock: createTestClock("2026-03-01T12:00:00Z"),
    random: systemRandom,
  });
  const read = () => readCalendar(receiver, `account-${1 + below(accounts)}` as AccountId);

  const times = await takeTurns(effort.rounds, "collect", {
    ours: async () => {
      for (let reads = 0; reads < READS_A_TURN; reads++) await read();
    },
    raw: async () => {
      for (let reads = 0; reads < READS_A_TURN; reads++) await pool.query("SELECT 1");
    },
  });
  const findings = [
    atMost(6, {
      id: "postgres.calendar",
      what: `shownCounts of one account with 3 links, ${accounts.toLocaleString("en")} accounts`,
      yardstick: "SELECT 1",
      ratio: ratioOf(times.ours, times.raw),
      detail: `${perItem(median(times.ours), READS_A_TURN)} against ${perItem(median(times.raw), READS_A_TURN)}`,
    }),
  ];
  if (existsSync(PGBENCH)) findings.push(await throughput(database, effort, read));
  await pool.query(`DROP SCHEMA ${schema} CASCADE`);
  return findings;
}

async function throughput(
  { pool, server: { connection } }: BenchDatabase,
  { isQuick, rounds }: Effort,
  read: () => Promise<void>,
): Promise<Finding> {
  const seconds = isQuick ? 1 : 2;
  const reach = ["-h", connection.host, "-U", connection.user];
  await pgbench([...reach, "-i", "-q", "-s", isQuick ? "1" : "10", "postgres"]);
  const ours: number[] = [];
  const raw: number[] = [];
  const driver: number[] = [];
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    ours.push(await rateOf(read, seconds));
    driver.push(await rateOf(() => pool.query("SELECT 1"), seconds));
    const output = await pgbench([
      ...reach,
      "-S",
      "-n",
      "-c",
      `${CONNECTIONS}`,
      "-T",
      `${seconds}`,
      "postgres",
    ]);
    raw.push(Number(/tps = ([\d.]+)/.exec(output)?.[1]));
  }
  const perSecond = (rates: readonly number[]): string =>
    `${Math.round(median(rates)).toLocaleString("en")}/s`;
  return atLeast(0.5, {
    id: "postgres.calendar-throughput",
    what: `the same, as many as ${CONNECTIONS} connections of one process read`,
    yardstick: `pgbench -S with ${CONNECTIONS} clients`,
    ratio: ratioOf(ours, raw),
    detail: `${perSecond(ours)} against ${perSecond(raw)}; SELECT 1 over the same driver: ${perSecond(driver)}`,
  });
}

/** Returns how many times per second an operation is done, over all connections at once. */
async function rateOf(run: () => Promise<unknown>, seconds: number): Promise<number> {
  let runs = 0;
  const end = performance.now() + seconds * 1_000;
  const runner = async (): Promise<void> => {
    for (; performance.now() < end; runs++) await run();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, runner));
  return runs / seconds;
}

async function pgbench(args: readonly string[]): Promise<string> {
  const { code, output } = await command(PGBENCH, args);
  if (code !== 0) throw new WrongResult(`pgbench runs: ${output}`);
  return output;
}

async function readCalendar(receiver: Receiver, account: AccountId): Promise<void> {
  const windows = await valueFrom(receiver.shownCounts(account, TODAY));
  demand(windows.length === INSTALLATIONS.length, "the counts of every installation are shown");
}
