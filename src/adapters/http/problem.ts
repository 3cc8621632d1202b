import type { AuthenticationProblem } from "./authentication.ts";

/** The stable code of a problem. docs/problems.md has a section for each code. */
export type ProblemCode =
  | AuthenticationProblem
  | "not-found"
  | "method-not-allowed"
  | "body-timeout"
  | "body-too-large"
  | "unsupported-media-type"
  | "unsupported-content-encoding"
  | "body-incomplete"
  | "malformed-encoding"
  | "malformed-json"
  | "nested-too-deeply"
  | "too-many-values"
  | "duplicate-key"
  | "too-many-requests"
  | "internal-error"
  | "receiver-unavailable"
  | "outcome-unknown"
  | "shutting-down";

/** A kind of HTTP answer that is not an answer of the protocol. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** A sentence that says what to do. It is the same for every client, so nothing of a request can come back in it. */
  readonly detail: string;
  /** How long the client is asked to wait (`Retry-After`), in seconds. */
  readonly retryAfterSeconds?: number;
}

const WITH_KEYS = "Compare the key that signs with the one that GitHub Enterprise Cloud has on record.";
const CLOCK = "Set the server's clock, with NTP for example.";

/** Every problem, by the code that ends its `type`. A released problem keeps its meaning and its status for ever. */
export const PROBLEMS: Readonly<Record<ProblemCode, ProblemKind>> = {
  "not-found": {
    status: 404,
    title: "Nothing is here",
    detail: "Check the address of the receiver that the server was given, its path included.",
  },
  "method-not-allowed": { status: 405, title: "Only POST is understood", detail: "Send messages with POST." },
  "body-timeout": {
    status: 408,
    title: "The request came too slowly",
    detail: "Check the connection, and any proxy on the way.",
  },
  "body-too-large": {
    status: 413,
    title: "The request is too large",
    detail: "Send fewer records in one request. The bound holds before and after decompression.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "The body is not declared as JSON",
    detail: "Send `Content-Type: application/json`, in UTF-8.",
  },
  "unsupported-content-encoding": {
    status: 415,
    title: "The body is encoded in a way that is not understood",
    detail: "Send the body as it is, or with `Content-Encoding: gzip`.",
  },
  "body-incomplete": {
    status: 400,
    title: "The request broke off",
    detail: "The body did not arrive whole: send it again, and check any proxy on the way.",
  },
  "malformed-encoding": {
    status: 400,
    title: "The body is not gzip",
    detail: "`Content-Encoding` says gzip: send one whole gzip member, or leave the header out.",
  },
  "malformed-json": {
    status: 400,
    title: "The body is not JSON",
    detail: "Send one JSON value in UTF-8, without a byte order mark.",
  },
  "nested-too-deeply": {
    status: 400,
    title: "The JSON nests too deeply",
    detail: "No message nests deeper than 16 levels.",
  },
  "too-many-values": {
    status: 400,
    title: "The JSON has too many values",
    detail: "No message has so many arrays, objects, keys or commas.",
  },
  "duplicate-key": {
    status: 400,
    title: "An object of the JSON has a key twice",
    detail: "Readers disagree on which one counts: send each key once.",
  },
  "authentication-required": {
    status: 401,
    title: "The request does not say who sends it",
    detail: "Configure the server to authenticate its requests.",
  },
  "authentication-failed": {
    status: 401,
    title: "The request is not from whom it says",
    detail: "Compare the credentials of the server with those that GitHub Enterprise Cloud has on record.",
  },
  "signature-invalid": { status: 401, title: "The signature does not fit the request", detail: WITH_KEYS },
  "signature-malformed": {
    status: 401,
    title: "The signature cannot be read",
    detail: "Send one signature of this protocol, as RFC 9421 has it.",
  },
  "signature-insufficient": {
    status: 401,
    title: "The signature does not cover enough",
    detail: "Sign every component and parameter that the receiver's documentation lists.",
  },
  "signature-expired": { status: 401, title: "The signature has expired", detail: CLOCK },
  "signature-not-yet-valid": {
    status: 401,
    title: "The signature was made in the future",
    detail: CLOCK,
  },
  "signature-replayed": {
    status: 401,
    title: "The signature was used before",
    detail: "Sign every attempt anew, with a nonce of its own.",
  },
  "algorithm-refused": {
    status: 401,
    title: "The signature's algorithm is not the key's",
    detail: WITH_KEYS,
  },
  "content-digest-mismatch": {
    status: 401,
    title: "The body is not the one that was signed",
    detail: "Sign the bytes that are sent, after compression; a proxy on the way must not change them.",
  },
  "unknown-key": { status: 401, title: "The key is not known", detail: WITH_KEYS },
  "wrong-audience": {
    status: 403,
    title: "The request was made for another address",
    detail: "Give the server the receiver's public address, as the receiver itself is told it.",
  },
  "installation-refused": {
    status: 403,
    title: "The installation may not send",
    detail: "Ask an owner of the enterprise on GitHub Enterprise Cloud.",
  },
  "too-many-requests": {
    status: 429,
    title: "Too many requests at once",
    detail: "Wait as long as `Retry-After` says.",
    retryAfterSeconds: 30,
  },
  "internal-error": {
    status: 500,
    title: "The receiver has failed",
    detail:
      "This is a mistake on the receiver's side. Whether the message was taken is unknown: send it again later.",
  },
  "authentication-unavailable": {
    status: 503,
    title: "Nobody can be authenticated at present",
    detail: "Wait as long as `Retry-After` says.",
    retryAfterSeconds: 60,
  },
  "receiver-unavailable": {
    status: 503,
    title: "The receiver is not available at present",
    detail: "Wait as long as `Retry-After` says.",
    retryAfterSeconds: 60,
  },
  "outcome-unknown": {
    status: 503,
    title: "The receiver could not answer",
    detail:
      "Whether the message was applied is unknown: it may be, now or later. Wait as long as `Retry-After` says, and send it again.",
    retryAfterSeconds: 60,
  },
  "shutting-down": {
    status: 503,
    title: "This process of the receiver is shutting down",
    detail: "Wait as long as `Retry-After` says.",
    retryAfterSeconds: 5,
  },
};

/** The start of every problem's `type`. The code follows. */
export const PROBLEM_TYPE = "urn:problem-type:unified-contributions:";

/** Returns the body of a problem, which is the same for every client. */
export function problemText(code: ProblemCode): string {
  const { status, title, detail } = PROBLEMS[code];
  return JSON.stringify({ type: PROBLEM_TYPE + code, title, status, detail });
}

/** Returns the `application/problem+json` (RFC 9457) of a code. */
export function problemResponse(code: ProblemCode, headers: Readonly<Record<string, string>> = {}): Response {
  const { status, retryAfterSeconds } = PROBLEMS[code];
  const retryAfter = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return new Response(problemText(code), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...retryAfter,
      ...headers,
    },
  });
}

/** Returns the code that a host's part gave, or `internal-error` if there is no such code. */
export function problemCodeNamed(code: unknown): ProblemCode {
  return typeof code === "string" && Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : "internal-error";
}

/** Returns the code of a parsed `application/problem+json`, or null if there is no such code. */
export function problemCodeOf(problem: unknown): ProblemCode | null {
  if (typeof problem !== "object" || problem === null || !("type" in problem)) return null;
  const { type } = problem;
  if (typeof type !== "string" || !type.startsWith(PROBLEM_TYPE)) return null;
  const code = type.slice(PROBLEM_TYPE.length);
  return Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : null;
}
