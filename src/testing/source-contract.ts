import type { Result } from "neverthrow";
import type { CalendarDate, DayRange } from "../domain/calendar-date.ts";
import { CONTRIBUTION_WINDOW_DAYS } from "../domain/contribution-window.ts";
import type { UserId } from "../domain/identifiers.ts";
import {
  type BuiltPayload,
  buildPayload,
  buildPayloadFromChunks,
  buildPayloadFromDailyCounts,
  type DailyCount,
  type PayloadRefusal,
} from "../ghes/payload.ts";
import type { ContributionSource, SourceFault, UserContributions } from "../ghes/ports.ts";
import { answerOf, type ContractCheck, expectEqual, expectThat, underRule } from "./contract.ts";
import { named } from "./named-adapter.ts";
import { ODD_IDS } from "./odd-ids.ts";

/** The users of a source, with their contributions per day. */
export type ContributedCounts = ReadonlyMap<UserId, readonly DailyCount[]>;

/** Returns a fresh source of these users and their contributions, and no others. */
export type MakeSource = (contributed: ContributedCounts) => ContributionSource | Promise<ContributionSource>;

/** A check of a source of contributions. */
export type SourceCheck = ContractCheck<MakeSource>;

function sourceCheck(rule: string, title: string, body: (make: MakeSource) => Promise<void>): SourceCheck {
  return {
    rule,
    title,
    run: (make) => underRule(rule, title, () => body(async (contributed) => named(await make(contributed)))),
  };
}

const DAYS: DayRange = { first: "2025-12-02" as CalendarDate, last: "2026-03-01" as CalendarDate };
const OCTO = "octo" as UserId;
const MONA = "mona" as UserId;
/** A user that no source of the checks knows. */
const STRANGER = "a-stranger-of-octo-corp" as UserId;
const NOBODY_ABORTS = new AbortController().signal;

function on(date: string, contributionCount: number): DailyCount {
  return { date, contributionCount };
}

/** The contributions of two users, on the first day, on the last day and in between, and around these days. */
const PAIR: ContributedCounts = new Map([
  [
    OCTO,
    [
      on("2025-12-01", 9),
      on("2025-12-02", 1),
      on("2026-01-15", 3),
      on("2026-02-28", 2),
      on("2026-03-01", 4),
      on("2026-03-02", 9),
    ],
  ],
  [MONA, [on("2026-03-01", 5)]],
]);
const OF_OCTO = ["2025-12-02: 1", "2026-01-15: 3", "2026-02-28: 2", "2026-03-01: 4"];
const OF_MONA = ["2026-03-01: 5"];

function read(
  source: ContributionSource,
  users: readonly UserId[],
): Promise<ReadonlyMap<UserId, UserContributions>> {
  return answerOf(source.read({ users, days: DAYS, signal: NOBODY_ABORTS }));
}

/** Returns the counts of an entry: a line for each of the 90 days that has contributions. */
async function countsOf(entry: UserContributions | undefined): Promise<readonly string[]> {
  switch (entry?.type) {
    case "contributions":
      return lines(buildPayload(ending(entry.contributions), DAYS.last));
    case "chunks":
      return lines(await buildPayloadFromChunks(endingChunks(entry.chunks), DAYS.last));
    case "daily-counts":
      return lines(buildPayloadFromDailyCounts(ending(entry.dailyCounts), DAYS.last));
    case "source-fault":
      throw new Error("a user whose contributions can be read has a fault as the entry");
    default:
      throw new Error("a user who was asked has no entry");
  }
}

function lines(built: Result<BuiltPayload, PayloadRefusal>): readonly string[] {
  if (built.isErr()) throw new Error(`an entry cannot be counted: ${built.error.message}`);
  const { first, counts } = built.value.payload;
  const start = Date.UTC(Number(first.slice(0, 4)), Number(first.slice(5, 7)) - 1, Number(first.slice(8)));
  return counts.flatMap((count, index) => {
    const date = new Date(start + index * 86_400_000).toISOString().slice(0, 10);
    return count === 0 ? [] : [`${date}: ${count}`];
  });
}

/** More contributions or chunks than any user of the checks has, even if a source lists every day. */
const NO_END = CONTRIBUTION_WINDOW_DAYS + 10;

/** Stops contributions that do not end, as a sender does much later. */
function* ending<Entry>(entries: Iterable<Entry>): Iterable<Entry> {
  let seen = 0;
  for (const entry of entries) {
    if (seen++ === NO_END) return;
    yield entry;
  }
}

async function* endingChunks<Entry>(chunks: AsyncIterable<Iterable<Entry>>): AsyncIterable<Iterable<Entry>> {
  let seen = 0;
  for await (const chunk of chunks) {
    if (seen++ === NO_END) return;
    yield ending(chunk);
  }
}

/** Returns how many contributions or chunks an entry holds, up to a number that no entry reaches. */
async function lengthOf(entry: UserContributions | undefined): Promise<number> {
  switch (entry?.type) {
    case "contributions":
      return [...ending(entry.contributions)].length;
    case "daily-counts":
      return [...ending(entry.dailyCounts)].length;
    case "chunks": {
      let length = 0;
      for await (const chunk of endingChunks(entry.chunks)) length += 1 + [...chunk].length;
      return length;
    }
    default:
      return 0;
  }
}

function expectFault(fault: SourceFault): void {
  expectEqual("the type of the fault", fault.type, "source-fault");
  expectThat("its message says something", typeof fault.message === "string" && fault.message !== "");
  expectThat("it repeats no user", ![OCTO, MONA, STRANGER].some((user) => fault.message.includes(user)));
}

/** The rules of every `ContributionSource`, under the numbers CS1 to CS5 of its doc comment. */
export const contributionSourceContract: readonly SourceCheck[] = [
  sourceCheck("CS1", "each user who was asked has an entry, and nobody else has one", async (make) => {
    const source = await make(PAIR);

    const answer = await read(source, [OCTO]);

    expectEqual("whom the answer names", [...answer.keys()], [OCTO]);
  }),

  sourceCheck("CS1", "a user who contributed nothing has an entry that holds nothing", async (make) => {
    const source = await make(new Map([...PAIR, [MONA, []]]));

    const answer = await read(source, [OCTO, MONA]);

    expectEqual("what mona's entry holds", await countsOf(answer.get(MONA)), []);
  }),

  sourceCheck("CS1", "ids that are nearly the same are different users", async (make) => {
    const users = ODD_IDS as readonly UserId[];
    const source = await make(new Map(users.map((user, index) => [user, [on("2026-03-01", index + 1)]])));

    const answer = await read(source, users);

    for (const [index, user] of users.entries()) {
      const counts = await countsOf(answer.get(user));
      expectEqual(`what user ${index} of them has`, counts, [`2026-03-01: ${index + 1}`]);
    }
  }),

  sourceCheck("CS1", "1,000 users are answered at once", async (make) => {
    const users = Array.from({ length: 1_000 }, (_, index) => `user-${index}` as UserId);
    const source = await make(
      new Map(users.map((user, index) => [user, [on("2026-02-01", (index % 5) + 1)]])),
    );

    const answer = await read(source, users);

    expectEqual("how many entries there are", answer.size, 1_000);
    for (const [index, user] of users.entries()) {
      const counts = await countsOf(answer.get(user));
      expectEqual(`what user ${index} has`, counts, [`2026-02-01: ${(index % 5) + 1}`]);
    }
  }),

  sourceCheck(
    "CS2",
    "every contribution is on its own day, the first and the last included",
    async (make) => {
      const source = await make(PAIR);

      const answer = await read(source, [OCTO, MONA]);

      expectEqual("what octo has", await countsOf(answer.get(OCTO)), OF_OCTO);
      expectEqual("what mona has", await countsOf(answer.get(MONA)), OF_MONA);
    },
  ),

  sourceCheck("CS2", "an answer to the same question is the same", async (make) => {
    const source = await make(PAIR);
    await countsOf((await read(source, [OCTO])).get(OCTO));

    const again = await read(source, [OCTO]);

    expectEqual("what octo has the second time", await countsOf(again.get(OCTO)), OF_OCTO);
  }),

  sourceCheck("CS3", "an entry comes to an end", async (make) => {
    const source = await make(PAIR);

    const answer = await read(source, [MONA]);

    const length = await lengthOf(answer.get(MONA));
    expectThat(`mona's entry ends within ${NO_END} contributions`, length < NO_END);
  }),

  sourceCheck("CS4", "a user whom it does not know keeps none of the others back", async (make) => {
    const source = await make(PAIR);

    const answer = await read(source, [STRANGER, MONA]);

    const entry = answer.get(STRANGER);
    if (entry?.type === "source-fault") expectFault(entry);
    else expectEqual("what a stranger has", await countsOf(entry), []);
    expectEqual("what mona has", await countsOf(answer.get(MONA)), OF_MONA);
  }),

  sourceCheck("CS5", "it comes back when the signal has spoken already", async (make) => {
    const source = await make(PAIR);
    const controller = new AbortController();
    controller.abort();

    const answer = await source.read({ users: [OCTO], days: DAYS, signal: controller.signal });

    if (answer.isErr()) expectFault(answer.error);
    else expectThat("an answer names octo", answer.value.has(OCTO));
  }),
];
