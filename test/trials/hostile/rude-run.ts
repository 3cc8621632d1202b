import { type SettledServer, settle, startCloud, weigh } from "../load/cloud-child.ts";
import { createLoadServer } from "../load/load-server.ts";
import { holdConnections, holdSigned, holdStreams, type RudeClients, sendSlowly } from "./rude-clients.ts";

/** How rude. */
export interface Rudeness {
  /** Connections without a key whose bodies never end. */
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
    const measure = (tally: Map<string, number>): Promise<number> => report(port, real.pop(), reports, tally);
    let grown = Number.NEGATIVE_INFINITY;
    let mostOpen = 0;
    for (let pair = 0; pair < pairs; pair++) {
      const before = await measure(statuses.before);
      const idle = await weigh(cloud);
      const rude = [
        ...(await holdAll(port, stopped)),
        await holdStreams(http2Port, streams),
        await holdConnections(port, connections),
      ];
      // At once, since the handler refuses them soon, and once more after the reports.
      const weighed = [await weigh(cloud)];
      const during = await measure(statuses.during);
      weighed.push(await weigh(cloud));
      for (const memory of weighed) {
        grown = Math.max(grown, bytesOf(memory) - bytesOf(idle));
        mostOpen = Math.max(mostOpen, memory.connections);
      }
      p99.push({ before, during });
      for (const { close } of rude) await close();
    }
    const held = stopping * STOPPING_AT_ONCE;
    const [{ key }] = stopped as [SettledServer];
    const told = await Promise.all(Array.from({ length: slow }, () => sendSlowly(port, key, 10, 100)));
    return {
      statuses: { before: inWords(statuses.before), during: inWords(statuses.during) },
      p99,
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

function holdAll(port: number, servers: readonly SettledServer[]): Promise<RudeClients[]> {
  return Promise.all(servers.map(({ key }) => holdSigned(port, key, STOPPING_AT_ONCE, STOPPING_BYTES)));
}

/** Returns the slowest hundredth of so many reports of a server. */
async function report(
  port: number,
  real: SettledServer | undefined,
  reports: number,
  tally: Map<string, number>,
): Promise<number> {
  if (!real) throw new Error("No server is left.");
  const server = createLoadServer(port, real.key, real.settled);
  const times: number[] = [];
  for (let at = 0; at < reports; at++) {
    const { status, tookMs } = await server.report();
    tally.set(String(status), (tally.get(String(status)) ?? 0) + 1);
    times.push(tookMs);
  }
  server.close();
  times.sort((one, other) => one - other);
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
