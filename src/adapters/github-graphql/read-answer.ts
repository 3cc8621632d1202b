import { addDays, type DayRange } from "../../domain/calendar-date.ts";
import type { DailyCount } from "../../ghes/payload.ts";
import type { SourceFault, UserContributions } from "../../ghes/ports.ts";
import { aliasOf } from "./query.ts";
import {
  ANOTHER_USER,
  FORBIDDEN,
  LACKS_SCOPE,
  NO_ANSWER,
  NO_CALENDAR,
  NOT_FOUND,
  NOT_GRAPHQL,
  QUERY_REFUSED,
  REFUSED,
} from "./source-faults.ts";

/** The result of one request. */
export type ReadAnswer =
  /** An entry for each login, in the order of the request. */
  | { readonly type: "read"; readonly entries: readonly UserContributions[] }
  /** The query is more than the instance allows. Ask for fewer users. */
  | { readonly type: "too-heavy" }
  /** The instance limits the rate of queries. */
  | { readonly type: "limited" }
  /** Every later request will fail in the same way. */
  | { readonly type: "hopeless"; readonly fault: SourceFault };

type Json = Readonly<Record<string, unknown>>;

const TOO_HEAVY_TYPES: readonly unknown[] = ["RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED"];

/**
 * Returns the result in an answer of the GraphQL API.
 *
 * A user is never counted as zero if an error names that user, or if the answer holds nothing about the user.
 */
export function readAnswer(answer: unknown, logins: readonly string[], days: DayRange): ReadAnswer {
  const { data, errors } = isJson(answer) ? answer : {};
  if (!isJson(data) && !Array.isArray(errors)) return { type: "hopeless", fault: NOT_GRAPHQL };
  const all = itemsOf(errors);
  if (all.some(({ type }) => TOO_HEAVY_TYPES.includes(type))) return { type: "too-heavy" };
  if (all.some(({ type }) => type === "RATE_LIMITED" || type === "RATE_LIMIT")) return { type: "limited" };
  if (all.some(({ type }) => type === "INSUFFICIENT_SCOPES")) return { type: "hopeless", fault: LACKS_SCOPE };
  if (!isJson(data)) return { type: "hopeless", fault: QUERY_REFUSED };
  const entries = logins.map((login, place) => {
    const alias = aliasOf(place);
    const error = all.find((one) => concerns(one, alias));
    return error === undefined ? entryOf(data[alias], login, days) : faultOf(error);
  });
  return { type: "read", entries };
}

/** An error that names no place in the answer could concern every user. */
function concerns({ path }: Json, alias: string): boolean {
  const first: unknown = Array.isArray(path) ? path[0] : undefined;
  return typeof first !== "string" || first === alias;
}

function faultOf({ type }: Json): SourceFault {
  if (type === "NOT_FOUND") return NOT_FOUND;
  if (type === "FORBIDDEN") return FORBIDDEN;
  return REFUSED;
}

function entryOf(user: unknown, login: string, days: DayRange): UserContributions {
  if (!isJson(user)) return NO_ANSWER;
  if (typeof user["login"] !== "string" || user["login"].toLowerCase() !== login.toLowerCase())
    return ANOTHER_USER;
  const collection = user["contributionsCollection"];
  const calendar = isJson(collection) ? collection["contributionCalendar"] : null;
  const dailyCounts = isJson(calendar) ? countsIn(calendar["weeks"], days) : null;
  return dailyCounts === null ? NO_CALENDAR : { type: "daily-counts", dailyCounts };
}

/** Returns the counts of exactly these days, or null if a day is missing, stands twice or makes no sense. */
function countsIn(weeks: unknown, { first, last }: DayRange): readonly DailyCount[] | null {
  const counts = new Map<unknown, number>();
  for (const day of itemsOf(weeks).flatMap((week) => itemsOf(week["contributionDays"]))) {
    const { date, contributionCount } = day;
    if (counts.has(date) || !isCount(contributionCount)) return null;
    counts.set(date, contributionCount);
  }
  const dailyCounts: DailyCount[] = [];
  for (let date = first; date <= last; date = addDays(date, 1)) {
    const contributionCount = counts.get(date);
    if (contributionCount === undefined) return null;
    dailyCounts.push({ date, contributionCount });
  }
  return dailyCounts;
}

/** Returns the objects in a list; none for any other value. */
function itemsOf(list: unknown): readonly Json[] {
  return Array.isArray(list) ? list.map((item) => (isJson(item) ? item : {})) : [];
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
