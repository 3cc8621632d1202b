// npm run trial -- hostile [--requests N] [--seed S]
//
// Sends hostile requests to the HTTP handler, 100,000 unless told. Prints the answers to each kind and its worst time.
// Ends with 1 if one of these holds:
//
// - an answer has the wrong name;
// - data was changed;
// - a request took longer than a second;
// - the memory grew by more than 64 MiB.
//
// npm run trial -- hostile --sockets
//
// Runs rude clients over real sockets instead, five times. There are 1,000 connections without a key, 1,000 such
// requests on one HTTP/2 connection, and slow servers with a wrong clock. Ends with 1 if one of these holds:
//
// - a real server gets no answer;
// - a server with a wrong clock is not told so;
// - a connection costs more than 64 KiB.
import { parseArgs } from "node:util";
import { runBarrage } from "../../test/trials/hostile/barrage.ts";
import { runRudeClients } from "../../test/trials/hostile/rude-run.ts";

const MAX_MS = 1_000;
const MAX_GROWTH_BYTES = 64 * 1_048_576;
/** The requests before the measurement, so that a single setup does not count as growth. */
const WARM_UP = 2_000;

const { requests, seed, sockets } = readOptions();
if (sockets) {
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
const mib = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;
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
  for (let run = 0; run < 5; run++) {
    const figures = await runRudeClients({ connections: 1_000, streams: 1_000, slow: 20, reports: 300 });
    const { statuses, p99, heapEach, told } = figures;
    console.log(
      `p99 of a real server ${p99.before.toFixed(1)} ms undisturbed, ${p99.during.toFixed(1)} ms among rude clients; ` +
        `heap ${(heapEach / 1_024).toFixed(1)} KiB each; slow servers are told ${told.join(", ")}`,
    );
    const isWell =
      statuses.during === "300 × 200" && told.join() === "signature-expired" && heapEach <= 65_536;
    if (isWell) continue;
    console.error(`BROKEN: ${JSON.stringify(figures)}`);
    process.exitCode = 1;
  }
}

function readOptions(): { readonly requests: number; readonly seed: number; readonly sockets: boolean } {
  const { values } = parseArgs({
    options: { requests: { type: "string" }, seed: { type: "string" }, sockets: { type: "boolean" } },
  });
  const [count, start] = [Number(values.requests ?? 100_000), Number(values.seed ?? 1)];
  if (!(Number.isSafeInteger(count) && count >= 1 && Number.isSafeInteger(start))) {
    console.error("Say whole numbers: npm run trial -- hostile --requests 100000 --seed 1");
    process.exit(1);
  }
  return { requests: count, seed: start, sockets: values.sockets ?? false };
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
