import { dayNumberAt, twoDigits } from "../domain/calendar-date.ts";

/**
 * One contribution as GitHub Enterprise Server knows it. It may carry any detail besides (repository, title, e-mail);
 * none of it is ever read.
 */
export interface Contribution {
  /**
   * When it was made, as RFC 3339 with the offset of the person's clock: `2026-03-01T23:30:00-08:00`. The day it
   * counts for is the local date in that offset, here 1 March, never the process's zone; `Z` and no offset mean UTC.
   * "The day of a contribution" in its own offset is our reading.
   */
  readonly occurredAt: string;
}

/** How many contributions a user made on one day, where the host has summed them already, in SQL for example. */
export interface DailyCount {
  /** The day, `YYYY-MM-DD`; text, so that no driver can shift it by a zone. */
  readonly date: string;
  /** A whole number from 0 on. Several entries of one day are added. */
  readonly contributionCount: number;
}

/**
 * The days from 1970-01-01 to the day a contribution counts for, or NaN where the text is not an RFC 3339 date and time.
 *
 * Strict: `T` and `Z` in capitals, seconds 00 to 60, a fraction of any length within 64 characters in all, an offset
 * `±hh:mm` or none. Nothing is guessed.
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

/** Where the offset begins, or −1 where there is a point and no digit behind it. */
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
