import { once } from "node:events";
import { createServer, type ServerHttp2Session } from "node:http2";
import { getRequestListener } from "@hono/node-server";
import type { HttpHandler } from "unified-contributions/adapters/http";
import { bounded, type Listening } from "./listening.ts";

/** How long a connection may be without a stream, in milliseconds. */
const SESSION_IDLE_MS = 65_000;

/** Bounds of each HTTP/2 connection; docs/deploying.md says why. */
const SESSION_BOUNDS = {
  /** In MiB: heads, and the data of streams that the handler has not read yet. */
  maxSessionMemory: 4,
  /** A head has about ten fields. */
  maxHeaderListPairs: 64,
  settings: {
    /** A server sends one request at a time; a proxy before the cloud some more. */
    maxConcurrentStreams: 32,
    maxHeaderListSize: 16_384,
    /** In bytes: how much of a body may come before the handler reads it. This is the default. */
    initialWindowSize: 65_535,
    enablePush: false,
  },
} as const;

/** Mounts the handler in Node's HTTP/2 server, as it stands behind a proxy that ends TLS: without TLS. */
export async function mountInHttp2(handler: HttpHandler, port: number): Promise<Listening> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer(SESSION_BOUNDS, getRequestListener(handler));
  server.on("session", (session) => {
    sessions.add(session);
    session.setTimeout(SESSION_IDLE_MS, () => session.close());
    session.once("close", () => sessions.delete(session));
  });
  const { url } = await bounded(server.listen(port, "127.0.0.1"));
  return {
    url,
    close: async () => {
      server.close();
      for (const session of sessions) session.close();
      await once(server, "close");
    },
  };
}
