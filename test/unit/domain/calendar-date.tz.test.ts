import { UTCDate } from "@date-fns/utc";
import { addDays as addDaysOfDateFns } from "date-fns/addDays";
import { isValid } from "date-fns/isValid";
import { parse } from "date-fns/parse";
import fc from "fast-check";
import { dateOfInstant, type Instant, isCalendarDate, parseCalendarDate } from "unified-contributions";
import { describe, expect, test } from "vitest";
import {
  addDays,
  dayNumberAt,
  firstOfMonth,
  MAX_OFFSET_MINUTES,
  twoDigits,
  weekdayOf,
} from "../../../src/domain/calendar-date.ts";
import { HOSTILE } from "../../support/ghec-hostile.ts";
import { day, instant } from "../../support/values.ts";

const DAY_MS = 86_400_000;

/** 1000-01-01 and 9999-12-31 as days since 1970-01-01. */
const FIRST = -354_285;
const LAST = 2_932_896;

const dayNumber = fc.integer({ min: FIRST, max: LAST });

/** A day by its number, the stupid way. */
function dayOf(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

describe("a calendar date", () => {
  test.each([
    "1000-01-01",
    "1900-02-28",
    "1970-01-01",
    "2000-02-29",
    "2024-02-29",
    "2026-01-31",
    "2026-03-31",
    "2026-04-30",
    "2026-05-31",
    "2026-06-30",
    "2026-07-31",
    "2026-08-31",
    "2026-09-30",
    "2026-10-31",
    "2026-11-30",
    "2026-12-31",
    "2100-02-28",
    "9999-12-31",
  ])("can be %s", (text) => {
    expect(parseCalendarDate(text)._unsafeUnwrap()).toBe(text);
    expect(isCalendarDate(text)).toBe(true);
  });

  test.each<readonly [name: string, value: unknown]>([
    ["a leap day of a century", "1900-02-29"],
    ["a leap day of the next century", "2100-02-29"],
    ["a leap day of a common year", "2026-02-29"],
    ["a 30 February", "2000-02-30"],
    ["a 31 April", "2026-04-31"],
    ["a 31 June", "2026-06-31"],
    ["a 31 September", "2026-09-31"],
    ["a 31 November", "2026-11-31"],
    ["a 32 January", "2026-01-32"],
    ["a 32 December", "2026-12-32"],
    ["a day 0", "2026-01-00"],
    ["a month 0", "2026-00-01"],
    ["a month 13", "2026-13-01"],
    ["the year 999", "0999-12-31"],
    ["a year of five digits", "10000-01-01"],
    ["one digit for a month", "2026-1-01"],
    ["no hyphens", "20260101"],
    ["slashes", "2026/01/01"],
    ["a slash for the first hyphen", "2026/01-01"],
    ["a slash for the last hyphen", "2026-01/01"],
    ["an instant", "2026-01-01T00:00:00Z"],
    ["a space after it", "2026-01-01 "],
    ["a space before it", " 2026-01-01"],
    ["letters", "YYYY-MM-DD"],
    ["a letter in the year", "20x6-01-01"],
    ["a letter in the century", "x026-01-01"],
    ["the character before the digits", "2026-0/-01"],
    ["the character after the digits", "2026-01-0:"],
    ["a sign", "-026-01-01"],
    ["digits of another script", "２０２６-０１-０１"],
    ["the ten characters of a list", [..."2026-01-01"]],
    ["a Date", new Date(0)],
    ...HOSTILE,
  ])("cannot be %s", (_, value) => {
    expect(isCalendarDate(value)).toBe(false);
    expect(parseCalendarDate(value)._unsafeUnwrapErr()).toEqual({
      type: "invalid-calendar-date",
      message: "Not a calendar date: give a day that exists as YYYY-MM-DD.",
    });
  });

  test("exists exactly if date-fns knows the day", () => {
    const twoOf = fc.integer({ min: 0, max: 39 }).map((n) => String(n).padStart(2, "0"));
    const year = fc.integer({ min: 1000, max: 9999 }).map(String);

    fc.assert(
      fc.property(year, twoOf, twoOf, (y, m, d) => {
        const isKnown = isValid(parse(`${y}-${m}-${d}`, "yyyy-MM-dd", new UTCDate(0)));

        expect(isCalendarDate(`${y}-${m}-${d}`)).toBe(isKnown);
      }),
      { numRuns: 1_000 },
    );
  });

  test("compares as the days do", () => {
    fc.assert(
      fc.property(dayNumber, dayNumber, (one, other) => {
        expect(day(dayOf(one)) < day(dayOf(other))).toBe(one < other);
      }),
    );
  });
});

describe("the number of a day", () => {
  test.each([
    ["1970-01-01", 0],
    ["1969-12-31", -1],
    ["2000-02-29", 11_016],
    ["2000-03-01", 11_017],
    ["2026-03-01", 20_513],
    ["1000-01-01", FIRST],
    ["9999-12-31", LAST],
  ])("of %s is %i", (text, number) => {
    expect(dayNumberAt(text)).toBe(number);
  });

  test("agrees with counted milliseconds, for every day of 400 years and for random days", () => {
    for (let number = 0; number < 146_097; number++) {
      if (dayNumberAt(dayOf(number)) !== number) expect.fail(dayOf(number));
    }
    fc.assert(
      fc.property(dayNumber, (number) => {
        expect(dayNumberAt(dayOf(number))).toBe(number);
      }),
    );
  });

  test("is read from the beginning of a text, whatever follows", () => {
    expect(dayNumberAt("2026-03-01T23:30:00-08:00")).toBe(20_513);
    expect(dayNumberAt("2026-02-29T23:30:00-08:00")).toBeNaN();
    expect(dayNumberAt("2026-03-0")).toBeNaN();
    expect(dayNumberAt("")).toBeNaN();
  });
});

describe("two digits", () => {
  test("are the number that they spell", () => {
    expect(twoDigits("00", 0)).toBe(0);
    expect(twoDigits("99", 0)).toBe(99);
    expect(twoDigits("a42b", 1)).toBe(42);
  });

  test.each(["/0", ":0", "0/", "0:", "4", "", "-1", "1 ", "0x"])("are not %j", (text) => {
    expect(twoDigits(text, 0)).toBeNaN();
  });
});

describe("the day of an instant", () => {
  test.each([
    ["2026-03-01T00:00:00.000Z", 0, "2026-03-01"],
    ["2026-02-28T23:59:59.999Z", 0, "2026-02-28"],
    ["2026-03-01T07:59:59.999Z", -480, "2026-02-28"],
    ["2026-03-01T08:00:00.000Z", -480, "2026-03-01"],
    ["2024-02-29T10:00:00.000Z", 840, "2024-03-01"],
    ["2024-02-29T09:59:59.999Z", 840, "2024-02-29"],
    ["2026-01-01T11:59:59.999Z", -720, "2025-12-31"],
    ["2025-12-31T18:30:00.000Z", 330, "2026-01-01"],
  ])("%s, %i minutes ahead of UTC, is %s", (text, offsetMinutes, date) => {
    expect(dateOfInstant(instant(text), offsetMinutes)).toBe(date);
  });

  test("is that of UTC by default, whatever the zone of the process", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (at) => {
        expect(dateOfInstant(at as Instant)).toBe(new Date(at).toISOString().slice(0, 10));
      }),
    );
  });

  test("is at most 14 hours ahead of UTC's", () => {
    expect(MAX_OFFSET_MINUTES).toBe(14 * 60);
  });

  test("stops at the ends of the calendar", () => {
    expect(dateOfInstant(253_402_300_799_999 as Instant, 840)).toBe("9999-12-31");
  });
});

describe("adding days", () => {
  test.each([
    ["2026-03-01", 0, "2026-03-01"],
    ["2026-12-31", 1, "2027-01-01"],
    ["2026-01-01", -1, "2025-12-31"],
    ["2024-02-28", 1, "2024-02-29"],
    ["2024-02-28", 2, "2024-03-01"],
    ["2026-02-28", 1, "2026-03-01"],
    ["2024-03-01", -366, "2023-03-01"],
    ["2026-03-01", -89, "2025-12-02"],
    // Apia had no 30 December 2011; clocks change on the others.
    ["2011-12-29", 1, "2011-12-30"],
    ["2011-12-30", 1, "2011-12-31"],
    ["2026-03-07", 2, "2026-03-09"],
    ["2026-10-31", 2, "2026-11-02"],
  ])("to %s, %i of them, gives %s", (date, days, later) => {
    expect(addDays(day(date), days)).toBe(later);
  });

  test("is addition of day numbers", () => {
    fc.assert(
      fc.property(dayNumber, dayNumber, (from, to) => {
        expect(addDays(day(dayOf(from)), to - from)).toBe(dayOf(to));
      }),
    );
  });

  test("agrees with date-fns in UTC", () => {
    fc.assert(
      fc.property(dayNumber, fc.integer({ min: -400, max: 400 }), (from, days) => {
        fc.pre(from + days >= FIRST && from + days <= LAST);
        const later = addDaysOfDateFns(new UTCDate(from * DAY_MS), days);

        expect(addDays(day(dayOf(from)), days)).toBe(later.toISOString().slice(0, 10));
      }),
    );
  });

  test("stops at the ends of the calendar", () => {
    expect(addDays(day("9999-12-31"), 1)).toBe("9999-12-31");
    expect(addDays(day("9999-12-30"), 1)).toBe("9999-12-31");
    expect(addDays(day("1000-01-01"), -1)).toBe("1000-01-01");
    expect(addDays(day("1000-01-02"), -1)).toBe("1000-01-01");
  });
});

describe("the day of the week", () => {
  test.each([
    ["2026-03-01", 0],
    ["2026-03-02", 1],
    ["2026-03-03", 2],
    ["2024-02-29", 4],
    ["2026-01-02", 5],
    ["2011-12-31", 6],
    ["1000-01-01", 3],
  ])("of %s is %i", (date, weekday) => {
    expect(weekdayOf(day(date))).toBe(weekday);
  });

  test("repeats every seven days", () => {
    fc.assert(
      fc.property(dayNumber, (number) => {
        // 1970-01-01 was a Thursday.
        expect(weekdayOf(day(dayOf(number)))).toBe((((number + 4) % 7) + 7) % 7);
      }),
    );
  });
});

test("the first of a month is in the same month", () => {
  expect(firstOfMonth(day("2024-02-29"))).toBe("2024-02-01");
  expect(firstOfMonth(day("2026-12-01"))).toBe("2026-12-01");
});
