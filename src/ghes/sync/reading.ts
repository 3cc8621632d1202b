import { err, ok, type Result, ResultAsync } from "neverthrow";
import type { CalendarDate } from "../../domain/calendar-date.ts";
import { CONTRIBUTION_WINDOW_DAYS, MAX_DAILY_COUNT, restoredDays } from "../../domain/contribution-window.ts";
import { callPort } from "../../domain/fault.ts";
import type { UserId } from "../../domain/identifiers.ts";
import { startStopwatch } from "../../domain/stopwatch.ts";
import { faultIn } from "../../domain/watch-port.ts";
import {
  type BuiltPayload,
  buildPayload,
  buildPayloadFromChunks,
  buildPayloadFromDailyCounts,
  type PayloadRefusal,
  type UnreadableContributions,
  unreadable,
} from "../payload.ts";
import { SOURCE_THREW, type SourceFault, type SourceRequest, type UserContributions } from "../ports.ts";
import type { SyncContext } from "./exchange.ts";

/** What a user contributed, or why it could not be counted. */
export type ReadUser = Result<BuiltPayload, PayloadRefusal | SourceFault>;

/** What reading needs of a sync. */
type ReadingContext = Pick<SyncContext, "source" | "clock" | "signal" | "sourceDeadlineMs" | "onEvent">;

/** What the source has answered, after its keys were checked. */
type SourceAnswer = ReadonlyMap<UserId, UserContributions>;

/** How many contributions of one user are read: as many as 90 days can carry. What gives more never ends. */
const MAX_CONTRIBUTIONS = CONTRIBUTION_WINDOW_DAYS * MAX_DAILY_COUNT;

/** In how many chunks they may come. */
const MAX_CHUNKS = 100_000;

/** How many users of a page may overrun the deadline before the source is taken to be away for the rest of the page. */
const MAX_OVERRUNS = 3;

const NO_MAP = fault(
  "The source of contributions answered no Map: answer with a Map from each user who was asked to what they contributed.",
);
const KEY_IS_NO_STRING = fault(
  "The source of contributions answered with a user id that is no string: give the ids as they were asked for, as text.",
);
const NOT_ASKED = fault(
  "The source of contributions answered for a user who was not asked: give the ids exactly as they were asked for, in the same case.",
);
const OVERRAN = fault(
  "The source of contributions took longer than `sourceDeadlineMs`: make it faster, or raise the option.",
);
const TOO_MANY = fault(
  `The source of contributions gave more than ${MAX_CONTRIBUTIONS} contributions of one user, or ${MAX_CHUNKS} chunks: end them, and give only the days that were asked for.`,
);
const LEFT_OUT: UnreadableContributions = {
  type: "unreadable-contributions",
  message:
    "The source of contributions left the user out: answer for each user who was asked, also when they contributed nothing.",
};

function fault(message: string): SourceFault {
  return { type: "source-fault", message };
}

/**
 * Reads and counts what these users contributed, and answers for each of them, in their order. Reading ends at the latest
 * when the sync's signal speaks, or when the source has overrun its deadline.
 */
export async function readContributions(
  context: ReadingContext,
  users: readonly UserId[],
  today: CalendarDate,
): Promise<readonly ReadUser[]> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  context.signal.addEventListener("abort", end);
  if (context.signal.aborted) end();
  const whole: ReadingContext = { ...context, signal: ended.signal };
  const request = { users, days: restoredDays(today), signal: ended.signal };
  const answer = await ResultAsync.fromPromise(ask(whole, request), () => SOURCE_THREW).andThen(
    (answered) => answered,
  );
  const read = answer.isOk()
    ? await readUsers(whole, answer.value, users, today)
    : users.map(() => err(answer.error));
  context.signal.removeEventListener("abort", end);
  // Whatever still runs in the source is not waited for.
  end();
  return read;
}

async function ask(
  context: ReadingContext,
  request: SourceRequest,
): Promise<Result<SourceAnswer, SourceFault>> {
  const patience = createPatience(context);
  const answer = await patience.orOver(callPort(() => context.source.read(request), SOURCE_THREW));
  patience.end();
  return answer === OVER ? err(OVERRAN) : answer.andThen((answered) => checkAnswer(answered, request.users));
}

/** Hosts in plain JavaScript, and rows of a database, can hold any keys; a key that fits nobody would be a zero. */
function checkAnswer(answer: SourceAnswer, users: readonly UserId[]): Result<SourceAnswer, SourceFault> {
  if (typeof answer?.get !== "function" || typeof answer.keys !== "function") return err(NO_MAP);
  const asked = new Set<unknown>(users);
  for (const key of answer.keys()) {
    if (typeof key !== "string") return err(KEY_IS_NO_STRING);
    // Each asked user once, so that keys which never end do.
    if (!asked.delete(key)) return err(NOT_ASKED);
  }
  return ok(answer);
}

async function readUsers(
  context: ReadingContext,
  answer: SourceAnswer,
  users: readonly UserId[],
  today: CalendarDate,
): Promise<readonly ReadUser[]> {
  const all: ReadUser[] = [];
  let overruns = 0;
  for (const user of users) {
    const isGivenUp = context.signal.aborted || overruns >= MAX_OVERRUNS;
    const read = isGivenUp ? err(OVERRAN) : await readUser(context, () => answer.get(user), today);
    if (read.isErr() && read.error === OVERRAN) overruns++;
    all.push(read);
  }
  return all;
}

async function readUser(
  context: ReadingContext,
  contributionsOf: () => UserContributions | undefined,
  today: CalendarDate,
): Promise<ReadUser> {
  const patience = createPatience(context);
  const bounds: Bounds = {
    patience,
    contributions: 0,
    chunks: 0,
    broken: null,
    onThrow: tellThrown(context),
  };
  const built = await ResultAsync.fromPromise(build(contributionsOf, bounds, today), (cause) => {
    bounds.onThrow?.(cause);
    return unreadable();
  }).andThen((read) => read);
  patience.end();
  return bounds.broken === null ? built : err(bounds.broken);
}

/** Tells the host's listener what the source threw while it was read, if there is one. */
function tellThrown({ clock, signal, onEvent }: ReadingContext): Bounds["onThrow"] {
  if (!onEvent) return null;
  const durationSoFar = startStopwatch(clock);
  return (cause) => {
    // Reading that was cut short has not failed.
    if (signal.aborted) return;
    const about = { port: "source", method: "iterate", fault: faultIn(unreadable()) } as const;
    onEvent({ type: "port-failed", ...about, durationMs: durationSoFar(), cause });
  };
}

async function build(
  contributionsOf: () => UserContributions | undefined,
  bounds: Bounds,
  today: CalendarDate,
): Promise<ReadUser> {
  const contributions = contributionsOf();
  if (contributions === undefined) return err(LEFT_OUT);
  switch (contributions?.type) {
    case "contributions":
      return buildPayload(bounded(contributions.contributions, bounds), today);
    case "chunks":
      return await buildPayloadFromChunks(boundedChunks(contributions.chunks, bounds), today);
    case "daily-counts":
      return buildPayloadFromDailyCounts(bounded(contributions.dailyCounts, bounds), today);
    case "source-fault":
      return err(typeof contributions.message === "string" ? fault(contributions.message) : unreadable());
    default:
      // Hosts in plain JavaScript can say anything; taking it for "nothing" would wipe the user's counts.
      return err(unreadable());
  }
}

/** What ends the reading of one user's contributions before they end. */
interface Bounds {
  readonly patience: Patience;
  /** How many contributions were read, and in how many chunks. */
  contributions: number;
  chunks: number;
  /** Which bound was broken, or null. */
  broken: SourceFault | null;
  /** Takes what the source throws on the way, or null if nobody wants to know. */
  readonly onThrow: ((cause: unknown) => void) | null;
}

/** Counts what was read; throws where that breaks a bound. Whoever builds a payload takes that for the end. */
function count(bounds: Bounds, what: "contributions" | "chunks", more: number): void {
  const before = bounds[what];
  const after = before + more;
  bounds[what] = after;
  if (bounds.contributions > MAX_CONTRIBUTIONS || bounds.chunks > MAX_CHUNKS) bounds.broken = TOO_MANY;
  // The clock is not asked for each of them.
  else if (before >> 10 !== after >> 10 && bounds.patience.isOver()) bounds.broken = OVERRAN;
  if (bounds.broken !== null) throw bounds.broken;
}

function bounded<Entry>(entries: Iterable<Entry>, bounds: Bounds): Iterable<Entry> {
  if (!Array.isArray(entries)) return boundedEach(entries, bounds);
  // It is in memory and has an end: nothing is put between it and its reader.
  count(bounds, "contributions", entries.length);
  return entries;
}

function* boundedEach<Entry>(entries: Iterable<Entry>, bounds: Bounds): Iterable<Entry> {
  try {
    for (const entry of entries) {
      count(bounds, "contributions", 1);
      yield entry;
    }
  } catch (thrown) {
    throw told(bounds, thrown);
  }
}

/** What was thrown, after the host's listener was told, unless it is a bound that was broken. */
function told({ broken, onThrow }: Bounds, thrown: unknown): unknown {
  if (broken === null) onThrow?.(thrown);
  return thrown;
}

async function* boundedChunks<Entry>(
  chunks: AsyncIterable<Iterable<Entry>>,
  bounds: Bounds,
): AsyncIterable<Iterable<Entry>> {
  const iterator = chunks[Symbol.asyncIterator]();
  let isDone = false;
  try {
    for (;;) {
      const next = await bounds.patience.orOver(Promise.resolve(iterator.next()));
      if (next === OVER) {
        bounds.broken = OVERRAN;
        return;
      }
      if (next.done) {
        isDone = true;
        return;
      }
      count(bounds, "chunks", 1);
      yield bounded(next.value, bounds);
    }
  } catch (thrown) {
    throw told(bounds, thrown);
  } finally {
    if (!isDone) leave(iterator);
  }
}

/** Tells an iterator that nobody reads on. Not awaited: it would wait for a `next` that never comes. */
async function leave(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // What was read stands.
  }
}

const OVER = Symbol("over");

/** The patience of a sync with its source: it ends with the signal, and when the deadline has come. */
interface Patience {
  /** Whether it has ended. */
  isOver(): boolean;
  /** What the source gives, or `OVER` when patience ends first. */
  orOver<Value>(given: PromiseLike<Value>): Promise<Value | typeof OVER>;
  /** Nobody waits any more. */
  end(): void;
}

function createPatience({ clock, signal, sourceDeadlineMs }: ReadingContext): Patience {
  const startedAt = clock.now();
  const ended = new AbortController();
  const end = (): void => ended.abort();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  let waiting: Promise<typeof OVER> | null = null;
  let isOver = false;

  const untilOver = async (): Promise<typeof OVER> => {
    await clock.wait(sourceDeadlineMs, ended.signal, true);
    isOver = true;
    return OVER;
  };

  return {
    isOver: () => isOver || signal.aborted || clock.now() - startedAt >= sourceDeadlineMs,
    orOver: <Value>(given: PromiseLike<Value>): Promise<Value | typeof OVER> => {
      waiting ??= untilOver();
      return Promise.race([given, waiting]);
    },
    end: () => {
      signal.removeEventListener("abort", end);
      end();
    },
  };
}
