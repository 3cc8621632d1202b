// An hour of a hundred million links of twenty thousand servers, simulated. Each server's sync begins at its own phase,
// and its further requests follow a second apart. A request takes what this run measured on ten million links. The
// yardstick is the same hour, if every server began at its full hour.
import { availableParallelism } from "node:os";
import type { InstallationId, Instant } from "unified-contributions";
import { nextHourlySyncAt } from "../../../src/ghes/sync/schedule.ts";
import { below } from "../activity.ts";
import { atMost, type Finding, median } from "../measure.ts";
import { type Arrival, queue, type Waiting } from "./queue.ts";
import { RECORDS, REPORTED_SHARE } from "./table.ts";

/** How long deliveries took, in milliseconds: of few links, and of as many as a request has at most. */
export interface ServiceTimes {
  readonly few: { readonly links: number; readonly ms: readonly number[] };
  readonly many: { readonly links: number; readonly ms: readonly number[] };
}

const LINKS = 100_000_000;
const SERVERS = 20_000;
const PAUSE_MS = 1_000;
const WORKERS = 4;

/** Runs the row. */
export function hour(times: ServiceTimes): Finding {
  const cores = availableParallelism();
  const phased = arrivals(times, (installation) => nextHourlySyncAt(installation, 0 as Instant));
  const together = arrivals(times, () => 0);
  const oneDatabase = phased.map((arrival) => ({ ...arrival, database: 0 }));
  const one = queue(oneDatabase, 1, cores);
  const four = queue(phased, WORKERS, cores);
  const worst = queue(together, WORKERS, cores);
  return atMost(0.01, {
    id: "scale.hour",
    what: `p99 of a request, ${LINKS.toLocaleString("en")} links of ${SERVERS.toLocaleString("en")} servers on ${WORKERS} workers, in the hour`,
    yardstick: "the same if every server began at the full hour",
    ratio: four.p99Ms / worst.p99Ms,
    detail: `${phased.length.toLocaleString("en")} requests; ${said(`${WORKERS} workers of ${cores} cores`, four)}; ${said(`one database of ${cores} cores`, one)}; ${said("all at the full hour", worst)}`,
  });
}

function said(what: string, { p50Ms, p99Ms, busy }: Waiting): string {
  const ms = (time: number): string => Math.round(time).toLocaleString("en");
  return `${what}: p50 ${ms(p50Ms)} ms, p99 ${ms(p99Ms)} ms, busy ${Math.round(busy * 100)} %`;
}

/** Returns every request of an hour. A few servers are large, and most are small. */
function arrivals(
  times: ServiceTimes,
  beginOf: (installation: InstallationId) => number,
): readonly Arrival[] {
  const weights = Array.from({ length: SERVERS }, (_, place) => (place + 10) ** -0.8);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.flatMap((weight, server) => {
    const begin = beginOf(`installation-${server}` as InstallationId);
    const reported = Math.round((LINKS * weight * REPORTED_SHARE) / all);
    const requests = Math.max(1, Math.ceil(reported / RECORDS));
    return Array.from(
      { length: requests },
      (_, n): Arrival => ({
        atMs: begin + n * PAUSE_MS,
        serviceMs: serviceOf(Math.min(RECORDS, reported - n * RECORDS), times),
        database: server % WORKERS,
      }),
    );
  });
}

/** Returns how long so many links take: on the line through both medians, spread as the measured times were. */
function serviceOf(links: number, { few, many }: ServiceTimes): number {
  const [low, high] = [median(few.ms), median(many.ms)];
  const each = (high - low) / (many.links - few.links);
  const spread = (many.ms[below(many.ms.length)] ?? high) / high;
  return (low + each * (links - few.links)) * spread;
}
