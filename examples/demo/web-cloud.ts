// Runs GitHub Enterprise Cloud with its pages as a separate process. People's browsers come to the pages, and the
// server's signed messages come to the wire.
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { AccountId } from "unified-contributions";
import { systemRandom } from "unified-contributions/adapters/system";
import { runReceiver } from "unified-contributions/ghec";
import { createCloudPages } from "../pages/ghec/cloud-pages.ts";
import { createPretendSignIn } from "../pages/web/pretend-sign-in.ts";
import type { Person } from "../pages/web/session.ts";
import { createCloudReceiver, SERVER } from "./cloud.ts";
import type { Mistake } from "./mistake.ts";
import { openStores } from "./open-stores.ts";
import { createSignedHandler, type ShownKey } from "./signed-wire.ts";
import { createRunningClock, listenOn } from "./web-surroundings.ts";

/** The argument with which the demo starts itself again as this process. */
export const WEB_CLOUD = "--web-cloud";

/** The settings that the cloud gets when it starts. */
export interface WebIntroduction {
  readonly key: ShownKey;
  readonly aheadMs: number;
  readonly port: number;
  readonly serverUrl: string;
  readonly accounts: readonly Person<AccountId>[];
  readonly store: string | null;
}

/** On which port it listens, or why it does not. */
export type WebAnswer = { readonly port: number } | { readonly mistake: Mistake };

/** Runs the cloud until the process that started it has ended. */
export function runWebCloud(): void {
  process.once("disconnect", leave);
  // Ctrl+C reaches both processes; this one ends after the other.
  process.on("SIGINT", () => undefined);
  process.once("message", async (introduction: WebIntroduction) => {
    process.send?.((await serve(introduction)) satisfies WebAnswer);
  });
}

function leave(): never {
  return process.exit();
}

async function serve(introduction: WebIntroduction): Promise<WebAnswer> {
  const { key, aheadMs, serverUrl, accounts, store } = introduction;
  const listening = await listenOn(introduction.port);
  if (listening.isErr()) return { mistake: listening.error };
  const stores = await openStores(store);
  if (stores.isErr()) return { mistake: stores.error };
  const ending = new AbortController();
  process.off("disconnect", leave);
  process.once("disconnect", () => {
    ending.abort();
    void stores.value.close().finally(leave);
  });

  const { server, port } = listening.value;
  const [clock, random] = [createRunningClock(aheadMs), systemRandom];
  const receiver = createCloudReceiver({ clock, random, stores: stores.value });
  const connected = await receiver.connectInstallation(SERVER);
  if (connected.isErr()) throw new Error(connected.error.message);
  let isAccepted = false;
  const pages = createCloudPages({
    ...{ receiver, clock, random, accounts },
    signIn: createPretendSignIn(accounts),
    server: { installation: SERVER, enterprise: "the demo's enterprise", url: serverUrl },
    terms: {
      isAccepted: () => isAccepted,
      accept: () => {
        isAccepted = true;
      },
    },
  });
  const wire = await createSignedHandler(receiver, clock, `http://127.0.0.1:${port}`, key);
  const app = new Hono()
    .all("/unified-contributions", (context) => wire(context.req.raw))
    // A real cloud answers this to the enterprise's own server alone.
    .get("/enterprise/terms/status", (context) => context.json({ isAccepted }))
    .route("/", pages);
  server.on("request", getRequestListener(app.fetch));
  // Sweeps remove the counts that a disabling has cut off.
  void runReceiver(receiver, { clock, signal: ending.signal });
  return { port };
}
