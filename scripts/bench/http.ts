// The HTTP handler: from a `Request` with 1,000 links' counts to its `Response`, over memory. The yardstick is the part
// that every receiver needs: JSON.parse, and the receiver called directly. Then comes the cost of a signature. Last
// come the requests per second through a socket, against a bare server of Node's that only reads the same body.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { gunzipSync, gzipSync } from "node:zlib";
import { getRequestListener } from "@hono/node-server";
import { type AccountId, type CalendarDate, type InstallationId, okAsync } from "unified-contributions";
import { type Authenticate, createHttpHandler, type HttpHandler } from "unified-contributions/adapters/http";
import {
  createMemoryNonceStore,
  createRequestSigner,
  createRequestVerifier,
  generateKeyPair,
  importSigningKey,
  importVerificationKey,
} from "unified-contributions/adapters/http-signatures";
import { createMemoryLedger, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { createReceiver, type Receiver } from "unified-contributions/ghec";
import { createTestClock } from "unified-contributions/testing";
import type { DeliveryRecord, RequestId, SessionId } from "unified-contributions/wire";
import type { DeliverMessage } from "../../src/domain/message.ts";
import { uuid } from "./activity.ts";
import { deliverOf } from "./batch.ts";
import {
  atLeast,
  atMost,
  demand,
  type Effort,
  type Finding,
  median,
  perItem,
  ratioOf,
  takeTurns,
} from "./measure.ts";
import { openLinkAt, valueFrom } from "./world.ts";

const LINKS = 1_000;
const TODAY = "2026-03-01" as CalendarDate;
const SERVER = "server-1" as InstallationId;
const ORIGIN = "https://cloud.example";
/** How many requests a turn has. They are enough to measure a server that runs all day, and not its warm-up. */
const REQUESTS = 10;
const PATH = "/unified-contributions";
const JSON_HEADERS = { "content-type": "application/json" };

/** A receiver on which every link of a message is live, and the message's bytes. It is answered again and again. */
interface Scene {
  readonly receiver: Receiver;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly packed: Uint8Array<ArrayBuffer>;
}

async function createScene(links: number): Promise<Scene> {
  const clock = createTestClock(`${TODAY}T12:00:00Z`);
  const store = createMemoryReceiverStore();
  const receiver = createReceiver({ store, ledger: createMemoryLedger(), clock, random: { id: uuid } });
  const { session: vacant } = await valueFrom(receiver.connectInstallation(SERVER));
  const attach = { version: 1, requestId: uuid(), type: "attach", replaces: vacant.id } as const;
  const attached = await valueFrom(
    receiver.handle(SERVER, { ...attach, featureSwitch: { epoch: 0, status: "off" } }),
  );
  demand(attached.type === "attached", "the session is the server's");
  const session = "sessionId" in attached ? attached.sessionId : ("" as SessionId);
  await valueFrom(receiver.handle(SERVER, { version: 1, requestId: uuid(), type: "enable", after: 0 }));
  const batch = deliverOf(links, TODAY);
  const records: DeliveryRecord[] = [];
  for (const [index, record] of batch.records.entries()) {
    const account = `account-${index}` as AccountId;
    const linkId = await openLinkAt(receiver, account);
    records.push({ ...record, linkId });
  }
  const follows = [attach.requestId as RequestId];
  const message: DeliverMessage = { ...batch, sessionId: session, follows, records };
  const plain = new TextEncoder().encode(JSON.stringify(message));
  return { receiver, plain, packed: new Uint8Array(gzipSync(plain)) };
}

/** The message of a round in which nothing is due, or one as long. */
const ASK = new TextEncoder().encode(
  JSON.stringify({ version: 1, requestId: uuid(), type: "enable", after: 0 }),
);

/** Returns a request as a server hands it over, with the length that its client declared. */
function requestOf(body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Request {
  const all = { ...JSON_HEADERS, "content-length": String(body.byteLength), ...headers };
  return new Request(ORIGIN + PATH, { method: "POST", headers: all, body });
}

const openToAll: Authenticate = () => okAsync(SERVER);

/** One server sends here as much as thousands do. */
const PACE = { requestsPerSecond: 1_000_000, requestBurst: 1_000_000 } as const;

/** Runs the group. */
export async function http({ rounds, isQuick }: Effort): Promise<readonly Finding[]> {
  const links = isQuick ? 50 : LINKS;
  const scene = await createScene(links);
  return [
    ...(await fromRequestToAnswer(scene, rounds, links)),
    await signatureShare(scene, rounds),
    await requestsPerSecond(
      "http.requests.links",
      `${links} links`,
      scene.plain,
      scene,
      rounds,
      isQuick,
      0.05,
    ),
    await requestsPerSecond("http.requests.short", "a short message", ASK, scene, rounds, isQuick, 0.2),
  ];
}

async function repeated(request: () => Promise<void>): Promise<number> {
  for (let index = 0; index < REQUESTS; index++) await request();
  return REQUESTS;
}

async function fromRequestToAnswer(
  { receiver, plain, packed }: Scene,
  rounds: number,
  links: number,
): Promise<readonly Finding[]> {
  const handler = createHttpHandler({ receiver, authenticate: openToAll, ...PACE });
  const isKept = (text: string): boolean => text.split('"kept"').length - 1 === links;
  const times = await takeTurns(rounds, "collect", {
    direct: () =>
      repeated(async () => {
        const input: unknown = JSON.parse(new TextDecoder().decode(plain));
        const text = JSON.stringify(await valueFrom(receiver.handle(SERVER, input)));
        demand(isKept(text), "the receiver keeps every link");
      }),
    handled: () =>
      repeated(async () => {
        const text = await (await handler(requestOf(plain))).text();
        demand(isKept(text), "the handler has every link kept");
      }),
    inflatedDirect: () =>
      repeated(async () => {
        const input: unknown = JSON.parse(new TextDecoder().decode(gunzipSync(packed)));
        const text = JSON.stringify(await valueFrom(receiver.handle(SERVER, input)));
        demand(isKept(text), "the receiver keeps every compressed link");
      }),
    inflated: () =>
      repeated(async () => {
        const text = await (await handler(requestOf(packed, { "content-encoding": "gzip" }))).text();
        demand(isKept(text), "the handler has every compressed link kept");
      }),
  });
  const direct = perItem(median(times.direct), REQUESTS);
  const yardstick = "JSON.parse, receiver.handle and JSON.stringify, called directly";
  return [
    atMost(1.5, {
      id: "http.request",
      what: `Request to Response, ${links} links over memory`,
      yardstick,
      ratio: ratioOf(times.handled, times.direct),
      detail: `${perItem(median(times.handled), REQUESTS)} against ${direct} a request`,
    }),
    atMost(2, {
      id: "http.request.gzip",
      what: `gzipped Request to Response, ${links} links over memory`,
      yardstick: `gunzipSync, ${yardstick}`,
      ratio: ratioOf(times.inflated, times.inflatedDirect),
      detail: `${perItem(median(times.inflated), REQUESTS)} against ${perItem(median(times.inflatedDirect), REQUESTS)} a request`,
    }),
  ];
}

/** Measures the share of signing and checking with Ed25519 in a request, from its bytes to its answer. */
async function signatureShare({ receiver, packed }: Scene, rounds: number): Promise<Finding> {
  const algorithm = "ed25519";
  const pair = await valueFrom(generateKeyPair(algorithm));
  const key = await valueFrom(importSigningKey({ keyId: "key-1", algorithm, jwk: pair.privateKey }));
  const known = await valueFrom(
    importVerificationKey({ installation: SERVER, algorithm, jwk: pair.publicKey }),
  );
  const sign = createRequestSigner({ key: () => key, clock: systemClock, random: systemRandom });
  const authenticate = createRequestVerifier({
    directory: { find: () => okAsync(known) },
    nonces: createMemoryNonceStore(),
    clock: systemClock,
    publicUrl: ORIGIN,
  });
  const gzip = { "content-encoding": "gzip" };
  const answered = async (handler: HttpHandler, request: Request): Promise<void> => {
    const response = await handler(request);
    demand(response.status === 200, "the request is answered");
    await response.text();
  };
  const open = createHttpHandler({ receiver, authenticate: openToAll, ...PACE });
  const closed = createHttpHandler({ receiver, authenticate, ...PACE });
  const times = await takeTurns(rounds, "collect", {
    unsigned: () => repeated(() => answered(open, requestOf(packed, gzip))),
    signed: () => repeated(async () => answered(closed, await sign(requestOf(packed, gzip), packed))),
  });
  const share = median(times.signed.map((took, round) => 1 - (times.unsigned[round] ?? Number.NaN) / took));
  return atMost(0.3, {
    id: "http.signature-share",
    what: "signing and checking the signature, as a share of the gzipped request to its answer",
    yardstick: "the same request unsigned, in the same run",
    ratio: Math.max(0, share),
    detail: `${perItem(median(times.signed), REQUESTS)} signed, ${perItem(median(times.unsigned), REQUESTS)} unsigned`,
  });
}

/**
 * The program of a client in its own thread: this many connections, each of which sends its next request on every
 * answer.
 */
const CLIENT = `
const { parentPort, workerData } = require("node:worker_threads");
const { Agent, request } = require("node:http");
const agent = new Agent({ keepAlive: true, maxSockets: workerData.connections });
parentPort.on("message", ({ port, requests }) => {
  let left = requests, running = 0, failed = 0;
  const next = () => {
    if (left === 0) { if (running === 0) parentPort.postMessage(failed); return; }
    left--; running++;
    const { path, headers, body } = workerData;
    const sent = request({ host: "127.0.0.1", port, path, method: "POST", headers, agent }, (response) => {
      if (response.statusCode !== 200) failed++;
      response.resume().on("end", () => { running--; next(); });
    });
    sent.on("error", () => { failed++; running--; next(); });
    sent.end(body);
  };
  for (let at = 0; at < workerData.connections; at++) next();
});
`;

const CONNECTIONS = 16;

async function requestsPerSecond(
  id: string,
  what: string,
  body: Uint8Array<ArrayBuffer>,
  { receiver }: Scene,
  rounds: number,
  isQuick: boolean,
  goal: number,
): Promise<Finding> {
  const requests = isQuick ? 20 : 300;
  const handler = createHttpHandler({
    receiver,
    authenticate: openToAll,
    maxConcurrentEach: CONNECTIONS,
    ...PACE,
  });
  const ours = await listening(createServer(getRequestListener(handler)));
  const bare = await listening(
    createServer((request, response) => {
      request.resume().on("end", () => response.end("{}"));
    }),
  );
  const headers = { ...JSON_HEADERS, "content-length": body.byteLength };
  const client = new Worker(CLIENT, {
    eval: true,
    workerData: { connections: CONNECTIONS, path: PATH, headers, body },
  });
  const load = async ({ port }: Listening): Promise<number> => {
    const done = new Promise<number>((resolve) => client.once("message", resolve));
    client.postMessage({ port, requests });
    demand((await done) === 0, "every request is answered with 200");
    return requests;
  };
  try {
    const times = await takeTurns(rounds, "collect", { ours: () => load(ours), bare: () => load(bare) });
    const perSecond = (took: readonly number[]): string => ((requests * 1_000) / median(took)).toFixed(0);
    return atLeast(goal, {
      id,
      what: `requests a second through a socket, ${what}`,
      yardstick: "a bare server of node:http that reads the same body",
      ratio: ratioOf(times.bare, times.ours),
      detail: `${perSecond(times.ours)} against ${perSecond(times.bare)} a second, ${CONNECTIONS} connections`,
    });
  } finally {
    await client.terminate();
    ours.close();
    bare.close();
  }
}

interface Listening {
  readonly port: number;
  close(): void;
}

async function listening(server: Server): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { port: (server.address() as AddressInfo).port, close };
}
