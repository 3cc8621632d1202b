// npm run trial -- hostile [--requests N] [--seed S]
// Sends hostile requests to the HTTP handler, 100,000 unless told, and prints how each kind was answered and its worst
// time. Ends with 1 if an answer has not its name, something was changed, a request took longer than a second or the
// memory grew by more than 64 MiB.
import { parseArgs } from "node:util";
import { runBarrage } from "../../test/hostile/barrage.ts";

const MOST_MS = 1_000;
const MOST_GROWTH_BYTES = 64 * 1_048_576;
/** So many requests at first, so that what is only set up once is not taken for growth. */
const WARM_UP = 2_000;

const { requests, seed } = readOptions();
await runBarrage(WARM_UP, seed);
const before = heapBytes();
const startedMs = performance.now();
const { tally, slowestMs, longestAnswer, breaches } = await runBarrage(requests, seed);
const tookSeconds = (performance.now() - startedMs) / 1000;
const growth = heapBytes() - before;

for (const [line, count] of [...tally].sort(([one], [other]) => (one < other ? -1 : 1)))
  console.log(`${String(count).padStart(7)}  ${line}`);
const [slowest = ["nothing", 0]] = [...slowestMs].sort(([, one], [, other]) => other - one);
const mib = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;
console.log(`${requests} requests of seed ${seed} in ${tookSeconds.toFixed(0)} s`);
console.log(`slowest: ${slowest[1].toFixed(0)} ms, ${slowest[0]}; bound ${MOST_MS} ms`);
console.log(`longest answer: ${longestAnswer} characters, headers included`);
console.log(`heap afterwards: ${mib(growth)} more than before; bound ${mib(MOST_GROWTH_BYTES)}`);

const failures = [
  ...breaches,
  ...(slowest[1] > MOST_MS ? ["a request took too long"] : []),
  ...(growth > MOST_GROWTH_BYTES ? ["the memory grew"] : []),
];
for (const failure of failures) console.error(`BROKEN: ${failure}`);
if (failures.length > 0) process.exitCode = 1;

function readOptions(): { readonly requests: number; readonly seed: number } {
  const { values } = parseArgs({ options: { requests: { type: "string" }, seed: { type: "string" } } });
  const [count, start] = [Number(values.requests ?? 100_000), Number(values.seed ?? 1)];
  if (!(Number.isSafeInteger(count) && count >= 1 && Number.isSafeInteger(start))) {
    console.error("Say whole numbers: npm run trial -- hostile --requests 100000 --seed 1");
    process.exit(1);
  }
  return { requests: count, seed: start };
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
