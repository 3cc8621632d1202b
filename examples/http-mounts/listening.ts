import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that listens. */
export interface Listening {
  /** Where the handler answers. */
  readonly url: string;
  close(): Promise<void>;
}

/** Waits until a server listens. */
export async function listening(server: Server): Promise<Listening> {
  if (!server.listening) await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/unified-contributions`,
    close: async () => {
      server.close();
      // What waits for another request of its client's would keep it open.
      server.closeIdleConnections();
      await once(server, "close");
    },
  };
}
