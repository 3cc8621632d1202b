import { createHash } from "node:crypto";
import { errAsync, type InstallationId, okAsync } from "unified-contributions";
import { type Authenticate, createHttpHandler, type HttpHandler } from "unified-contributions/adapters/http";
import { createMemoryLedger, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { createReceiver, type Receiver } from "unified-contributions/ghec";
import { createTestClock, createTestRandom, type TestClock } from "unified-contributions/testing";

/** The one server that this cloud knows, and its token. */
export const SERVER = "server-1" as InstallationId;
export const TOKEN = "secret-of-server-1";

/** A cloud with one server connected, and its handler. It shows 1 March 2026, so that it says the same every day. */
export interface Cloud {
  readonly clock: TestClock;
  readonly receiver: Receiver;
  readonly handler: HttpHandler;
}

// Looked up by digest: comparing the tokens themselves would tell by its time how much of one was right.
const installations = new Map([[digestOf(TOKEN), SERVER]]);

/** A host's own authentication: which installation a bearer token belongs to. */
const authenticate: Authenticate = ({ headers }) => {
  const [, token] = /^Bearer (\S+)$/.exec(headers.get("authorization") ?? "") ?? [];
  if (token === undefined)
    return errAsync({
      type: "authentication-required",
      message: "The request has no bearer token: send the server's.",
    });
  const installation = installations.get(digestOf(token));
  return installation === undefined
    ? errAsync({
        type: "authentication-failed",
        message: "The bearer token belongs to no server: send the server's own.",
      })
    : okAsync(installation);
};

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}

/** Makes the cloud. */
export async function createCloud(): Promise<Cloud> {
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const receiver = createReceiver({
    store: createMemoryReceiverStore(),
    ledger: createMemoryLedger(),
    clock,
    random: createTestRandom(1),
  });
  (await receiver.connectInstallation(SERVER))._unsafeUnwrap();
  return { clock, receiver, handler: createHttpHandler({ receiver, authenticate, challenge: "Bearer" }) };
}
