import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import type { HttpHandler } from "unified-contributions/adapters/http";
import { type Listening, listening, TIMEOUTS } from "./listening.ts";

/** Mounts the handler in a Hono application, beside whatever else it has. */
export function mountInHono(handler: HttpHandler, port: number): Promise<Listening> {
  const app = new Hono();
  app.get("/health", (context) => context.text("ok"));
  app.all("/unified-contributions", (context) => handler(context.req.raw));
  const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1", serverOptions: TIMEOUTS });
  return listening(server as Server);
}
