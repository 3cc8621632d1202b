import { describe, expect, it } from "vitest";
import type { Row } from "../../../../src/adapters/postgres/client.ts";
import type { ReceiverStatements } from "../../../../src/adapters/postgres/receiver-statements.ts";
import { UNREADABLE_ROW } from "../../../../src/adapters/postgres/storage-fault-of.ts";
import { sweep } from "../../../../src/adapters/postgres/sweep.ts";
import type { SweepQuery } from "../../../../src/ghec/ports.ts";
import { scriptedRun } from "../../../support/postgres/scripted-run.ts";
import { day, EARLIER, NOW } from "../../../support/values.ts";

const NAMES = [
  "findUnswept",
  "findForgotten",
  "sweepInstallation",
  "forget",
  "forgetAttempts",
  "forgetAudit",
];
const STATEMENTS = Object.fromEntries(
  [...NAMES, "renewWays", "forgetOldWays"].map((name) => [name, name]),
) as unknown as ReceiverStatements;

const QUERY: SweepQuery = {
  keep: { counts: day("2026-02-28"), receipts: EARLIER, audit: EARLIER },
  limit: 50_000,
  at: NOW,
};

/** A row that lacks all that is read of it. */
const UNREADABLE = {};
const NOTHING = { deleted: "0", trimmed: "0", forgotten: "0", found: "0" };

interface Server {
  readonly unswept?: readonly string[];
  readonly forgotten?: readonly string[];
  /** The row of a statement that removes rows; one that removes nothing if it is left out. */
  readonly says?: (statement: string, place: number) => Row;
}

/** Sweeps over a server, and returns what it has come to and which statements were run. */
async function sweeping(
  { unswept = [], forgotten = [], says = () => NOTHING }: Server,
  query: Partial<SweepQuery> = {},
  isDistributed = false,
) {
  const { asked, run } = scriptedRun((statement, place) => {
    if (statement === "findUnswept") return unswept.map((installation) => ({ installation }));
    if (statement === "findForgotten") return forgotten.map((installation) => ({ installation }));
    return [{ after: "", last: null, ...says(statement, place) }];
  });
  const result = await sweep(run, STATEMENTS, { ...QUERY, ...query }, isDistributed);
  const count = (name: string): number => asked.filter(([statement]) => statement === name).length;
  return { result, asked, count };
}

const named = (count: number): string[] => Array.from({ length: count }, (_, index) => `server-${index}`);
const DONE = { deleted: 0, trimmed: 0, forgotten: 0, isDone: true };

describe("a sweep", () => {
  it("looks at each installation that has something due, and then at attempts and the audit log", async () => {
    const { result, asked } = await sweeping({ unswept: ["hq"], forgotten: ["lab"] });

    expect(result._unsafeUnwrap()).toEqual(DONE);
    expect(asked).toEqual([
      ["findUnswept", 20_512, 101],
      ["findForgotten", EARLIER, 101],
      ["sweepInstallation", "hq", 20_512, 10_000],
      ["forget", "lab", EARLIER, 10_000],
      ["forgetAttempts", NOW, 10_000],
      ["forgetAudit", EARLIER, 10_000],
    ]);
  });

  it("keeps all that is kept for a time while its clock is in doubt", async () => {
    const { result, asked } = await sweeping({ unswept: ["hq"], forgotten: ["lab"] }, { keep: null }, true);

    expect(result._unsafeUnwrap()).toEqual(DONE);
    const [, beforeAll] = asked[0] ?? [];
    expect(asked).toEqual([
      ["findUnswept", beforeAll, 101],
      ["findForgotten", 0, 101],
      ["sweepInstallation", "hq", beforeAll, 10_000],
      ["forget", "lab", 0, 10_000],
    ]);
    expect(beforeAll).toBeLessThan(-354_285);
  });

  it.each([
    [100, 100, true],
    [101, 0, false],
    [0, 101, false],
  ])(
    "takes a hundred installations of each kind: of %i and %i, is that all: %s",
    async (first, second, isAll) => {
      const { result, count } = await sweeping({ unswept: named(first), forgotten: named(second) }, {}, true);

      expect(result._unsafeUnwrap()).toEqual({ ...DONE, isDone: isAll });
      expect(count("sweepInstallation")).toBe(Math.min(100, first));
      expect(count("forget")).toBe(Math.min(100, second));
      // A way may lead to a link of an installation that was not looked at.
      expect(count("forgetOldWays")).toBe(isAll ? 1 : 0);
    },
  );

  it("has ways only over distributed tables", async () => {
    expect((await sweeping({ unswept: ["hq"] })).count("forgetOldWays")).toBe(0);
    expect((await sweeping({ unswept: ["hq"] }, {}, true)).count("forgetOldWays")).toBe(1);
  });
});

describe("the chunks of a sweep", () => {
  const full = { ...NOTHING, deleted: "10000", found: "10000" };

  it("go on as long as one finds as many as it may take", async () => {
    const { result, asked } = await sweeping({
      unswept: ["hq"],
      says: (_, place) =>
        place === 2 ? full : { ...NOTHING, deleted: "9999", found: place === 3 ? "9999" : "0" },
    });

    expect(asked.slice(2, 5).map(([statement]) => statement)).toEqual([
      "sweepInstallation",
      "sweepInstallation",
      "forgetAttempts",
    ]);
    expect(result._unsafeUnwrap()).toMatchObject({ isDone: true });
  });

  it("take no more than what is left of the limit, and end with it", async () => {
    const { result, asked } = await sweeping(
      {
        unswept: ["hq"],
        says: (_, place) =>
          place === 2 ? full : { ...NOTHING, deleted: "1", trimmed: "2", forgotten: "3", found: "6" },
      },
      { limit: 10_006 },
    );

    expect(asked.slice(2)).toEqual([
      ["sweepInstallation", "hq", 20_512, 10_000],
      ["sweepInstallation", "hq", 20_512, 6],
    ]);
    expect(result._unsafeUnwrap()).toEqual({ deleted: 10_001, trimmed: 2, forgotten: 3, isDone: false });
  });

  it("have not come to the end if the very last one has used up the limit", async () => {
    const says = (statement: string) =>
      statement === "forgetAudit" ? { ...NOTHING, forgotten: "5" } : NOTHING;

    expect((await sweeping({ says }, { limit: 5 })).result._unsafeUnwrap()).toMatchObject({ isDone: false });
    expect((await sweeping({ says }, { limit: 6 })).result._unsafeUnwrap()).toMatchObject({ isDone: true });
  });

  it("fail if nothing was removed before, and are otherwise left to the next sweep", async () => {
    const failing = (removed: string) => (_: string, place: number) =>
      place === 2 ? { ...NOTHING, trimmed: removed } : UNREADABLE;

    const first = await sweeping({ unswept: ["hq"], says: () => UNREADABLE });
    const second = await sweeping({ unswept: ["hq"], says: failing("0") });
    const third = await sweeping({ unswept: ["hq"], says: failing("1") });

    expect(first.result._unsafeUnwrapErr()).toEqual(UNREADABLE_ROW);
    expect(second.result._unsafeUnwrapErr()).toEqual(UNREADABLE_ROW);
    expect(third.result._unsafeUnwrap()).toEqual({ ...DONE, trimmed: 1, isDone: false });
  });

  it.each([{ deleted: "1", trimmed: "1" }, { trimmed: "1", forgotten: "1" }, { forgotten: "1" }])(
    "are progress if they have removed anything: %j",
    async (removed) => {
      const says = () => ({ ...NOTHING, ...removed, found: "10000" });

      const { result } = await sweeping({ unswept: ["hq"], says }, { limit: 400 });

      expect(result._unsafeUnwrap()).toMatchObject({ isDone: false });
    },
  );

  it("may remove nothing a hundred times in a row, and no more", async () => {
    const idle = (times: number) => (_: string, place: number) => ({
      ...NOTHING,
      found: place < 2 + times ? "10000" : "0",
    });

    const hundred = await sweeping({ unswept: ["hq"], says: idle(100) });
    const more = await sweeping({ unswept: ["hq"], says: idle(101) });

    expect(hundred.result._unsafeUnwrap()).toEqual(DONE);
    expect(more.result._unsafeUnwrapErr()).toMatchObject({ reason: "corrupt" });
  });
});
