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
  const text = formatOf(timeZone).format(instant);
  const [, sign = "+", hours = 0, minutes = 0] = /GMT([+-])(\d+):(\d+)/.exec(text) ?? [];
  const offset = Number(hours) * 60 + Number(minutes);
  return sign === "-" ? -offset : offset;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
}
