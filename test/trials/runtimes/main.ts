// Runs the HTTP checks on the runtime it is started with, and prints one line for each; ends with exit code 1 where one
// failed. `npm run trial -- runtimes` starts it, bundled, beside the package as it is built.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { httpChecks, type Listening, playVectorsAt, type Surroundings } from "./checks.ts";

type Handler = (request: Request) => Promise<Response>;

interface BunServer {
  readonly port: number;
  stop(closesAll: boolean): Promise<void>;
}

interface DenoServer {
  readonly addr: { readonly port: number };
  shutdown(): Promise<void>;
}

interface Runtime {
  readonly Bun?: { serve(options: { port: number; hostname: string; fetch: Handler }): BunServer };
  readonly Deno?: {
    serve(
      options: { port: number; hostname: string; onListen: () => void; signal: AbortSignal },
      handler: Handler,
    ): DenoServer;
  };
}

const { Bun, Deno } = globalThis as Runtime;
const hostname = "127.0.0.1";

/** Listens by the runtime's own server. */
async function listen(handler: Handler): Promise<Listening> {
  if (Bun) {
    const server = Bun.serve({ port: 0, hostname, fetch: handler });
    return { origin: `http://${hostname}:${server.port}`, close: () => server.stop(true) };
  }
  if (Deno) {
    const controller = new AbortController();
    const server = Deno.serve(
      { port: 0, hostname, onListen: () => undefined, signal: controller.signal },
      handler,
    );
    return {
      origin: `http://${hostname}:${server.addr.port}`,
      close: async () => controller.abort(),
    };
  }
  const server = createServer(getRequestListener(handler));
  await new Promise<void>((resolve) => server.listen(0, hostname, resolve));
  return {
    origin: `http://${hostname}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const [vectorsFile = "", origin] = process.argv.slice(2);
const vectors: Surroundings["vectors"] = JSON.parse(readFileSync(vectorsFile, "utf8"));
const checks =
  origin === undefined
    ? httpChecks
    : // Another process listens: a runtime that runs no programs, workerd for example.
      [{ title: "the vectors are answered to the byte", run: () => playVectorsAt(origin, vectors.steps) }];

let failed = 0;
for (const { title, run } of checks) {
  try {
    await run({ listen, vectors });
  } catch (error) {
    failed++;
    process.stdout.write(`failed: ${title}: ${error instanceof Error ? error.message : "no Error"}\n`);
  }
}
process.stdout.write(`${checks.length - failed} of ${checks.length} checks passed\n`);
process.exit(failed === 0 ? 0 : 1);
