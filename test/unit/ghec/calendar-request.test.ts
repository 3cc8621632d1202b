import { type CalendarRequest, contributionsCollection, MAX_CALENDAR_DAYS } from "unified-contributions/ghec";
import { describe, expect, test } from "vitest";
import { checkCalendarRequest } from "../../../src/ghec/calendar-request.ts";
import { HOSTILE, hostileBut, without } from "../../support/ghec-hostile.ts";
import { day } from "../../support/values.ts";

const REQUEST: CalendarRequest = {
  days: { first: day("2026-02-01"), last: day("2026-03-01") },
  today: day("2026-03-01"),
  contributions: [{ date: day("2026-02-28"), contributionCount: 3 }],
  restrictedContributions: [{ date: day("2026-02-28"), contributionCount: 0 }],
  servers: [{ window: { first: day("2026-02-28"), counts: [1, 2] } }],
  showsPrivateContributions: true,
};

const MESSAGES: Readonly<Record<string, string>> = {
  request: "The request has to be an object: see `CalendarRequest`.",
  days: "`days` has to be { first, last } of days that exist, 1 to 371 days long.",
  today: "`today` has to be a day that exists, as YYYY-MM-DD.",
  contributions:
    "`contributions` has to be a list of { date, contributionCount } with whole numbers from 0 on.",
  restrictedContributions:
    "`restrictedContributions` has to be a list of { date, contributionCount } with whole numbers from 0 on.",
  servers:
    "`servers` has to be a list of { window: { first, counts } } with 1 to 90 whole numbers from 0 to 65,535.",
  showsPrivateContributions: "`showsPrivateContributions` has to be true or false.",
};

/** Expects that a request is refused in the name of a field, and that there is no calendar of it. */
function expectRefusal(request: unknown, field: string, name?: string): void {
  const refusal = { type: "invalid-calendar-request", field, message: MESSAGES[field] };

  expect(checkCalendarRequest(request as CalendarRequest), name).toEqual(refusal);
  expect(contributionsCollection(request as CalendarRequest)._unsafeUnwrapErr(), name).toEqual(refusal);
}

describe("a calendar request is sound", () => {
  test.each<[string, Partial<CalendarRequest>]>([
    ["with a month", {}],
    ["with one day", { days: { first: day("2026-03-01"), last: day("2026-03-01") } }],
    ["with 371 days", { days: { first: day("2025-02-24"), last: day("2026-03-01") } }],
    ["with nothing to show", { contributions: [], restrictedContributions: [], servers: [] }],
    [
      "with a day of the largest exact number",
      { contributions: [{ date: REQUEST.today, contributionCount: 2 ** 53 - 1 }] },
    ],
    ["with hidden private contributions", { showsPrivateContributions: false }],
  ])("%s", (_, changed) => {
    expect(checkCalendarRequest({ ...REQUEST, ...changed })).toBeNull();
  });
});

describe("a calendar request is refused", () => {
  test.each(HOSTILE.filter(([, value]) => typeof value !== "object" || value === null))(
    "that is %s",
    (_, request) => {
      expectRefusal(request, "request");
    },
  );

  test.each(Object.keys(REQUEST))("without its %s", (field) => {
    expectRefusal(without(field, REQUEST), field);
  });

  test.each<[string, readonly string[]]>([
    ["days", []],
    ["today", []],
    ["contributions", ["an empty list"]],
    ["restrictedContributions", ["an empty list"]],
    ["servers", ["an empty list"]],
    ["showsPrivateContributions", ["true"]],
  ])("with any wrong %s", (field, welcome) => {
    for (const [name, value] of hostileBut(...welcome)) {
      expectRefusal({ ...REQUEST, [field]: value }, field, name);
    }
  });

  test.each([
    ["372 days", { first: "2025-02-23", last: "2026-03-01" }],
    ["no days, from a day to the one before it", { first: "2026-03-01", last: "2026-02-28" }],
    ["all days that there are", { first: "1000-01-01", last: "9999-12-31" }],
    ["no first day", { last: "2026-03-01" }],
    ["no last day", { first: "2026-03-01" }],
    ["a first day that does not exist", { first: "2026-02-29", last: "2026-03-01" }],
    ["a last day that does not exist", { first: "2026-03-01", last: "2026-03-32" }],
  ])("with %s", (_, days) => {
    expectRefusal({ ...REQUEST, days }, "days");
  });

  test.each<readonly [string, unknown]>([
    ["no date", { contributionCount: 1 }],
    ["a date that does not exist", { date: "2026-02-29", contributionCount: 1 }],
    ["no count", { date: "2026-03-01" }],
    ["a negative count", { date: "2026-03-01", contributionCount: -1 }],
    ["half a contribution", { date: "2026-03-01", contributionCount: 0.5 }],
    ["2^53 contributions", { date: "2026-03-01", contributionCount: 2 ** 53 }],
    ["a count as text", { date: "2026-03-01", contributionCount: "1" }],
    ["NaN", { date: "2026-03-01", contributionCount: Number.NaN }],
    ...HOSTILE,
  ])("with a wrong day among sound ones that has or is %s", (_, entry) => {
    expectRefusal({ ...REQUEST, contributions: [...REQUEST.contributions, entry] }, "contributions");
    expectRefusal(
      { ...REQUEST, restrictedContributions: [entry, ...REQUEST.restrictedContributions] },
      "restrictedContributions",
    );
  });

  test.each<readonly [string, unknown]>([
    ["no window", { counts: [1] }],
    ["null for a window", { window: null }],
    ["a window of no first day", { window: { counts: [1] } }],
    ["a window of no counts", { window: { first: "2026-03-01", counts: [] } }],
    ["a window of 91 counts", { window: { first: "2026-03-01", counts: new Array(91).fill(0) } }],
    ["a window with a count too large", { window: { first: "2026-03-01", counts: [65_536] } }],
    ["a window from a day that does not exist", { window: { first: "2026-02-29", counts: [1] } }],
    ...HOSTILE,
  ])("with a server among sound ones that has or is %s", (_, server) => {
    expectRefusal({ ...REQUEST, servers: [...REQUEST.servers, server] }, "servers");
  });

  test.each(["contributions", "restrictedContributions", "servers"] as const)(
    "with a hole in the list of %s",
    (field) => {
      const list: unknown[] = [...REQUEST[field]];
      list[2] = REQUEST[field][0];

      expectRefusal({ ...REQUEST, [field]: list }, field);
    },
  );

  test("in the name of the first field that is wrong", () => {
    expectRefusal({}, "days");
    expectRefusal({ days: REQUEST.days }, "today");
    expectRefusal({ ...REQUEST, contributions: null, servers: null }, "contributions");
  });
});

test("a calendar shows 371 days at most: 53 weeks", () => {
  expect(MAX_CALENDAR_DAYS).toBe(53 * 7);
});
