import fc from "fast-check";
import type { CalendarDate, DayRange } from "unified-contributions";
import { calendarDaysEndingOn, contributionsCollection, MAX_CALENDAR_DAYS } from "unified-contributions/ghec";
import { describe, expect, test } from "vitest";
import { addDays, weekdayOf } from "../../../src/domain/calendar-date.ts";
import { day } from "../../support/values.ts";

/** 28 years from a leap year on: every date on every weekday, in leap years and others. */
const EVERY_DAY = Array.from({ length: 28 * 365 + 7 }, (_, index) => addDays(day("2024-01-01"), index));

/** How many days a range has, both ends included. */
function lengthOf({ first, last }: DayRange): number {
  return (Date.parse(last) - Date.parse(first)) / 86_400_000 + 1;
}

function sundayOf(date: CalendarDate): CalendarDate {
  return addDays(date, -weekdayOf(date));
}

/** The same date one year before; 28 February of 29 February. */
function aYearBefore(date: CalendarDate): CalendarDate {
  const year = Number(date.slice(0, 4)) - 1;
  return day(date.endsWith("-02-29") ? `${year}-02-28` : `${year}${date.slice(4)}`);
}

describe("the days that GitHub's profile shows", () => {
  test.each([
    ["on a Saturday", "2026-03-07", "2025-03-02", 371],
    ["on a Sunday, of which the day a year ago is a Saturday", "2026-03-01", "2025-03-02", 365],
    ["on a Monday across a leap day, of which it is a Saturday", "2024-11-25", "2023-11-26", 366],
    ["on a leap day", "2024-02-29", "2023-02-26", 369],
  ])("%s", (_, today, first, length) => {
    const days = calendarDaysEndingOn(day(today));

    expect(days).toEqual({ first, last: today });
    expect(lengthOf(days)).toBe(length);
  });

  test("end today and are 53 weeks from a Sunday on, on every day of 28 years", () => {
    for (const today of EVERY_DAY) {
      const days = calendarDaysEndingOn(today);

      expect(days.last).toBe(today);
      expect(weekdayOf(days.first)).toBe(0);
      expect(lengthOf(days)).toBeGreaterThan(52 * 7);
      expect(lengthOf(days)).toBeLessThanOrEqual(MAX_CALENDAR_DAYS);
    }
  });

  test("are those from the Sunday of the week a year ago on, cut at the front to 53 weeks", () => {
    let cut = 0;
    for (const today of EVERY_DAY) {
      const whole = sundayOf(aYearBefore(today));
      const { first } = calendarDaysEndingOn(today);
      const weeks = Math.ceil(lengthOf({ first: whole, last: today }) / 7);

      expect(first).toBe(addDays(whole, (weeks - 53) * 7));
      if (weeks > 53) cut++;
    }
    expect(cut / EVERY_DAY.length).toBeCloseTo(0.18, 2);
  });

  test("are accepted as the days of a calendar, also at both ends of time", () => {
    const someDay = fc.oneof(
      fc.constantFrom(day("1000-01-01"), day("1000-01-05"), day("9999-12-31")),
      fc.constantFrom(...EVERY_DAY),
    );
    const rest = {
      contributions: [],
      restrictedContributions: [],
      servers: [],
      showsPrivateContributions: true,
    };

    fc.assert(
      fc.property(someDay, (today) => {
        const collection = contributionsCollection({ days: calendarDaysEndingOn(today), today, ...rest });

        expect(collection.isOk()).toBe(true);
      }),
    );
  });
});
