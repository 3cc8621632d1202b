// ghec-backend/main.ts
import pg from "pg";
import { type ConnectionId, err, ok } from "unified-contributions";
import { createHttpHandler } from "unified-contributions/adapters/http";
import * as signatures from "unified-contributions/adapters/http-signatures";
import * as postgres from "unified-contributions/adapters/postgres";
import { systemClock as clock, systemRandom as random } from "unified-contributions/adapters/system";
import { createReceiver, runReceiver } from "unified-contributions/ghec";
import { createCalls } from "./calls.ts";
import { onEvent, serveCalls } from "./host.ts";

const client = new pg.Pool({ connectionString: process.env["DATABASE_URL"] }).on("error", onEvent);
const elsewhere = new pg.Pool({ connectionString: process.env["LEDGER_URL"] }).on("error", onEvent);
(await postgres.checkPostgresSchema({ client, parts: ["receiver", "keys", "nonces"] }))._unsafeUnwrap();
(await postgres.checkPostgresSchema({ client: elsewhere, parts: ["ledger"] }))._unsafeUnwrap();
const isShared = await postgres.sharesServer({ store: client, ledger: elsewhere });
if (isShared.unwrapOr(false)) console.warn("The ledger is on the store's server: a restore takes both back.");

const store = postgres.createPostgresReceiverStore({ client, onEvent });
const ledger = postgres.createPostgresLedger({ client: elsewhere, onEvent });
const receiver = createReceiver({ store, ledger, clock, random, onEvent });

const publicUrl = "http://localhost:8917";
const directory = postgres.createPostgresKeyDirectory({ client, onEvent });
const nonces = postgres.createPostgresNonceStore({ client, onEvent });
const authenticate = signatures.createRequestVerifier({ directory, nonces, clock, publicUrl });
const handler = createHttpHandler({ receiver, authenticate, onEvent });
const registrar = signatures.createKeyRegistrar({ directory, clock, random, publicUrl });

/** Stands for your own record: the account that owns a server's enterprise, and your id of the present connection. */
const HQ = { account: "octo-olivia", installation: "server-1", connectionId: "connection-1" as ConnectionId };
type Key = signatures.KeyApplication & { readonly account: string };
const ofOwner = (key: Key) =>
  key.account === HQ.account && key.installation === HQ.installation
    ? ok({ ...key, connectionId: HQ.connectionId })
    : err({ type: "not-owner" });
const calls = {
  ...createCalls({ receiver, clock }),
  /** An owner connects the server, and registers the key that has signed the challenge. */
  connect: (key: Key) =>
    ofOwner(key).asyncAndThen(({ installation: id, connectionId }) =>
      receiver.connectInstallation(id, connectionId).andThen(() => registrar.challenge(id)),
    ),
  register: (key: Key) => ofOwner(key).asyncAndThen(registrar.registerKey),
  /** GitHub Connect was turned off. The keys end first, or the server would register itself again. */
  disconnect: (key: Key) =>
    ofOwner(key).asyncAndThen(({ installation: id, connectionId }) =>
      directory.revokeAll(id, clock.now()).andThen(() => receiver.disconnectInstallation(id, connectionId)),
    ),
};
const close = serveCalls(8917, calls, handler);
const shutdown = new AbortController();
process.once("SIGTERM", () => shutdown.abort());
await runReceiver(receiver, { clock, signal: shutdown.signal });
await handler.shutdown();
await close();
await Promise.all([client.end(), elsewhere.end()]);
