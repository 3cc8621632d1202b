import { once } from "node:events";
import type { Server, ServerOptions } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";

/** How long Node waits for a client, in milliseconds; docs/deploying.md says why. Given where a server is made. */
export const TIMEOUTS = {
  /** For the head of a request. */
  headersTimeout: 10_000,
  /** For a whole request: the handler's own bounds are shorter and name the reason, so this one is for what they miss. */
  requestTimeout: 60_000,
  /** For the next request on a connection: longer than a proxy before it keeps one idle. */
  keepAliveTimeout: 65_000,
  /** How often the two first are looked at. */
  connectionsCheckingInterval: 5_000,
  /** Signature fields need no more; the default. */
  maxHeaderSize: 16_384,
} as const satisfies ServerOptions;

/** How many connections there are at once; the next one is closed. Each costs about 64 KiB at most. */
const MAX_CONNECTIONS = 1_000;

/** A server that listens. */
export interface Listening {
  /** Where the handler answers. */
  readonly url: string;
  close(): Promise<void>;
}

/** Bounds the connections of a server of Node's, and waits until it listens. */
export async function listening(server: Server): Promise<Listening> {
  const { url } = await bounded(server);
  return {
    url,
    close: async () => {
      server.close();
      // A connection that waits for its client's next request would keep the server open.
      server.closeIdleConnections();
      await once(server, "close");
    },
  };
}

/** Bounds the connections of any server, and waits until it listens. */
export async function bounded(server: NetServer): Promise<Pick<Listening, "url">> {
  server.maxConnections = MAX_CONNECTIONS;
  if (!server.listening) await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/unified-contributions` };
}
