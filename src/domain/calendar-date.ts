import { UTCDate } from "@date-fns/utc";
import { addDays as addDaysTo } from "date-fns/addDays";
import { getDay } from "date-fns/getDay";
import { err, ok, type Result } from "neverthrow";
import type { Branded, Instant } from "./identifiers.ts";

/**
 * A calendar day without a zone: `YYYY-MM-DD`, from 1000-01-01 to 9999-12-31. The day always exists.
 *
 * Two of them compare with `<` as the days do.
 */
export type CalendarDate = Branded<string, "CalendarDate">;

/** A range of calendar days that includes both ends. */
export interface DayRange {
  readonly first: CalendarDate;
  readonly last: CalendarDate;
}

/** The error for a value that is not a calendar date. It does not repeat the value. */
export interface InvalidCalendarDate {
  readonly type: "invalid-calendar-date";
  /** A sentence that says what is wrong and what to do. */
  readonly message: string;
}

/** The day of the week as GitHub's GraphQL schema counts it: 0 is Sunday, 6 is Saturday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** The first day of the calendar. */
export const FIRST_DAY = "1000-01-01" as CalendarDate;

/** The last day of the calendar. */
export const LAST_DAY = "9999-12-31" as CalendarDate;

const MINUTE_MS = 60_000;

/** The largest distance of a zone ahead of UTC, in minutes (`+14:00`). */
export const MAX_OFFSET_MINUTES = 840;

/** Returns a value as a calendar date. A day that does not exist (`2026-02-29`) is refused. */
export function parseCalendarDate(value: unknown): Result<CalendarDate, InvalidCalendarDate> {
  return isCalendarDate(value)
    ? ok(value)
    : err({
        type: "invalid-calendar-date",
        message: "Not a calendar date: give a day that exists as YYYY-MM-DD.",
      });
}

/** Whether a value is a {@link CalendarDate}. */
export function isCalendarDate(value: unknown): value is CalendarDate {
  return typeof value === "string" && value.length === 10 && !Number.isNaN(dayNumberAt(value));
}

/**
 * Returns the number of days from 1970-01-01 to the day that a text begins with.
 *
 * Returns NaN if the first ten characters are not such a day. Only integers are used, because this is the inner loop of
 * counting contributions.
 */
export function dayNumberAt(text: string): number {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  // `twoDigits` returns NaN if either character is not a digit, and NaN fails every comparison.
  if (!(year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)))
    return Number.NaN;
  if (text.charCodeAt(4) !== HYPHEN || text.charCodeAt(7) !== HYPHEN) return Number.NaN;
  // The year begins in March here, so that the leap day comes last.
  const shifted = month > 2 ? month - 3 : month + 9;
  const y = month > 2 ? year : year - 1;
  const century = (y / 100) | 0;
  return (
    y * 365 + ((y / 4) | 0) - century + ((century / 4) | 0) + (((153 * shifted + 2) / 5) | 0) + day - 719_469
  );
}

const HYPHEN = 45;

/** Returns the number that two digits of a text spell, or NaN if either character is not a digit. */
export function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Returns the day of an instant in a zone that is this many minutes ahead of UTC (0 for UTC, −720 to 840). */
export function dateOfInstant(instant: Instant, offsetMinutes = 0): CalendarDate {
  return toCalendarDate(new UTCDate(instant + offsetMinutes * MINUTE_MS));
}

/** Returns the day this many days later, or earlier if the number is negative. It stops at the ends of the calendar. */
export function addDays(date: CalendarDate, days: number): CalendarDate {
  return toCalendarDate(addDaysTo(toUtc(date), days));
}

/** Returns the day of the week. */
export function weekdayOf(date: CalendarDate): Weekday {
  return getDay(toUtc(date)) as Weekday;
}

/** Returns the first day of the month of a day. */
export function firstOfMonth(date: CalendarDate): CalendarDate {
  return `${date.slice(0, 8)}01` as CalendarDate;
}

function toUtc(date: CalendarDate): UTCDate {
  return new UTCDate(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, Number(date.slice(8)));
}

function toCalendarDate(date: UTCDate): CalendarDate {
  const year = date.getFullYear();
  if (year < 1000) return FIRST_DAY;
  return year > 9999 ? LAST_DAY : (date.toISOString().slice(0, 10) as CalendarDate);
}
