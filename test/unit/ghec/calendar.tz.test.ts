import type * as github from "@octokit/graphql-schema";
import fc from "fast-check";
import type { CalendarDate } from "unified-contributions";
import {
  type CalendarRequest,
  type ContributionCalendar,
  type ContributionCalendarDay,
  type ContributionCalendarMonth,
  type ContributionCalendarWeek,
  type ContributionLevel,
  type ContributionsCollection,
  contributionsCollection,
} from "unified-contributions/ghec";
import { describe, expect, expectTypeOf, test } from "vitest";
import { addDays, weekdayOf } from "../../../src/domain/calendar-date.ts";
import { day } from "../../support/values.ts";

function range(first: string, last: string): CalendarRequest["days"] {
  return { first: day(first), last: day(last) };
}

function counted(date: string, contributionCount: number) {
  return { date: day(date), contributionCount };
}

function server(first: string, ...counts: readonly number[]) {
  return { window: { first: day(first), counts } };
}

/** A collection of one week around 1 March 2026, of nothing but what is given. */
function collectionOf(request: Partial<CalendarRequest>): ContributionsCollection {
  const whole: CalendarRequest = {
    days: range("2026-02-26", "2026-03-04"),
    today: day("2026-03-04"),
    contributions: [],
    restrictedContributions: [],
    servers: [],
    showsPrivateContributions: true,
    ...request,
  };
  return contributionsCollection(whole)._unsafeUnwrap();
}

/** The days of a calendar on which anything was contributed. */
function contributed({
  contributionCalendar,
}: ContributionsCollection): readonly (readonly [string, number])[] {
  return contributionCalendar.weeks.flatMap(({ contributionDays }) =>
    contributionDays.flatMap(({ date, contributionCount }) =>
      contributionCount === 0 ? [] : [[date, contributionCount] as const],
    ),
  );
}

describe("a contribution calendar", () => {
  test("has GitHub's shape: weeks of days, months, and the total", () => {
    const collection = collectionOf({
      contributions: [counted("2026-02-27", 2), counted("2026-03-02", 4)],
      restrictedContributions: [counted("2026-03-02", 1)],
      servers: [server("2026-03-01", 3, 0, 7)],
    });

    expect(collection).toEqual({
      contributionCalendar: {
        totalContributions: 17,
        weeks: [
          {
            firstDay: "2026-02-26",
            contributionDays: [
              { date: "2026-02-26", contributionCount: 0, contributionLevel: "NONE", weekday: 4 },
              { date: "2026-02-27", contributionCount: 2, contributionLevel: "SECOND_QUARTILE", weekday: 5 },
              { date: "2026-02-28", contributionCount: 0, contributionLevel: "NONE", weekday: 6 },
            ],
          },
          {
            firstDay: "2026-03-01",
            contributionDays: [
              { date: "2026-03-01", contributionCount: 3, contributionLevel: "SECOND_QUARTILE", weekday: 0 },
              { date: "2026-03-02", contributionCount: 5, contributionLevel: "THIRD_QUARTILE", weekday: 1 },
              { date: "2026-03-03", contributionCount: 7, contributionLevel: "FOURTH_QUARTILE", weekday: 2 },
              { date: "2026-03-04", contributionCount: 0, contributionLevel: "NONE", weekday: 3 },
            ],
          },
        ],
        months: [
          { firstDay: "2026-02-01", name: "February", year: 2026, totalWeeks: 1 },
          { firstDay: "2026-03-01", name: "March", year: 2026, totalWeeks: 1 },
        ],
      },
      startedAt: "2026-02-26T00:00:00Z",
      endedAt: "2026-03-04T23:59:59Z",
      hasAnyContributions: true,
      contributionYears: [2026],
      restrictedContributionsCount: 11,
      hasAnyRestrictedContributions: true,
      earliestRestrictedContributionDate: "2026-03-01",
      latestRestrictedContributionDate: "2026-03-03",
    });
  });

  test("can be of one day", () => {
    const { contributionCalendar } = collectionOf({
      days: range("2024-02-29", "2024-02-29"),
      contributions: [counted("2024-02-28", 1), counted("2024-02-29", 2), counted("2024-03-01", 4)],
    });

    expect(contributionCalendar).toEqual({
      totalContributions: 2,
      weeks: [
        {
          firstDay: "2024-02-29",
          contributionDays: [
            { date: "2024-02-29", contributionCount: 2, contributionLevel: "FOURTH_QUARTILE", weekday: 4 },
          ],
        },
      ],
      months: [{ firstDay: "2024-02-01", name: "February", year: 2024, totalWeeks: 1 }],
    });
  });

  test("can be of 371 days: 53 whole weeks from a Sunday to a Saturday", () => {
    const { weeks, months } = collectionOf({ days: range("2025-03-02", "2026-03-07") }).contributionCalendar;

    expect(weeks).toHaveLength(53);
    expect(weeks.every(({ contributionDays }) => contributionDays.length === 7)).toBe(true);
    expect([weeks[0]?.firstDay, weeks.at(-1)?.firstDay]).toEqual(["2025-03-02", "2026-03-01"]);
    expect(months.map(({ name, year, totalWeeks }) => [name, year, totalWeeks])).toEqual([
      ["March", 2025, 5],
      ["April", 2025, 4],
      ["May", 2025, 4],
      ["June", 2025, 5],
      ["July", 2025, 4],
      ["August", 2025, 5],
      ["September", 2025, 4],
      ["October", 2025, 4],
      ["November", 2025, 5],
      ["December", 2025, 4],
      ["January", 2026, 4],
      ["February", 2026, 4],
      ["March", 2026, 1],
    ]);
  });

  test("can be of 371 days that touch 54 weeks, the first and the last being short", () => {
    const { weeks } = collectionOf({ days: range("2025-02-24", "2026-03-01") }).contributionCalendar;

    expect(weeks).toHaveLength(54);
    expect(weeks[0]?.contributionDays.map(({ date }) => date)).toEqual([
      "2025-02-24",
      "2025-02-25",
      "2025-02-26",
      "2025-02-27",
      "2025-02-28",
      "2025-03-01",
    ]);
    expect(weeks.at(-1)?.contributionDays.map(({ date }) => date)).toEqual(["2026-03-01"]);
  });

  test("goes over a year's end and a leap day", () => {
    const newYear = collectionOf({
      days: range("2025-12-30", "2026-01-02"),
      today: day("2026-01-02"),
      contributions: [counted("2025-12-31", 1)],
      servers: [server("2025-12-30", 2, 3, 4, 5)],
    });
    const leapDay = collectionOf({
      days: range("2024-02-28", "2024-03-01"),
      today: day("2024-03-01"),
      servers: [server("2024-02-28", 1, 2, 3)],
    });

    expect(contributed(newYear)).toEqual([
      ["2025-12-30", 2],
      ["2025-12-31", 4],
      ["2026-01-01", 4],
      ["2026-01-02", 5],
    ]);
    expect(newYear.contributionCalendar.months).toEqual([
      { firstDay: "2025-12-01", name: "December", year: 2025, totalWeeks: 1 },
    ]);
    expect(contributed(leapDay)).toEqual([
      ["2024-02-28", 1],
      ["2024-02-29", 2],
      ["2024-03-01", 3],
    ]);
  });

  test("has every day once, in order, in weeks that begin on Sundays", () => {
    const anyDays = fc.tuple(fc.integer({ min: -9_000, max: 9_000 }), fc.integer({ min: 0, max: 370 }));

    fc.assert(
      fc.property(anyDays, ([from, length]) => {
        const first = addDays(day("2000-03-01"), from);
        const { weeks, months } = collectionOf({
          days: { first, last: addDays(first, length) },
        }).contributionCalendar;
        const days = weeks.flatMap(({ contributionDays }) => contributionDays);

        expect(days.map(({ date }) => date)).toEqual(
          Array.from({ length: length + 1 }, (_, index) => addDays(first, index)),
        );
        expect(days.every(({ date, weekday }) => weekday === weekdayOf(date))).toBe(true);
        expect(weeks.slice(1).every(({ firstDay }) => weekdayOf(firstDay) === 0)).toBe(true);
        expect(weeks.map(({ firstDay }) => firstDay)).toEqual(
          weeks.map(({ contributionDays }) => contributionDays[0]?.date),
        );
        expect(months.reduce((total, { totalWeeks }) => total + totalWeeks, 0)).toBe(weeks.length);
      }),
    );
  });
});

describe("what is counted", () => {
  test("are all entries of a day, within the days that are shown", () => {
    const collection = collectionOf({
      contributions: [
        counted("2026-02-25", 100),
        counted("2026-02-26", 1),
        counted("2026-02-26", 2),
        counted("2026-03-04", 4),
        counted("2026-03-05", 100),
      ],
      restrictedContributions: [
        counted("2026-02-26", 8),
        counted("2026-02-26", 16),
        counted("2020-01-01", 100),
      ],
    });

    expect(contributed(collection)).toEqual([
      ["2026-02-26", 27],
      ["2026-03-04", 4],
    ]);
    expect(collection.contributionCalendar.totalContributions).toBe(31);
    expect(collection.restrictedContributionsCount).toBe(24);
  });

  test("are several servers, summed", () => {
    const collection = collectionOf({
      servers: [server("2026-02-28", 1, 2), server("2026-03-01", 10, 20), server("2026-02-25", 100, 200)],
    });

    expect(contributed(collection)).toEqual([
      ["2026-02-26", 200],
      ["2026-02-28", 1],
      ["2026-03-01", 12],
      ["2026-03-02", 20],
    ]);
    expect(collection.restrictedContributionsCount).toBe(233);
  });

  test("are of servers only the 90 days that end today", () => {
    const request = {
      days: range("2025-11-01", "2026-03-10"),
      today: day("2026-03-01"),
      contributions: [counted("2025-12-01", 1_000)],
      restrictedContributions: [counted("2025-12-01", 500)],
      servers: [server("2025-12-01", 100, 1), server("2026-03-01", 2, 100)],
    };

    expect(contributed(collectionOf(request))).toEqual([
      ["2025-12-01", 1_500],
      ["2025-12-02", 1],
      ["2026-03-01", 2],
    ]);
  });

  test("are no servers' counts where all of them have aged out", () => {
    const collection = collectionOf({ today: day("2026-06-30"), servers: [server("2026-03-01", 1, 2, 3)] });

    expect(contributed(collection)).toEqual([]);
    expect(collection.hasAnyRestrictedContributions).toBe(false);
  });

  test("leaves out servers' counts on the first days of the calendar", () => {
    const collection = collectionOf({ today: day("1000-01-02"), servers: [server("2026-03-01", 1)] });

    expect(contributed(collection)).toEqual([]);
  });
});

describe("private contributions", () => {
  const request = {
    contributions: [counted("2026-03-01", 1)],
    restrictedContributions: [counted("2026-03-01", 2)],
    servers: [server("2026-03-01", 4)],
  };

  test("are counted where the profile shows them", () => {
    const shown = collectionOf({ ...request, showsPrivateContributions: true });

    expect(contributed(shown)).toEqual([["2026-03-01", 7]]);
    expect(shown.restrictedContributionsCount).toBe(6);
    expect(shown.hasAnyRestrictedContributions).toBe(true);
  });

  test("are neither counted nor hinted at where it hides them", () => {
    const hidden = collectionOf({ ...request, showsPrivateContributions: false });

    expect(contributed(hidden)).toEqual([["2026-03-01", 1]]);
    expect(hidden.contributionCalendar.totalContributions).toBe(1);
    expect(hidden.restrictedContributionsCount).toBe(0);
    expect(hidden.hasAnyRestrictedContributions).toBe(false);
  });

  test("of zero are none", () => {
    const none = collectionOf({
      restrictedContributions: [counted("2026-03-01", 0)],
      servers: [server("2026-03-01", 0)],
    });

    expect(none.hasAnyRestrictedContributions).toBe(false);
  });
});

test("every month has its English name", () => {
  const names = Array.from({ length: 12 }, (_, month) => {
    const first = `2026-${String(month + 1).padStart(2, "0")}-15`;
    return collectionOf({ days: range(first, first) }).contributionCalendar.months[0]?.name;
  });

  expect(names).toEqual([
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
  ]);
});

test("a calendar is what the same range of days sums to, the stupid way", () => {
  const FIRST = day("2026-02-01");
  const someDay = fc.integer({ min: -5, max: 40 }).map((days) => addDays(FIRST, days));
  const someOwn = fc.array(fc.record({ date: someDay, contributionCount: fc.nat(9) }), { maxLength: 20 });
  const someServers = fc.array(
    fc.record({
      window: fc.record({ first: someDay, counts: fc.array(fc.nat(9), { minLength: 1, maxLength: 9 }) }),
    }),
    { maxLength: 4 },
  );

  fc.assert(
    fc.property(
      someOwn,
      someOwn,
      someServers,
      fc.boolean(),
      (visible, restrictedContributions, servers, shows) => {
        const days = { first: FIRST, last: addDays(FIRST, 27) };
        const today = addDays(FIRST, 30);
        const reported = servers.flatMap(({ window }) =>
          window.counts.map((contributionCount, index) => ({
            date: addDays(window.first, index),
            contributionCount,
          })),
        );
        const hidden = [...restrictedContributions, ...reported.filter(({ date }) => date <= today)];
        const total = (entries: typeof hidden) =>
          entries
            .filter(({ date }) => date >= days.first && date <= days.last)
            .reduce((sum, { contributionCount }) => sum + contributionCount, 0);

        const collection = collectionOf({
          days,
          today,
          contributions: visible,
          restrictedContributions,
          servers,
          showsPrivateContributions: shows,
        });

        expect(collection.contributionCalendar.totalContributions).toBe(
          total(shows ? [...visible, ...hidden] : visible),
        );
        expect(collection.restrictedContributionsCount).toBe(shows ? total(hidden) : 0);
      },
    ),
  );
});

test("the types are a part of those of GitHub's GraphQL schema", () => {
  type Day = github.ContributionCalendarDay;
  type Week = github.ContributionCalendarWeek;
  type Calendar = github.ContributionCalendar;
  type Collection = github.ContributionsCollection;

  expectTypeOf<ContributionLevel>().toEqualTypeOf<github.ContributionLevel>();
  expectTypeOf<ContributionCalendarDay>().toExtend<Readonly<Pick<Day, keyof ContributionCalendarDay>>>();
  expectTypeOf<ContributionCalendarMonth>().toExtend<
    Readonly<Pick<github.ContributionCalendarMonth, keyof ContributionCalendarMonth>>
  >();
  expectTypeOf<keyof ContributionCalendarWeek>().toExtend<keyof Week>();
  expectTypeOf<ContributionCalendarWeek["firstDay"]>().toExtend<Week["firstDay"]>();
  expectTypeOf<keyof ContributionCalendar>().toExtend<keyof Calendar>();
  expectTypeOf<ContributionCalendar["totalContributions"]>().toExtend<Calendar["totalContributions"]>();
  expectTypeOf<keyof ContributionsCollection>().toExtend<keyof Collection>();
  type Plain = Exclude<keyof ContributionsCollection, "contributionCalendar" | "contributionYears">;
  expectTypeOf<Pick<ContributionsCollection, Plain>>().toExtend<Readonly<Pick<Collection, Plain>>>();
  expectTypeOf<ContributionsCollection["contributionYears"]>().toExtend<
    Readonly<Collection["contributionYears"]>
  >();
  expectTypeOf<ContributionCalendarDay["date"]>().toEqualTypeOf<CalendarDate>();
});
