import { type CalendarDate, dateOfInstant } from "./calendar-date.ts";
import type { Instant } from "./identifiers.ts";

/** Whether a value names a zone that the runtime knows, such as `Europe/Berlin` or `UTC`; an offset does not. */
export function isTimeZone(value: unknown): value is string {
  // Some runtimes accept offsets, others do not.
  if (typeof value !== "string" || !/^[A-Za-z]/.test(value)) return false;
  try {
    formatOf(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns how far a zone is ahead of UTC at an instant, in whole minutes: −720 to 840 in our days.
 *
 * It takes summer time into account.
 */
export function offsetMinutesAt(timeZone: string, instant: Instant): number {
  // UTC itself is written as "GMT" alone.
  const text = `${formatOf(timeZone).format(instant)}+00:00`;
  const [, sign, hours, minutes] = /GMT([+-])(\d+):(\d+)/.exec(text) as RegExpExecArray;
  return Number(`${sign}${hours}`) * 60 + Number(`${sign}${minutes}`);
}

/** Returns the date of an instant in a zone. */
export function dateIn(timeZone: string, instant: Instant): CalendarDate {
  return dateOfInstant(instant, offsetMinutesAt(timeZone, instant));
}

/**
 * Each format is made once, because making it takes a hundred times as long as using it. A program knows only a few
 * zones.
 */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const format =
    formats.get(timeZone) ?? new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  formats.set(timeZone, format);
  return format;
}
