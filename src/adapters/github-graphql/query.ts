import { addDays, type DayRange } from "../../domain/calendar-date.ts";

/** A GraphQL request, as it is sent. */
export interface GraphqlRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Returns the name under which the answer has the user at this place of a request. */
export function aliasOf(place: number): string {
  return `u${place}`;
}

/**
 * Returns the request for the contribution calendars of these logins, one alias each, with one more day at either end.
 *
 * The instance takes both ends as instants. A contribution's own day can begin 14 hours before the day of UTC, or end
 * 12 hours after it.
 */
export function calendarRequest(logins: readonly string[], { first, last }: DayRange): GraphqlRequest {
  const places = logins.map((_, place) => place);
  const declared = places.map((place) => `, $login${place}: String!`).join("");
  const asked = places.map((place) => `  ${aliasOf(place)}: user(login: $login${place}) { ...calendar }\n`);
  return {
    query: `query ($from: DateTime!, $to: DateTime!${declared}) {\n${asked.join("")}}\n${CALENDAR}`,
    variables: {
      from: `${addDays(first, -1)}T00:00:00Z`,
      to: `${addDays(last, 1)}T23:59:59Z`,
      ...Object.fromEntries(logins.map((login, place) => [`login${place}`, login])),
    },
  };
}

const CALENDAR = `fragment calendar on User {
  login
  contributionsCollection(from: $from, to: $to) {
    contributionCalendar { weeks { contributionDays { date contributionCount } } }
  }
}`;
