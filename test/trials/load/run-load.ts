import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { generateKeyPair, importSigningKey } from "unified-contributions/adapters/http-signatures";
import type { CloudOrder, CloudReport } from "./cloud-talk.ts";
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
  const cloud = spawn(
    process.execPath,
    ["--expose-gc", "scripts/run.js", "test/trials/load/cloud-process.ts"],
    {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    },
  );
  try {
    return await runAgainst(cloud, load);
  } finally {
    if (cloud.exitCode === null) cloud.kill("SIGKILL");
  }
}

async function runAgainst(cloud: ChildProcess, load: Load): Promise<LoadFigures> {
  const servers = await settle(cloud, load);
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

/** Makes the servers' keys, and lets the process know them. */
async function settle(cloud: ChildProcess, { connections, links }: Load): Promise<readonly LoadServer[]> {
  const made = await Promise.all(
    Array.from({ length: connections }, async (_, number) => {
      const { privateKey, publicKey } = (await generateKeyPair("ed25519"))._unsafeUnwrap();
      const keyId = `server-${number}`;
      const key = (await importSigningKey({ keyId, algorithm: "ed25519", jwk: privateKey }))._unsafeUnwrap();
      return { key, settler: { keyId, jwk: publicKey } };
    }),
  );
  const settlers = made.map(({ settler }) => settler);
  const { port, settled } = await ask(cloud, { type: "settle", settlers, links }, "listening");
  return made.flatMap(({ key }, at) => {
    const own = settled[at];
    return own ? [createLoadServer(port, key, own)] : [];
  });
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

function weigh(cloud: ChildProcess, { collects = true } = {}) {
  return ask(cloud, { type: "weigh", collects }, "memory");
}

type ReportOf<Type extends CloudReport["type"]> = Extract<CloudReport, { readonly type: Type }>;

function ask<Type extends CloudReport["type"]>(
  cloud: ChildProcess,
  order: CloudOrder,
  type: Type,
): Promise<ReportOf<Type>> {
  const answered = reportOf(cloud, type);
  cloud.send(order);
  return answered;
}

/** The next report of this type; rejects where the process ends without it. */
function reportOf<Type extends CloudReport["type"]>(
  cloud: ChildProcess,
  type: Type,
): Promise<ReportOf<Type>> {
  return new Promise((resolve, reject) => {
    const onMessage = (report: CloudReport): void => {
      if (report.type !== type) return;
      stop();
      resolve(report as ReportOf<Type>);
    };
    const onExit = (): void => {
      stop();
      reject(new Error("The process under load ended by itself."));
    };
    const stop = (): void => {
      cloud.off("message", onMessage);
      cloud.off("exit", onExit);
    };
    cloud.on("message", onMessage);
    cloud.on("exit", onExit);
  });
}
