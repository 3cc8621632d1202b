// One of the processes that receive: the handler over node:http, with signed requests and answers, over PostgreSQL. It
// answers its parent's questions, and ends with it.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import pg from "pg";
import { okAsync } from "unified-contributions";
import { createHttpHandler } from "unified-contributions/adapters/http";
import {
  createAnswerSigner,
  createRequestVerifier,
  generateKeyPair,
  importSigningKey,
  importVerificationKey,
  type VerificationKey,
} from "unified-contributions/adapters/http-signatures";
import {
  createPostgresLedger,
  createPostgresNonceStore,
  createPostgresReceiverStore,
  prepareStatements,
} from "unified-contributions/adapters/postgres";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { createReceiver } from "unified-contributions/ghec";
import { createTestClock } from "unified-contributions/testing";
import { CONNECTIONS, valueFrom } from "../postgres/database.ts";
import { NOW } from "../postgres/links.ts";
import { type BoxOrder, type BoxReport, PATH, PUBLIC_URL } from "./box-talk.ts";

const algorithm = "ed25519";

process.once("disconnect", () => process.exit());
process.on("message", async (order: BoxOrder | "cpu") => {
  if (order !== "cpu") return tell({ type: "listening", port: await listen(order) });
  const { user, system } = process.cpuUsage();
  return tell({ type: "cpu", ms: (user + system) / 1_000 });
});

async function listen({ connection, schema, nonces, ledgerSchema, keys }: BoxOrder): Promise<number> {
  const client = prepareStatements(new pg.Pool({ ...connection, database: "postgres", max: CONNECTIONS }));
  const known = new Map<string, VerificationKey>();
  for (const { installation, jwk } of keys) {
    known.set(installation, await valueFrom(importVerificationKey({ installation, algorithm, jwk })));
  }
  const { privateKey } = await valueFrom(generateKeyPair(algorithm));
  const key = await valueFrom(importSigningKey({ keyId: "cloud", algorithm, jwk: privateKey }));
  const handler = createHttpHandler({
    receiver: createReceiver({
      store: createPostgresReceiverStore({ client, schema }),
      ledger: createPostgresLedger({ client, schema: ledgerSchema }),
      // The reports are of that day. The signatures are of today.
      clock: createTestClock(NOW),
      random: systemRandom,
    }),
    authenticate: createRequestVerifier({
      directory: { find: (keyId) => okAsync(known.get(keyId) ?? null) },
      nonces: createPostgresNonceStore({ client, schema: nonces }),
      clock: systemClock,
      publicUrl: PUBLIC_URL,
    }),
    signAnswers: createAnswerSigner({ key: () => key }),
    path: PATH,
    // One installation sends here as much as hundreds do.
    requestsPerSecond: 1_000_000,
    requestBurst: 1_000_000,
  });
  const server = createServer(getRequestListener(handler));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function tell(report: BoxReport): void {
  process.send?.(report);
}
