import { addDays, type CalendarDate, type DayRange, dayNumberAt } from "./calendar-date.ts";

/**
 * How many days a window covers: today and the 89 days before it.
 *
 * "the contribution counts for the past 90 days are restored" (Enabling unified contributions for your enterprise). Our
 * reading is that these are calendar days and that today is one of them. The same number bounds what the receiver keeps
 * and shows: "from the past 90 days" (Profile contributions reference).
 */
export const CONTRIBUTION_WINDOW_DAYS = 90;

/** The largest count of a day on the wire. A higher count is sent as this one, and the sender's report says so. */
export const MAX_DAILY_COUNT = 65_535;

/** The contribution counts of consecutive days. They are absolute, no day is left out, and zero is a count. */
export interface ContributionWindow {
  /** The day of the first count. */
  readonly first: CalendarDate;
  /** One count per day from {@link first} on: 1 to 90 whole numbers from 0 to 65,535. */
  readonly counts: readonly number[];
}

/** Returns the 90 days that end today, both ends included. */
export function windowEndingOn(today: CalendarDate): DayRange {
  return { first: addDays(today, 1 - CONTRIBUTION_WINDOW_DAYS), last: today };
}

/**
 * Returns the days whose counts come back when a user reconnects: the 90 days that end today, both ends included.
 *
 * "If the user reconnects their profiles after disabling them, the contribution counts for the past 90 days are
 * restored" (Enabling unified contributions for your enterprise). GitHub Enterprise Cloud deleted its copy when the
 * user opted out, so the server restores the counts by sending them again. The first report of the new link carries all
 * of these days, counted back from the moment of sending. It includes work done while the user was disconnected. Older
 * days are gone. That is our reading.
 */
export function restoredDays(today: CalendarDate): DayRange {
  return windowEndingOn(today);
}

/** Returns the last day for which a window has a count. */
export function lastDayOf(window: ContributionWindow): CalendarDate {
  return addDays(window.first, window.counts.length - 1);
}

/** Returns how many contributions a window holds in all. */
export function totalOf(window: ContributionWindow): number {
  return window.counts.reduce((total, count) => total + count, 0);
}

/** Returns the part of a window inside a range of days, or null if no day is inside. */
export function clipWindow(window: ContributionWindow, range: DayRange): ContributionWindow | null {
  const start = dayNumberAt(window.first);
  const from = Math.max(0, dayNumberAt(range.first) - start);
  const to = Math.min(window.counts.length, dayNumberAt(range.last) - start + 1);
  if (from >= to) return null;
  // This is the usual case. A copy of 90 counts would gain nothing.
  if (from === 0 && to === window.counts.length) return window;
  return {
    first: from === 0 ? window.first : addDays(window.first, from),
    counts: window.counts.slice(from, to),
  };
}

/**
 * Whether a receiver that keeps `kept` already shows what `next` says.
 *
 * The windows are compared by absolute day, so midnight alone causes no new report. A day that only `next` covers must
 * be zero. A day that only `kept` covers must have left the window at its old end.
 */
export function saysTheSame(kept: ContributionWindow, next: ContributionWindow): boolean {
  const shift = dayNumberAt(next.first) - dayNumberAt(kept.first);
  for (let day = 0; day < next.counts.length; day++) {
    if (next.counts[day] !== (kept.counts[day + shift] ?? 0)) return false;
  }
  // Days after the end of `next` exist only if the clock went back.
  for (let day = Math.max(0, next.counts.length + shift); day < kept.counts.length; day++) {
    if (kept.counts[day] !== 0) return false;
  }
  return true;
}

/** Whether a value is the list of counts of a window: 1 to 90 whole numbers from 0 to 65,535. */
export function isCounts(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > CONTRIBUTION_WINDOW_DAYS) return false;
  for (let day = 0; day < value.length; day++) {
    if (!isDailyCount(value[day])) return false;
  }
  return true;
}

/** Whether a value can be the count of one day: a whole number from 0 to 65,535. */
export function isDailyCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_DAILY_COUNT;
}
