import type { AccountId, InstallationId, Instant } from "unified-contributions";
import { describe, expect, it } from "vitest";
import { wayStatements } from "../../../../src/adapters/postgres/way-statements.ts";
import { forgetGone, forgetOldWays, renewWays } from "../../../../src/adapters/postgres/ways.ts";
import { scriptedRun } from "../../../support/postgres/scripted-run.ts";

const NOW = Date.parse("2026-03-08T12:00:00Z") as Instant;
const STATEMENTS = wayStatements('"s"', true);

/** Runs statements that answer these rows, one after another, and remembers their values. */
function answering(...rows: readonly Readonly<Record<string, unknown>>[]) {
  const { run, asked } = scriptedRun((_, place) => {
    const row = rows[place];
    if (row === undefined) throw new Error("one statement too many");
    return [row];
  });
  return { run, asked: () => asked.map(([_, ...values]) => values) };
}

describe("the ways that a sweep writes again", () => {
  it("are written in pages of 10,000 links, each from the end of the one before", async () => {
    const { run, asked } = answering({ found: "10000", last: "k" }, { found: "3", last: "z" });

    const walked = { installation: "hq", after: "a", last: "z" };
    expect((await renewWays(run, STATEMENTS, walked, NOW)).isOk()).toBe(true);

    const fresh = Date.parse("2026-03-05T12:00:00Z");
    expect(asked()).toEqual([
      ["hq", "a", "z", 10_000, NOW, fresh],
      ["hq", "k", "z", 10_000, NOW, fresh],
    ]);
  });

  it("are none of an installation without a link", async () => {
    const { run, asked } = answering();

    const walked = { installation: "hq", after: "", last: null };
    expect((await renewWays(run, STATEMENTS, walked, NOW)).isOk()).toBe(true);
    expect(asked()).toEqual([]);
  });
});

describe("the ways that a sweep removes", () => {
  it("are a week old, and go 10,000 at a time until the last", async () => {
    const { run, asked } = answering({ found: "10000" }, { found: "9999" });

    expect((await forgetOldWays(run, STATEMENTS, NOW)).isOk()).toBe(true);

    const old = [Date.parse("2026-03-01T12:00:00Z"), 10_000];
    expect(asked()).toEqual([old, old]);
  });
});

describe("the ways of accounts that are gone", () => {
  it("go if nobody has written them since the first of the ends", async () => {
    const { run, asked } = answering({ forgotten: "2" });
    const gone = [
      { account: "b" as AccountId, endedAt: (NOW - 1) as Instant },
      { account: "a" as AccountId, endedAt: (NOW - 2) as Instant },
    ];

    expect((await forgetGone(run, STATEMENTS, "hq" as InstallationId, gone)).isOk()).toBe(true);
    expect(asked()).toEqual([["hq", '{"b","a"}', NOW - 2]]);
  });

  it("are not asked for if there is none", async () => {
    const { run, asked } = answering();

    expect((await forgetGone(run, STATEMENTS, "hq" as InstallationId, [])).isOk()).toBe(true);
    expect(asked()).toEqual([]);
  });
});
