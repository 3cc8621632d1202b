// Made-up people at work, the same in every run: some contribute a little, some a lot, few on weekends.

import { type CalendarDate, CONTRIBUTION_WINDOW_DAYS } from "unified-contributions";
import { createTestRandom } from "unified-contributions/testing";
import { addDays, weekdayOf } from "../../src/domain/calendar-date.ts";

const random = createTestRandom(2026);

/** Returns an id in the form of the random UUIDs that a real receiver mints. */
export function uuid(): string {
  const hex = random.id();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Returns a whole number from 0 to below this. */
export function below(end: number): number {
  return Math.floor(random.fraction() * end);
}

/** Returns one person's contributions on each of the 90 days that begin with this one: about 60 in all on average. */
export function dailyCounts(first: CalendarDate): readonly number[] {
  // From people who hardly ever contribute to those who do on every working day. A busy day has several contributions.
  const share = 0.9 * random.fraction();
  const more = 0.2 + 0.5 * random.fraction();
  return Array.from({ length: CONTRIBUTION_WINDOW_DAYS }, (_, day) => {
    const weekday = weekdayOf(addDays(first, day));
    const isBusy = random.fraction() < (weekday === 0 || weekday === 6 ? share / 10 : share);
    return isBusy ? countOfBusyDay(more) : 0;
  });
}

/** Returns one contribution, and one more for as long as random says so. */
function countOfBusyDay(more: number): number {
  let count = 1;
  while (random.fraction() < more) count++;
  return count;
}

const OFFSETS = ["Z", "+00:00", "-08:00", "+05:30", "+09:00", "-03:30"];

/** Returns an instant of working hours on a day, in one of several zones. */
export function occurredAt(date: CalendarDate): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${date}T${two(7 + below(15))}:${two(below(60))}:${two(below(60))}${OFFSETS[below(OFFSETS.length)]}`;
}
