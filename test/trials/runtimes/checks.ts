// What the HTTP adapters have to do on every runtime, over its own sockets and with its own fetch. Nothing here is
// Node's alone; each check throws an Error where something is not as it should be.
import {
  errAsync,
  type InstallationId,
  okAsync,
  ResultAsync,
  type TransportFault,
} from "unified-contributions";
import { createHttpHandler, createHttpTransport } from "unified-contributions/adapters/http";
import {
  createMemoryNonceStore,
  createRequestSigner,
  createRequestVerifier,
  generateKeyPair,
  importSigningKey,
  importVerificationKey,
} from "unified-contributions/adapters/http-signatures";
import { systemClock, systemRandom } from "unified-contributions/adapters/system";
import type { Receiver } from "unified-contributions/ghec";
import { transportContract } from "unified-contributions/testing";
import type { Message, RequestId } from "unified-contributions/wire";
import { createVectorCloud } from "../../../scripts/wire/vector-cloud.ts";
import {
  hostRequest,
  readVectorAnswer,
  type VectorStep,
  vectorRequest,
} from "../../../scripts/wire/vectors.ts";

type Handler = (request: Request) => Promise<Response>;

/** Something that listens on a port of this machine's. */
export interface Listening {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  close(): Promise<void>;
}

/** What a runtime brings. */
export interface Surroundings {
  /** Serves a handler by the runtime's own server. */
  listen(handler: Handler): Promise<Listening>;
  readonly vectors: { readonly steps: readonly VectorStep[] };
}

/** A claim, and what shows it. */
export interface HttpCheck {
  readonly title: string;
  run(surroundings: Surroundings): Promise<void>;
}

const SERVER = "server-1" as InstallationId;
const PATH = "/unified-contributions";
const PATIENT = new AbortController().signal;
const ENABLE: Message = {
  version: 1,
  requestId: "request_0123456789" as RequestId,
  type: "enable",
  after: 3,
};
const LONG: Message = {
  version: 1,
  requestId: "request_0123456789" as RequestId,
  type: "deliver",
  sessionId: null,
  follows: [],
  records: Array.from(
    { length: 1_000 },
    () => ({ type: "withdraw", linkId: "link_0123456789", choice: 1 }) as never,
  ),
};

type Handle = Pick<Receiver, "handle">["handle"];

/** A receiver that says whatever it is told to, whether that is an answer or not. */
function saying(answer: (input: unknown) => ResultAsync<unknown, unknown>): Pick<Receiver, "handle"> {
  return { handle: (_, input) => answer(input) as ReturnType<Handle> };
}

const ECHO = saying((input) => okAsync({ heard: input }));

function demand(claim: string, actual: unknown, expected: unknown): void {
  const [said, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (said !== wanted) throw new Error(`${claim}: ${said?.slice(0, 300)}, expected ${wanted?.slice(0, 300)}`);
}

/** Listens while something is done. */
async function during(
  { listen }: Surroundings,
  handler: Handler,
  act: (url: string) => Promise<void>,
): Promise<void> {
  const { origin, close } = await listen(handler);
  try {
    await act(origin + PATH);
  } finally {
    await close();
  }
}

function openHandler(receiver = ECHO) {
  return createHttpHandler({ receiver, authenticate: () => okAsync(SERVER), maxConcurrentEach: 64 });
}

async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const said = await response.json();
  return [
    response.status,
    String((said as { type?: string }).type)
      .split(":")
      .at(-1),
  ];
}

async function packed(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const body = new Response(text).body as ReadableStream<Uint8Array<ArrayBuffer>>;
  return new Uint8Array(await new Response(body.pipeThrough(new CompressionStream("gzip"))).arrayBuffer());
}

async function faultAt(url: string, timeoutMs = 10_000): Promise<TransportFault> {
  const sent = await createHttpTransport({ url, timeoutMs }).send(ENABLE, PATIENT);
  if (sent.isOk()) throw new Error("answered, and should have been a fault");
  return sent.error;
}

const contract: readonly HttpCheck[] = transportContract.map(({ rule, title, run }) => ({
  title: `${rule} ${title}`,
  run: async ({ listen }) => {
    const open: Listening[] = [];
    try {
      await run(async (handle) => {
        const listening = await listen(openHandler(saying(handle)));
        open.push(listening);
        return createHttpTransport({ url: listening.origin + PATH });
      });
    } finally {
      for (const { close } of open) await close();
    }
  },
}));

/** Plays the vectors against a cloud that listens somewhere. */
export async function playVectorsAt(origin: string, steps: readonly VectorStep[]): Promise<void> {
  for (const { title, host, request, answer } of steps) {
    if (host) demand(title, (await fetch(hostRequest(origin, host))).status, 204);
    if (!request) continue;
    const { text: _, ...said } = await readVectorAnswer(await fetch(vectorRequest(origin, request)));
    // A server may list the headers in an order of its own.
    const ordered = (headers: object) =>
      Object.entries(headers).sort(([one], [other]) => (one < other ? -1 : 1));
    demand(title, [said.status, said.body, said.problem], [answer?.status, answer?.body, answer?.problem]);
    demand(`${title}, headers`, ordered(said.headers), ordered(answer?.headers ?? {}));
  }
}

const wire: readonly HttpCheck[] = [
  {
    title: "the vectors are answered to the byte",
    run: ({ listen, vectors }) =>
      during({ listen, vectors }, createVectorCloud().fetch, (url) =>
        playVectorsAt(new URL(url).origin, vectors.steps),
      ),
  },
  {
    title: "long messages and long answers are compressed on the way, and come out as they went in",
    run: (surroundings) => {
      const encodings: (string | null)[] = [];
      const handler = openHandler();
      const watched: Handler = async (request) => {
        encodings.push(request.headers.get("content-encoding"));
        const response = await handler(request);
        encodings.push(response.headers.get("content-encoding"));
        return response;
      };
      return during(surroundings, watched, async (url) => {
        const answer = await createHttpTransport({ url }).send(LONG, PATIENT);
        demand("the answer", answer.unwrapOr(null), { heard: LONG });
        demand("the encodings", encodings, ["gzip", "gzip"]);
      });
    },
  },
  {
    title: "gzip that inflates beyond the bound, is cut, or is none, is refused by name",
    run: (surroundings) =>
      during(surroundings, openHandler(), async (url) => {
        const gzip = { "content-encoding": "gzip" };
        const bomb = await packed(" ".repeat(50_000_000));
        demand("the bomb", await post(url, bomb, gzip), [413, "body-too-large"]);
        const cut = (await packed(JSON.stringify(ENABLE))).slice(0, -9);
        demand("the cut one", await post(url, cut, gzip), [400, "malformed-encoding"]);
        demand("the one that is none", await post(url, "{}", gzip), [400, "malformed-encoding"]);
      }),
  },
  {
    title: "JSON that can be read in two ways, nests deeply, or is none, is refused by name",
    run: (surroundings) =>
      during(surroundings, openHandler(), async (url) => {
        demand("a key twice", await post(url, '{"a":1,"a":2}'), [400, "duplicate-key"]);
        demand("depth", await post(url, "[".repeat(500_000)), [400, "nested-too-deeply"]);
        demand("no JSON", await post(url, '{"a":'), [400, "malformed-json"]);
        demand("no UTF-8", await post(url, new Uint8Array([0x22, 0xff, 0x22])), [400, "malformed-json"]);
        demand("__proto__", await post(url, '{"__proto__":{"a":1}}'), [200, "undefined"]);
      }),
  },
  {
    title: "a body beyond the bound is refused by name",
    run: (surroundings) =>
      during(surroundings, openHandler(), async (url) => {
        demand("2 MiB", await post(url, " ".repeat(2 ** 21)), [413, "body-too-large"]);
      }),
  },
  ...(["ed25519", "ecdsa-p256-sha256", "rsa-pss-sha512"] as const).map(
    (algorithm): HttpCheck => ({
      title: `a request signed with ${algorithm} is its installation's; a changed body and a second use are refused`,
      run: async (surroundings) => {
        const pair = (await generateKeyPair(algorithm))._unsafeUnwrap();
        const key = (
          await importSigningKey({ keyId: "key-1", algorithm, jwk: pair.privateKey })
        )._unsafeUnwrap();
        const known = (
          await importVerificationKey({ installation: SERVER, algorithm, jwk: pair.publicKey })
        )._unsafeUnwrap();
        let handler: Handler = openHandler();
        await during(
          surroundings,
          (request) => handler(request),
          async (url) => {
            const authenticate = createRequestVerifier({
              directory: { find: (id) => okAsync(id === "key-1" ? known : null) },
              nonces: createMemoryNonceStore(),
              clock: systemClock,
              publicUrl: new URL(url).origin,
            });
            handler = createHttpHandler({ receiver: ECHO, authenticate });
            const sign = createRequestSigner({ key: () => key, clock: systemClock, random: systemRandom });

            const answer = await createHttpTransport({ url, sign }).send(LONG, PATIENT);
            demand("signed", answer.unwrapOr(null), { heard: LONG });
            demand("unsigned", (await faultAt(url)).reason, "unauthenticated");

            const body = new TextEncoder().encode("{}");
            const init = { method: "POST", headers: { "content-type": "application/json" }, body };
            const headers = Object.fromEntries((await sign(new Request(url, init), body)).headers);
            demand("changed", await post(url, "[]", headers), [401, "content-digest-mismatch"]);
            demand("once", await post(url, body, headers), [200, "undefined"]);
            demand("twice", await post(url, body, headers), [401, "signature-replayed"]);
          },
        );
      },
    }),
  ),
  {
    title:
      "who comes while all places are taken is told to come later, and a shutdown finishes what was taken",
    run: (surroundings) => {
      let answer = (): void => undefined;
      let taken = (): void => undefined;
      const isTaken = new Promise<void>((resolve) => {
        taken = resolve;
      });
      const receiver = saying(
        () =>
          new ResultAsync(
            new Promise((resolve) => {
              answer = () => resolve(okAsync({ said: "late" }) as never);
              taken();
            }),
          ),
      );
      const handler = createHttpHandler({ receiver, authenticate: () => okAsync(SERVER), maxConcurrent: 1 });
      return during(surroundings, handler, async (url) => {
        const first = createHttpTransport({ url }).send(ENABLE, PATIENT);
        const answered = first.match(
          (value) => value,
          ({ reason }) => reason,
        );
        await isTaken;
        const { reason, retryAfterMs } = await faultAt(url);
        demand("the second", [reason, retryAfterMs], ["busy", 30_000]);
        const down = handler.shutdown();
        demand("the third", (await faultAt(url)).retryAfterMs, 5_000);
        answer();
        demand("the first", await answered, { said: "late" });
        await down;
      });
    },
  },
  {
    title: "a receiver that fails is answered for without a word of why",
    run: (surroundings) =>
      during(
        surroundings,
        openHandler(saying(() => errAsync({ type: "storage-fault", message: "secret" }))),
        async (url) => {
          const { reason, retryAfterMs, message } = await faultAt(url);
          demand("the fault", [reason, retryAfterMs], ["outcome-unknown", 60_000]);
          demand("a secret", message.includes("secret"), false);
        },
      ),
  },
  {
    title: "faults are told apart: nobody there, no TLS, a page, a redirection, no answer in time",
    run: async (surroundings) => {
      const page = async () => new Response("<html>", { headers: { "content-type": "text/html" } });
      await during(surroundings, page, async (url) => {
        demand("a page", (await faultAt(url)).reason, "malformed-answer");
        demand("no TLS", (await faultAt(url.replace("http:", "https:"))).reason, "untrusted");
      });
      const redirection = async () =>
        new Response(null, { status: 302, headers: { location: "/elsewhere" } });
      await during(surroundings, redirection, async (url) => {
        demand("a redirection", (await faultAt(url)).message.includes("redirection"), true);
      });
      let closed = "";
      let release = (): void => undefined;
      const silent = () =>
        new Promise<Response>((resolve) => {
          release = () => resolve(new Response("late"));
        });
      await during(surroundings, silent, async (url) => {
        closed = url;
        demand("in time", (await faultAt(url, 200)).reason, "timed-out");
        release();
      });
      demand("nobody there", (await faultAt(closed)).reason, "unreachable");
    },
  },
];

/** Every check, in the order to run them. */
export const httpChecks: readonly HttpCheck[] = [...contract, ...wire];
