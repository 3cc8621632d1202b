import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { HttpHandler } from "unified-contributions/adapters/http";
import { type Listening, listening, TIMEOUTS } from "./listening.ts";

/** Mounts the handler in Node's own server. */
export function mountInNode(handler: HttpHandler, port: number): Promise<Listening> {
  return listening(createServer(TIMEOUTS, getRequestListener(handler)).listen(port, "127.0.0.1"));
}
