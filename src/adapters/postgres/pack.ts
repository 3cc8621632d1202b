import { addDays, type CalendarDate, dayNumberAt } from "../../domain/calendar-date.ts";
import { CONTRIBUTION_WINDOW_DAYS, type ContributionWindow } from "../../domain/contribution-window.ts";

/** How many bytes a window takes among others: two a count, the unused ones zero. */
export const WINDOW_BYTES: number = CONTRIBUTION_WINDOW_DAYS * 2;

const EPOCH_DAY = "1970-01-01" as CalendarDate;
const NEEDS_ESCAPE = /["\\]/g;

/**
 * An array of text as PostgreSQL reads it, to be cast with `::text[]`: one string costs a driver a fifth of what an array
 * does. Every element is quoted, so that none can end itself.
 */
export function textArray(texts: readonly string[]): string {
  return texts.length === 0 ? "{}" : `{"${texts.map(escaped).join('","')}"}`;
}

/** Hardly any text needs it, and to look for what does costs a third of replacing nothing. */
function escaped(text: string): string {
  return text.includes('"') || text.includes("\\") ? text.replace(NEEDS_ESCAPE, "\\$&") : text;
}

/** An array of numbers as PostgreSQL reads it, to be cast with `::int4[]` or `::int8[]`. */
export function numberArray(numbers: readonly (number | null)[]): string {
  return `{${numbers.map((number) => number ?? "NULL").join(",")}}`;
}

/** The counts of windows one behind the other, {@link WINDOW_BYTES} each, the high byte of a count first; null is none. */
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
 * The window whose first day is so many days after 1970-01-01, of its packed counts in hexadecimal digits. Throws where they
 * are none: not 1 to 90 counts, or of days that no calendar has.
 */
export function unpackWindow(first: number, packed: string): ContributionWindow {
  const days = packed.length / DIGITS;
  if (!Number.isInteger(days) || days < 1 || days > CONTRIBUTION_WINDOW_DAYS)
    throw new TypeError("no counts");
  const counts: number[] = [];
  for (let index = 0; index < packed.length; index += DIGITS) {
    const high = digitAt(packed, index) * 16 + digitAt(packed, index + 1);
    const count = (high * 16 + digitAt(packed, index + 2)) * 16 + digitAt(packed, index + 3);
    // One that is no digit is NaN, and makes the count so.
    if (!(count >= 0)) throw new TypeError("no digits");
    counts.push(count);
  }
  return { first: dateOfDay(first), counts };
}

/** How many hexadecimal digits a count is. */
const DIGITS = 4;

/** The value of each character, by its code. */
const VALUES: readonly number[] = Array.from({ length: 128 }, (_, code) =>
  Number.parseInt(String.fromCharCode(code), 16),
);

/** To parse each count as a number would take ten times as long. */
function digitAt(text: string, index: number): number {
  return VALUES[text.charCodeAt(index)] ?? Number.NaN;
}

/** How many days after 1970-01-01 a date is. */
export function dayOf(date: CalendarDate): number {
  return dayNumberAt(date);
}

/** The date so many days after 1970-01-01; throws where the calendar has none. */
export function dateOfDay(day: number): CalendarDate {
  if (day < FIRST_DAY || day > LAST_DAY) throw new RangeError("no day");
  return addDays(EPOCH_DAY, day);
}

/** 0000-01-01 and 9999-12-31. */
const FIRST_DAY = -719_528;
const LAST_DAY = 2_932_896;
