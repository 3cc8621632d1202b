import { err, ok, type Result } from "neverthrow";
import { callPort, type StorageFault } from "../../domain/fault.ts";
import { takesGzip } from "./accept-encoding.ts";
import { type Admission, createAdmission, type Place } from "./admission.ts";
import { createDeadline, type Deadline } from "./deadline.ts";
import { createDoor } from "./door.ts";
import { gunzip, gzip, isWorthCompressing } from "./gzip.ts";
import { type Configuration, configure, type HttpHandlerOptions } from "./handler-options.ts";
import { isDeletion } from "./is-deletion.ts";
import { type ProblemCode, problemCodeNamed, problemText } from "./problem.ts";
import { createProof, type Prove, type ProvenRequest } from "./prove.ts";
import { readJson } from "./read-json.ts";
import { createRefusalDesk } from "./refusal-desk.ts";
import { createSigning, type SignResponse } from "./sign-answer.ts";

/** Answers the requests of GitHub Enterprise Servers. Mount it wherever a Fetch-API handler can be. */
export interface HttpHandler {
  /** Answers one request; never rejects. */
  (request: Request): Promise<Response>;
  /**
   * Takes no more requests (they get a 503) and resolves when all that were taken are answered, at the latest after
   * `shutdownTimeoutMs`. Close the listening socket after it, so that the answers still get out.
   */
  shutdown(): Promise<void>;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What a handler is made of. */
interface Parts {
  readonly configuration: Configuration;
  readonly prove: Prove;
  readonly admission: Admission;
  readonly calls: Deadline;
  /** Null if answers are not signed. */
  readonly sign: SignResponse | null;
}

/** Why a request is refused. */
interface Refusal {
  readonly code: ProblemCode;
  /** Whether it is known who hears it: strangers are not worth a signature. */
  readonly isProven: boolean;
}

/**
 * Makes the receiving end of the wire (docs/wire.md) of a receiver. The head of a request is proven before it takes a place
 * and before a byte of its body is read; nothing of the body is inflated or parsed before all of it is proven. Every refusal
 * is an `application/problem+json` of docs/problems.md and repeats nothing of the request. No part of the host's is waited
 * for longer than `callTimeoutMs`. With `signAnswers` every answer to a proven head is signed.
 *
 * A wrong option is a mistake in the program and throws a `TypeError`; nothing else ever throws.
 */
export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const configuration = configure(options);
  const { callTimeoutMs, maxGivenUp, maxGivenUpEach, shutdownTimeoutMs } = configuration;
  const door = createDoor();
  const refuse = createRefusalDesk(configuration);
  const parts: Parts = {
    configuration,
    prove: createProof(configuration),
    admission: createAdmission({
      places: configuration.maxConcurrent,
      placesEach: configuration.maxConcurrentEach,
      perSecond: configuration.requestsPerSecond,
      burst: configuration.requestBurst,
    }),
    calls: createDeadline(callTimeoutMs, maxGivenUp, maxGivenUpEach),
    sign: createSigning(configuration),
  };

  const respond = async (request: Request): Promise<Response> => {
    const misfit = misfitOf(request, configuration);
    if (misfit !== null) return refuse(request, misfit);
    if (!door.enter()) return refuse(request, "shutting-down");
    const answered = await answer(request, parts)
      .catch(() => err<never, Refusal>({ code: "internal-error", isProven: false }))
      // What is refused holds nobody up: it is dropped outside.
      .finally(door.leave);
    if (answered.isOk()) return answered.value;
    const { isProven } = answered.error;
    const code = problemCodeNamed(answered.error.code);
    const response = await refuse(request, code);
    if (parts.sign === null || !isProven) return response;
    // A problem says nothing on which anything depends, so that it may go out unsigned if need be.
    const signed = await parts.sign(response, new TextEncoder().encode(problemText(code)), request);
    return signed.unwrapOr(response);
  };
  return Object.assign(respond, { shutdown: () => door.close(shutdownTimeoutMs) });
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
  return declaredBytes(headers) > configuration.maxBodyBytes ? "body-too-large" : null;
}

function declaredBytes(headers: Headers): number {
  return Number(headers.get("content-length"));
}

async function answer(request: Request, parts: Parts): Promise<Result<Response, Refusal>> {
  if (parts.calls.isSpent()) return err({ code: "receiver-unavailable", isProven: false });
  const proven = await parts.prove(request);
  if (proven.isErr()) return err({ code: proven.error, isProven: false });
  try {
    const admitted = await admit(request, proven.value, parts);
    return admitted.isOk() ? ok(admitted.value) : err({ code: admitted.error, isProven: true });
  } finally {
    proven.value.release();
  }
}

/** A withdrawal of as many links as a request may hold has about 70,000, or 95,000 if their ids are as long as may be. */
const MAX_DELETION_BYTES = 131_072;

async function admit(
  request: Request,
  proven: ProvenRequest,
  parts: Parts,
): Promise<Result<Response, ProblemCode>> {
  const { installation } = proven;
  if (parts.calls.isSpent(installation)) return err("receiver-unavailable");
  const mayDelete = declaredBytes(request.headers) <= MAX_DELETION_BYTES;
  const place = parts.admission.enter(installation, mayDelete);
  if (place === null) return err("too-many-requests");
  try {
    const input = await readMessage(request, proven, place, parts.configuration);
    if (input.isErr()) return err(input.error);
    const answer = await receive(proven, input.value, parts);
    return answer.isOk() ? await answerResponse(request, answer.value, parts) : err(answer.error);
  } finally {
    place.leave();
  }
}

/** The message; nothing is inflated or parsed before the whole body is proven. */
async function readMessage(
  request: Request,
  proven: ProvenRequest,
  { isForDeletions }: Place,
  { maxBodyBytes }: Configuration,
): Promise<Result<unknown, ProblemCode>> {
  const maxBytes = isForDeletions ? Math.min(maxBodyBytes, MAX_DELETION_BYTES) : maxBodyBytes;
  const body = await proven.body(maxBytes);
  const input = body.isOk() ? await decode(request, body.value, maxBytes) : err(body.error);
  if (!isForDeletions) return input;
  if (input.isErr()) return err(input.error === "body-too-large" ? "too-many-requests" : input.error);
  return isDeletion(input.value) ? input : err("too-many-requests");
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
  { installation, connectionId }: ProvenRequest,
  input: unknown,
  { configuration: { receiver }, calls }: Parts,
): Promise<Result<unknown, ProblemCode>> {
  type Fault = StorageFault | { readonly type: "invalid-identifier" | "threw" };
  const called = await calls.call(installation, () =>
    callPort<unknown, Fault>(() => receiver.handle(installation, input, connectionId), THREW),
  );
  if (called.isErr()) return err("outcome-unknown");
  const answer = called.value;
  if (answer.isErr())
    return err(answer.error.type === "storage-fault" ? "receiver-unavailable" : "internal-error");
  return answer.value === undefined ? err("internal-error") : ok(answer.value);
}

async function answerResponse(
  request: Request,
  answer: unknown,
  { sign }: Parts,
): Promise<Result<Response, ProblemCode>> {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  const body = new TextEncoder().encode(JSON.stringify(answer));
  // The digest is of the bytes that are sent, and `fetch` shows the server only what it has inflated.
  if (sign !== null) return await sign(new Response(body, { status: 200, headers }), body, request);
  const varying = { ...headers, vary: "accept-encoding" };
  if (!isWorthCompressing(body) || !takesGzip(request.headers.get("accept-encoding")))
    return ok(new Response(body, { status: 200, headers: varying }));
  const packed = { ...varying, "content-encoding": "gzip" };
  return ok(new Response(await gzip(body), { status: 200, headers: packed }));
}
