import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { reportOf, settle, startCloud, weigh } from "./cloud-child.ts";
import { createJournal, type Journal, type Percentiles } from "./journal.ts";
import { createLoadServer, type LoadServer } from "./load-server.ts";

/** How much load. */
export interface Load {
  /** Each is a server of its own. */
  readonly connections: number;
  readonly seconds: number;
  /** Links in each report. */
  readonly links: number;
  /** How long a server waits after a 429, in milliseconds: far less than it is asked to, so that the pressure stays. */
  readonly pauseMs: number;
}

/** What the load came to. Times are in milliseconds, memory in bytes. */
export interface LoadFigures {
  readonly seconds: number;
  /** How many requests had each status; `cut` is none at all, while nobody had asked the process to end. */
  readonly statuses: ReadonlyMap<string, number>;
  readonly taken: Percentiles;
  readonly refused: Percentiles;
  /** What is left after a collection of garbage, when warm and at the end. */
  readonly heap: { readonly warm: number; readonly end: number };
  /** All memory of the process, when warm, at the end and at its worst in between. */
  readonly rss: { readonly warm: number; readonly end: number; readonly worst: number };
  readonly shutdown: Shutdown;
}

/** How the process ended under load. */
interface Shutdown {
  readonly exitCode: number | null;
  readonly tookMs: number;
  /** Servers whose last request was admitted without that they heard of it, or the other way round. */
  readonly lost: number;
  /** How many were answered with 200 after the process was told to end. */
  readonly answeredAfter: number;
}

/** How long it runs before anything counts: a third of the time, up to a minute. */
const warmUpMs = (seconds: number): number => Math.min(60_000, (seconds * 1000) / 3);
const SAMPLE_MS = 1_000;

/** Starts the process, puts it under load, and ends it while the load goes on. */
export async function runLoad(load: Load): Promise<LoadFigures> {
  const cloud = startCloud();
  try {
    return await runAgainst(cloud, load);
  } finally {
    if (cloud.exitCode === null) cloud.kill("SIGKILL");
  }
}

async function runAgainst(cloud: ChildProcess, load: Load): Promise<LoadFigures> {
  const { port, servers: known } = await settle(cloud, load.connections, load.links);
  const servers = known.map(({ key, settled }) => createLoadServer(port, key, settled));
  const journal = createJournal();
  const driving = servers.map((server) => drive(server, journal, load.pauseMs));
  const endMs = performance.now() + load.seconds * 1000;

  await sleep(warmUpMs(load.seconds));
  const warm = await weigh(cloud);
  journal.forget();
  let worst = warm.rss;
  const warmMs = performance.now();
  while (performance.now() < endMs) {
    await sleep(Math.min(SAMPLE_MS, load.seconds * 100));
    worst = Math.max(worst, (await weigh(cloud, { collects: false })).rss);
  }
  const end = await weigh(cloud);
  const seconds = (performance.now() - warmMs) / 1000;
  const figures = journal.figures();

  const shutdown = await shutDown(cloud, servers, driving, journal);
  for (const server of servers) server.close();
  return {
    ...{ seconds, ...figures, shutdown },
    heap: { warm: warm.heapUsed, end: end.heapUsed },
    rss: { warm: warm.rss, end: end.rss, worst: Math.max(worst, end.rss) },
  };
}

/** Reports again and again, until the process has been told to end and takes no more. */
async function drive(server: LoadServer, journal: Journal, pauseMs: number): Promise<void> {
  for (;;) {
    const exchange = await server.report();
    journal.note(exchange);
    if (exchange.status === null) return;
    if (exchange.status === 503 && journal.hasEnded()) return;
    if (exchange.status !== 200) await sleep(pauseMs * (0.5 + Math.random()));
  }
}

async function shutDown(
  cloud: ChildProcess,
  servers: readonly LoadServer[],
  driving: readonly Promise<void>[],
  journal: Journal,
): Promise<Shutdown> {
  const startedMs = performance.now();
  journal.endsNow();
  const ended = reportOf(cloud, "ended");
  const exited = once(cloud, "exit");
  cloud.kill("SIGTERM");
  const [{ admitted }, [exitCode]] = await Promise.all([ended, exited]);
  const tookMs = performance.now() - startedMs;
  await Promise.all(driving);
  const heard = new Set(servers.map((server) => server.lastAnswered()));
  const lost = admitted.filter((id) => !heard.has(id)).length;
  return { exitCode: exitCode as number | null, tookMs, lost, answeredAfter: journal.figures().taken.count };
}
