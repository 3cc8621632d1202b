import { err, errAsync, ok, type Result, ResultAsync } from "neverthrow";
import { safeListener } from "../../domain/call-listener.ts";
import type { TransportFault } from "../../domain/fault.ts";
import type { Message } from "../../domain/message.ts";
import { refuseUnknownOptions } from "../../domain/require-ports.ts";
import { startStopwatch } from "../../domain/stopwatch.ts";
import type { Transport } from "../../ghes/ports.ts";
import type { MessageHead, Sign, VerifyAnswer } from "./authentication.ts";
import type { Bytes } from "./bytes.ts";
import { type ExchangeNotes, exchangeEvent, type HttpTransportEvent } from "./events.ts";
import { gzip, isWorthCompressing } from "./gzip.ts";
import { DELETION_CLAIM, DELETION_FIELD, isDeletion } from "./is-deletion.ts";
import { problemCodeOf } from "./problem.ts";
import { readBody } from "./read-body.ts";
import { retryAfterMs } from "./retry-after.ts";
import { SAFE_ADDRESS_RULE, safeAddress } from "./safe-address.ts";
import {
  ABORTED,
  CUT_OFF,
  faultOf,
  NOT_JSON,
  NOT_SIGNED,
  NOT_THE_CLOUDS,
  TIMED_OUT,
  TOO_LARGE,
  wordsOfProblem,
  wordsOfRejection,
  wordsOfStatus,
} from "./transport-fault.ts";

/**
 * The part of `fetch` that a transport needs. The platform's own fits, and so does one with a proxy, an agent or a
 * private CA.
 */
export type HttpFetch = (
  url: string,
  init: {
    readonly method: "POST";
    readonly headers: [string, string][];
    readonly body: Bytes;
    readonly redirect: "manual";
    readonly signal: AbortSignal;
  },
) => Promise<Pick<Response, "status" | "headers" | "body">>;

/** The options of the sending end of the wire. */
export interface HttpTransportOptions {
  /**
   * The receiver's whole address with its path, such as `https://cloud.example/unified-contributions`; `https:`, or
   * `http:` to this machine itself.
   */
  readonly url: string;
  /** Opens the connection; the platform's own `fetch` if left out. Use it for a proxy, an agent or a private CA. */
  readonly fetch?: HttpFetch;
  /** Proves the sender by a signature or by the host's own token. Without it the receiver needs other means to tell. */
  readonly sign?: Sign;
  /**
   * Checks that the cloud has given an answer to this exact request; needs `sign`.
   *
   * With it, an answer that a proxy made or changed acknowledges nothing. A 200 is then a fault with the reason
   * `untrusted`, and any other status delays the next attempt by an hour at most. Without it, a proxy that ends TLS on
   * the way can answer in the cloud's place.
   */
  readonly verifyAnswers?: VerifyAnswer;
  /** How long one whole exchange may take, in milliseconds; 60,000 if left out. */
  readonly timeoutMs?: number;
  /** How many bytes an answer may have, before and after decompression; 1 MiB if left out. */
  readonly maxAnswerBytes?: number;
  /**
   * Called with the end of each exchange and with the value that was thrown on the way. docs/events.md lists all
   * events.
   *
   * If it throws or rejects, nothing changes.
   */
  readonly onEvent?: (event: HttpTransportEvent) => void;
}

const OPTIONS: Readonly<Record<keyof HttpTransportOptions, true>> = {
  url: true,
  fetch: true,
  sign: true,
  verifyAnswers: true,
  timeoutMs: true,
  maxAnswerBytes: true,
  onEvent: true,
};

const MIB = 1_048_576;

const DEFAULTS = { timeoutMs: 60_000, maxAnswerBytes: MIB } as const;

/** A longer delay fires at once on some platforms. */
const MAX_TIMEOUT_MS = 2_147_483_647;

type Answered = Awaited<ReturnType<HttpFetch>>;

interface Configuration extends Required<Omit<HttpTransportOptions, "sign" | "verifyAnswers" | "onEvent">> {
  readonly sign: Sign | null;
  readonly verifyAnswers: VerifyAnswer | null;
  readonly onEvent: HttpTransportOptions["onEvent"] | undefined;
}

/**
 * Returns a transport over HTTPS: one POST per message, compressed if that saves bytes, without redirections.
 *
 * It repeats no message itself: the sender plans the next attempt and stores it. Every fault says in words what to look
 * at, and repeats nothing of what was sent or of what came back.
 *
 * A wrong option is a mistake in the program and throws a `TypeError`. Nothing else ever throws.
 */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const configuration = configure(options);
  return {
    send: (message, signal) => {
      if (signal.aborted) return errAsync(faultOf(ABORTED));
      return new ResultAsync(exchangeAndTell(message, signal, configuration));
    },
  };
}

function configure(options: HttpTransportOptions): Configuration {
  const url = parseUrl(options?.url);
  refuseUnknownOptions("createHttpTransport", options, OPTIONS);
  const configuration = {
    fetch: (address, init) => fetch(address, init),
    sign: null,
    verifyAnswers: null,
    ...DEFAULTS,
    ...options,
    url,
    onEvent: safeListener("createHttpTransport", options.onEvent),
  } satisfies Configuration;
  if (typeof configuration.fetch !== "function")
    throw new TypeError("createHttpTransport: `fetch` has to be a function.");
  if (configuration.sign !== null && typeof configuration.sign !== "function")
    throw new TypeError("createHttpTransport: `sign` has to be a function.");
  if (configuration.verifyAnswers !== null && typeof configuration.verifyAnswers !== "function")
    throw new TypeError("createHttpTransport: `verifyAnswers` has to be a function.");
  // An answer is bound to the signature of its request.
  if (configuration.verifyAnswers !== null && configuration.sign === null)
    throw new TypeError("createHttpTransport: `verifyAnswers` needs `sign`.");
  if (!isWhole(configuration.timeoutMs, MAX_TIMEOUT_MS))
    throw new TypeError("createHttpTransport: `timeoutMs` has to be a whole number from 1 to 2,147,483,647.");
  if (!isWhole(configuration.maxAnswerBytes, Number.MAX_SAFE_INTEGER))
    throw new TypeError("createHttpTransport: `maxAnswerBytes` has to be a whole number from 1 on.");
  return configuration;
}

function isWhole(value: unknown, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most;
}

function parseUrl(given: unknown): string {
  const url = safeAddress(given);
  if (url === null) throw new TypeError(`createHttpTransport: \`url\` has to be ${SAFE_ADDRESS_RULE}.`);
  return url;
}

async function exchangeAndTell(
  message: Message,
  signal: AbortSignal,
  configuration: Configuration,
): Promise<Result<unknown, TransportFault>> {
  const { onEvent } = configuration;
  if (!onEvent) return await exchange(message, signal, configuration, null);
  const durationSoFar = startStopwatch(Date);
  const notes: ExchangeNotes = { status: null, thrown: {} };
  const answered = await exchange(message, signal, configuration, notes);
  const fault = answered.isErr() ? answered.error : null;
  onEvent(exchangeEvent(fault, notes, durationSoFar()));
  return answered;
}

/** Makes one request and reads its answer. The signal or the timeout ends it, whichever comes first. */
async function exchange(
  message: Message,
  signal: AbortSignal,
  configuration: Configuration,
  notes: ExchangeNotes | null,
): Promise<Result<unknown, TransportFault>> {
  const controller = new AbortController();
  let isLate = false;
  const abort = (): void => controller.abort();
  signal.addEventListener("abort", abort);
  const timer = setTimeout(() => {
    isLate = true;
    abort();
  }, configuration.timeoutMs);
  try {
    const ended = new Promise<"ended">((resolve) => {
      controller.signal.addEventListener("abort", () => resolve("ended"));
    });
    // A `fetch` of the host's may ignore its signal.
    const answered = await Promise.race([post(message, controller.signal, configuration, notes), ended]);
    if (!controller.signal.aborted && answered !== "ended") return answered;
    return err(faultOf(isLate ? TIMED_OUT : ABORTED));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

async function post(
  message: Message,
  signal: AbortSignal,
  configuration: Configuration,
  notes: ExchangeNotes | null,
): Promise<Result<unknown, TransportFault>> {
  const { url } = configuration;
  const text = new TextEncoder().encode(JSON.stringify(message));
  const isPacked = isWorthCompressing(text);
  const body = isPacked ? await gzip(text) : text;
  const fields = {
    "content-type": "application/json",
    accept: "application/json, application/problem+json",
    ...(isPacked ? { "content-encoding": "gzip" } : {}),
    ...(isDeletion(message) ? { [DELETION_FIELD]: DELETION_CLAIM } : {}),
  };
  const headers = await signedHeaders(fields, body, configuration, notes);
  if (headers === null) return err(faultOf(NOT_SIGNED));
  if (signal.aborted) return err(faultOf(ABORTED));
  let answered: Answered;
  try {
    answered = await configuration.fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
  } catch (cause) {
    if (notes) notes.thrown = { cause };
    return err(faultOf(wordsOfRejection(cause)));
  }
  if (notes) notes.status = answered.status;
  const request: MessageHead = { headers: new Headers(headers) };
  return await readAnswer(answered, request, configuration, notes);
}

/** Returns the headers to send, or null if the host's `sign` failed. */
async function signedHeaders(
  headers: Readonly<Record<string, string>>,
  body: Bytes,
  { url, sign }: Configuration,
  notes: ExchangeNotes | null,
): Promise<[string, string][] | null> {
  if (sign === null) return Object.entries(headers);
  try {
    const signed = await sign(new Request(url, { method: "POST", headers, body }), body);
    return [...signed.headers];
  } catch (cause) {
    if (notes) notes.thrown = { cause };
    return null;
  }
}

const JSON_TYPE = /^application\/(?:problem\+)?json\s*(?:;|$)/i;
const HTML_TYPE = /^(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i;

/** How long an answer that is not proven to be the cloud's may delay the next attempt. */
const MAX_UNSIGNED_DELAY_MS = 3_600_000;

async function readAnswer(
  answered: Answered,
  request: MessageHead,
  { maxAnswerBytes: maxBytes, verifyAnswers }: Configuration,
  notes: ExchangeNotes | null,
): Promise<Result<unknown, TransportFault>> {
  const { status, headers, body } = answered;
  const type = headers.get("content-type") ?? "";
  const asked = retryAfterMs(headers);
  const bounded = verifyAnswers === null || asked === null ? asked : Math.min(asked, MAX_UNSIGNED_DELAY_MS);
  const words = wordsOfStatus(status, HTML_TYPE.test(type));
  if (!JSON_TYPE.test(type)) {
    // The body is not needed, so the connection need not bring it.
    body
      ?.getReader()
      .cancel()
      .catch(() => undefined);
    return err(faultOf(words, bounded));
  }
  const isTooLarge = Number(headers.get("content-length")) > maxBytes;
  const bytes = isTooLarge ? err("too-large" as const) : await readBody(body, maxBytes);
  if (bytes.isErr()) return err(faultOf(bytes.error === "too-large" ? TOO_LARGE : CUT_OFF));
  const isTrusted =
    verifyAnswers === null || (await isVerified(verifyAnswers, answered, bytes.value, request, notes));
  // The proof comes first: nothing is read of an answer that the cloud did not give.
  if (status === 200 && !isTrusted) return err(faultOf(NOT_THE_CLOUDS));
  const parsed = parseJson(bytes.value);
  if (status === 200) return parsed.mapErr(() => faultOf(NOT_JSON));
  const code = parsed.isOk() ? problemCodeOf(parsed.value) : null;
  return err(faultOf(code === null ? words : wordsOfProblem(code), isTrusted ? asked : bounded));
}

async function isVerified(
  verifyAnswers: VerifyAnswer,
  answered: Answered,
  body: Bytes,
  request: MessageHead,
  notes: ExchangeNotes | null,
): Promise<boolean> {
  try {
    return (await verifyAnswers(answered, body, request)) === true;
  } catch (cause) {
    if (notes) notes.thrown = { cause };
    return false;
  }
}

function parseJson(bytes: Bytes): Result<unknown, "not-json"> {
  try {
    return ok(JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)));
  } catch {
    return err("not-json");
  }
}
