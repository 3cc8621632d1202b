import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { bundle } from "../../../scripts/bundle.js";
import { type SettledServer, settle, startCloud, weigh } from "../load/cloud-child.ts";
import { createLoadServer } from "../load/load-server.ts";
import { holdSigned, sendSlowly } from "./rude-clients.ts";
import type { RudeOrder } from "./rude-process.ts";

/** How rude. */
export interface Rudeness {
  /** Connections without a key: half are slow with their heads, the bodies of the others never end. */
  readonly connections: number;
  /** Requests without a key on one HTTP/2 connection, whose bodies never end. */
  readonly streams: number;
  /** Servers whose signed requests stop before the last byte, each in four at once. */
  readonly stopping: number;
  /** Servers with a wrong clock that send slowly. */
  readonly slow: number;
  /** Reports of a real server while nobody is rude, and as many while all are. A burst of 400 is the most. */
  readonly reports: number;
  /** How often both are measured, one after the other. */
  readonly pairs: number;
}

/** What it came to. Times are in milliseconds, memory in bytes. */
export interface RudeFigures {
  /** How often a real server was answered with each status while nobody was rude, and while all were. */
  readonly statuses: { readonly before: string; readonly during: string };
  /** The slowest hundredth of the reports of each pair. */
  readonly p99: readonly { readonly before: number; readonly during: number }[];
  /** The slowest report of all among rude clients. */
  readonly worst: number;
  /** The memory above idle, heap and external (array buffers among it), at the worst moment. */
  readonly memory: {
    readonly grown: number;
    /** 64 KiB for each connection and stream, and twice the bytes of signed requests in flight. */
    readonly bound: number;
    /** How many connections and streams were opened. */
    readonly holders: number;
    /** How many connections were open when the memory was weighed, at most. The handler soon refuses those without a key. */
    readonly mostOpen: number;
  };
  /** What the slow servers were told, without repetitions. */
  readonly told: readonly string[];
}

const EACH_BYTES = 65_536;
/** How long a real server waits between two reports, in milliseconds. */
const PAUSE_MS = 20;
/** How long the handler has to forget the clients that were rude, before the next pair. */
const CALM_MS = 2_000;
/** How many requests of a server the handler works on at once, and how many bytes each of them has. */
const STOPPING_AT_ONCE = 4;
const STOPPING_BYTES = 262_144;
const LINKS = 5;

/** Starts a process with a handler over real sockets, and lets rude clients and real servers at it. */
export async function runRudeClients(rudeness: Rudeness): Promise<RudeFigures> {
  const { connections, streams, stopping, slow, reports, pairs } = rudeness;
  const cloud = startCloud();
  try {
    // A server for each measurement: none comes to the end of its burst.
    const { port, http2Port, servers } = await settle(cloud, 2 * pairs + stopping, LINKS);
    const [real, stopped] = [servers.slice(0, 2 * pairs), servers.slice(2 * pairs)];
    const statuses = { before: new Map<string, number>(), during: new Map<string, number>() };
    const p99: { before: number; during: number }[] = [];
    let worst = 0;
    const measure = async (tally: Map<string, number>): Promise<readonly number[]> =>
      await report(port, real.pop(), reports, tally);
    let grown = Number.NEGATIVE_INFINITY;
    let mostOpen = 0;
    for (let pair = 0; pair < pairs; pair++) {
      const before = p99Of(await measure(statuses.before));
      const idle = await weigh(cloud);
      const stop = await beRude({ port, http2Port, connections, streams }, stopped);
      try {
        const weighed = [await weigh(cloud)];
        const times = await measure(statuses.during);
        worst = Math.max(worst, ...times);
        weighed.push(await weigh(cloud));
        for (const memory of weighed) {
          grown = Math.max(grown, bytesOf(memory) - bytesOf(idle));
          mostOpen = Math.max(mostOpen, memory.connections);
        }
        p99.push({ before, during: p99Of(times) });
      } finally {
        await stop();
      }
      await sleep(CALM_MS);
    }
    const held = stopping * STOPPING_AT_ONCE;
    const [{ key }] = stopped as [SettledServer];
    const told = await Promise.all(Array.from({ length: slow }, () => sendSlowly(port, key, 10, 100)));
    return {
      statuses: { before: inWords(statuses.before), during: inWords(statuses.during) },
      ...{ p99, worst },
      memory: {
        ...{ grown, mostOpen, holders: connections + streams + held },
        bound: (connections + streams + held) * EACH_BYTES + 2 * held * STOPPING_BYTES,
      },
      told: [...new Set(told)],
    };
  } finally {
    cloud.kill("SIGKILL");
  }
}

/** Starts all rude clients, and returns when they are connected. The answer stops them. */
async function beRude(order: RudeOrder, stopped: readonly SettledServer[]): Promise<() => Promise<void>> {
  const held = await Promise.all(
    stopped.map(({ key }) => holdSigned(order.port, key, STOPPING_AT_ONCE, STOPPING_BYTES)),
  );
  const program = await bundle("test/trials/hostile/rude-process.ts");
  const child = fork(program, [JSON.stringify(order)], { stdio: "inherit" });
  const ended = once(child, "exit");
  const tooSoon = ended.then(() => Promise.reject(new Error("The rude clients ended by themselves.")));
  await Promise.race([once(child, "message"), tooSoon]);
  return async () => {
    for (const { close } of held) close();
    child.kill("SIGKILL");
    await ended;
  };
}

/** Returns the times of so many reports of a server, in order of their length. */
async function report(
  port: number,
  real: SettledServer | undefined,
  reports: number,
  tally: Map<string, number>,
): Promise<readonly number[]> {
  if (!real) throw new Error("No server is left.");
  const server = createLoadServer(port, real.key, real.settled);
  const times: number[] = [];
  for (let at = 0; at < reports; at++) {
    const { status, tookMs } = await server.report();
    tally.set(String(status), (tally.get(String(status)) ?? 0) + 1);
    times.push(tookMs);
    await sleep(PAUSE_MS);
  }
  server.close();
  return times.sort((one, other) => one - other);
}

function p99Of(times: readonly number[]): number {
  return times[Math.floor(0.99 * times.length)] ?? Number.NaN;
}

/** The heap, and what is external to it. */
function bytesOf({ heapUsed, external }: Awaited<ReturnType<typeof weigh>>): number {
  return heapUsed + external;
}

function inWords(tally: ReadonlyMap<string, number>): string {
  return [...tally]
    .map(([status, count]) => `${count} × ${status}`)
    .sort()
    .join(", ");
}
