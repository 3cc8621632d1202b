// npm run trial -- hostile
//
// Lets rude clients at a handler over real sockets, five times, each after a time without them. They are 1,000
// connections without a key, half of them slow with their heads, and 1,000 such requests of one HTTP/2 connection. There
// are 40 signed requests that stop, too. A client that is cut off comes back, after ten seconds on average. Slow servers
// with a wrong clock come last. Prints the time of the slowest hundredth of a real server's reports without and among
// them, and the median of the five ratios. Prints the memory above idle, too. Ends with 1 if one of these holds:
//
// - a real server gets no answer;
// - a server with a wrong clock is not told so;
// - the memory grew by more than 64 KiB per connection and twice the bytes of the signed requests.
//
// npm run trial -- hostile --in-process [--requests N] [--seed S]
//
// Sends hostile requests to the HTTP handler in this process instead, 100,000 unless told. Prints the answers to each
// kind and its worst time. Ends with 1 if one of these holds:
//
// - an answer has the wrong name;
// - data was changed;
// - a request took longer than a second;
// - the memory grew by more than 64 MiB.
//
// npm run trial -- hostile --database [--rounds N]
//
// Lets the database of a cloud get stuck instead, ten times unless told: rows are locked, and the store hangs before or
// after its statements. Each time takes half a minute. Ends with 1 if one of these holds:
//
// - another server than those that meet it is not answered within the deadline;
// - an answer acknowledges what another session does not find;
// - the process does not end in time while everything hangs.
import { parseArgs } from "node:util";
import pg from "pg";
import { FORGETFUL, startPostgres } from "../../test/support/postgres/server.ts";
import { ALL_PARTS, freshSchema } from "../../test/support/postgres/test-database.ts";
import { runBarrage } from "../../test/trials/hostile/barrage.ts";
import { runRudeClients } from "../../test/trials/hostile/rude-run.ts";
import { runStuckDatabase } from "../../test/trials/hostile/stuck-database.ts";

const MAX_MS = 1_000;
const MAX_GROWTH_BYTES = 64 * 1_048_576;
/** The requests before the measurement, so that a single setup does not count as growth. */
const WARM_UP = 2_000;

/** The deadline and the bound of a shutdown that a handler has by itself. */
const CALL_MS = 10_000;
const SHUTDOWN_MS = 30_000;

const { requests, seed, inProcess, database, rounds } = readOptions();
if (database) {
  await runDatabase();
  process.exit();
}
if (!inProcess) {
  await runSockets();
  process.exit();
}
await runBarrage(WARM_UP, seed);
const before = heapBytes();
const startedMs = performance.now();
const { tally, slowestMs, longestAnswer, breaches } = await runBarrage(requests, seed);
const tookSeconds = (performance.now() - startedMs) / 1000;
const growth = heapBytes() - before;

for (const [line, count] of [...tally].sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(`${String(count).padStart(7)}  ${line}`);
const [slowest = ["nothing", 0]] = [...slowestMs].sort(([, a], [, b]) => b - a);
console.log(`${requests} requests of seed ${seed} in ${tookSeconds.toFixed(0)} s`);
console.log(`slowest: ${slowest[1].toFixed(0)} ms, ${slowest[0]}; bound ${MAX_MS} ms`);
console.log(`longest answer: ${longestAnswer} characters, headers included`);
console.log(`heap afterwards: ${mib(growth)} more than before; bound ${mib(MAX_GROWTH_BYTES)}`);

const failures = [
  ...breaches,
  ...(slowest[1] > MAX_MS ? ["a request took too long"] : []),
  ...(growth > MAX_GROWTH_BYTES ? ["the memory grew"] : []),
];
for (const failure of failures) console.error(`BROKEN: ${failure}`);
if (failures.length > 0) process.exitCode = 1;

async function runSockets(): Promise<void> {
  const [pairs, reports] = [5, 390];
  const figures = await runRudeClients({
    ...{ connections: 1_000, streams: 1_000, stopping: 10, slow: 20 },
    ...{ reports, pairs },
  });
  const { statuses, p99, worst, memory, told } = figures;
  for (const { before, during } of p99)
    console.log(
      `p99 of a real server: ${before.toFixed(1)} ms undisturbed, ${during.toFixed(1)} ms among rude clients`,
    );
  const ratios = p99.map(({ before, during }) => during / before).sort((one, other) => one - other);
  console.log(
    `ratio of the two, median of ${pairs} pairs: ${(ratios[Math.floor(pairs / 2)] ?? Number.NaN).toFixed(2)}; ` +
      `the slowest report among rude clients: ${worst.toFixed(0)} ms`,
  );
  const each = (bytes: number): string => `${(bytes / memory.holders / 1_024).toFixed(1)} KiB`;
  console.log(
    `memory above idle: ${mib(memory.grown)}, ${each(memory.grown)} for each of ${memory.holders} connections and streams ` +
      `(${memory.mostOpen} connections open at once); bound ${each(memory.bound)}, which is 64 KiB and twice the signed bytes in flight`,
  );
  console.log(
    `answers to real servers among them: ${statuses.during}; slow servers are told ${told.join(", ")}`,
  );
  const isWell =
    statuses.during === `${pairs * reports} × 200` &&
    told.join() === "signature-expired" &&
    memory.grown <= memory.bound;
  if (isWell) return;
  console.error(`BROKEN: ${JSON.stringify(figures)}`);
  process.exitCode = 1;
}

async function runDatabase(): Promise<void> {
  const server = await startPostgres(18, FORGETFUL);
  const connection = { ...server.connection, database: "postgres" };
  const pool = new pg.Pool({ ...connection, max: 1 });
  pool.on("error", () => undefined);
  try {
    const schema = await freshSchema(
      { name: "PostgreSQL 18", client: pool, close: () => pool.end() },
      ...ALL_PARTS,
    );
    await pool.end();
    const times = { callTimeoutMs: CALL_MS, shutdownTimeoutMs: SHUTDOWN_MS };
    const figures = await runStuckDatabase({ connection, schema, others: 8, victims: 4, rounds, ...times });
    const { violations, acknowledged, slowestOtherMs, shutdownMs, afterwards } = figures;
    const inWords = (tally: ReadonlyMap<string, number>): string =>
      [...tally].map(([answer, count]) => `${count} × ${answer}`).join(", ");
    console.log(`other servers: ${inWords(figures.others)}; the slowest in ${slowestOtherMs.toFixed(0)} ms`);
    console.log(`servers that met it: ${inWords(figures.victims)}; afterwards ${inWords(figures.healed)}`);
    console.log(`${acknowledged} acknowledgements looked for in the database`);
    console.log(`shutdown while everything hangs: ${shutdownMs.toFixed(0)} ms; then ${afterwards}`);
    const failures = [
      ...violations,
      ...[...figures.others.keys()].filter((answer) => !answer.startsWith("delivered ")),
      ...[...figures.healed.keys()].filter((answer) => !answer.startsWith("delivered ")),
      ...(shutdownMs > SHUTDOWN_MS + MAX_MS ? ["the shutdown took too long"] : []),
    ];
    for (const failure of failures) console.error(`BROKEN: ${failure}`);
    if (failures.length > 0) process.exitCode = 1;
  } finally {
    await server.stop();
  }
}

interface Options {
  readonly requests: number;
  readonly seed: number;
  readonly inProcess: boolean;
  readonly database: boolean;
  readonly rounds: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      ...{ requests: { type: "string" }, seed: { type: "string" }, rounds: { type: "string" } },
      ...{ "in-process": { type: "boolean" }, database: { type: "boolean" } },
    },
  });
  const [count, start] = [Number(values.requests ?? 100_000), Number(values.seed ?? 1)];
  const times = Number(values.rounds ?? 10);
  const isWhole = [count, start, times].every(Number.isSafeInteger) && count >= 1 && times >= 1;
  if (!isWhole) {
    console.error("Say whole numbers: npm run trial -- hostile --in-process --requests 100000 --seed 1");
    process.exit(1);
  }
  const { "in-process": inProcess = false, database = false } = values;
  return { requests: count, seed: start, inProcess, database, rounds: times };
}

function mib(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
