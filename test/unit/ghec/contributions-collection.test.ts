import {
  type CalendarRequest,
  type ContributionsCollection,
  contributionsCollection,
} from "unified-contributions/ghec";
import { describe, expect, test } from "vitest";
import { day } from "../../support/values.ts";

function counted(date: string, contributionCount: number) {
  return { date: day(date), contributionCount };
}

function server(first: string, ...counts: readonly number[]) {
  return { window: { first: day(first), counts } };
}

/** A collection of one week around 1 March 2026, of nothing but what is given. */
function collectionOf(request: Partial<CalendarRequest>): ContributionsCollection {
  const whole: CalendarRequest = {
    days: { first: day("2026-02-26"), last: day("2026-03-04") },
    today: day("2026-03-04"),
    contributions: [],
    restrictedContributions: [],
    servers: [],
    showsPrivateContributions: true,
    ...request,
  };
  return contributionsCollection(whole)._unsafeUnwrap();
}

describe("a collection's time range", () => {
  test("is from the first second of the first day to the last second of the last", () => {
    const { startedAt, endedAt } = collectionOf({});

    expect([startedAt, endedAt]).toEqual(["2026-02-26T00:00:00Z", "2026-03-04T23:59:59Z"]);
  });

  test("names the same days if it is taken for instants in UTC", () => {
    const { startedAt, endedAt, contributionCalendar } = collectionOf({});

    expect(new Date(startedAt).toISOString().slice(0, 10)).toBe(contributionCalendar.weeks[0]?.firstDay);
    expect(new Date(Date.parse(endedAt) + 1_000).toISOString()).toBe("2026-03-05T00:00:00.000Z");
  });
});

describe("whether a collection has any contributions", () => {
  test.each<[string, boolean, Partial<CalendarRequest>]>([
    ["no, of nothing", false, {}],
    [
      "no, of zeros",
      false,
      { contributions: [counted("2026-03-01", 0)], servers: [server("2026-03-01", 0)] },
    ],
    ["no, of days that are not shown", false, { contributions: [counted("2026-03-05", 1)] }],
    ["yes, of one of its own", true, { contributions: [counted("2026-03-04", 1)] }],
    ["yes, of one of a server", true, { servers: [server("2026-02-26", 1)] }],
    [
      "no, of private ones that the profile hides",
      false,
      {
        restrictedContributions: [counted("2026-03-01", 1)],
        servers: [server("2026-02-26", 1)],
        showsPrivateContributions: false,
      },
    ],
  ])("%s", (_, hasAny, request) => {
    expect(collectionOf(request).hasAnyContributions).toBe(hasAny);
  });
});

describe("the years of a collection", () => {
  test("are those of all contributions in the request, the most recent first, shown or not", () => {
    const { contributionYears } = collectionOf({
      contributions: [
        counted("2019-05-05", 1),
        counted("2026-03-01", 1),
        counted("2024-12-31", 2),
        counted("2019-01-01", 1),
      ],
      restrictedContributions: [counted("2022-01-01", 3)],
    });

    expect(contributionYears).toEqual([2026, 2024, 2022, 2019]);
  });

  test("are none of days without contributions", () => {
    const { contributionYears } = collectionOf({
      contributions: [counted("2019-05-05", 0)],
      servers: [server("2026-03-01", 0, 0)],
    });

    expect(contributionYears).toEqual([]);
  });

  test.each<[string, readonly number[], readonly number[]]>([
    ["the old", [2, 0, 0, 0], [2025]],
    ["the new", [0, 0, 0, 4], [2026]],
    ["the new, on its first day", [0, 0, 4, 0], [2026]],
    ["the old, on its last day", [0, 3, 0, 0], [2025]],
    ["both", [1, 0, 0, 1], [2026, 2025]],
  ])("are, of a server's window over a new year, %s", (_, counts, years) => {
    const { contributionYears } = collectionOf({
      today: day("2026-01-02"),
      servers: [server("2025-12-30", ...counts)],
    });

    expect(contributionYears).toEqual(years);
  });

  test("are none of servers' counts that are older than 90 days", () => {
    const servers = [server("2025-12-04", 1, 0), server("2026-03-01", 1)];

    expect(collectionOf({ servers }).contributionYears).toEqual([2026]);
    expect(collectionOf({ servers, today: day("2026-03-03") }).contributionYears).toEqual([2026, 2025]);
  });

  test("are none of private contributions that the profile hides", () => {
    const { contributionYears } = collectionOf({
      contributions: [counted("2026-03-01", 1)],
      restrictedContributions: [counted("2024-03-01", 1)],
      servers: [server("2025-12-31", 1)],
      showsPrivateContributions: false,
    });

    expect(contributionYears).toEqual([2026]);
  });
});

describe("the first and the last day with private contributions", () => {
  const between = (collection: ContributionsCollection) => [
    collection.earliestRestrictedContributionDate,
    collection.latestRestrictedContributionDate,
  ];

  test("are among the days that are shown, of the account's own and of servers", () => {
    const collection = collectionOf({
      contributions: [counted("2026-02-26", 1)],
      restrictedContributions: [counted("2026-02-25", 9), counted("2026-02-28", 1), counted("2026-03-02", 0)],
      servers: [server("2026-02-27", 0, 0, 1), server("2026-03-03", 2, 0, 4)],
    });

    expect(between(collection)).toEqual(["2026-02-28", "2026-03-03"]);
  });

  test("are the same if there is one", () => {
    expect(between(collectionOf({ servers: [server("2026-03-04", 1)] }))).toEqual([
      "2026-03-04",
      "2026-03-04",
    ]);
  });

  test("are null if there are none", () => {
    expect(
      between(
        collectionOf({ contributions: [counted("2026-03-01", 1)], servers: [server("2026-03-01", 0)] }),
      ),
    ).toEqual([null, null]);
  });

  test("are null if the profile hides them", () => {
    const servers = [server("2026-03-01", 1)];

    expect(between(collectionOf({ servers, showsPrivateContributions: false }))).toEqual([null, null]);
  });
});
