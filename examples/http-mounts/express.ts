import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import type { HttpHandler } from "unified-contributions/adapters/http";
import { type Listening, listening, TIMEOUTS } from "./listening.ts";

/** Mounts the handler in an Express application: before any middleware that reads bodies, such as express.json(). */
export function mountInExpress(handler: HttpHandler, port: number): Promise<Listening> {
  const app = express();
  app.all("/unified-contributions", getRequestListener(handler));
  app.use(express.json());
  return listening(createServer(TIMEOUTS, app).listen(port, "127.0.0.1"));
}
