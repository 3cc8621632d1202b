import fc from "fast-check";
import {
  type AccountId,
  type CalendarDate,
  type InstallationId,
  okAsync,
  parseUserId,
  type UserId,
} from "unified-contributions";
import {
  buildPayload,
  buildPayloadFromDailyCounts,
  type Contribution,
  createSender,
  type UserContributions,
} from "unified-contributions/ghes";
import { parseMessage, parseRecord } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { addDays } from "../../src/domain/calendar-date.ts";
import { parseSettingsCommand, parseUserLinkCommand } from "../../src/ghes/commands.ts";
import {
  type Inhabitants,
  leaked,
  live,
  spreading,
  stringsIn,
  text,
  webhookPayloads,
} from "../support/proof-privacy.ts";
import { createWorld, SERVER } from "../support/world.ts";

const FIRST = "2025-12-02" as CalendarDate;

/** How many contributions somebody made on the days of the window that ends on 1 March 2026, by their number from 0. */
type Counts = readonly number[];

const counts: fc.Arbitrary<Counts> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 89 }), fc.integer({ min: 1, max: 3 })), { maxLength: 12 })
  .map((entries) => {
    const window = new Array<number>(90).fill(0);
    for (const [day, count] of entries) window[day] = count;
    return window;
  });

const hostId = fc.string({ minLength: 1, maxLength: 40 }).filter((id) => parseUserId(id).isOk());

/** Any detail: with names that the protocol has, too. */
const detail = fc.dictionary(
  fc.oneof(
    fc.string(),
    fc.constantFrom("counts", "linkId", "source", "type", "first", "repository", "toJSON"),
  ),
  fc.anything(),
);

const timeOfDay = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.option(fc.nat(999)))
  .map(([hour, minute, second, fraction]) => {
    const time = [hour, minute, second].map((part) => String(part).padStart(2, "0")).join(":");
    return fraction === null ? time : `${time}.${fraction}`;
  });

const offset = fc.constantFrom("", "Z", "+00:00", "-12:00", "-08:00", "+05:30", "+14:00");

/** Contributions that agree with these counts, in any order, with any detail, with others before the window. */
function agreeing(window: Counts): fc.Arbitrary<UserContributions> {
  const days = window.flatMap((count, day) => new Array<string>(count).fill(addDays(FIRST, day)));
  const contribution = (day: string): fc.Arbitrary<Contribution> =>
    fc
      .tuple(timeOfDay, offset, detail)
      .map(([time, zone, rest]) => ({ ...rest, occurredAt: `${day}T${time}${zone}` }));
  const before = fc.array(fc.constantFrom("2025-12-01", "2024-02-29", "1999-12-31"), { maxLength: 3 });
  return before
    .chain((earlier) => fc.tuple(...[...days, ...earlier].map(contribution)))
    .chain((all) => fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }))
    .chain((contributions) =>
      fc.constantFrom<UserContributions>(
        { type: "contributions", contributions },
        { type: "chunks", chunks: chunked(contributions) },
        { type: "daily-counts", dailyCounts: summed(contributions) },
      ),
    );
}

function chunked(contributions: readonly Contribution[]): AsyncIterable<readonly Contribution[]> {
  return {
    async *[Symbol.asyncIterator]() {
      for (const contribution of contributions) yield [contribution];
    },
  };
}

function summed(contributions: readonly Contribution[]) {
  return contributions.map((all) => ({ ...all, date: all.occurredAt.slice(0, 10), contributionCount: 1 }));
}

/** Two users with these counts; who they are, where, and what they did differs every time. */
function inhabitants(windows: readonly [Counts, Counts], changed: readonly [Counts, Counts]) {
  return fc
    .record({
      installation: hostId,
      ids: fc.uniqueArray(hostId, { minLength: 4, maxLength: 4 }),
      before: fc.tuple(agreeing(windows[0]), agreeing(windows[1])),
      after: fc.tuple(agreeing(changed[0]), agreeing(changed[1])),
    })
    .map(({ installation, ids, before, after }): Inhabitants => {
      const [one, other, account, otherAccount] = ids;
      return {
        installation: installation as InstallationId,
        users: [
          { user: one as UserId, account: account as AccountId },
          { user: other as UserId, account: otherAccount as AccountId },
        ],
        contributionsOf: (user, isChanged) => {
          const [ofOne, ofOther] = isChanged ? after : before;
          return user === one ? ofOne : ofOther;
        },
      };
    });
}

const twoWorlds = fc
  .record({ before: fc.tuple(counts, counts), after: fc.tuple(counts, counts) })
  .chain(({ before, after }) => fc.tuple(inhabitants(before, after), inhabitants(before, after)));

describe("two sets of contributions that agree on counts per day", () => {
  it("produce byte-identical messages over a whole life, whatever else differs", async () => {
    await fc.assert(
      fc.asyncProperty(twoWorlds, async ([one, other]) => {
        const { messages } = await live(one);
        expect(messages.length).toBeGreaterThan(8);
        expect((await live(other)).messages).toEqual(messages);
      }),
      { numRuns: 40 },
    );
  });

  it("would differ if a builder spread the contribution into the record", async () => {
    const leaking = fc.asyncProperty(twoWorlds, fc.tuple(detail, detail), async (worlds, details) => {
      const [one, other] = worlds.map((world, index) => {
        const contribution = { occurredAt: `2026-03-01T0${index}:00:00Z`, ...details[index] };
        return live({ ...world, wireThrough: spreading(contribution) });
      });
      expect((await other)?.messages).toEqual((await one)?.messages);
    });
    const { failed } = await fc.check(leaking, { numRuns: 5, endOnFailure: true });
    expect(failed).toBe(true);
  });
});

/** A world in which a payload is wherever a host could put it; null puts nothing in all those places. */
function inhabitedBy(payload: unknown): Inhabitants {
  const [string = ""] = stringsIn(payload);
  const ofUser: Readonly<Record<string, UserContributions>> = {
    "the one with details": {
      type: "contributions",
      contributions: [
        { ...(payload as object), occurredAt: "2026-03-01T09:00:00Z" },
        { occurredAt: "2026-02-28T23:00:00-08:00", payload } as Contribution,
      ],
    },
    "the one with instants that are none": {
      type: "contributions",
      contributions: [{ ...(payload as object), occurredAt: string }],
    },
    "the one with days that are none": {
      type: "daily-counts",
      dailyCounts: [{ ...(payload as object), date: string, contributionCount: 1 }],
    },
    "the one with counts that are none": {
      type: "daily-counts",
      dailyCounts: [{ date: "2026-03-01", contributionCount: payload as number }],
    },
    "the one with an object for a list": { type: "contributions", contributions: payload as Contribution[] },
    "the one with something else": { type: payload, ...(payload as object) } as never,
    "the one whose list throws": {
      type: "contributions",
      contributions: {
        [Symbol.iterator]: () => {
          throw new Error(text(payload));
        },
      },
    },
  };
  const users = Object.keys(ofUser).map((name, index) => ({
    user: name as UserId,
    account: `account-${index}` as AccountId,
  }));
  return {
    installation: SERVER,
    users,
    contributionsOf: (user) => ofUser[user] as UserContributions,
  };
}

/** The same world, with a wire and a storage that fail with the payload in their hands. */
function troubledBy(payload: unknown): Inhabitants {
  const { contributionsOf, ...untroubled } = inhabitedBy(payload);
  let calls = 0;
  return {
    ...untroubled,
    contributionsOf: (user, isChanged) => {
      if (isChanged) throw new Error(text(payload));
      return contributionsOf(user, isChanged);
    },
    wireThrough: (transport) => ({
      send: (message, signal) => {
        calls++;
        if (calls % 5 === 0) throw new Error(text(payload));
        if (calls % 5 === 1) return okAsync(payload);
        if (calls % 5 === 2)
          return transport.send(message, signal).map((answer) => ({ ...(answer as object), payload }));
        return transport.send(message, signal);
      },
    }),
    storeThrough: (store) => ({
      ...store,
      markChanged: () => {
        throw new Error(text(payload));
      },
    }),
  };
}

/** What every entry that takes something from outside answers, where it is given a payload or a string of it. */
async function refusalsOf(payload: unknown): Promise<string> {
  const world = createWorld("2026-03-01T12:00:00Z");
  const today = "2026-03-01" as CalendarDate;
  const record = {
    type: "report",
    linkId: "a-link-of-somebody",
    choice: 1,
    source: "GitHub Enterprise Server",
  };
  const deliver = {
    version: 1,
    type: "deliver",
    requestId: "request-0000-0000",
    sessionId: null,
    follows: [],
  };
  const [string = ""] = stringsIn(payload);
  const refusals: unknown[] = [
    parseMessage(payload),
    parseRecord(payload),
    parseRecord({ ...record, ...(payload as object) }),
    parseSettingsCommand({ type: "disable", ...(payload as object) }),
    parseUserLinkCommand({ type: "opt-out", by: payload }),
    await world.receiver.handle(SERVER, payload),
    await world.receiver.handle(SERVER, { ...deliver, records: [payload, { ...record, payload }] }),
    await world.receiver.handle(SERVER, { ...deliver, ...(payload as object) }),
    await world.receiver.handle(payload as InstallationId, {}),
    await world.receiver.shownCounts(payload as AccountId, string as CalendarDate),
    await world.receiver.pruneLedger([payload as never]),
    await world.receiver.offerConsent(payload as never),
    await world.receiver.giveConsent(payload as never),
    await world.sender.connect(payload as UserId),
    await world.sender.redeem(payload as never),
    await world.sender.changeSettings(payload as never),
    await world.sender.changeLink(payload as UserId, payload as never),
    await world.sender.contributionsChanged([payload as UserId]),
    await world.sender.sync(payload as never),
    thrownBy(() => createSender({ ...world.options, installation: payload as InstallationId })),
    thrownBy(() => createSender({ ...world.options, batchSize: payload as number })),
    thrownBy(() => createSender(payload as never)),
  ];
  for (const each of stringsIn(payload)) {
    refusals.push(buildPayload([{ occurredAt: each }], today).map(() => null));
    refusals.push(buildPayloadFromDailyCounts([{ date: each, contributionCount: 1 }], today).map(() => null));
    refusals.push(buildPayload([], each as CalendarDate).map(() => null));
  }
  return text(refusals);
}

function thrownBy(act: () => unknown): unknown {
  try {
    return text(act());
  } catch (thrown) {
    return thrown;
  }
}

describe("the webhook payloads of GitHub, as detail of contributions", () => {
  const payloads = webhookPayloads();

  it("are 329, full of what must not leave", () => {
    expect(payloads).toHaveLength(329);
    expect(new Set(payloads.flatMap(stringsIn)).size).toBeGreaterThan(2_000);
  });

  it("leave no string of theirs in any message, answer, report, refusal, audit entry, event, metric or span of a life", async () => {
    const { everything: vocabulary } = await live(inhabitedBy(null));
    for (const payload of payloads) {
      const { everything } = await live(inhabitedBy(payload));
      expect(leaked(payload, everything, vocabulary)).toEqual([]);
    }
  });

  it("leave none if the wire and the storage fail while they hold them", async () => {
    const { everything: vocabulary } = await live(troubledBy(null));
    for (const payload of payloads.filter((_, index) => index % 3 === 0)) {
      const { everything } = await live(troubledBy(payload));
      expect(leaked(payload, everything, vocabulary)).toEqual([]);
    }
  });

  it("leave none in the refusals of any function that takes input", async () => {
    const vocabulary = text([await refusalsOf({}), await refusalsOf({ scope: 0 })]);
    for (const payload of payloads) {
      expect(leaked(payload, await refusalsOf(payload), vocabulary)).toEqual([]);
    }
  });

  it("would leave some, if a builder spread the contribution into the record", async () => {
    const { everything: vocabulary } = await live(inhabitedBy(null));
    const some = payloads.filter((_, index) => index % 30 === 0);
    const caught: boolean[] = [];
    for (const payload of some) {
      const { everything } = await live({ ...inhabitedBy(payload), wireThrough: spreading(payload) });
      caught.push(leaked(payload, everything, vocabulary).length > 0);
    }
    expect(caught).toEqual(some.map(() => true));
  });
});
