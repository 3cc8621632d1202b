import { spawn } from "node:child_process";
import { once } from "node:events";
import { generateKeyPair, importSigningKey } from "unified-contributions/adapters/http-signatures";
import type { CloudOrder, CloudReport } from "../load/cloud-talk.ts";
import { createLoadServer, type LoadServer } from "../load/load-server.ts";
import { holdConnections, holdStreams, sendSlowly } from "./rude-clients.ts";

/** How rude. */
export interface Rudeness {
  /** Connections without a key whose bodies never end. */
  readonly connections: number;
  /** Requests without a key on one HTTP/2 connection, whose bodies never end. */
  readonly streams: number;
  /** Servers with a wrong clock that send slowly. */
  readonly slow: number;
  /** Reports of a real server before, and as many during. */
  readonly reports: number;
}

/** What it came to. Times are in milliseconds, memory in bytes. */
export interface RudeFigures {
  /** How often the real server was answered with each status while nobody was rude, and while all were. */
  readonly statuses: { readonly before: string; readonly during: string };
  readonly p99: { readonly before: number; readonly during: number };
  /** What each rude connection or request costs of the heap. */
  readonly heapEach: number;
  /** What the slow servers were told, without repetitions. */
  readonly told: readonly string[];
}

/** Starts a process with a handler over real sockets, and lets rude clients and one real server at it. */
export async function runRudeClients(rudeness: Rudeness): Promise<RudeFigures> {
  const args = ["--expose-gc", "scripts/run.js", "test/trials/load/cloud-process.ts"];
  const cloud = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ask = async (order: CloudOrder): Promise<CloudReport> => {
    cloud.send(order);
    const [report] = (await once(cloud, "message")) as [CloudReport];
    return report;
  };
  const heap = async (): Promise<number> => {
    const report = await ask({ type: "weigh", collects: true });
    return report.type === "memory" ? report.heapUsed : Number.NaN;
  };
  try {
    const { privateKey, publicKey } = (await generateKeyPair("ed25519"))._unsafeUnwrap();
    const key = (
      await importSigningKey({ keyId: "server-1", algorithm: "ed25519", jwk: privateKey })
    )._unsafeUnwrap();
    const settlers = [{ keyId: "server-1", jwk: publicKey }];
    const listening = await ask({ type: "settle", settlers, links: 5 });
    if (listening.type !== "listening") throw new Error("The process does not listen.");
    const { port, http2Port, settled } = listening;
    const [real] = settled;
    if (!real) throw new Error("The server was not settled.");
    const server = createLoadServer(port, key, real);

    const before = await report(server, rudeness.reports);
    server.close();
    const heapBefore = await heap();
    const rude = [
      await holdConnections(port, rudeness.connections),
      await holdStreams(http2Port, rudeness.streams),
    ];
    // On a connection of its own: Node has closed the first one if the others took long to open.
    const again = createLoadServer(port, key, { ...real, last: server.lastAnswered() });
    const during = await report(again, rudeness.reports);
    const heapDuring = await heap();
    const told = await Promise.all(
      Array.from({ length: rudeness.slow }, () => sendSlowly(port, key, 10, 100)),
    );

    for (const { close } of rude) await close();
    again.close();
    return {
      statuses: { before: before.statuses, during: during.statuses },
      p99: { before: before.p99, during: during.p99 },
      heapEach: (heapDuring - heapBefore) / (rudeness.connections + rudeness.streams),
      told: [...new Set(told)],
    };
  } finally {
    cloud.kill("SIGKILL");
  }
}

async function report(server: LoadServer, reports: number) {
  const statuses = new Map<number | null, number>();
  const times: number[] = [];
  for (let at = 0; at < reports; at++) {
    const { status, tookMs } = await server.report();
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    times.push(tookMs);
  }
  times.sort((one, other) => one - other);
  const said = [...statuses].map(([status, count]) => `${count} × ${status}`).sort();
  return { statuses: said.join(", "), p99: times[Math.floor(0.99 * times.length)] ?? Number.NaN };
}
