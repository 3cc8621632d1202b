import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { type InstallationId, ok, type Result } from "unified-contributions";
import type { AuthenticationRefusal } from "unified-contributions/adapters/http";

/** A handler that listens on a loopback port. */
export interface HttpHost {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly origin: string;
  readonly port: number;
  /** Stops listening and ends what is still open. */
  close(): Promise<void>;
}

/** Starts a Fetch-API handler on a free port of this machine's own. */
export async function host(handler: (request: Request) => Promise<Response>): Promise<HttpHost> {
  return listen(createServer(getRequestListener(handler)));
}

/** Starts a server of Node's on a free port of this machine's own. */
export async function listen(server: Server): Promise<HttpHost> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Takes every request for this installation's: for tests in which authentication is not the matter. */
export function everyoneIs(
  installation: InstallationId,
): () => Promise<Result<InstallationId, AuthenticationRefusal>> {
  return async () => ok(installation);
}
