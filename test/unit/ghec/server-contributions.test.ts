import fc from "fast-check";
import { CONTRIBUTION_SOURCE } from "unified-contributions";
import { contributionsCollection, serverContributionsForOwner } from "unified-contributions/ghec";
import { describe, expect, test } from "vitest";
import { addDays } from "../../../src/domain/calendar-date.ts";
import { HOSTILE, hostileBut } from "../../support/ghec-hostile.ts";
import { day } from "../../support/values.ts";

const DAYS = { first: day("2026-02-26"), last: day("2026-03-04") };

function server(first: string, ...counts: readonly number[]) {
  return { window: { first: day(first), counts } };
}

describe("what the owner sees of each day", () => {
  test("are the contributions on GitHub Enterprise Server, over all servers, on days that have any", () => {
    const servers = [server("2026-02-25", 9, 1, 0, 2), server("2026-02-28", 3), server("2026-03-04", 4, 9)];

    const shown = serverContributionsForOwner({ days: DAYS, today: day("2026-03-05"), servers });

    expect(shown._unsafeUnwrap()).toEqual([
      { date: "2026-02-26", contributionCount: 1, source: "GitHub Enterprise Server" },
      { date: "2026-02-28", contributionCount: 5, source: "GitHub Enterprise Server" },
      { date: "2026-03-04", contributionCount: 4, source: "GitHub Enterprise Server" },
    ]);
  });

  test("are those of the 90 days that end today", () => {
    const servers = [server("2025-12-01", 1, 2), server("2026-03-01", 3, 4)];
    const days = { first: day("2025-11-01"), last: day("2026-03-31") };

    const shown = serverContributionsForOwner({ days, today: day("2026-03-01"), servers })._unsafeUnwrap();

    expect(shown.map(({ date, contributionCount }) => [date, contributionCount])).toEqual([
      ["2025-12-02", 2],
      ["2026-03-01", 3],
    ]);
  });

  test("add up to what servers add to the calendar of every viewer", () => {
    const someServers = fc.array(
      fc.record({
        window: fc.record({
          first: fc.integer({ min: -100, max: 10 }).map((days) => addDays(DAYS.first, days)),
          counts: fc.array(fc.nat(9), { minLength: 1, maxLength: 90 }),
        }),
      }),
      { maxLength: 4 },
    );

    fc.assert(
      fc.property(someServers, (servers) => {
        const request = { days: DAYS, today: DAYS.last, servers };
        const everyViewer = {
          ...request,
          contributions: [],
          restrictedContributions: [],
          showsPrivateContributions: true,
        };
        const { contributionCalendar } = contributionsCollection(everyViewer)._unsafeUnwrap();
        const days = contributionCalendar.weeks.flatMap(({ contributionDays }) => contributionDays);

        expect(serverContributionsForOwner(request)._unsafeUnwrap()).toEqual(
          days
            .filter(({ contributionCount }) => contributionCount > 0)
            .map(({ date, contributionCount }) => ({ date, contributionCount, source: CONTRIBUTION_SOURCE })),
        );
      }),
    );
  });
});

test("a collection, which is for every viewer, does not tell what was made on a server", () => {
  const request = { days: DAYS, today: DAYS.last, contributions: [], showsPrivateContributions: true };
  const here = {
    ...request,
    restrictedContributions: [{ date: DAYS.last, contributionCount: 3 }],
    servers: [],
  };
  const there = { ...request, restrictedContributions: [], servers: [server(DAYS.last, 3)] };

  expect(contributionsCollection(here)).toEqual(contributionsCollection(there));
});

describe("a request of the owner's is refused", () => {
  const sound = { days: DAYS, today: DAYS.last, servers: [server("2026-03-01", 1)] };
  const refusalOf = (request: unknown) =>
    serverContributionsForOwner(request as typeof sound)._unsafeUnwrapErr();

  test.each(HOSTILE.filter(([, value]) => typeof value !== "object" || value === null))(
    "that is %s",
    (_, request) => {
      expect(refusalOf(request)).toMatchObject({ type: "invalid-calendar-request", field: "request" });
    },
  );

  test.each<[string, readonly string[]]>([
    ["days", []],
    ["today", []],
    ["servers", ["an empty list"]],
  ])("with any wrong %s", (field, welcome) => {
    for (const [name, value] of hostileBut(...welcome)) {
      expect(refusalOf({ ...sound, [field]: value }), name).toMatchObject({ field });
    }
  });
});
