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

/** The payload of a user's contributions, or the reason why they could not be counted. */
export type ReadUser = Result<BuiltPayload, PayloadRefusal | SourceFault>;

/** The parts of a sync that reading needs. */
type ReadingContext = Pick<SyncContext, "source" | "clock" | "signal" | "sourceDeadlineMs" | "onEvent">;

/** The source's answer, after its keys were checked. */
type SourceAnswer = ReadonlyMap<UserId, UserContributions>;

/**
 * The most contributions of one user that are read: as many as 90 days can carry. A source that gives more never
 * ends.
 */
const MAX_CONTRIBUTIONS = CONTRIBUTION_WINDOW_DAYS * MAX_DAILY_COUNT;

/** The most chunks in which one user's contributions may come. */
const MAX_CHUNKS = 100_000;

/**
 * How many users of a page may overrun the deadline. After that the source counts as unavailable for the rest of the
 * page.
 */
const MAX_OVERRUNS = 3;

const NO_MAP = fault(
  "The source of contributions did not answer with a Map: answer with a Map from each user to that user's contributions.",
);
const KEY_IS_NO_STRING = fault(
  "The source of contributions answered with a user id that is not a string: give the ids as they were asked for, as text.",
);
const NOT_ASKED = fault(
  "The source of contributions answered for a user who was not asked: give the ids exactly as they were asked for, in the same case.",
);
const OVERRAN = fault(
  "The source of contributions took longer than `sourceDeadlineMs`: make it faster, or raise the option.",
);
const TOO_MANY = fault(
  `The source of contributions gave more than ${MAX_CONTRIBUTIONS} contributions of one user, or ${MAX_CHUNKS} chunks: end them, and give only the days asked for.`,
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
 * Reads and counts what these users contributed, and returns one result for each of them, in their order. Reading
 * ends when the sync's signal speaks, or when the source has overrun its deadline.
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
  // Reading does not wait for work that still runs in the source.
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

/**
 * Returns the answer if its keys are the users who were asked. Hosts in plain JavaScript, and rows of a database, can
 * hold any keys. A key that fits no user would be a zero.
 */
function checkAnswer(answer: SourceAnswer, users: readonly UserId[]): Result<SourceAnswer, SourceFault> {
  if (typeof answer?.get !== "function" || typeof answer.keys !== "function") return err(NO_MAP);
  const asked = new Set<unknown>(users);
  for (const key of answer.keys()) {
    if (typeof key !== "string") return err(KEY_IS_NO_STRING);
    // Each asked user counts once, so keys that never end do end here.
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

/** Returns a function that tells the host's listener what the source threw, or null if there is no listener. */
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
      // Hosts in plain JavaScript can give anything. To take it for "nothing" would wipe the user's counts.
      return err(unreadable());
  }
}

/** The bounds that end the reading of one user's contributions early. */
interface Bounds {
  readonly patience: Patience;
  /** How many contributions were read so far. The next field counts their chunks. */
  contributions: number;
  chunks: number;
  /** The bound that was broken, as a fault, or null. */
  broken: SourceFault | null;
  /** Takes what the source throws on the way, or null if there is no listener. */
  readonly onThrow: ((cause: unknown) => void) | null;
}

/** Counts what was read, and throws if that breaks a bound. The payload builder takes the throw for the end. */
function count(bounds: Bounds, what: "contributions" | "chunks", more: number): void {
  const before = bounds[what];
  const after = before + more;
  bounds[what] = after;
  if (bounds.contributions > MAX_CONTRIBUTIONS || bounds.chunks > MAX_CHUNKS) bounds.broken = TOO_MANY;
  // The clock is not asked for every contribution or chunk.
  else if (before >> 10 !== after >> 10 && bounds.patience.isOver()) bounds.broken = OVERRAN;
  if (bounds.broken !== null) throw bounds.broken;
}

function bounded<Entry>(entries: Iterable<Entry>, bounds: Bounds): Iterable<Entry> {
  if (!Array.isArray(entries)) return boundedEach(entries, bounds);
  // An array is in memory and has an end, so it goes to its reader as it is.
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

/** Returns what was thrown, after telling the host's listener. The listener does not hear of a broken bound. */
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

/** Ends an iterator early. It does not wait for the end, because that would wait for a `next` that never comes. */
async function leave(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // A throw at the end changes nothing of what was read.
  }
}

const OVER = Symbol("over");

/** The patience of a sync with its source. It ends with the signal, and when the deadline has come. */
interface Patience {
  /** Whether it has ended. */
  isOver(): boolean;
  /** Returns what the source gives, or `OVER` if patience ends first. */
  orOver<Value>(given: PromiseLike<Value>): Promise<Value | typeof OVER>;
  /** Ends the waiting. */
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
