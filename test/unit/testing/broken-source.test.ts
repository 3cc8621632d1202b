import { okAsync, type UserId } from "unified-contributions";
import { createMemorySource } from "unified-contributions/adapters/memory";
import type { ContributionSource, SourceRequest, UserContributions } from "unified-contributions/ghes";
import {
  type ContributedCounts,
  contributionSourceContract,
  type MakeSource,
} from "unified-contributions/testing";
import { contributionsOf } from "../../support/contributions.ts";
import { type Broken, testBroken } from "./break-adapter.ts";

type Answer = Map<UserId, UserContributions>;

function soundSource(contributed: ContributedCounts): ContributionSource {
  const source = createMemorySource();
  for (const [user, days] of contributed) source.add(user, contributionsOf(days));
  return source;
}

/** A source whose answers are changed before they leave. */
function answering(
  rule: string,
  mistake: string,
  change: (answer: Answer, request: SourceRequest, contributed: ContributedCounts) => Answer,
): Broken<MakeSource> {
  const make: MakeSource = (contributed) => ({
    read: (request) =>
      soundSource(contributed)
        .read(request)
        .map((answer) => change(new Map(answer), request, contributed)),
  });
  return { rule, mistake, make };
}

/** The contributions of each user, changed. */
function eachChanged(
  rule: string,
  mistake: string,
  change: (contributions: Iterable<{ readonly occurredAt: string }>) => UserContributions,
): Broken<MakeSource> {
  return answering(
    rule,
    mistake,
    (answer) =>
      new Map(
        [...answer].map(([user, entry]) => [
          user,
          entry.type === "contributions" ? change(entry.contributions) : entry,
        ]),
      ),
  );
}

function* endless<Entry>(entry: Entry): Generator<Entry> {
  for (;;) yield entry;
}

testBroken<MakeSource>(contributionSourceContract, [
  answering("CS1", "answers for everybody it has", (answer, _, contributed) => {
    const nothing: UserContributions = { type: "contributions", contributions: [] };
    const others = [...contributed.keys()].filter((user) => !answer.has(user));
    return new Map([...answer, ...others.map((user) => [user, nothing] as const)]);
  }),
  answering("CS1", "leaves out who contributed nothing, of those it has", (answer, _, contributed) => {
    for (const [user, days] of contributed) if (days.length === 0) answer.delete(user);
    return answer;
  }),
  answering("CS1", "takes ids for the same that differ in case", (answer) => {
    const first = new Map([...answer].reverse().map(([user, entry]) => [user.toLowerCase(), entry]));
    return new Map(
      [...answer.keys()].map((user) => [user, first.get(user.toLowerCase()) as UserContributions]),
    );
  }),
  answering("CS1", "answers for 500 users", (answer) => new Map([...answer].slice(0, 500))),
  eachChanged("CS2", "leaves out the last day of February", (contributions) => ({
    type: "contributions",
    contributions: [...contributions].filter(({ occurredAt }) => !occurredAt.startsWith("2026-02-28")),
  })),
  {
    rule: "CS2",
    mistake: "answers once",
    make: (contributed) => {
      const sound = soundSource(contributed);
      const answered = new Set<UserId>();
      const read: ContributionSource["read"] = (request) =>
        sound.read(request).map(
          (answer) =>
            new Map(
              [...answer].map(([user, entry]) => {
                const isNew = !answered.has(user);
                answered.add(user);
                return [user, isNew ? entry : { type: "contributions", contributions: [] }];
              }),
            ),
        );
      return { read };
    },
  },
  eachChanged("CS3", "goes on with days long ago", (contributions) => ({
    type: "contributions",
    contributions: (function* () {
      yield* contributions;
      yield* endless({ occurredAt: "2020-01-01T00:00:00Z" });
    })(),
  })),
  eachChanged("CS3", "goes on with empty chunks", (contributions) => ({
    type: "chunks",
    chunks: (async function* () {
      yield contributions;
      yield* endless([]);
    })(),
  })),
  {
    rule: "CS4",
    mistake: "fails for all where one is not known, and says who",
    make: (contributed) => ({
      read: (request) => {
        const unknown = request.users.find((user) => !contributed.has(user));
        if (unknown === undefined) return soundSource(contributed).read(request);
        return soundSource(contributed)
          .read(request)
          .map((answer) =>
            new Map(answer).set(unknown, { type: "source-fault", message: `There is no ${unknown}.` }),
          );
      },
    }),
  },
  {
    rule: "CS5",
    mistake: "throws when it was aborted",
    make: (contributed) => ({
      read: (request) => {
        request.signal.throwIfAborted();
        return soundSource(contributed).read(request);
      },
    }),
  },
  {
    rule: "CS5",
    mistake: "answers with nobody when it was aborted",
    make: (contributed) => ({
      read: (request) =>
        request.signal.aborted ? okAsync(new Map()) : soundSource(contributed).read(request),
    }),
  },
]);
