// You will see one handler mounted in node:http, in Hono, in Express and in node:http2. Each mount listens on a port of
// this machine, with bounds for rude clients. A server reports two contributions to each over the socket. Each cloud then
// shuts down cleanly.
//
//   node scripts/run.js examples/http-mounts/main.ts --listen 8917
//
// listens there instead until it is stopped: docs/wire.md talks to it with curl.
import { createCloud } from "./cloud.ts";
import { mountInExpress } from "./express.ts";
import { mountInHono } from "./hono.ts";
import { mountInHttp2 } from "./http2.ts";
import { http2Fetch } from "./http2-fetch.ts";
import { mountInNode } from "./node.ts";
import { playServer } from "./server.ts";

const MOUNTS = {
  "node:http": [mountInNode],
  Hono: [mountInHono],
  Express: [mountInExpress],
  "node:http2": [mountInHttp2, http2Fetch],
} as const;

const [flag, port] = process.argv.slice(2);

if (flag === "--listen") {
  const { handler } = await createCloud();
  const { url, close } = await mountInNode(handler, Number(port));
  console.log(`RECEIVER=${url}`);
  process.once("SIGTERM", async () => {
    // Accepted requests are answered first, then the socket is closed.
    await handler.shutdown();
    await close();
  });
} else {
  for (const [name, [mount, fetch]] of Object.entries(MOUNTS)) {
    const { clock, receiver, handler } = await createCloud();
    const { url, close } = await mount(handler, 0);
    const told = await playServer(url, clock, receiver, fetch);
    if (told.isErr()) throw new Error(told.error.type);
    const { outcome, kept, shown } = told.value;
    console.log(`${name}: the sync ${outcome}, ${kept} kept, ${shown} contributions shown.`);
    await handler.shutdown();
    await close();
  }
}

// node:http: the sync completed, 1 kept, 2 contributions shown.
// Hono: the sync completed, 1 kept, 2 contributions shown.
// Express: the sync completed, 1 kept, 2 contributions shown.
// node:http2: the sync completed, 1 kept, 2 contributions shown.
