import { ResultAsync } from "neverthrow";
import type { DayRange } from "../../domain/calendar-date.ts";
import type { Clock } from "../../domain/environment.ts";
import type { Instant, UserId } from "../../domain/identifiers.ts";
import { refuseUnknownOptions } from "../../domain/require-ports.ts";
import type { ContributionSource, SourceFault, SourceRequest, UserContributions } from "../../ghes/ports.ts";
import { SAFE_ADDRESS_RULE, safeAddress } from "../http/safe-address.ts";
import type { HttpFetch } from "../http/transport.ts";
import { calendarRequest } from "./query.ts";
import { type ReadAnswer, readAnswer } from "./read-answer.ts";
import { sendRequest } from "./send-request.ts";
import { ABORTED, BROKEN_OFF, COME_LATER, NO_LOGIN, TOO_HEAVY, UNREACHABLE } from "./source-faults.ts";

/** The options of a source over the GraphQL API of a GitHub Enterprise Server. */
export interface GithubGraphqlSourceOptions {
  /** The whole address of the API: `https://HOSTNAME/api/graphql`. `http:` is allowed only to this machine itself. */
  readonly url: string;
  /**
   * Returns the token. It is called before each request, so that the token can be renewed.
   *
   * docs/github-graphql.md says which token to use.
   */
  readonly token: () => string | Promise<string>;
  /** Returns a user's login on the instance, or null if the user has none (any more). */
  readonly loginOf: (user: UserId) => string | null | Promise<string | null>;
  /** Waits when the instance asks the source to come later. */
  readonly clock: Clock;
  /** Opens the connection; the platform's own `fetch` if left out. Use it for a proxy, an agent or a private CA. */
  readonly fetch?: HttpFetch;
  /**
   * How many users one request asks for, from 1 to 100; 10 if left out. It is halved if they are too many for the
   * instance.
   */
  readonly usersPerRequest?: number;
  /**
   * The longest wait that the instance may ask for, in milliseconds from 0 to 3,600,000; 60,000 if left out.
   *
   * If it asks for more, the remaining users stay due, and the source asks nothing until the wait is over. Keep it
   * under `sourceDeadlineMs`.
   */
  readonly maxWaitMs?: number;
}

const OPTIONS: Readonly<Record<keyof GithubGraphqlSourceOptions, true>> = {
  url: true,
  token: true,
  loginOf: true,
  clock: true,
  fetch: true,
  usersPerRequest: true,
  maxWaitMs: true,
};

type Configuration = Required<GithubGraphqlSourceOptions>;

/** How many times one request is sent again after a wait. */
const MAX_WAITS = 3;

/**
 * The number of consecutive requests for one user each that may break off. After it the instance counts as unreachable.
 */
const MAX_BROKEN_OFF = 3;

/**
 * Returns a source over the GraphQL API of a GitHub Enterprise Server, with each user's contribution calendar as
 * counts.
 *
 * There is one count per day, and the instance decides which day a contribution belongs to. If the instance does not
 * state every one of the days, the user's entry is a fault that says why, never a zero. The source keeps nothing except
 * the end of a wait that the instance asked for. A wrong option throws a `TypeError`. Nothing else ever throws.
 */
export function createGithubGraphqlSource(options: GithubGraphqlSourceOptions): ContributionSource {
  const configuration = configure(options);
  const limit: Limit = { until: 0 as Instant };
  return {
    read: (request) => ResultAsync.fromSafePromise(readAll(request, configuration, limit)),
  };
}

/** The end of a wait that the instance asked for. */
interface Limit {
  until: Instant;
}

/** A user, and the user's login on the instance. */
interface Asked {
  readonly user: UserId;
  readonly login: string;
}

/** One reading: the entries so far, and the reason why the rest cannot be read. */
interface Reading {
  readonly days: DayRange;
  readonly signal: AbortSignal;
  readonly entries: Map<UserId, UserContributions>;
  brokenOff: number;
  end: SourceFault | null;
}

async function readAll(
  { users, days, signal }: SourceRequest,
  configuration: Configuration,
  limit: Limit,
): Promise<ReadonlyMap<UserId, UserContributions>> {
  const reading: Reading = { days, signal, entries: new Map(), brokenOff: 0, end: null };
  const asked: Asked[] = [];
  for (const user of users) {
    const login = await loginFrom(user, configuration);
    if (login === null) reading.entries.set(user, NO_LOGIN);
    else asked.push({ user, login });
  }
  for (let at = 0; at < asked.length; at += configuration.usersPerRequest) {
    await readSome(asked.slice(at, at + configuration.usersPerRequest), reading, configuration, limit);
  }
  // In the order of the question, however the answers came.
  return new Map(users.map((user) => [user, reading.entries.get(user) ?? ABORTED]));
}

/** Reads these users, and halves the request if they are too many for it. */
async function readSome(
  asked: readonly Asked[],
  reading: Reading,
  configuration: Configuration,
  limit: Limit,
): Promise<void> {
  const read = await ask(asked, reading, configuration, limit);
  if (read.type === "read") {
    reading.brokenOff = 0;
    for (const [place, entry] of read.entries.entries()) {
      reading.entries.set((asked[place] as Asked).user, entry);
    }
    return;
  }
  if (read.type === "hopeless") {
    reading.end = read.fault;
    for (const { user } of asked) reading.entries.set(user, read.fault);
    return;
  }
  if (asked.length > 1) {
    const half = Math.ceil(asked.length / 2);
    await readSome(asked.slice(0, half), reading, configuration, limit);
    await readSome(asked.slice(half), reading, configuration, limit);
    return;
  }
  const fault = read.type === "too-heavy" ? TOO_HEAVY : BROKEN_OFF;
  for (const { user } of asked) reading.entries.set(user, fault);
  if (read.type === "too-heavy") reading.brokenOff = 0;
  else if (++reading.brokenOff === MAX_BROKEN_OFF) reading.end = UNREACHABLE;
}

type Asking = Exclude<ReadAnswer, { readonly type: "limited" }> | { readonly type: "broken-off" };

/** Sends one request, and again after each wait that the instance asks for. */
async function ask(
  asked: readonly Asked[],
  { days, signal, end }: Reading,
  configuration: Configuration,
  limit: Limit,
): Promise<Asking> {
  if (end !== null) return { type: "hopeless", fault: end };
  const { clock, maxWaitMs } = configuration;
  const logins = asked.map(({ login }) => login);
  const connection = { ...configuration, now: clock.now };
  for (let waits = 0; ; waits++) {
    const waitMs = limit.until - clock.now();
    if (waitMs > maxWaitMs || waits > MAX_WAITS) return { type: "hopeless", fault: COME_LATER };
    if (waitMs > 0) await clock.wait(waitMs, signal);
    const sent = await sendRequest(calendarRequest(logins, days), signal, connection);
    const read = sent.type === "answered" ? readAnswer(sent.answer, logins, days) : sent;
    if (read.type !== "limited") return read;
    limit.until = (clock.now() + (sent as { readonly waitMs: number }).waitMs) as Instant;
  }
}

const LOGIN = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/;

async function loginFrom(user: UserId, { loginOf }: Configuration): Promise<string | null> {
  try {
    const login: unknown = await loginOf(user);
    return typeof login === "string" && LOGIN.test(login) ? login : null;
  } catch {
    return null;
  }
}

function configure(options: GithubGraphqlSourceOptions): Configuration {
  const configuration: Configuration = {
    fetch: (address, init) => fetch(address, init),
    usersPerRequest: 10,
    maxWaitMs: 60_000,
    ...options,
    url: parseUrl(options?.url),
  };
  refuseUnknownOptions("createGithubGraphqlSource", options, OPTIONS);
  for (const name of ["token", "loginOf", "fetch"] as const) {
    if (typeof configuration[name] !== "function") throw wrong(name, "a function");
  }
  if (typeof configuration.clock?.now !== "function" || typeof configuration.clock.wait !== "function")
    throw wrong("clock", "a clock");
  if (!isWhole(configuration.usersPerRequest, 1, 100))
    throw wrong("usersPerRequest", "a whole number from 1 to 100");
  if (!isWhole(configuration.maxWaitMs, 0, 3_600_000))
    throw wrong("maxWaitMs", "a whole number from 0 to 3600000");
  return configuration;
}

function parseUrl(given: unknown): string {
  const url = safeAddress(given);
  if (url === null) throw wrong("url", SAFE_ADDRESS_RULE);
  return url;
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function wrong(option: keyof GithubGraphqlSourceOptions, rule: string): TypeError {
  return new TypeError(`createGithubGraphqlSource: \`${option}\` has to be ${rule}.`);
}
