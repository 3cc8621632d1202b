import { gunzipSync } from "node:zlib";
import { Hono } from "hono";
import { type AccountId, type InstallationId, okAsync } from "unified-contributions";
import { createHttpHandler } from "unified-contributions/adapters/http";
import {
  createAnswerSigner,
  createMemoryNonceStore,
  createRequestVerifier,
  type Jwk,
} from "unified-contributions/adapters/http-signatures";
import { createMemoryLedger, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import { createReceiver, type Receiver } from "unified-contributions/ghec";
import { createCloudPages } from "../../examples/pages/ghec/cloud-pages.ts";
import { createPretendSignIn } from "../../examples/pages/web/pretend-sign-in.ts";
import { type HttpHost, host } from "./http-host.ts";
import { createKey } from "./signatures.ts";

/** The server, as the cloud knows it. */
export const SIDECAR_SERVER = "server-1" as InstallationId;

/** A message as it arrived. */
export interface Arrived {
  readonly requestId: string;
  readonly type: string;
  readonly records?: readonly {
    readonly linkId: string;
    readonly first: string;
    readonly counts: number[];
  }[];
}

/** A cloud behind a real socket: its wire, with signatures on both sides, and its pages. */
export interface SidecarCloud {
  readonly receiver: Receiver;
  /** The wire's whole address, and the origin of the pages. */
  readonly wireUrl: string;
  readonly pagesUrl: string;
  /** The private half of the server's key, and the public half of the cloud's. */
  readonly serverKey: Jwk;
  readonly cloudKey: Jwk;
  /** Every message that has arrived, oldest first. */
  readonly arrived: Arrived[];
  /** Called with each message before it is answered. */
  onArrival: (message: Arrived) => void;
  close(): Promise<void>;
}

/** The one account that people can sign in to; its owner is called Ada. */
export const ADAS_ACCOUNT = "ada-on-the-cloud" as AccountId;

/**
 * Starts a cloud of one server.
 *
 * @param serverUrl the origin of the server's pages
 */
export async function startSidecarCloud(serverUrl: string): Promise<SidecarCloud> {
  const [clock, random] = [systemClock, systemRandom];
  const [ofServer, ofCloud] = [
    await createKey("ed25519", "server-1-2026"),
    await createKey("ed25519", "cloud-2026"),
  ];
  const receiver = createReceiver({
    ...{ store: createMemoryReceiverStore(), ledger: createMemoryLedger(), clock, random },
  });
  (await receiver.connectInstallation(SIDECAR_SERVER))._unsafeUnwrap();

  let answer: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 });
  const server: HttpHost = await host(async (request) => answer(request));
  const handler = createHttpHandler({
    receiver,
    authenticate: createRequestVerifier({
      directory: { find: (id) => okAsync(id === "server-1-2026" ? ofServer.verification : null) },
      nonces: createMemoryNonceStore(),
      publicUrl: server.origin,
      clock,
    }),
    signAnswers: createAnswerSigner({ key: () => ofCloud.signing }),
  });
  const accounts = [{ id: ADAS_ACCOUNT, name: "Ada on the cloud", isEnterpriseOwner: false }];
  const pages = createCloudPages({
    ...{ receiver, clock, random, accounts, signIn: createPretendSignIn(accounts) },
    server: { installation: SIDECAR_SERVER, enterprise: "Analytical Engines", url: serverUrl },
    terms: { isAccepted: () => true, accept: () => undefined },
  });
  const app = new Hono()
    .all("/unified-contributions", async (context) => {
      const message = await messageIn(context.req.raw.clone());
      cloud.arrived.push(message);
      cloud.onArrival(message);
      return handler(context.req.raw);
    })
    .route("/", pages);
  answer = (request) => app.fetch(request);
  const cloud: SidecarCloud = {
    ...{ receiver, arrived: [], onArrival: () => undefined, close: server.close },
    ...{ wireUrl: `${server.origin}/unified-contributions`, pagesUrl: `http://localhost:${server.port}` },
    ...{ serverKey: ofServer.pair.privateKey, cloudKey: ofCloud.pair.publicKey },
  };
  return cloud;
}

async function messageIn(request: Request): Promise<Arrived> {
  const body = Buffer.from(await request.arrayBuffer());
  const isPacked = request.headers.get("content-encoding") === "gzip";
  return JSON.parse((isPacked ? gunzipSync(body) : body).toString());
}
