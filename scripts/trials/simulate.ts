// npm run trial -- simulate [--seeds N | --minutes M] [--seed S] [--hours H] [--workers W] [--database D] [--failed]
//
// Runs N worlds of H hours each from seed S on, or as many as M minutes allow. --failed runs every seed that ever
// failed. Both sides keep their state in memory, or in a database D that the tests start: 18, 15 (PostgreSQL) or
// pglite. D can also be citus, the cluster whose coordinator CITUS_URL names; without CITUS_URL no world is run. Prints
// how many times each incident happened. If an invariant breaks, it prints which one, the shortest history found and the
// command that runs it again, and ends with 1.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import pg from "pg";
import { prepareStatements } from "unified-contributions/adapters/postgres";
import { shrinkSimulation, simulate } from "unified-contributions/testing/simulation";
import {
  type CitusCluster,
  dropSchemas,
  findCluster,
  NO_CITUS,
} from "../../test/support/postgres/citus-cluster.ts";
import { openPglite } from "../../test/support/postgres/pglite.ts";
import {
  FORGETFUL,
  type PostgresServer,
  RELEASES,
  startPostgres,
} from "../../test/support/postgres/server.ts";
import { type SimulatedStores, simulatedStores } from "../../test/support/postgres/simulated-stores.ts";

const FAILED_SEEDS = "test/trials/simulation/failed-seeds.json";
/** Most of a world's data is garbage at once. With enough room it takes a third of the time. */
const YOUNG_MEMORY_MB = 256;
const MAX_EXPLAINED = 3;

/** The parameters of one world. */
interface Task {
  readonly seed: number;
  readonly hours: number;
}

/** The result of one world. */
interface Done extends Task {
  /** All simulated hours, those of the healing included. */
  readonly simulatedHours: number;
  readonly isBroken: boolean;
  readonly fingerprint: string;
  readonly counts: readonly (readonly [string, number])[];
}

/** The results of all worlds. */
interface Summary {
  worlds: number;
  hours: number;
  simulatedHours: number;
  /** The same for the same worlds, in whichever order they were run. */
  fingerprint: bigint;
  readonly counts: Map<string, number>;
  readonly broken: Task[];
}

/** The place where both sides keep their state. */
type Storage = "memory" | "pglite" | PostgresServer["connection"] | CitusCluster;

/** A storage, and what ends it. */
interface OpenStorage {
  readonly storage: Storage;
  stop(): Promise<void>;
}

if (isMainThread) {
  await main();
} else {
  const stores = await openStores(workerData as Storage);
  parentPort?.on("message", async (task: Task) => parentPort?.postMessage(await run(task, stores)));
}

async function openStores(storage: Storage): Promise<SimulatedStores | null> {
  if (storage === "memory") return null;
  if (storage === "pglite") return simulatedStores(await openPglite());
  if ("prefix" in storage) {
    const { connectionString, prefix } = storage;
    const pool = new pg.Pool({ connectionString });
    const client = prepareStatements(pool);
    const close = () => pool.end();
    return simulatedStores({ name: "Citus", client, prefix, isDistributed: true, shards: 4, close });
  }
  const pool = new pg.Pool({ ...storage, database: "postgres" });
  return simulatedStores({ name: "PostgreSQL", client: prepareStatements(pool), close: () => pool.end() });
}

async function run({ seed, hours }: Task, stores: SimulatedStores | null): Promise<Done> {
  const {
    hours: simulatedHours,
    violation,
    fingerprint,
    counts,
  } = await simulate({ seed, hours, ...stores });
  stores?.clear();
  return { seed, hours, simulatedHours, isBroken: violation !== null, fingerprint, counts: [...counts] };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string" },
      minutes: { type: "string" },
      seed: { type: "string", default: "1" },
      hours: { type: "string", default: "500" },
      workers: { type: "string", default: String(availableParallelism()) },
      failed: { type: "boolean", default: false },
      database: { type: "string" },
    },
  });
  const first = wholeNumber("--seed", values.seed);
  const hours = wholeNumber("--hours", values.hours);
  const workers = wholeNumber("--workers", values.workers);
  const minutes = values.minutes === undefined ? null : wholeNumber("--minutes", values.minutes);
  const seeds = wholeNumber("--seeds", values.seeds ?? (minutes === null ? "100" : "1000000000"));

  const opened = await openStorage(values.database);
  if (opened === null) return print(`${NO_CITUS} No world was run.`);
  const { storage, stop } = opened;

  const began = performance.now();
  const until = minutes === null ? null : began + minutes * 60_000;
  const summary: Summary = {
    worlds: 0,
    hours: 0,
    simulatedHours: 0,
    fingerprint: 0n,
    counts: new Map(),
    broken: [],
  };
  const tasks = values.failed ? failedSeeds().values() : seedsFrom(first, seeds, hours, until);
  await runAll(tasks, workers, storage, (done) => add(summary, done));
  await stop();
  printSummary(summary, (performance.now() - began) / 60_000);
  for (const task of summary.broken.slice(0, MAX_EXPLAINED)) await explain(task);
  if (summary.broken.length === 0) return;
  print(`\nbroken seeds: ${summary.broken.map(({ seed }) => seed).join(" ")}`);
  print(`Add them to ${FAILED_SEEDS}, so that they are run for ever.`);
  process.exitCode = 1;
}

/** Returns the storage that is asked for, or null if that is a cluster and there is none. */
async function openStorage(database: string | undefined): Promise<OpenStorage | null> {
  const nothing = async (): Promise<void> => undefined;
  if (database === undefined) return { storage: "memory", stop: nothing };
  if (database === "pglite") return { storage: database, stop: nothing };
  if (database === "citus") {
    const cluster = findCluster();
    return cluster && { storage: cluster, stop: () => dropSchemas(cluster) };
  }
  const release = RELEASES.find((number) => String(number) === database);
  if (release === undefined) {
    process.stderr.write(
      `--database has to be pglite, citus, or a release of PostgreSQL: ${RELEASES.join(", ")}.\n`,
    );
    return process.exit(2);
  }
  const { connection, stop } = await startPostgres(release, FORGETFUL);
  return { storage: connection, stop };
}

function add(summary: Summary, done: Done): void {
  const { seed, hours, simulatedHours, isBroken, fingerprint, counts } = done;
  summary.worlds++;
  summary.fingerprint ^= BigInt(`0x${fingerprint}`);
  summary.hours += hours;
  summary.simulatedHours += simulatedHours;
  for (const [kind, count] of counts) summary.counts.set(kind, (summary.counts.get(kind) ?? 0) + count);
  if (isBroken) summary.broken.push({ seed, hours });
}

function printSummary(summary: Summary, minutes: number): void {
  const { worlds, hours, simulatedHours, fingerprint, counts, broken } = summary;
  for (const [kind, count] of counts) print(`${kind.padEnd(36)}${grouped(count).padStart(12)}`);
  const never = [...counts].filter(([, count]) => count === 0).map(([kind]) => kind);
  if (never.length > 0) print(`never met: ${never.join(", ")}`);
  print(
    `\n${grouped(worlds)} worlds, ${grouped(hours)} hours of faults, ${grouped(simulatedHours)} with those of the healing`,
  );
  print(`${grouped(worlds / minutes)} worlds and ${grouped(simulatedHours / minutes)} hours a minute`);
  print(`fingerprint of everything that was said: ${fingerprint.toString(16).padStart(16, "0")}`);
  print(`${broken.length} broken`);
}

// A fault that occurs only in a database does not occur in memory. Then there is nothing to shrink here.
async function explain({ seed, hours }: Task): Promise<void> {
  const { violation, history, incidents } = await shrinkSimulation({ seed, hours });
  if (!violation) return print(`\nseed ${seed} breaks in the database, and not in memory`);
  print(`\nseed ${seed} breaks ${violation.invariant}: ${violation.message}`);
  print(`the shortest history found has ${incidents.length} incidents:`);
  for (const line of history) print(`  ${line}`);
  print(`again: npm run trial -- simulate --seeds 1 --seed ${seed} --hours ${hours}`);
}

function* seedsFrom(first: number, seeds: number, hours: number, until: number | null): Generator<Task> {
  for (let seed = first; seed < first + seeds; seed++) {
    if (until !== null && performance.now() > until) return;
    yield { seed, hours };
  }
}

function failedSeeds(): readonly Task[] {
  return JSON.parse(readFileSync(FAILED_SEEDS, "utf8")) as readonly Task[];
}

/** Runs all tasks, on this many threads. */
async function runAll(
  tasks: Iterator<Task>,
  threads: number,
  storage: Storage,
  onDone: (done: Done) => void,
): Promise<void> {
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const worker = new Worker(new URL(import.meta.url), {
        workerData: storage,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEMORY_MB },
      });
      for (let next = tasks.next(); !next.done; next = tasks.next()) {
        worker.postMessage(next.value);
        // Rejects if the worker breaks down.
        const [done] = (await once(worker, "message")) as [Done];
        onDone(done);
      }
      await worker.terminate();
    }),
  );
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  process.stderr.write(`${option} has to be a whole number from 1 on, such as ${option} 20.\n`);
  return process.exit(2);
}

function grouped(number: number): string {
  return Math.round(number).toLocaleString("en");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
