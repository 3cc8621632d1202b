import { createServer, type IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { type HttpHost, listen } from "./http-host.ts";

/** An answer as the proxy has it, with its headers; the cloud's is inflated. */
export interface ProxiedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/**
 * What a proxy that ends TLS does with a message and its answer.
 *
 * @param message the message as JSON has it
 * @param forward asks the cloud, and returns its answer
 * @param request the request's headers
 */
export type Forge = (
  message: { readonly [field: string]: unknown },
  forward: () => Promise<ProxiedAnswer>,
  request: { readonly headers: Headers },
) => Promise<ProxiedAnswer>;

/** A proxy that can read and change everything, as one that inspects TLS can. */
export interface ForgingProxy extends HttpHost {
  /** What is asked from now on. */
  forge: Forge;
}

/** Hands on what the cloud says. */
export const HONEST: Forge = (_, forward) => forward();

/** Starts a proxy; `target` says where the cloud is, once that is known. */
export async function forgingProxy(target: () => string): Promise<ForgingProxy> {
  const state: { forge: Forge } = { forge: HONEST };
  const server = createServer(async (incoming, outgoing) => {
    const body = await bytesOf(incoming);
    const headers = headersOf(incoming);
    const text = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
    const forward = async (): Promise<ProxiedAnswer> => {
      const answered = await fetch(target() + (incoming.url ?? ""), { method: "POST", headers, body });
      return { status: answered.status, headers: keptOf(answered.headers), body: await answered.text() };
    };
    const answer = await state.forge(JSON.parse(new TextDecoder().decode(text)), forward, {
      headers: new Headers(headers),
    });
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return Object.assign(state, await listen(server));
}

async function bytesOf(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** What belongs to a connection is not handed on. */
const OF_THE_CONNECTION = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "transfer-encoding",
]);

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/** `fetch` has inflated the body. */
function keptOf(headers: Headers): Record<string, string> {
  const kept = [...headers].filter(([name]) => !OF_THE_CONNECTION.has(name) && name !== "content-encoding");
  return Object.fromEntries(kept);
}
