import { schema as github } from "@octokit/graphql-schema";
import {
  buildSchema,
  type DocumentNode,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  parse,
  validate,
} from "graphql";
import type { DailyCount } from "unified-contributions/ghes";
import { type HttpHost, host } from "./http-host.ts";

/** A user of the instance, as its GraphQL API has them. */
export interface Person {
  readonly login: string;
  /** The number that no renaming changes; without one no id of a node leads to them. */
  readonly id?: number;
  readonly days: readonly DailyCount[];
}

/** What becomes of one request instead of an answer; `proceed` answers as the schema says. */
type Mishap = (proceed: () => Promise<Response>) => Response | Promise<Response>;

/** What the query asked for. */
interface Asked {
  readonly logins: readonly string[];
  readonly query: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly authorization: string | null;
}

/** An instance of GitHub Enterprise Server behind a real socket: only its GraphQL API, and of that only calendars. */
export interface GraphqlInstance {
  readonly url: string;
  /** All requests so far, oldest first. */
  readonly asked: Asked[];
  /** Who is there, from now on. */
  setPeople(people: readonly Person[]): void;
  /** Lets the field of this login fail with an error of this type. */
  refuse(login: string, type: string): void;
  /** Lets the calendar of this login be something else. */
  distort(login: string, change: (weeks: Week[]) => unknown): void;
  /** How many calendars one query may count, and whose calendar is too heavy on its own. */
  limit(users: number, ...heavy: readonly string[]): void;
  /** The next requests meet with these, one each. */
  on(...mishaps: readonly Mishap[]): void;
  reset(): void;
  close(): Promise<void>;
}

/** A week of a calendar. */
export interface Week {
  contributionDays: { date: string; contributionCount: unknown }[];
}

let schema: GraphQLSchema | null = null;

/** GitHub's own public schema; made once, which takes a second. */
export function githubSchema(): GraphQLSchema {
  schema ??= buildSchema(github.idl, { assumeValidSDL: true });
  return schema;
}

const queries = new Map<
  string,
  { readonly document: DocumentNode; readonly invalid: readonly GraphQLError[] }
>();

/** Reads a query as the schema says. Each text is read once: the same one comes for every ten users. */
function readQuery(query: string) {
  const known = queries.get(query);
  if (known) return known;
  const document = parse(query);
  const read = { document, invalid: validate(githubSchema(), document) };
  queries.set(query, read);
  return read;
}

/** An error as GitHub's GraphQL API names it. */
class TypedError extends Error {
  readonly type: string;
  constructor(type: string) {
    super("Something about octo-corp/secret.");
    this.type = type;
  }
}

/** The id of a user among the nodes of the GraphQL API. */
export function nodeIdOf(id: number): string {
  return `U_${id}`;
}

/**
 * Starts an instance on a free port of this machine's own.
 *
 * @param beside answers what is not for the GraphQL API; null leaves it to that
 */
export async function startInstance(
  beside: (request: Request) => Promise<Response> | null = () => null,
): Promise<GraphqlInstance> {
  const asked: Asked[] = [];
  const people = new Map<string, Person>();
  const nodes = new Map<string, Person & { readonly id: number }>();
  const refusals = new Map<string, string>();
  const distortions = new Map<string, (weeks: Week[]) => unknown>();
  const mishaps: Mishap[] = [];
  let mostUsers = 100;
  let heavy: readonly string[] = [];

  const rootValue = {
    user: ({ login }: { readonly login: string }) => {
      const refusal = refusals.get(login);
      if (refusal !== undefined) throw new TypedError(refusal);
      // Logins differ by more than their case.
      const person = people.get(login.toLowerCase());
      if (person === undefined) throw new TypedError("NOT_FOUND");
      const contributionsCollection = (range: { readonly from: string; readonly to: string }): object => {
        const weeks = weeksOf(person, range.from.slice(0, 10), range.to.slice(0, 10));
        return { contributionCalendar: { weeks: distortions.get(login)?.(weeks) ?? weeks } };
      };
      return { login: person.login, contributionsCollection };
    },
    nodes: ({ ids }: { readonly ids: readonly string[] }) =>
      ids.map((id) => {
        const person = nodes.get(id);
        if (person === undefined) return new TypedError("NOT_FOUND");
        return { __typename: "User", databaseId: person.id, login: person.login };
      }),
  };

  async function answer(request: Request): Promise<Response> {
    const { query, variables } = (await request.json()) as Asked;
    const logins = Object.entries(variables).flatMap(([name, login]) =>
      name.startsWith("login") ? [login] : [],
    );
    asked.push({ query, variables, logins, authorization: request.headers.get("authorization") });
    const proceed = async (): Promise<Response> => {
      const { document, invalid } = readQuery(query);
      if (invalid.length > 0) return Response.json({ errors: invalid.map(({ message }) => ({ message })) });
      if (logins.length > mostUsers || logins.some((login) => heavy.includes(login))) {
        const path = ["u0", "contributionsCollection", "contributionCalendar"];
        const data = Object.fromEntries(logins.map((_, place) => [`u${place}`, null]));
        return Response.json({
          data,
          errors: [{ type: "RESOURCE_LIMITS_EXCEEDED", path, message: "Exceeded." }],
        });
      }
      const { data, errors } = await execute({
        schema: githubSchema(),
        document,
        rootValue,
        variableValues: variables,
      });
      const named = errors?.map(({ path, message, originalError }) => ({
        ...(originalError instanceof TypedError && { type: originalError.type }),
        path,
        message,
      }));
      return Response.json({ data, ...(named && { errors: named }) });
    };
    return await (mishaps.shift() ?? ((go) => go()))(proceed);
  }

  const server: HttpHost = await host((request) => beside(request) ?? answer(request));
  return {
    url: `${server.origin}/api/graphql`,
    asked,
    setPeople: (given) => {
      people.clear();
      nodes.clear();
      for (const person of given) {
        people.set(person.login.toLowerCase(), person);
        if (person.id !== undefined) nodes.set(nodeIdOf(person.id), { ...person, id: person.id });
      }
    },
    refuse: (login, type) => void refusals.set(login, type),
    distort: (login, change) => void distortions.set(login, change),
    limit: (users, ...tooHeavy) => {
      mostUsers = users;
      heavy = tooHeavy;
    },
    on: (...given) => void mishaps.push(...given),
    reset: () => {
      asked.length = 0;
      mishaps.length = 0;
      people.clear();
      nodes.clear();
      refusals.clear();
      distortions.clear();
      mostUsers = 100;
      heavy = [];
    },
    close: server.close,
  };
}

const DAY_MS = 86_400_000;

/** Weeks from Sunday on, of the days from the first to the last. */
function weeksOf({ days }: Person, first: string, last: string): Week[] {
  const counts = new Map(days.map(({ date, contributionCount }) => [date, contributionCount]));
  const weeks: Week[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS) {
    const date = new Date(at).toISOString().slice(0, 10);
    if (weeks.length === 0 || new Date(at).getUTCDay() === 0) weeks.push({ contributionDays: [] });
    weeks.at(-1)?.contributionDays.push({ date, contributionCount: counts.get(date) ?? 0 });
  }
  return weeks;
}
