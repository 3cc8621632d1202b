import { err, ok, type Result } from "neverthrow";
import { callPort, type StorageFault } from "../../domain/fault.ts";
import type { InstallationId } from "../../domain/identifiers.ts";
import { requirePorts } from "../../domain/require-ports.ts";
import type { Receiver } from "../../ghec/receiver.ts";
import { type Admission, createAdmission } from "./admission.ts";
import type { Authenticate } from "./authentication.ts";
import { gunzip, gzip, isWorthCompressing } from "./gzip.ts";
import { type ProblemCode, problemResponse } from "./problem.ts";
import { readRequest, type UnreadBody } from "./read-body.ts";
import { readJson } from "./read-json.ts";

/** What the receiving end of the wire is made of. */
export interface HttpHandlerOptions {
  readonly receiver: Pick<Receiver, "handle">;
  /** Says which installation a request is from. There is no default: without it nobody could be let in safely. */
  readonly authenticate: Authenticate;
  /** The path that is answered, as it stands in the request's URL; `/unified-contributions` if left out. */
  readonly path?: string;
  /**
   * How many bytes a body may have, before and after decompression; 1 MiB if left out. The longest message of version 1
   * has about 750,000.
   */
  readonly maxBodyBytes?: number;
  /** How long a body may take to arrive, in milliseconds; 30,000 if left out. */
  readonly bodyTimeoutMs?: number;
  /** How many requests are worked on at once; 64 if left out. The next is answered with 429, unread. */
  readonly maxConcurrent?: number;
  /** How many of them may be one installation's; 4 if left out. A server sends one at a time. */
  readonly maxConcurrentEach?: number;
  /** The `WWW-Authenticate` of every 401: how to authenticate here; `Signature` if left out. */
  readonly challenge?: string;
}

/** Answers the requests of GitHub Enterprise Servers. Mount it wherever a Fetch-API handler can be. */
export interface HttpHandler {
  /** Answers one request; never rejects. */
  (request: Request): Promise<Response>;
  /**
   * Takes no more requests (they get a 503) and resolves when all that were taken are answered. Close the listening
   * socket after it, so that the answers still get out.
   */
  shutdown(): Promise<void>;
}

const MIB = 1_048_576;

const DEFAULTS = {
  path: "/unified-contributions",
  maxBodyBytes: MIB,
  bodyTimeoutMs: 30_000,
  maxConcurrent: 64,
  maxConcurrentEach: 4,
  challenge: "Signature",
} as const;

type Configuration = Required<HttpHandlerOptions>;
type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Makes the receiving end of the wire (docs/wire.md) of a receiver. A body is read once and no further than the bound,
 * and nothing of it is inflated or parsed before the request is authenticated. Every refusal is an
 * `application/problem+json` of docs/problems.md and repeats nothing of the request.
 *
 * A wrong option is a mistake in the program and throws a `TypeError`; nothing else ever throws.
 */
export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const configuration = configure(options);
  const { maxConcurrent, maxConcurrentEach } = configuration;
  const admission = createAdmission(maxConcurrent, maxConcurrentEach);

  const admit = async (request: Request): Promise<Response> => {
    const misfit = misfitOf(request, configuration);
    if (misfit !== null) return refuse(misfit, configuration);
    const entry = admission.enter();
    if (entry === "full") return refuse("too-many-requests", configuration);
    if (entry === "closed") return refuse("shutting-down", configuration);
    try {
      const answered = await answer(request, configuration, admission);
      return answered.isOk()
        ? await answerResponse(request, answered.value)
        : refuse(answered.error, configuration);
    } finally {
      admission.leave();
    }
  };
  const respond = (request: Request): Promise<Response> =>
    admit(request).catch(() => refuse("internal-error", configuration));
  return Object.assign(respond, { shutdown: () => admission.close() });
}

function configure(options: HttpHandlerOptions): Configuration {
  requirePorts("createHttpHandler", options, { receiver: ["handle"] });
  if (typeof options.authenticate !== "function")
    throw new TypeError("createHttpHandler: `authenticate` has to be a function; there is no default.");
  const configuration = { ...DEFAULTS, ...options };
  for (const name of ["maxBodyBytes", "bodyTimeoutMs", "maxConcurrent", "maxConcurrentEach"] as const) {
    if (!Number.isSafeInteger(configuration[name]) || configuration[name] < 1)
      throw new TypeError(`createHttpHandler: \`${name}\` has to be a whole number from 1 on.`);
  }
  if (typeof configuration.path !== "string" || !configuration.path.startsWith("/"))
    throw new TypeError("createHttpHandler: `path` has to begin with a slash.");
  return configuration;
}

const JSON_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const PLAIN_OR_GZIP = /^(?:identity|gzip)$/i;

/** What is wrong with a request by its head alone, or null. */
function misfitOf({ method, url, headers }: Request, configuration: Configuration): ProblemCode | null {
  if (new URL(url).pathname !== configuration.path) return "not-found";
  if (method !== "POST") return "method-not-allowed";
  if (!JSON_TYPE.test(headers.get("content-type") ?? "")) return "unsupported-media-type";
  if (!PLAIN_OR_GZIP.test(headers.get("content-encoding") ?? "identity"))
    return "unsupported-content-encoding";
  return Number(headers.get("content-length")) > configuration.maxBodyBytes ? "body-too-large" : null;
}

/** From a request to what the receiver says; nothing is inflated or parsed before it is known who sends it. */
async function answer(
  request: Request,
  configuration: Configuration,
  admission: Admission,
): Promise<Result<unknown, ProblemCode>> {
  const { maxBodyBytes, bodyTimeoutMs } = configuration;
  const body = await readRequest(request, maxBodyBytes, bodyTimeoutMs);
  if (body.isErr()) return err(UNREAD[body.error]);
  const installation = await authenticate(request, body.value, configuration);
  if (installation.isErr()) return err(installation.error);
  const answered = await admission.as(installation.value, async () => {
    const input = await decode(request, body.value, maxBodyBytes);
    return input.isOk() ? receive(installation.value, input.value, configuration) : err(input.error);
  });
  return answered ?? err("too-many-requests");
}

const UNREAD: { readonly [Why in UnreadBody]: ProblemCode } = {
  "too-large": "body-too-large",
  incomplete: "body-incomplete",
  "timed-out": "body-timeout",
};

async function authenticate(
  request: Request,
  body: Bytes,
  configuration: Configuration,
): Promise<Result<InstallationId, ProblemCode>> {
  const authenticated = await configuration.authenticate(request, body);
  return authenticated.mapErr(({ type }) => type);
}

// Async functions from here on, no `ResultAsync`: what a callback of its `map` or `mapErr` can reach stays on the heap
// until a full collection, here the whole message.
async function decode(
  request: Request,
  body: Bytes,
  maxBytes: number,
): Promise<Result<unknown, ProblemCode>> {
  if (request.headers.get("content-encoding")?.toLowerCase() !== "gzip") return readJson(body);
  const inflated = await gunzip(body, maxBytes);
  if (inflated.isOk()) return readJson(inflated.value);
  return err(inflated.error === "too-large" ? "body-too-large" : "malformed-encoding");
}

const THREW = { type: "threw" } as const;

async function receive(
  installation: InstallationId,
  input: unknown,
  { receiver }: Configuration,
): Promise<Result<unknown, ProblemCode>> {
  type Fault = StorageFault | { readonly type: "invalid-identifier" | "threw" };
  const said = await callPort<unknown, Fault>(() => receiver.handle(installation, input), THREW);
  if (said.isErr())
    return err(said.error.type === "storage-fault" ? "receiver-unavailable" : "internal-error");
  return said.value === undefined ? err("internal-error") : ok(said.value);
}

const TAKES_GZIP = /(?:^|,)\s*gzip\s*(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))(?:;|,|$)/i;

async function answerResponse(request: Request, said: unknown): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    "cache-control": "no-store",
    vary: "accept-encoding",
  };
  const body = new TextEncoder().encode(JSON.stringify(said));
  if (!isWorthCompressing(body) || !TAKES_GZIP.test(request.headers.get("accept-encoding") ?? ""))
    return new Response(body, { status: 200, headers });
  return new Response(await gzip(body), { status: 200, headers: { ...headers, "content-encoding": "gzip" } });
}

/** What a refusal says in its headers beside what every problem does. */
function refuse(code: ProblemCode, { challenge }: Configuration): Response {
  const known = EXPLAINING[code] ?? {};
  const response = problemResponse(code, known);
  if (response.status === 401) response.headers.set("www-authenticate", challenge);
  return response;
}

const EXPLAINING: { readonly [Code in ProblemCode]?: Readonly<Record<string, string>> } = {
  "method-not-allowed": { allow: "POST" },
  "unsupported-media-type": { accept: "application/json" },
  "unsupported-content-encoding": { "accept-encoding": "gzip, identity" },
};
