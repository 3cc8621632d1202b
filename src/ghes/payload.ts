import { err, ok, Result, ResultAsync } from "neverthrow";
import {
  type CalendarDate,
  dayNumberAt,
  type InvalidCalendarDate,
  isCalendarDate,
  parseCalendarDate,
  twoDigits,
} from "../domain/calendar-date.ts";
import { CONTRIBUTION_SOURCE, type ContributionPayload } from "../domain/contribution-payload.ts";
import { CONTRIBUTION_WINDOW_DAYS, MAX_DAILY_COUNT, restoredDays } from "../domain/contribution-window.ts";

/**
 * One contribution as GitHub Enterprise Server knows it. It may carry any other detail, such as a repository, a title
 * or an e-mail address. The library never reads those.
 */
export interface Contribution {
  /**
   * When it was made, as RFC 3339 with the offset of the person's clock: `2026-03-01T23:30:00-08:00`. It counts for
   * the local date in that offset, here 1 March, and never for a date in the process's zone. `Z` and a missing offset
   * mean UTC. "The day of a contribution" in its own offset is our reading.
   */
  readonly occurredAt: string;
}

/**
 * The number of contributions that one user made on one day, if the host has summed them already, in SQL for example.
 */
export interface DailyCount {
  /** The day, `YYYY-MM-DD`. It is text, so that no driver can shift it by a zone. */
  readonly date: string;
  /** A whole number from 0 on. Several entries for one day are added. */
  readonly contributionCount: number;
}

/** The payload that may leave, and how faithful it is. */
export interface BuiltPayload {
  readonly payload: ContributionPayload;
  /** The number of days with more than 65,535 contributions. Each of them is sent as 65,535. */
  readonly saturatedDays: number;
  /**
   * Whether there are contributions of days after today, in zones further east. They count once their day has come.
   */
  readonly hasLaterDays: boolean;
}

/** The reasons why no payload was built. None of them repeats the input. */
export type PayloadRefusal = MalformedContribution | UnreadableContributions | InvalidCalendarDate;

/** One contribution, or one daily count, is malformed. Nothing was built. */
interface MalformedContribution {
  readonly type: "malformed-contribution";
  /** The field that is wrong, or `contribution` if there is no object. */
  readonly field: "contribution" | "occurredAt" | "date" | "contributionCount";
  /** How many contributions stand before it. */
  readonly index: number;
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

/** The contributions could not be read to their end: they are not iterable, or reading them threw. */
export interface UnreadableContributions {
  readonly type: "unreadable-contributions";
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

/**
 * Returns the counts of the 90 days that end today, dense, and the source. Everything else is left out.
 *
 * Contributions outside the window are not counted. Contributions of days ahead, in a zone further east, count once
 * the window has reached those days.
 */
export function buildPayload(
  contributions: Iterable<Contribution>,
  today: CalendarDate,
): Result<BuiltPayload, PayloadRefusal> {
  return startTally(today).andThen((tally) =>
    readAll(() => addContributions(tally, contributions)).map(() => finish(tally)),
  );
}

/** Does the same as {@link buildPayload} for contributions that arrive in chunks, from a cursor for example. */
export function buildPayloadFromChunks(
  chunks: AsyncIterable<Iterable<Contribution>>,
  today: CalendarDate,
): ResultAsync<BuiltPayload, PayloadRefusal> {
  return startTally(today).asyncAndThen((tally) =>
    ResultAsync.fromPromise(addChunks(tally, chunks), unreadable)
      .andThen((added) => added)
      .map(() => finish(tally)),
  );
}

/**
 * Does the same as {@link buildPayload} for counts that the host has already summed per day. Days outside the window
 * are left out.
 */
export function buildPayloadFromDailyCounts(
  dailyCounts: Iterable<DailyCount>,
  today: CalendarDate,
): Result<BuiltPayload, PayloadRefusal> {
  return startTally(today).andThen((tally) =>
    readAll(() => addDailyCounts(tally, dailyCounts)).map(() => finish(tally)),
  );
}

interface Tally {
  readonly first: CalendarDate;
  readonly firstDayNumber: number;
  readonly counts: Float64Array;
  hasLaterDays: boolean;
  seen: number;
}

function startTally(today: CalendarDate): Result<Tally, InvalidCalendarDate> {
  return parseCalendarDate(today).map((last) => {
    const { first } = restoredDays(last);
    return {
      first,
      firstDayNumber: dayNumberAt(first),
      counts: new Float64Array(CONTRIBUTION_WINDOW_DAYS),
      hasLaterDays: false,
      seen: 0,
    };
  });
}

function readAll(read: () => Result<void, MalformedContribution>): Result<void, PayloadRefusal> {
  return Result.fromThrowable(read, unreadable)().andThen((added) => added);
}

function addContributions(
  tally: Tally,
  contributions: Iterable<Contribution>,
): Result<void, MalformedContribution> {
  const { counts, firstDayNumber } = tally;
  let seen = tally.seen;
  for (const contribution of contributions) {
    if (typeof contribution !== "object" || contribution === null)
      return err(malformed("contribution", seen));
    const { occurredAt } = contribution;
    const day =
      typeof occurredAt === "string" ? contributionDayNumber(occurredAt) - firstDayNumber : Number.NaN;
    if (Number.isNaN(day)) return err(malformed("occurredAt", seen));
    if (day >= CONTRIBUTION_WINDOW_DAYS) tally.hasLaterDays = true;
    else if (day >= 0) counts[day] = (counts[day] as number) + 1;
    seen++;
  }
  tally.seen = seen;
  return ok();
}

async function addChunks(
  tally: Tally,
  chunks: AsyncIterable<Iterable<Contribution>>,
): Promise<Result<void, MalformedContribution>> {
  for await (const chunk of chunks) {
    const added = addContributions(tally, chunk);
    if (added.isErr()) return added;
  }
  return ok();
}

function addDailyCounts(
  tally: Tally,
  dailyCounts: Iterable<DailyCount>,
): Result<void, MalformedContribution> {
  for (const dailyCount of dailyCounts) {
    const wrong = wrongFieldOf(dailyCount);
    if (wrong) return err(malformed(wrong, tally.seen));
    const { date, contributionCount } = dailyCount;
    const day = dayNumberAt(date) - tally.firstDayNumber;
    if (day >= CONTRIBUTION_WINDOW_DAYS) tally.hasLaterDays ||= contributionCount > 0;
    else if (day >= 0) tally.counts[day] = (tally.counts[day] as number) + contributionCount;
    tally.seen++;
  }
  return ok();
}

function wrongFieldOf(dailyCount: DailyCount): MalformedContribution["field"] | null {
  if (typeof dailyCount !== "object" || dailyCount === null) return "contribution";
  const { date, contributionCount } = dailyCount;
  if (!isCalendarDate(date)) return "date";
  return Number.isSafeInteger(contributionCount) && contributionCount >= 0 ? null : "contributionCount";
}

function finish(tally: Tally): BuiltPayload {
  const counts = new Array<number>(CONTRIBUTION_WINDOW_DAYS);
  let saturatedDays = 0;
  for (let day = 0; day < CONTRIBUTION_WINDOW_DAYS; day++) {
    const count = tally.counts[day] as number;
    if (count > MAX_DAILY_COUNT) saturatedDays++;
    counts[day] = Math.min(count, MAX_DAILY_COUNT);
  }
  // Each field is written by name, so nothing else of a contribution can leave.
  return {
    payload: { source: CONTRIBUTION_SOURCE, first: tally.first, counts },
    saturatedDays,
    hasLaterDays: tally.hasLaterDays,
  };
}

const EXPECTED = {
  contribution: "is not an object: give { occurredAt } or { date, contributionCount }",
  occurredAt: "has no RFC 3339 date and time in `occurredAt`: give 2026-03-01T23:30:00-08:00",
  date: "has no day that exists in `date`: give YYYY-MM-DD",
  contributionCount: "has no whole number from 0 on in `contributionCount`: give a number, and not its text",
} as const;

function malformed(field: MalformedContribution["field"], index: number): MalformedContribution {
  return {
    type: "malformed-contribution",
    field,
    index,
    message: `Contribution ${index} ${EXPECTED[field]}.`,
  };
}

/** Returns the error that contributions could not be read. */
export function unreadable(): UnreadableContributions {
  return {
    type: "unreadable-contributions",
    message:
      "The contributions could not be read: give an iterable, or an async iterable of chunks, that does not throw.",
  };
}

/**
 * Returns the number of days from 1970-01-01 to the day that a contribution counts for. It is NaN if the text is not
 * an RFC 3339 date and time.
 *
 * The form is strict: `T` and `Z` in capitals, seconds 00 to 60, and an offset `±hh:mm` or none. A fraction may have
 * any length within 64 characters in all. Nothing is guessed.
 */
export function contributionDayNumber(occurredAt: string): number {
  const length = occurredAt.length;
  if (length < 19 || length > 64 || occurredAt.charCodeAt(10) !== T) return Number.NaN;
  if (
    !(twoDigits(occurredAt, 11) <= 23 && twoDigits(occurredAt, 14) <= 59 && twoDigits(occurredAt, 17) <= 60)
  ) {
    return Number.NaN;
  }
  if (occurredAt.charCodeAt(13) !== COLON || occurredAt.charCodeAt(16) !== COLON) return Number.NaN;
  return isOffset(occurredAt, afterFraction(occurredAt)) ? dayNumberAt(occurredAt) : Number.NaN;
}

const T = 84;
const Z = 90;
const COLON = 58;
const POINT = 46;
const PLUS = 43;
const MINUS = 45;

/** Returns the index at which the offset begins, or −1 if a point has no digit behind it. */
function afterFraction(text: string): number {
  if (text.charCodeAt(19) !== POINT) return 19;
  let at = 20;
  while (text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  return at === 20 ? -1 : at;
}

function isOffset(text: string, at: number): boolean {
  if (at < 0) return false;
  const rest = text.length - at;
  if (rest === 0) return true;
  const sign = text.charCodeAt(at);
  if (rest === 1) return sign === Z;
  if (rest !== 6 || (sign !== PLUS && sign !== MINUS) || text.charCodeAt(at + 3) !== COLON) return false;
  return twoDigits(text, at + 1) <= 23 && twoDigits(text, at + 4) <= 59;
}
