import { parse, validate } from "graphql";
import type { CalendarDate, UserId } from "unified-contributions";
import {
  createGithubGraphqlSource,
  type GithubGraphqlSourceOptions,
} from "unified-contributions/adapters/github-graphql";
import type { DailyCount, UserContributions } from "unified-contributions/ghes";
import { createSender } from "unified-contributions/ghes";
import { contributionSourceContract, createTestClock } from "unified-contributions/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { createSendingWorld } from "../../support/ghes-world.ts";
import {
  type GraphqlInstance,
  githubSchema,
  startInstance,
  type Week,
} from "../../support/graphql-instance.ts";
import { OCTO } from "../../support/values.ts";

const NOW = "2026-03-01T12:00:00Z";
const DAYS = { first: "2025-12-02" as CalendarDate, last: "2026-03-01" as CalendarDate };
const TOKEN = "a-token-of-octo-corp";
const TODAY: DailyCount = { date: "2026-03-01", contributionCount: 7 };

let instance: GraphqlInstance;
let clock = createTestClock(NOW);

beforeAll(async () => {
  instance = await startInstance();
  githubSchema();
});
beforeEach(() => {
  instance.reset();
  clock = createTestClock(NOW);
});
afterAll(() => instance.close());

/** A source of which the login of every user is their id. */
function sourceOf(options: Partial<GithubGraphqlSourceOptions> = {}) {
  return createGithubGraphqlSource({
    url: instance.url,
    token: () => TOKEN,
    loginOf: (user) => user,
    clock,
    ...options,
  });
}

/** People of these logins, each with seven contributions today. */
function settle(...logins: readonly string[]): void {
  instance.setPeople(logins.map((login) => ({ login, days: [TODAY] })));
}

async function read(
  users: readonly string[],
  options: Partial<GithubGraphqlSourceOptions> = {},
  signal = new AbortController().signal,
): Promise<ReadonlyMap<string, UserContributions>> {
  return (await sourceOf(options).read({ users: users as UserId[], days: DAYS, signal }))._unsafeUnwrap();
}

/** How many contributions each user has in all, or the first words of the fault. */
function inShort(answer: ReadonlyMap<string, UserContributions>): Record<string, number | string> {
  return Object.fromEntries(
    [...answer].map(([user, entry]) => {
      if (entry.type === "source-fault") return [user, entry.message.split(/[:,.]/)[0] as string];
      if (entry.type !== "daily-counts") throw new Error(entry.type);
      return [
        user,
        [...entry.dailyCounts].reduce((sum, { contributionCount }) => sum + contributionCount, 0),
      ];
    }),
  );
}

/** How many users each request asked for. */
function sizes(): number[] {
  return instance.asked.map(({ logins }) => logins.length);
}

describe("the source over GraphQL", () => {
  test.each(contributionSourceContract)("$rule $title", ({ run }) =>
    run((contributed) => {
      const logins = new Map([...contributed.keys()].map((user, number) => [user, `user-${number}`]));
      instance.setPeople(
        [...contributed].map(([user, days]) => ({ login: logins.get(user) as string, days })),
      );
      return sourceOf({ loginOf: (user) => logins.get(user) ?? "nobody", usersPerRequest: 50 });
    }),
  );
});

describe("a request", () => {
  it.each([1, 2, 100])("for %d users is a valid query of GitHub's schema", async (size) => {
    const logins = Array.from({ length: size }, (_, number) => `user-${number}`);
    settle(...logins);

    await read(logins, { usersPerRequest: 100 });

    expect(sizes()).toEqual([size]);
    expect(validate(githubSchema(), parse(instance.asked[0]?.query ?? ""))).toEqual([]);
  });

  it("asks for 90 days and one more at either end, with the token outside of the query", async () => {
    settle("octo");

    const answer = await read(["octo"]);

    expect(instance.asked).toMatchObject([
      {
        variables: { from: "2025-12-01T00:00:00Z", to: "2026-03-02T23:59:59Z", login0: "octo" },
        authorization: `bearer ${TOKEN}`,
      },
    ]);
    const entry = answer.get("octo");
    const dailyCounts = entry?.type === "daily-counts" ? [...entry.dailyCounts] : [];
    expect(dailyCounts).toHaveLength(90);
    expect([dailyCounts[0], dailyCounts[89]]).toEqual([{ date: "2025-12-02", contributionCount: 0 }, TODAY]);
  });

  it("asks for ten users at once, each under an alias of their own", async () => {
    const logins = Array.from({ length: 25 }, (_, number) => `user-${number}`);
    settle(...logins);

    const answer = await read(logins);

    expect(sizes()).toEqual([10, 10, 5]);
    expect([...answer.keys()]).toEqual(logins);
    expect(Object.values(inShort(answer))).toEqual(logins.map(() => 7));
  });

  it("is not made if there are no users to ask for", async () => {
    expect(inShort(await read(["octo"], { loginOf: () => null }))).toEqual({
      octo: "The host has no login for the user",
    });
    expect(sizes()).toEqual([]);
  });
});

describe("a query that is too heavy", () => {
  it("is halved until it is light enough", async () => {
    settle("a", "b", "c", "d", "e");
    instance.limit(1);

    expect(inShort(await read(["a", "b", "c", "d", "e"]))).toEqual({ a: 7, b: 7, c: 7, d: 7, e: 7 });
    expect(sizes()).toEqual([5, 3, 2, 1, 1, 1, 2, 1, 1]);
  });

  it("for one user alone is a failure of that user", async () => {
    settle("a", "b", "c");
    instance.limit(100, "b");

    expect(inShort(await read(["a", "b", "c"]))).toEqual({
      a: 7,
      b: "The instance cannot count this user alone within its limits for one query",
      c: 7,
    });
  });

  it("or whose answer breaks off, is halved, too", async () => {
    settle("a", "b", "c");
    instance.on(() => new Response("Bad gateway", { status: 502 }));

    expect(inShort(await read(["a", "b", "c"]))).toEqual({ a: 7, b: 7, c: 7 });
    expect(sizes()).toEqual([3, 2, 1]);
  });

  it("and breaks off for three users in a row is not sent again", async () => {
    const logins = ["a", "b", "c", "d", "e"];
    settle(...logins);
    instance.on(...Array.from({ length: 20 }, () => () => new Response("Bad gateway", { status: 502 })));

    const answer = inShort(await read(logins, { usersPerRequest: 1 }));

    const brokenOff = "The instance broke off its answer for this user alone";
    const away = "The instance could not be reached";
    expect(answer).toEqual({ a: brokenOff, b: brokenOff, c: brokenOff, d: away, e: away });
    expect(sizes()).toEqual([1, 1, 1]);
  });
});

describe("a user without an answer of the instance", () => {
  const NO_CALENDAR = "The instance answered with a contribution calendar that lacks days";
  const days = (weeks: Week[]): Week["contributionDays"] => weeks.flatMap((week) => week.contributionDays);

  it.each<[string, () => void, string]>([
    ["does not exist any more", () => settle("mona"), "The instance has no user of this login"],
    [
      "is suspended",
      () => instance.refuse("octo", "FORBIDDEN"),
      "The instance does not let the token see this user",
    ],
    [
      "has a null beside an error without a meaning",
      () => instance.refuse("octo", "SOMETHING_NEW"),
      "The instance answered for this user with an error that has no known meaning",
    ],
    [
      "has a calendar that lacks a day",
      () => instance.distort("octo", (weeks) => weeks.slice(1)),
      NO_CALENDAR,
    ],
    ["has a calendar without weeks", () => instance.distort("octo", () => []), NO_CALENDAR],
    [
      "has a day twice",
      () => instance.distort("octo", (weeks) => [...weeks, ...weeks.slice(-1)]),
      NO_CALENDAR,
    ],
    [
      "has less than nothing",
      () =>
        instance.distort("octo", (weeks) => {
          (days(weeks)[30] as { contributionCount: unknown }).contributionCount = -1;
          return weeks;
        }),
      NO_CALENDAR,
    ],
  ])("fails alone, by name: %s", async (_, happens, message) => {
    settle("mona", "octo");
    happens();

    const answer = inShort(await read(["octo", "mona"]));

    expect(answer).toEqual({ octo: message, mona: 7 });
  });

  it("is recognized if the instance writes the login in another case", async () => {
    settle("Octo");

    expect(inShort(await read(["octo"]))).toEqual({ octo: 7 });
  });

  it.each<[string, unknown, string]>([
    ["a null and no error", null, "The instance answered nothing for this user"],
    [
      "another user",
      { login: "mona" },
      "The instance answered with the contributions of another login than the one that was asked for",
    ],
    ["no collection", { login: "octo" }, NO_CALENDAR],
    ["no calendar", { login: "octo", contributionsCollection: {} }, NO_CALENDAR],
    [
      "days that are none",
      {
        login: "octo",
        contributionsCollection: { contributionCalendar: { weeks: [7, { contributionDays: [7] }] } },
      },
      NO_CALENDAR,
    ],
  ])("fails by name if the answer holds %s", async (_, user, message) => {
    instance.on(() => Response.json({ data: { u0: user } }));

    expect(inShort(await read(["octo"]))).toEqual({ octo: message });
  });

  it("fails if an error names no user", async () => {
    settle("octo");
    instance.on(async (proceed) => {
      const { data } = (await (await proceed()).json()) as { readonly data: object };
      return Response.json({ data, errors: [{ message: "Something went wrong." }, "and more"] });
    });

    expect(inShort(await read(["octo"]))).toEqual({
      octo: "The instance answered for this user with an error that has no known meaning",
    });
  });

  it("keeps the shown counts, and never gets zeros instead", async () => {
    settle("octo");
    const world = await createSendingWorld();
    const sender = createSender({ ...world.options, source: sourceOf(), clock: waiting(world.clock) });
    (await sender.contributionsChanged([OCTO]))._unsafeUnwrap();
    await world.sync({}, sender);
    expect(await world.shown()).toBe(7);
    settle();
    (await sender.contributionsChanged([OCTO]))._unsafeUnwrap();

    const report = await world.sync({}, sender);

    expect(report).toMatchObject({ outcome: "incomplete", failed: 1 });
    expect(report.failures).toMatchObject([{ user: "octo", reason: { type: "source-fault" } }]);
    expect(await world.shown()).toBe(7);
  });

  it.each<[string, GithubGraphqlSourceOptions["loginOf"]]>([
    ["nobody", () => null],
    ["something that is no login", () => "octo corp"],
    ["no text", () => 7 as never],
    ["by throwing", () => Promise.reject(new Error("octo-corp/secret"))],
  ])("fails by name if the host answers with %s", async (_, loginOf) => {
    settle("mona");

    const answer = await read(["octo", "mona"], {
      loginOf: (user) => (user === "octo" ? loginOf(user) : user),
    });

    expect(inShort(answer)).toEqual({ octo: "The host has no login for the user", mona: 7 });
  });
});

/** A clock that really waits, so that a socket has its time. */
function waiting<Clock extends { now(): number }>(
  given: Clock,
): Clock & { wait(ms: number, signal: AbortSignal): Promise<void> } {
  return {
    ...given,
    wait: (_: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve());
      }),
  };
}

describe("a failure for all users", () => {
  it.each<[string, () => Response, string]>([
    [
      "a token without a scope",
      () => Response.json({ errors: [{ type: "INSUFFICIENT_SCOPES", message: "octo-corp" }] }),
      "The token lacks a scope that the query needs",
    ],
    [
      "a token that is wrong",
      () => new Response("", { status: 401 }),
      "The instance does not take the token",
    ],
    [
      "a token that is refused",
      () => new Response("", { status: 403 }),
      "The instance does not take the token",
    ],
    [
      "an address of something else",
      () => new Response("", { status: 404 }),
      "The answer is not from the GraphQL API",
    ],
    [
      "a redirection",
      () => new Response(null, { status: 302, headers: { location: "https://login.example/" } }),
      "The answer is not from the GraphQL API",
    ],
    ["a web page", () => new Response("<html>"), "The answer is not from the GraphQL API"],
    ["a text", () => Response.json("octo"), "The answer is not from the GraphQL API"],
    ["neither data nor errors", () => Response.json({}), "The answer is not from the GraphQL API"],
    [
      "a query that is not understood",
      () => Response.json({ errors: [{ message: "Field 'x' doesn't exist" }] }),
      "The instance does not understand the query",
    ],
  ])("is named, and no other user is asked for: %s", async (_, answer, message) => {
    settle("a", "b", "c");
    instance.on(answer);

    expect(inShort(await read(["a", "b", "c"], { usersPerRequest: 1 }))).toEqual({
      a: message,
      b: message,
      c: message,
    });
    expect(sizes()).toEqual([1]);
  });

  it.each<[string, GithubGraphqlSourceOptions["token"]]>([
    ["that is empty", () => ""],
    ["with a line break", () => "token\r\nx-admin: yes"],
    ["that is no text", () => undefined as never],
    ["that cannot be had", () => Promise.reject(new Error("octo-corp/secret"))],
  ])("is a token %s", async (_, token) => {
    expect(inShort(await read(["a", "b"], { token }))).toEqual({
      a: "The host gave no token",
      b: "The host gave no token",
    });
    expect(sizes()).toEqual([]);
  });

  it("is an instance that cannot be reached", async () => {
    const gone = await startInstance();
    await gone.close();

    expect(inShort(await read(["a"], { url: gone.url }))).toEqual({ a: "The instance could not be reached" });
  });

  it("is an endless answer", async () => {
    const endless = (): ReadableStream<Uint8Array> =>
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1_048_576)) });
    instance.on(() => new Response(endless()));

    expect(inShort(await read(["a"]))).toEqual({ a: "The answer is not from the GraphQL API" });
  });

  it("repeats neither the token nor a login nor the instance's words", async () => {
    settle("mona");
    instance.refuse("octo", "FORBIDDEN");

    const text = JSON.stringify([...(await read(["octo", "ghost-of-corp"])).values()]);

    expect(text).not.toMatch(/octo|ghost|corp|secret|token-of/);
  });
});

describe("an instance that limits the rate", () => {
  const limited = (status: number, headers: Record<string, string>) => () =>
    new Response("", { status, headers });
  const date = "Sun, 01 Mar 2026 12:00:00 GMT";
  const inTenSeconds = String(Date.parse("2026-03-01T12:00:10Z") / 1_000);

  it.each<[string, () => Response, number]>([
    ["429 with Retry-After", limited(429, { "retry-after": "7" }), 7_000],
    ["403 with Retry-After", limited(403, { "retry-after": "7" }), 7_000],
    ["503 with Retry-After", limited(503, { "retry-after": "7" }), 7_000],
    [
      "403 when nothing is left",
      limited(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": inTenSeconds, date }),
      10_000,
    ],
    ["429 that says nothing more", limited(429, {}), 60_000],
    [
      "403 with a reset that makes no sense",
      limited(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon" }),
      60_000,
    ],
    [
      "an error among the answer",
      () =>
        Response.json(
          { errors: [{ type: "RATE_LIMITED", message: "Come later." }] },
          { headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": inTenSeconds, date } },
        ),
      10_000,
    ],
  ])("is asked again after its wait, and no user fails: %s", async (_, answer, waitMs) => {
    settle("octo");
    instance.on(answer);
    const before = clock.now();

    expect(inShort(await read(["octo"]))).toEqual({ octo: 7 });
    expect(clock.now() - before).toBe(waitMs);
    expect(sizes()).toEqual([1, 1]);
  });

  it("is left alone until its wait is over, if the sync has less time", async () => {
    settle("a", "b");
    instance.on(limited(403, { "retry-after": "3600" }));
    const source = sourceOf({ usersPerRequest: 1 });
    const ask = async (): Promise<Record<string, number | string>> => {
      const request = { users: ["a", "b"] as UserId[], days: DAYS, signal: new AbortController().signal };
      return inShort((await source.read(request))._unsafeUnwrap());
    };
    const later = "The instance limits the rate of queries and asks to come later";

    expect(await ask()).toEqual({ a: later, b: later });
    clock.advance(3_500_000);
    expect(await ask()).toEqual({ a: later, b: later });
    expect(sizes()).toEqual([1]);
    clock.advance(100_000);
    expect(await ask()).toEqual({ a: 7, b: 7 });
  });

  it("is given up after three waits", async () => {
    settle("a");
    instance.on(...Array.from({ length: 9 }, () => limited(429, { "retry-after": "1" })));

    expect(inShort(await read(["a"]))).toEqual({
      a: "The instance limits the rate of queries and asks to come later",
    });
    expect(sizes()).toEqual([1, 1, 1, 1]);
  });

  it("keeps the users that were read before", async () => {
    settle("a", "b");
    instance.on((proceed) => proceed(), limited(403, { "retry-after": "3600" }));

    expect(inShort(await read(["a", "b"], { usersPerRequest: 1 }))).toEqual({
      a: 7,
      b: "The instance limits the rate of queries and asks to come later",
    });
  });
});

describe("when the signal speaks", () => {
  it("no more users are asked for, and those that were read stay", async () => {
    settle("a", "b", "c");
    const abort = new AbortController();
    instance.on(
      async (proceed) => proceed(),
      async () => {
        abort.abort();
        return await new Promise<never>(() => undefined);
      },
    );

    const answer = inShort(await read(["a", "b", "c"], { usersPerRequest: 1 }, abort.signal));

    const given = "Reading was given up before the instance had answered";
    expect(answer).toEqual({ a: 7, b: given, c: given });
    expect(sizes()).toEqual([1, 1]);
  });

  it("a fetch that ignores it is not awaited", async () => {
    const abort = new AbortController();
    const fetch = (): Promise<never> => {
      abort.abort();
      return new Promise<never>(() => undefined);
    };

    expect(inShort(await read(["a"], { fetch }, abort.signal))).toEqual({
      a: "Reading was given up before the instance had answered",
    });
  });
});

describe("throws a TypeError at", () => {
  it.each<[keyof GithubGraphqlSourceOptions, readonly unknown[], string]>([
    [
      "url",
      ["http://ghes.example/api/graphql", "https://user@ghes.example/", "https://ghes.example/#x", "ghes", 7],
      "an https: address without credentials and fragment; http: leads to this machine only",
    ],
    ["token", ["a token", undefined], "a function"],
    ["loginOf", [new Map(), undefined], "a function"],
    ["fetch", [null, "fetch"], "a function"],
    ["clock", [undefined, { now: () => 0 }], "a clock"],
    ["usersPerRequest", [0, 101, 1.5, "10"], "a whole number from 1 to 100"],
    ["maxWaitMs", [-1, 3_600_001, null], "a whole number from 0 to 3600000"],
  ])("a wrong %s", (option, values, rule) => {
    for (const value of values) {
      expect(() => sourceOf({ [option]: value })).toThrow(
        new TypeError(`createGithubGraphqlSource: \`${option}\` has to be ${rule}.`),
      );
    }
  });
});
