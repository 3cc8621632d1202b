// npm run trial -- load [--minutes M] [--connections C]
//
// Runs one handler over node:http in a process of its own. Many servers report without a pause, each on one connection:
// 200 for ten minutes unless told. Ends with 1 if one of these holds:
//
// - a request got no answer, or one that is neither taken nor "later";
// - no server was asked to come later;
// - a bound is passed;
// - a request that was taken at the end got no answer.
import { parseArgs } from "node:util";
import { type LoadFigures, runLoad } from "../../test/trials/load/run-load.ts";

const MIB = 1_048_576;
const LINKS = 20;
const PAUSE_MS = 250;
/** The time of an answer to a taken request, at more load than there is. */
const P99_MS = 2_000;
/** The most that may be left on the heap, beside the nonces of the last seconds. */
const HEAP_GROWTH_BYTES = 32 * MIB;
const RSS_GROWTH_BYTES = 128 * MIB;
const SHUTDOWN_MS = 5_000;

const { minutes, connections } = readOptions();
const figures = await runLoad({ connections, seconds: minutes * 60, links: LINKS, pauseMs: PAUSE_MS });
print(figures);
for (const failure of failuresOf(figures)) {
  console.error(`BROKEN: ${failure}`);
  process.exitCode = 1;
}

function print({ seconds, statuses, taken, refused, heap, rss, shutdown }: LoadFigures): void {
  const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;
  const times = ({ p50, p99, worst }: typeof taken): string =>
    `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`;
  const perSecond = (taken.count / seconds).toFixed(0);
  const all = [...statuses].sort().map(([status, count]) => `${status}: ${count}`);
  console.log(
    `${connections} connections, ${LINKS} links a report, ${seconds.toFixed(0)} s; ${all.join(", ")}`,
  );
  console.log(`taken: ${perSecond}/s, ${times(taken)}; bound of p99 ${P99_MS} ms`);
  console.log(`asked to come later: ${times(refused)}`);
  console.log(
    `heap: ${mib(heap.warm)} when warm, ${mib(heap.end)} at the end; bound of growth ${mib(HEAP_GROWTH_BYTES)}`,
  );
  console.log(
    `memory: ${mib(rss.warm)} when warm, ${mib(rss.end)} at the end, ${mib(rss.worst)} at worst; bound of growth ${mib(RSS_GROWTH_BYTES)}`,
  );
  console.log(
    `SIGTERM: ended with ${shutdown.exitCode} after ${shutdown.tookMs.toFixed(0)} ms, bound ${SHUTDOWN_MS} ms; ` +
      `${shutdown.answeredAfter} answered after it, ${shutdown.lost} taken and not answered`,
  );
}

function failuresOf({ statuses, taken, heap, rss, shutdown }: LoadFigures): readonly string[] {
  const claims: readonly (readonly [isBroken: boolean, failure: string])[] = [
    [
      [...statuses.keys()].some((status) => status !== "200" && status !== "429"),
      "an answer that is neither 200 nor 429",
    ],
    [taken.count === 0, "nothing was taken"],
    [!statuses.has("429"), "nobody was asked to come later"],
    [taken.p99 > P99_MS, "p99"],
    [heap.end - heap.warm > HEAP_GROWTH_BYTES, "the heap grew"],
    [rss.worst - rss.warm > RSS_GROWTH_BYTES, "the memory grew"],
    [shutdown.exitCode !== 0 || shutdown.tookMs > SHUTDOWN_MS, "the process did not end by itself"],
    [shutdown.lost > 0, "something was taken and not answered"],
  ];
  return claims.flatMap(([isBroken, failure]) => (isBroken ? [failure] : []));
}

function readOptions(): { readonly minutes: number; readonly connections: number } {
  const { values } = parseArgs({ options: { minutes: { type: "string" }, connections: { type: "string" } } });
  const [time, count] = [Number(values.minutes ?? 10), Number(values.connections ?? 200)];
  if (!(time > 0 && time <= 1_440 && Number.isSafeInteger(count) && count >= 1)) {
    console.error("Say numbers: npm run trial -- load --minutes 10 --connections 200");
    process.exit(1);
  }
  return { minutes: time, connections: count };
}
