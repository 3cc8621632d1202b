import type { Instant } from "./identifiers.ts";

/** Whether a value is the name of a zone that the runtime knows, such as `Europe/Berlin` or `UTC`; an offset is none. */
export function isTimeZone(value: unknown): value is string {
  // Some runtimes take offsets, others do not.
  if (typeof value !== "string" || !/^[A-Za-z]/.test(value)) return false;
  try {
    formatOf(value);
    return true;
  } catch {
    return false;
  }
}

/** How far a zone is ahead of UTC at an instant, in whole minutes: −720 to 840 in our days. Knows summer time. */
export function offsetMinutesAt(timeZone: string, instant: Instant): number {
  // UTC itself is written as "GMT" alone.
  const text = `${formatOf(timeZone).format(instant)}+00:00`;
  const [, sign, hours, minutes] = /GMT([+-])(\d+):(\d+)/.exec(text) as RegExpExecArray;
  return Number(`${sign}${hours}`) * 60 + Number(`${sign}${minutes}`);
}

/** Each is made once: making one takes a hundred times as long as using it. A program knows but a few zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const format =
    formats.get(timeZone) ?? new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  formats.set(timeZone, format);
  return format;
}
