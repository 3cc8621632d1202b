import { Agent, request } from "node:http";
import { gzipSync } from "node:zlib";
import { CONTRIBUTION_SOURCE } from "unified-contributions";
import { createRequestSigner, type SigningKey } from "unified-contributions/adapters/http-signatures";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import type { Settled } from "./cloud-talk.ts";

/** How one request went. */
export interface Exchange {
  /** The status, or null where the connection was refused or cut before any answer. */
  readonly status: number | null;
  readonly tookMs: number;
}

/** One GitHub Enterprise Server on one connection, which reports all its links again and again. */
export interface LoadServer {
  /** Sends one report of all links, and remembers it as its last one if it was taken. */
  report(): Promise<Exchange>;
  /** The last request that was answered with 200. */
  lastAnswered(): string;
  close(): void;
}

const ADDRESS = "https://cloud.example/unified-contributions";
/** Short, so that few nonces have to be remembered at such a rate: rate × (this + the verifier's tolerance). */
const VALID_FOR_SECONDS = 10;

/** Makes a server that signs with this key, and was settled in the process that listens on this port. */
export function createLoadServer(port: number, key: SigningKey, settled: Settled): LoadServer {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sign = createRequestSigner({
    key: () => key,
    clock: systemClock,
    random: systemRandom,
    validForSeconds: VALID_FOR_SECONDS,
  });
  let { last } = settled;

  return {
    report: async () => {
      const requestId = systemRandom.id();
      const body = gzipped({ ...settled, last }, requestId);
      const headers = { "content-type": "application/json", "content-encoding": "gzip" };
      const signed = await sign(new Request(ADDRESS, { method: "POST", headers, body }), body);
      const exchange = await post(port, agent, Object.fromEntries(signed.headers), body);
      if (exchange.status === 200) last = requestId;
      return exchange;
    },
    lastAnswered: () => last,
    close: () => agent.destroy(),
  };
}

function gzipped({ sessionId, last, links }: Settled, requestId: string): Uint8Array<ArrayBuffer> {
  const first = new Date(systemClock.now() - 89 * 86_400_000).toISOString().slice(0, 10);
  const counts = Array.from({ length: 90 }, (_, day) => (day * 7) % 13);
  const records = links.map((link) => ({
    type: "report",
    linkId: link,
    choice: 1,
    source: CONTRIBUTION_SOURCE,
    first,
    counts,
  }));
  const message = { version: 1, requestId, type: "deliver", sessionId, follows: [last], records };
  return new Uint8Array(gzipSync(JSON.stringify(message), { level: 1 }));
}

/** Over node:http and not fetch, so that each server has just the one connection. */
function post(
  port: number,
  agent: Agent,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<Exchange> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const end = (status: number | null): void => resolve({ status, tookMs: performance.now() - startedMs });
    const options = {
      host: "127.0.0.1",
      port,
      path: "/unified-contributions",
      method: "POST",
      agent,
      headers,
    };
    const sent = request(options, (response) => {
      response.resume();
      // `close` comes after a whole answer and after half of one: only a whole one counts.
      response.on("close", () => end(response.complete ? (response.statusCode ?? null) : null));
    });
    sent.on("error", () => end(null));
    sent.end(body);
  });
}
