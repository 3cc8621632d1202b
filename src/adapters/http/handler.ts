import { err, ok, type Result } from "neverthrow";
import { callPort, type StorageFault } from "../../domain/fault.ts";
import type { InstallationId, InvalidIdentifier } from "../../domain/identifiers.ts";
import { takesGzip } from "./accept-encoding.ts";
import { type Admission, createAdmission, type Place } from "./admission.ts";
import type { Bytes } from "./bytes.ts";
import { createDeadline, type Deadline } from "./deadline.ts";
import { createDoor } from "./door.ts";
import { createNotes, type HttpHandlerEvent, type RequestNotes } from "./events.ts";
import { gunzip, gzip, isWorthCompressing } from "./gzip.ts";
import { type Configuration, configure, type HttpHandlerOptions } from "./handler-options.ts";
import { claimsDeletion, isDeletion } from "./is-deletion.ts";
import { PROBLEMS, type ProblemCode, problemCodeNamed, problemText } from "./problem.ts";
import { createProof, type Prove, type ProvenRequest } from "./prove.ts";
import { readJson } from "./read-json.ts";
import { createRefusalDesk } from "./refusal-desk.ts";
import { createSigning, type SignResponse } from "./sign-answer.ts";

/** Answers the requests of GitHub Enterprise Servers. Mount it in any server that takes a Fetch-API handler. */
export interface HttpHandler {
  /** Answers one request; never rejects. */
  (request: Request): Promise<Response>;
  /**
   * Takes no more requests, which get a 503, and resolves when all that were taken are answered.
   *
   * It resolves after `shutdownTimeoutMs` at the latest. Close the listening socket after it, so that the answers still
   * get out.
   */
  shutdown(): Promise<void>;
}

/** The parts of a handler. */
interface Parts {
  readonly configuration: Configuration;
  readonly prove: Prove;
  readonly admission: Admission;
  readonly calls: Deadline;
  /** Null if answers are not signed. */
  readonly sign: SignResponse | null;
}

/** The reason why a request is refused. */
interface Refusal {
  readonly code: ProblemCode;
  /** Whether the sender is proven. A refusal of a stranger is not signed. */
  readonly isProven: boolean;
}

/**
 * Returns the receiving end of the wire (docs/wire.md) of a receiver, as a Fetch-API handler.
 *
 * The head of a request is proven before it takes a place and before a byte of its body is read. Nothing of the body is
 * inflated or parsed before all of it is proven. Every refusal is an `application/problem+json` of docs/problems.md and
 * repeats nothing of the request. The handler waits for none of the host's parts longer than `callTimeoutMs`. With
 * `signAnswers` it signs every answer to a proven head.
 *
 * A wrong option is a mistake in the program and throws a `TypeError`. Nothing else ever throws.
 */
export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const configuration = configure(options);
  const { callTimeoutMs, maxGivenUp, maxGivenUpEach, shutdownTimeoutMs, onEvent } = configuration;
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

  const respond = async (
    request: Request,
    notes: RequestNotes | null,
  ): Promise<Result<Response, Refusal>> => {
    const misfit = misfitOf(request, configuration);
    if (misfit !== null) return err({ code: misfit, isProven: false });
    if (!door.enter()) return err({ code: "shutting-down", isProven: false });
    const answered = await answer(request, parts, notes)
      .catch((cause: unknown) => {
        if (notes) Object.assign(notes, { why: THREW_WORDS, thrown: { cause } });
        return err<never, Refusal>({ code: "internal-error", isProven: false });
      })
      // A refused request keeps no place: its body is dropped outside.
      .finally(door.leave);
    return answered.mapErr(({ code, isProven }) => ({ code: problemCodeNamed(code), isProven }));
  };

  const refuseWith = async (request: Request, { code, isProven }: Refusal): Promise<Response> => {
    const response = await refuse(request, code);
    if (parts.sign === null || !isProven) return response;
    // Nothing depends on the contents of a problem, so it may go out unsigned if it has to.
    const signed = await parts.sign(response, new TextEncoder().encode(problemText(code)), request, null);
    return signed.unwrapOr(response);
  };

  const handle = async (request: Request): Promise<Response> => {
    const notes = onEvent ? createNotes() : null;
    const answered = await respond(request, notes);
    if (notes) onEvent?.(eventOf(answered, notes));
    return answered.isOk() ? answered.value : await refuseWith(request, answered.error);
  };
  return Object.assign(handle, { shutdown: () => door.close(shutdownTimeoutMs) });
}

/** Returns the event for a request that was answered or refused. */
function eventOf(
  answered: Result<Response, Refusal>,
  { durationSoFar, installation, keyId, why, thrown }: RequestNotes,
): HttpHandlerEvent {
  const durationMs = durationSoFar();
  // An answered request is always proven.
  if (answered.isOk())
    return { type: "http-request-answered", installation: installation as InstallationId, durationMs };
  const { code } = answered.error;
  const { status } = PROBLEMS[code];
  return { type: "http-request-refused", code, status, installation, keyId, why, durationMs, ...thrown };
}

const JSON_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const PLAIN_OR_GZIP = /^(?:identity|gzip)$/i;

/** Returns the problem with a request by its head alone, or null. */
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

async function answer(
  request: Request,
  parts: Parts,
  notes: RequestNotes | null,
): Promise<Result<Response, Refusal>> {
  if (parts.calls.isSpent()) {
    if (notes) notes.why = SPENT;
    return err({ code: "receiver-unavailable", isProven: false });
  }
  const proven = await parts.prove(request, notes);
  if (proven.isErr()) return err({ code: proven.error, isProven: false });
  if (notes) notes.installation = proven.value.installation;
  try {
    const admitted = await admit(request, proven.value, parts, notes);
    return admitted.isOk() ? ok(admitted.value) : err({ code: admitted.error, isProven: true });
  } finally {
    proven.value.release();
  }
}

const SPENT =
  "Too many calls of the receiver have not come back (`maxGivenUp`, `maxGivenUpEach`): look at what its storage waits for.";
const GIVEN_UP =
  "The receiver did not answer within `callTimeoutMs`: look for locks in its storage, and give it shorter time limits.";
const THREW_WORDS = "A part of the host threw: the cause says why.";
const NO_PLACE =
  "The installation has no place or no token left (`maxConcurrent`, `maxConcurrentEach`, `requestsPerSecond`, `requestBurst`).";
const NO_ANSWER =
  "The receiver gave no answer, or one that it must not give: use the receiver that `createReceiver` returns.";

/**
 * A withdrawal of as many links as a request may hold has about 70,000 bytes, or 95,000 if their ids have full length.
 */
const MAX_DELETION_BYTES = 131_072;

async function admit(
  request: Request,
  proven: ProvenRequest,
  parts: Parts,
  notes: RequestNotes | null,
): Promise<Result<Response, ProblemCode>> {
  const { installation } = proven;
  if (parts.calls.isSpent(installation)) {
    if (notes) notes.why = SPENT;
    return err("receiver-unavailable");
  }
  const { headers } = request;
  const isClaimed = claimsDeletion(headers) && declaredBytes(headers) <= MAX_DELETION_BYTES;
  const place = parts.admission.enter(installation, isClaimed);
  if (place === null) {
    if (notes) notes.why = NO_PLACE;
    return err("too-many-requests");
  }
  try {
    const input = await readMessage(request, proven, place, parts.configuration);
    if (input.isErr()) {
      if (notes && input.error === "too-many-requests") notes.why = NO_PLACE;
      return err(input.error);
    }
    const answer = await receive(proven, input.value, parts, notes);
    return answer.isOk() ? await answerResponse(request, answer.value, parts, notes) : err(answer.error);
  } finally {
    place.leave();
  }
}

/** Returns the message. Nothing is inflated or parsed before the whole body is proven. */
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

// From here on these are async functions and not `ResultAsync`. Everything in reach of a callback of its `map` or
// `mapErr` stays on the heap until a full collection. Here that would be the whole message.
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

const THREW = { type: "threw", message: THREW_WORDS } as const;

async function receive(
  { installation, connectionId }: ProvenRequest,
  input: unknown,
  { configuration: { receiver }, calls }: Parts,
  notes: RequestNotes | null,
): Promise<Result<unknown, ProblemCode>> {
  type Fault = StorageFault | InvalidIdentifier | typeof THREW;
  const refuse = (code: ProblemCode, why: string): Result<unknown, ProblemCode> => {
    if (notes) notes.why = why;
    return err(code);
  };
  const called = await calls.call(installation, () =>
    callPort<unknown, Fault>(
      () => receiver.handle(installation, input, connectionId),
      THREW,
      (cause) => {
        if (notes) notes.thrown = { cause };
      },
    ),
  );
  if (called.isErr()) return refuse("outcome-unknown", GIVEN_UP);
  const answer = called.value;
  if (answer.isErr()) {
    const { type, message } = answer.error;
    // A storage that fails late, such as the ledger after the store, leaves what was written before.
    return refuse(type === "storage-fault" ? "outcome-unknown" : "internal-error", message);
  }
  return answer.value === undefined ? refuse("internal-error", NO_ANSWER) : ok(answer.value);
}

async function answerResponse(
  request: Request,
  answer: unknown,
  { sign }: Parts,
  notes: RequestNotes | null,
): Promise<Result<Response, ProblemCode>> {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  const body = new TextEncoder().encode(JSON.stringify(answer));
  // The digest covers the bytes that are sent, but `fetch` shows the server only the inflated ones.
  if (sign !== null) return await sign(new Response(body, { status: 200, headers }), body, request, notes);
  const varying = { ...headers, vary: "accept-encoding" };
  if (!isWorthCompressing(body) || !takesGzip(request.headers.get("accept-encoding")))
    return ok(new Response(body, { status: 200, headers: varying }));
  const packed = { ...varying, "content-encoding": "gzip" };
  return ok(new Response(await gzip(body), { status: 200, headers: packed }));
}
