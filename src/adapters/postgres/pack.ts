import { addDays, type CalendarDate, dayNumberAt, FIRST_DAY, LAST_DAY } from "../../domain/calendar-date.ts";
import { CONTRIBUTION_WINDOW_DAYS, type ContributionWindow } from "../../domain/contribution-window.ts";

/** How many bytes a window takes among others: two per count, with zeros for the unused ones. */
export const WINDOW_BYTES: number = CONTRIBUTION_WINDOW_DAYS * 2;

const EPOCH_DAY = "1970-01-01" as CalendarDate;
const NEEDS_ESCAPE = /["\\]/g;

/**
 * Returns an array of text as PostgreSQL reads it, for a cast with `::text[]`. One string costs a driver a fifth of an
 * array. Every element is quoted, so that none can end itself.
 */
export function textArray(texts: readonly string[]): string {
  return texts.length === 0 ? "{}" : `{"${texts.map(escaped).join('","')}"}`;
}

/** Hardly any text needs an escape, and a search for one costs a third of a replacement. */
function escaped(text: string): string {
  return text.includes('"') || text.includes("\\") ? text.replace(NEEDS_ESCAPE, "\\$&") : text;
}

/** Returns an array of numbers as PostgreSQL reads it, for a cast with `::int4[]` or `::int8[]`. */
export function numberArray(numbers: readonly (number | null)[]): string {
  return `{${numbers.map((number) => number ?? "NULL").join(",")}}`;
}

/**
 * Returns the counts of windows one behind the other, {@link WINDOW_BYTES} each, high byte first; zeros for a null
 * window.
 */
export function packCounts(windows: readonly (ContributionWindow | null)[]): Uint8Array {
  const packed = new DataView(new ArrayBuffer(windows.length * WINDOW_BYTES));
  for (const [place, window] of windows.entries()) {
    const counts = window?.counts ?? [];
    const start = place * WINDOW_BYTES;
    for (let day = 0; day < counts.length; day++) packed.setUint16(start + 2 * day, counts[day] as number);
  }
  return new Uint8Array(packed.buffer);
}

/**
 * Returns the window whose first day is `first` days after 1970-01-01, from its packed counts in hexadecimal digits.
 *
 * Throws if they are not 1 to 90 counts, or if the calendar lacks one of the days.
 */
export function unpackWindow(first: number, packed: string): ContributionWindow {
  const days = packed.length / DIGITS;
  if (!Number.isInteger(days) || days < 1 || days > CONTRIBUTION_WINDOW_DAYS)
    throw new TypeError("no counts");
  const counts: number[] = [];
  for (let index = 0; index < packed.length; index += DIGITS) {
    const high = digitAt(packed, index) * 16 + digitAt(packed, index + 1);
    const count = (high * 16 + digitAt(packed, index + 2)) * 16 + digitAt(packed, index + 3);
    // A character that is not a digit is NaN, and makes the count NaN, too.
    if (!(count >= 0)) throw new TypeError("no digits");
    counts.push(count);
  }
  return { first: dateOfDay(first), counts };
}

/** The number of hexadecimal digits of a count. */
const DIGITS = 4;

/** The value of each character, by its code. */
const VALUES: readonly number[] = Array.from({ length: 128 }, (_, code) =>
  Number.parseInt(String.fromCharCode(code), 16),
);

/** Returns the value of a digit. To parse each count as a number would take ten times as long. */
function digitAt(text: string, index: number): number {
  return VALUES[text.charCodeAt(index)] ?? Number.NaN;
}

/** Returns the number of days from 1970-01-01 to a date. */
export function dayOf(date: CalendarDate): number {
  return dayNumberAt(date);
}

/** Returns the date `day` days after 1970-01-01. Throws if the calendar has none. */
export function dateOfDay(day: number): CalendarDate {
  if (!(day >= FIRST && day <= LAST)) throw new RangeError("no day");
  return addDays(EPOCH_DAY, day);
}

const FIRST = dayOf(FIRST_DAY);
const LAST = dayOf(LAST_DAY);
