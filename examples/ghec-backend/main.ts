// ghec-backend/main.ts
import pg from "pg";
import { createHttpHandler } from "unified-contributions/adapters/http";
import * as signatures from "unified-contributions/adapters/http-signatures";
import * as postgres from "unified-contributions/adapters/postgres";
import { systemClock as clock, systemRandom as random } from "unified-contributions/adapters/system";
import { createReceiver, runReceiver } from "unified-contributions/ghec";
import { createCalls } from "./calls.ts";
import { onEvent, serveCalls } from "./host.ts";

const client = new pg.Pool({ connectionString: process.env["DATABASE_URL"] }).on("error", onEvent);
// On another machine: a store that loses its last commits learns from the ledger what was deleted.
const elsewhere = new pg.Pool({ connectionString: process.env["LEDGER_URL"] }).on("error", onEvent);
(await postgres.checkPostgresSchema({ client, parts: ["receiver", "keys", "nonces"] }))._unsafeUnwrap();
(await postgres.checkPostgresSchema({ client: elsewhere, parts: ["ledger"] }))._unsafeUnwrap();

const store = postgres.createPostgresReceiverStore({ client, onEvent });
const ledger = postgres.createPostgresLedger({ client: elsewhere, onEvent });
const receiver = createReceiver({ store, ledger, clock, random, onEvent });

const publicUrl = "http://localhost:8917";
const directory = postgres.createPostgresKeyDirectory({ client, onEvent });
const nonces = postgres.createPostgresNonceStore({ client, onEvent });
const authenticate = signatures.createRequestVerifier({ directory, nonces, clock, publicUrl });
const handler = createHttpHandler({ receiver, authenticate, onEvent });
const registrar = signatures.createKeyRegistrar({ directory, clock, random, publicUrl });

const calls = {
  ...createCalls({ receiver, clock }),
  // For the server's owner alone: GitHub Connect goes on, and the key that has signed the challenge is registered.
  connect: ({ installation }: signatures.KeyApplication) =>
    receiver.connectInstallation(installation).andThen(() => registrar.challenge(installation)),
  register: (application: signatures.KeyApplication) => registrar.registerKey(application),
};
const close = serveCalls(8917, calls, handler);
const shutdown = new AbortController();
process.once("SIGTERM", () => shutdown.abort());
await runReceiver(receiver, { clock, signal: shutdown.signal });
await handler.shutdown();
await close();
await Promise.all([client.end(), elsewhere.end()]);
