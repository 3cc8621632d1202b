// The process under load: one handler over node:http and node:http2, many servers that may speak to it, everything in memory. It is
// told what to do by its parent, and ends itself on SIGTERM when everything it took is answered.
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { type AccountId, type InstallationId, okAsync } from "unified-contributions";
import { createHttpHandler } from "unified-contributions/adapters/http";
import {
  createMemoryNonceStore,
  createRequestVerifier,
  importVerificationKey,
  type VerificationKey,
} from "unified-contributions/adapters/http-signatures";
import { createMemoryLedger, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { createReceiver } from "unified-contributions/ghec";
import type { RequestId } from "unified-contributions/wire";
import { openLinkAt } from "../../support/consents.ts";
import type { CloudOrder, CloudReport, Settled, Settler } from "./cloud-talk.ts";

const store = createMemoryReceiverStore();
const receiver = createReceiver({
  store,
  ledger: createMemoryLedger(),
  clock: systemClock,
  random: systemRandom,
});
const keys = new Map<string, VerificationKey>();
const authenticate = createRequestVerifier({
  directory: { find: (keyId) => okAsync(keys.get(keyId) ?? null) },
  nonces: createMemoryNonceStore(),
  clock: systemClock,
  publicUrl: "https://cloud.example",
  toleranceSeconds: 2,
});
const handler = createHttpHandler({ receiver, authenticate });
const server = createServer(getRequestListener(handler));
const http2Server = createHttp2Server(getRequestListener(handler));

process.on("message", async (order: CloudOrder) => {
  if (order.type === "settle")
    return tell({
      type: "listening",
      port: await listen(server),
      http2Port: await listen(http2Server),
      settled: await settleAll(order),
    });
  if (order.collects) globalThis.gc?.();
  const { heapUsed, rss, external } = process.memoryUsage();
  const connections = (await openOn(server)) + (await openOn(http2Server));
  return tell({ type: "memory", heapUsed, rss, external, connections });
});

process.once("SIGTERM", async () => {
  await handler.shutdown();
  http2Server.close();
  server.close(() => {
    const admitted = store
      .snapshot()
      .registrations.map(({ value: registration }) => registration.session.lastRequestId);
    tell({ type: "ended", admitted: admitted.filter((id) => id !== null) });
    process.disconnect();
  });
  // A connection that was busy when the server closed is idle only now; nothing else would end it before its timeout.
  const closing = setInterval(() => server.closeIdleConnections(), 20);
  server.once("close", () => clearInterval(closing));
});

async function settleAll({ settlers, links }: Extract<CloudOrder, { readonly type: "settle" }>) {
  const settled: Settled[] = [];
  for (const settler of settlers) settled.push(await settle(settler, links));
  return settled;
}

/** Connects one server, opens its session and its links, as the first rounds would have done. */
async function settle({ keyId, jwk }: Settler, links: number): Promise<Settled> {
  const installation = keyId as InstallationId;
  keys.set(keyId, (await importVerificationKey({ installation, algorithm: "ed25519", jwk }))._unsafeUnwrap());
  const { session: vacant } = (await receiver.connectInstallation(installation))._unsafeUnwrap();
  const last = systemRandom.id() as RequestId;
  const off = { epoch: 0, status: "off" };
  const attach = { version: 1, requestId: last, type: "attach", replaces: vacant.id, featureSwitch: off };
  const attached = (await receiver.handle(installation, attach))._unsafeUnwrap();
  if (attached.type !== "attached") throw new Error("The session was not opened.");
  const enable = { version: 1, requestId: systemRandom.id(), type: "enable", after: 0 };
  (await receiver.handle(installation, enable))._unsafeUnwrap();
  const opened: string[] = [];
  for (let number = 0; number < links; number++) {
    const account = `${keyId}-${number}` as AccountId;
    opened.push((await openLinkAt(receiver, installation, account)).linkId);
  }
  return { keyId, sessionId: attached.sessionId, last, links: opened };
}

function openOn(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function tell(report: CloudReport): void {
  process.send?.(report);
}
