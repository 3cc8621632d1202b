import {
  buildPayload,
  buildPayloadFromChunks,
  buildPayloadFromDailyCounts,
  type Contribution,
} from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { day } from "../../support/values.ts";

const TODAY = day("2026-03-01");
const NOON: Contribution = { occurredAt: "2026-03-01T12:00:00Z" };
const NOTHING_THAT_DAY = Array.from({ length: 89 }, () => 0);
const UNREADABLE = {
  type: "unreadable-contributions",
  message:
    "The contributions could not be read: give an iterable, or an async iterable of chunks, that does not throw.",
};

/** As plain JavaScript could call it. */
function untyped(value: unknown): never {
  return value as never;
}

function times(count: number): Contribution[] {
  return Array.from({ length: count }, () => NOON);
}

async function* inChunks(...chunks: unknown[]): AsyncGenerator<never> {
  for (const chunk of chunks) yield chunk as never;
}

describe("a payload", () => {
  it("is the source, the first of 90 days and their counts, and nothing else", () => {
    const contribution = {
      ...NOON,
      repository: "acme/secret",
      title: "Fix the merger",
      email: "octo@acme.example",
    };

    const built = buildPayload([contribution, NOON], TODAY)._unsafeUnwrap();

    expect(built).toEqual({
      payload: {
        source: "GitHub Enterprise Server",
        first: "2025-12-02",
        counts: [...NOTHING_THAT_DAY, 2],
      },
      saturatedDays: 0,
      hasLaterDays: false,
    });
  });

  it("counts the first and the last day of the window, and neither the day before nor the day after", () => {
    const contributions = [
      { occurredAt: "2025-12-01T23:59:59Z" },
      { occurredAt: "2025-12-02T00:00:00Z" },
      { occurredAt: "2025-12-03T00:00:00Z" },
      { occurredAt: "2026-03-01T23:59:59Z" },
      { occurredAt: "2026-03-02T00:00:00Z" },
    ];

    const { counts } = buildPayload(contributions, TODAY)._unsafeUnwrap().payload;

    expect(counts).toEqual([1, 1, ...NOTHING_THAT_DAY.slice(2), 1]);
  });

  it.each<[string, () => Iterable<Contribution>]>([
    ["an array", () => times(3)],
    ["a set", () => new Set(times(3).map(({ occurredAt }) => ({ occurredAt })))],
    [
      "a generator",
      function* () {
        yield* times(3);
      },
    ],
    ["objects without a prototype", () => times(3).map((one) => Object.assign(Object.create(null), one))],
  ])("is built from %s", (_, contributions) => {
    expect(buildPayload(contributions(), TODAY)._unsafeUnwrap().payload.counts.at(-1)).toBe(3);
  });

  it("is refused where today is no day", () => {
    expect(buildPayload([], day("2026-02-29"))._unsafeUnwrapErr()).toEqual({
      type: "invalid-calendar-date",
      message: "Not a calendar date: give a day that exists as YYYY-MM-DD.",
    });
  });
});

describe("contributions of days that lie ahead", () => {
  it.each([
    ["2026-03-01T23:59:59Z", false],
    ["2026-03-02T00:00:00+14:00", true],
    ["2026-05-30T12:00:00Z", true],
    ["2025-12-01T12:00:00Z", false],
  ])("are said to be there: %s, %s", (occurredAt, hasLaterDays) => {
    expect(buildPayload([{ occurredAt }], TODAY)._unsafeUnwrap().hasLaterDays).toBe(hasLaterDays);
  });

  it("are said to be there also where others follow", async () => {
    const chunks = inChunks([{ occurredAt: "2026-03-02T00:00:00Z" }], [NOON]);

    expect((await buildPayloadFromChunks(chunks, TODAY))._unsafeUnwrap().hasLaterDays).toBe(true);
  });

  it.each([
    [[1, 0], true],
    [[0, 1], true],
    [[0, 0], false],
  ])("are said to be there in daily counts: %j, %s", (counts, hasLaterDays) => {
    const dailyCounts = counts.map((contributionCount) => ({ date: "2026-03-02", contributionCount }));

    expect(buildPayloadFromDailyCounts(dailyCounts, TODAY)._unsafeUnwrap().hasLaterDays).toBe(hasLaterDays);
  });
});

describe("a day of more contributions than the wire can carry", () => {
  it("is carried up to 65,535", () => {
    const { payload, saturatedDays } = buildPayload(times(65_535), TODAY)._unsafeUnwrap();

    expect(payload.counts.at(-1)).toBe(65_535);
    expect(saturatedDays).toBe(0);
  });

  it("is carried as 65,535 from 65,536 on, and said so", () => {
    const { payload, saturatedDays } = buildPayload(times(65_536), TODAY)._unsafeUnwrap();

    expect(payload.counts.at(-1)).toBe(65_535);
    expect(saturatedDays).toBe(1);
  });
});

describe("a contribution that is none", () => {
  it.each([null, undefined, 42, "2026-03-01T12:00:00Z", true])("refuses the whole: %s", (value) => {
    expect(buildPayload([NOON, NOON, untyped(value)], TODAY)._unsafeUnwrapErr()).toEqual({
      type: "malformed-contribution",
      field: "contribution",
      index: 2,
      message: "Contribution 2 is not an object: give { occurredAt } or { date, contributionCount }.",
    });
  });

  it.each([
    {},
    { occurredAt: null },
    { occurredAt: 1_772_366_400_000 },
    { occurredAt: new Date(0) },
    { occurredAt: "yesterday, acme/secret" },
  ])("has no instant: %o", (value) => {
    expect(buildPayload([NOON, untyped(value)], TODAY)._unsafeUnwrapErr()).toEqual({
      type: "malformed-contribution",
      field: "occurredAt",
      index: 1,
      message:
        "Contribution 1 has no RFC 3339 date and time in `occurredAt`: give 2026-03-01T23:30:00-08:00.",
    });
  });
});

describe("contributions that can't be read", () => {
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["a number", 42],
    ["an object", { occurredAt: NOON.occurredAt }],
    [
      "an iterable that throws",
      (function* () {
        yield NOON;
        throw new Error("acme/secret");
      })(),
    ],
    [
      "a contribution that throws",
      [
        {
          get occurredAt(): string {
            throw new Error("acme/secret");
          },
        },
      ],
    ],
  ])("are refused without a word of theirs: %s", (_, contributions) => {
    expect(buildPayload(untyped(contributions), TODAY)._unsafeUnwrapErr()).toEqual(UNREADABLE);
  });
});

describe("contributions in chunks", () => {
  it("are counted together", async () => {
    const built = await buildPayloadFromChunks(inChunks([NOON, NOON], [], new Set([NOON])), TODAY);

    expect(built._unsafeUnwrap()).toEqual({
      payload: {
        source: "GitHub Enterprise Server",
        first: "2025-12-02",
        counts: [...NOTHING_THAT_DAY, 3],
      },
      saturatedDays: 0,
      hasLaterDays: false,
    });
  });

  it("are numbered through in a refusal", async () => {
    const refused = await buildPayloadFromChunks(inChunks([NOON, NOON], [NOON, {}]), TODAY);

    expect(refused._unsafeUnwrapErr()).toMatchObject({ field: "occurredAt", index: 3 });
  });

  it("are not read beyond the first that is wrong", async () => {
    let chunksRead = 0;
    async function* chunks(): AsyncGenerator<never> {
      for (const chunk of [[{}], [NOON]]) {
        chunksRead++;
        yield chunk as never;
      }
    }

    const refused = await buildPayloadFromChunks(chunks(), TODAY);

    expect(refused._unsafeUnwrapErr()).toMatchObject({ index: 0 });
    expect(chunksRead).toBe(1);
  });

  it.each<[string, () => unknown]>([
    ["nothing", () => undefined],
    ["a chunk that is none", () => inChunks([NOON], 42)],
    [
      "a cursor that throws",
      async function* () {
        yield [NOON];
        throw new Error("acme/secret");
      },
    ],
  ])("that can't be read are refused without a word of theirs: %s", async (_, chunks) => {
    const refused = await buildPayloadFromChunks(untyped(chunks()), TODAY);

    expect(refused._unsafeUnwrapErr()).toEqual(UNREADABLE);
  });

  it("are refused where today is no day", async () => {
    const refused = await buildPayloadFromChunks(inChunks(), day("today"));

    expect(refused._unsafeUnwrapErr().type).toBe("invalid-calendar-date");
  });
});

describe("daily counts", () => {
  const daily = (date: string, contributionCount: number): { date: string; contributionCount: number } => ({
    date,
    contributionCount,
  });

  it("are taken within the window, and those of one day added", () => {
    const dailyCounts = [
      daily("2025-12-01", 100),
      daily("2025-12-02", 1),
      daily("2026-03-01", 2),
      daily("2026-03-01", 3),
      daily("2026-03-02", 100),
      daily("2026-02-28", 0),
    ];

    expect(buildPayloadFromDailyCounts(dailyCounts, TODAY)._unsafeUnwrap()).toEqual({
      payload: {
        source: "GitHub Enterprise Server",
        first: "2025-12-02",
        counts: [1, ...NOTHING_THAT_DAY.slice(1), 5],
      },
      saturatedDays: 0,
      hasLaterDays: true,
    });
  });

  it.each([
    ["65,535", [65_535], 65_535, 0],
    ["65,536", [65_536], 65_535, 1],
    ["a sum of 65,536", [65_535, 1], 65_535, 1],
    ["the largest whole number", [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], 65_535, 1],
  ] as const)("of %s", (_, counts, sent, saturated) => {
    const dailyCounts = counts.map((count) => daily("2026-03-01", count));

    const { payload, saturatedDays } = buildPayloadFromDailyCounts(dailyCounts, TODAY)._unsafeUnwrap();

    expect(payload.counts.at(-1)).toBe(sent);
    expect(saturatedDays).toBe(saturated);
  });

  it("say on how many days there were too many", () => {
    const dailyCounts = [daily("2026-02-27", 70_000), daily("2026-02-28", 3), daily("2026-03-01", 70_000)];

    expect(buildPayloadFromDailyCounts(dailyCounts, TODAY)._unsafeUnwrap().saturatedDays).toBe(2);
  });

  it.each([null, undefined, 7, "2026-03-01"])("have to be objects: %s", (value) => {
    const refused = buildPayloadFromDailyCounts([daily("2026-03-01", 1), untyped(value)], TODAY);

    expect(refused._unsafeUnwrapErr()).toMatchObject({ field: "contribution", index: 1 });
  });

  it.each([
    undefined,
    null,
    20_513,
    "",
    "2026-02-29",
    "2026-3-1",
    "2026-03-01T00:00:00Z",
    "2026-03-01 ",
    "01/03/2026",
  ])("need a day that exists: %s", (date) => {
    const dailyCounts = [daily("2026-03-01", 1), untyped({ date, contributionCount: 1 })];

    expect(buildPayloadFromDailyCounts(dailyCounts, TODAY)._unsafeUnwrapErr()).toEqual({
      type: "malformed-contribution",
      field: "date",
      index: 1,
      message: "Contribution 1 has no day that exists in `date`: give YYYY-MM-DD.",
    });
  });

  it.each([undefined, null, "3", 3n, Number.NaN, -1, 1.5, 2 ** 53, Number.POSITIVE_INFINITY])(
    "need a whole number from 0 on: %s",
    (contributionCount) => {
      const dailyCounts = [daily("2026-03-01", 1), untyped({ date: "2026-03-01", contributionCount })];

      expect(buildPayloadFromDailyCounts(dailyCounts, TODAY)._unsafeUnwrapErr()).toEqual({
        type: "malformed-contribution",
        field: "contributionCount",
        index: 1,
        message:
          "Contribution 1 has no whole number from 0 on in `contributionCount`: give a number, and not its text.",
      });
    },
  );

  it("that can't be read are refused", () => {
    expect(buildPayloadFromDailyCounts(untyped(null), TODAY)._unsafeUnwrapErr()).toEqual(UNREADABLE);
  });

  it("are refused where today is no day", () => {
    expect(buildPayloadFromDailyCounts([], untyped(20_513))._unsafeUnwrapErr().type).toBe(
      "invalid-calendar-date",
    );
  });
});

it("no refusal repeats what was given", () => {
  const secret = "acme/secret";

  const refusals = [
    buildPayload([untyped(secret)], TODAY),
    buildPayload([{ occurredAt: secret }], TODAY),
    buildPayload([], day(secret)),
    buildPayloadFromDailyCounts([{ date: secret, contributionCount: 1 }], TODAY),
    buildPayloadFromDailyCounts([{ date: "2026-03-01", contributionCount: untyped(secret) }], TODAY),
  ];

  for (const refused of refusals) {
    expect(JSON.stringify(refused._unsafeUnwrapErr())).not.toContain(secret);
  }
});
