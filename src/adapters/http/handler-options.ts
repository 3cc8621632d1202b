import { safeListener } from "../../domain/call-listener.ts";
import { refuseUnknownOptions, requirePorts } from "../../domain/require-ports.ts";
import type { Receiver } from "../../ghec/receiver.ts";
import type { Authenticate, SignAnswer } from "./authentication.ts";
import type { HttpHandlerEvent } from "./events.ts";

/** The options of the receiving end of the wire. Every number is a whole number from 1 to 2,147,483,647. */
export interface HttpHandlerOptions {
  readonly receiver: Pick<Receiver, "handle">;
  /** Says which installation a request is from. There is no default, because none would be safe. */
  readonly authenticate: Authenticate;
  /**
   * Signs the answers to requests whose head is proven; left out, they are not signed.
   *
   * No proxy can then make or change an answer unnoticed. Signed answers are not compressed. An answer that cannot be
   * signed is not given: a problem says instead that the outcome is unknown.
   */
  readonly signAnswers?: SignAnswer | null;
  /** The path that is answered, as it stands in the request's URL; `/unified-contributions` if left out. */
  readonly path?: string;
  /**
   * How many bytes a body may have, before and after decompression; 1 MiB if left out.
   *
   * The longest message of version 1 has about 750,000.
   */
  readonly maxBodyBytes?: number;
  /** How long a body may take to arrive, in milliseconds; 30,000 if left out. */
  readonly bodyTimeoutMs?: number;
  /** How long a body may pause, in milliseconds; 10,000 if left out. */
  readonly bodyIdleMs?: number;
  /** How many bytes of a body have to arrive per second on average, after `bodyIdleMs`; 1,024 if left out. */
  readonly minBytesPerSecond?: number;
  /**
   * How many requests are worked on at once; 64 if left out. As many more places are kept for deletions.
   *
   * Only a proven head takes a place, so a stranger has none.
   */
  readonly maxConcurrent?: number;
  /** How many of these requests may belong to one installation; 4 if left out. A server sends one at a time. */
  readonly maxConcurrentEach?: number;
  /**
   * How many requests an installation may send per second, on average over a long time; 20 if left out.
   *
   * Requests whose head says that they are deletions have as many again. A request above the rate is answered with
   * 429, unread.
   */
  readonly requestsPerSecond?: number;
  /** How many requests an installation may send in a burst; 400 if left out. Deletions have as many again. */
  readonly requestBurst?: number;
  /**
   * How many heads are proven at once; 64 if left out.
   *
   * 16 times as many wait in the order in which they came. One more is answered with 429.
   */
  readonly maxHeads?: number;
  /** How many unproven bodies are read at once, for an `authenticate` with `withBody`; 8 if left out. */
  readonly maxUnproven?: number;
  /**
   * How many refused bodies are read on and dropped at the same time; 64 if left out.
   *
   * A slow client thus learns the reason. One more body ends the oldest of them. Its client gets the answer at once,
   * and a second later the body is cancelled.
   */
  readonly maxDropped?: number;
  /**
   * How long each call of `authenticate` and of the receiver may take, in milliseconds; 10,000 if left out.
   *
   * A call that takes longer is given up, and the client is told so. The call itself goes on.
   */
  readonly callTimeoutMs?: number;
  /** How many calls that were given up may still run; 32 if left out. At this bound requests get a 503 at once. */
  readonly maxGivenUp?: number;
  /**
   * How many of these calls may belong to one installation; 4 if left out. At this bound its requests get a 503 at
   * once.
   */
  readonly maxGivenUpEach?: number;
  /** How long a shutdown waits for requests that were taken, in milliseconds; 30,000 if left out. */
  readonly shutdownTimeoutMs?: number;
  /** The `WWW-Authenticate` of every 401, which says how to authenticate here; `Signature` if left out. */
  readonly challenge?: string;
  /**
   * Called with each request that was answered or refused, and the reason. docs/events.md lists all events.
   *
   * It is called before the answer goes out, so it has to be quick. If it throws or rejects, nothing changes.
   */
  readonly onEvent?: (event: HttpHandlerEvent) => void;
}

/** The options with their defaults. */
export type Configuration = Required<Omit<HttpHandlerOptions, "onEvent">> & {
  readonly onEvent: HttpHandlerOptions["onEvent"] | undefined;
};

const DEFAULTS = {
  path: "/unified-contributions",
  maxBodyBytes: 1_048_576,
  bodyTimeoutMs: 30_000,
  bodyIdleMs: 10_000,
  minBytesPerSecond: 1_024,
  maxConcurrent: 64,
  maxConcurrentEach: 4,
  requestsPerSecond: 20,
  requestBurst: 400,
  maxHeads: 64,
  maxUnproven: 8,
  maxDropped: 64,
  callTimeoutMs: 10_000,
  maxGivenUp: 32,
  maxGivenUpEach: 4,
  shutdownTimeoutMs: 30_000,
  challenge: "Signature",
  signAnswers: null,
} as const;

/** A longer delay fires at once on some platforms. */
const MAX_LIMIT = 2_147_483_647;

/** Returns the options with their defaults. A wrong option throws a `TypeError` that names it. */
export function configure(options: HttpHandlerOptions): Configuration {
  requirePorts("createHttpHandler", options, { receiver: ["handle"] });
  const known = { receiver: true, authenticate: true, ...DEFAULTS, onEvent: true };
  refuseUnknownOptions("createHttpHandler", options, known);
  requireAuthenticate(options.authenticate);
  const onEvent = safeListener("createHttpHandler", options.onEvent);
  const configuration = { ...DEFAULTS, ...options, onEvent };
  for (const [name, value] of Object.entries(DEFAULTS)) {
    const given = configuration[name as keyof typeof DEFAULTS];
    if (typeof value !== "number") continue;
    if (!(Number.isSafeInteger(given) && Number(given) >= 1 && Number(given) <= MAX_LIMIT))
      throw new TypeError(
        `createHttpHandler: \`${name}\` has to be a whole number from 1 on, at most 2,147,483,647.`,
      );
  }
  if (typeof configuration.path !== "string" || !configuration.path.startsWith("/"))
    throw new TypeError("createHttpHandler: `path` has to begin with a slash.");
  if (typeof configuration.challenge !== "string")
    throw new TypeError("createHttpHandler: `challenge` has to be a string.");
  if (!(configuration.signAnswers === null || typeof configuration.signAnswers === "function"))
    throw new TypeError("createHttpHandler: `signAnswers` has to be a function.");
  return configuration;
}

function requireAuthenticate(given: unknown): void {
  const isFunction = typeof given === "function";
  const has = (method: "head" | "withBody"): boolean =>
    (isFunction || (typeof given === "object" && given !== null)) &&
    typeof (given as Readonly<Record<string, unknown>>)[method] === "function";
  if (!(isFunction || has("head") || has("withBody")))
    throw new TypeError("createHttpHandler: `authenticate` has to be a function; there is no default.");
  // The handler would call it without the body that it expects.
  if (isFunction && !has("head") && given.length > 1)
    throw new TypeError(
      "createHttpHandler: `authenticate` is called before the body arrives; give one that needs the body as `{ withBody }`.",
    );
}
