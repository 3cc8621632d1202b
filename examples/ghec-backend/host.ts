// ghec-backend/host.ts
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { csrf } from "hono/csrf";
import type { ResultAsync } from "unified-contributions";

/** Stands for your log. A cause may hold rows of your database, so it stays out. */
export function onEvent(event: object): void {
  console.log(JSON.stringify({ ...event, cause: undefined }));
}

/** The calls of a service by their names. Each takes the fields of the request and of the session. */
type Calls = Readonly<Record<string, (fields: never) => ResultAsync<unknown, object>>>;

/**
 * Stands for your web framework and your sign-in: on the network a header proves nothing. Serves each call as POST of
 * JSON, and gives the protocol's requests to the handler. Returns the function that ends it.
 */
export function serveCalls(port: number, calls: Calls, handler?: (request: Request) => Promise<Response>) {
  const app = new Hono();
  for (const [name, call] of Object.entries(calls))
    app.post(`/${name}`, csrf(), async (c) => {
      const session = { user: c.req.header("x-user"), account: c.req.header("x-account") };
      const fields = { ...(await c.req.json()), ...session, browser: c.req.header("x-browser") };
      return call(fields as never).match(
        (value) => c.json(value ?? null),
        (fault) => c.json(fault, 409),
      );
    });
  if (handler) app.all("/unified-contributions", (c) => handler(c.req.raw));
  const server = serve({ fetch: app.fetch, port, hostname: "localhost" });
  console.log(`The service listens on http://localhost:${port}`);
  return () => new Promise((closed) => server.close(closed));
}
