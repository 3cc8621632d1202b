import type { Instant } from "../../domain/identifiers.ts";
import type { SourceFault } from "../../ghes/ports.ts";
import { readBody } from "../http/read-body.ts";
import { retryAfterMs } from "../http/retry-after.ts";
import type { HttpFetch } from "../http/transport.ts";
import type { GraphqlRequest } from "./query.ts";
import { ABORTED, BAD_TOKEN, NO_TOKEN, NOT_GRAPHQL, UNREACHABLE } from "./source-faults.ts";

/** The reply of the instance. */
export type Sent =
  /** Unread JSON, and how long to wait in case it says that the rate is limited. */
  | { readonly type: "answered"; readonly answer: unknown; readonly waitMs: number }
  /** The rate is limited. Ask again after this many milliseconds. */
  | { readonly type: "limited"; readonly waitMs: number }
  /** The request took too long, or broke on the way. Fewer users may succeed. */
  | { readonly type: "broken-off" }
  /** Every later request will fail in the same way. */
  | { readonly type: "hopeless"; readonly fault: SourceFault };

/** The address that requests go to, and the means to send them. */
export interface Connection {
  readonly url: string;
  readonly token: () => string | Promise<string>;
  readonly fetch: HttpFetch;
  readonly now: () => Instant;
}

/** More bytes than the calendars of 100 users take. */
const MAX_ANSWER_BYTES = 16_777_216;

/** "If the retry-after response header is not present … wait for at least one minute": GitHub's documentation. */
const UNSAID_WAIT_MS = 60_000;

type Response = Awaited<ReturnType<HttpFetch>>;

/**
 * Sends one request and returns the reply. It returns at once when the signal aborts, even if the `fetch` ignores it.
 */
export function sendRequest(
  request: GraphqlRequest,
  signal: AbortSignal,
  connection: Connection,
): Promise<Sent> {
  if (signal.aborted) return Promise.resolve({ type: "hopeless", fault: ABORTED });
  return new Promise((resolve) => {
    const abort = (): void => resolve({ type: "hopeless", fault: ABORTED });
    signal.addEventListener("abort", abort);
    exchange(request, signal, connection)
      .catch((): Sent => ({ type: "hopeless", fault: UNREACHABLE }))
      .then((sent) => {
        signal.removeEventListener("abort", abort);
        resolve(sent);
      });
  });
}

async function exchange(
  request: GraphqlRequest,
  signal: AbortSignal,
  { url, token, fetch, now }: Connection,
): Promise<Sent> {
  const given = await tokenFrom(token);
  if (given === null) return { type: "hopeless", fault: NO_TOKEN };
  const response = await fetch(url, {
    method: "POST",
    headers: [
      ["authorization", `bearer ${given}`],
      ["content-type", "application/json"],
      ["accept", "application/json"],
      ["user-agent", "unified-contributions"],
    ],
    body: new TextEncoder().encode(JSON.stringify(request)),
    redirect: "manual",
    signal,
  });
  const { status } = response;
  const waitMs = waitOf(response, now());
  if (status === 429 || (status === 403 && isLimited(response)))
    return drop(response, { type: "limited", waitMs });
  if (status === 401 || status === 403) return drop(response, { type: "hopeless", fault: BAD_TOKEN });
  if (status === 503) return drop(response, { type: "limited", waitMs });
  if (status >= 500) return drop(response, { type: "broken-off" });
  if (status !== 200) return drop(response, { type: "hopeless", fault: NOT_GRAPHQL });
  const body = await readBody(response.body, MAX_ANSWER_BYTES);
  if (body.isErr())
    return body.error === "too-large" ? { type: "hopeless", fault: NOT_GRAPHQL } : { type: "broken-off" };
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body.value);
    return { type: "answered", answer: JSON.parse(text), waitMs };
  } catch {
    return { type: "hopeless", fault: NOT_GRAPHQL };
  }
}

/** A token with a line break is refused, because it would be a header of its own. */
async function tokenFrom(token: () => string | Promise<string>): Promise<string | null> {
  try {
    const given: unknown = await token();
    return typeof given === "string" && /^[!-~]+$/.test(given) ? given : null;
  } catch {
    return null;
  }
}

/** A 403 is a limit of the rate if the answer says when to come again. Otherwise the token is the reason. */
function isLimited({ headers }: Response): boolean {
  return headers.get("retry-after") !== null || headers.get("x-ratelimit-remaining") === "0";
}

function waitOf({ headers }: Response, now: Instant): number {
  const asked = retryAfterMs(headers);
  if (asked !== null) return asked;
  const reset = headers.get("x-ratelimit-reset") ?? "";
  if (headers.get("x-ratelimit-remaining") !== "0" || !/^\d{1,11}$/.test(reset)) return UNSAID_WAIT_MS;
  // The instance's own clock counts, if the answer tells it.
  const date = Date.parse(headers.get("date") ?? "");
  return Math.max(0, Number(reset) * 1_000 - (Number.isNaN(date) ? now : date));
}

/** The body is not needed, so the connection need not bring it. */
function drop({ body }: Response, sent: Sent): Sent {
  body
    ?.getReader()
    .cancel()
    .catch(() => undefined);
  return sent;
}
