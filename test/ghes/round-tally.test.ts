import type { SyncFailure } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { forgetFailures, newTally, noteFailures, progressOf } from "../../src/ghes/round-tally.ts";
import { link, NOW, user } from "../support/ghes-values.ts";

function failures(from: number, to: number): readonly SyncFailure[] {
  return Array.from({ length: to - from + 1 }, (_, at) => ({
    user: user(`user-${from + at}`),
    reason: { type: "source-fault", message: "The source is away." },
  }));
}

it("a new tally counts nothing", () => {
  expect(newTally()).toEqual({
    requests: 0,
    kept: 0,
    unchanged: 0,
    gone: 0,
    failed: 0,
    saturatedDays: 0,
    disabling: null,
    receipts: [],
    failures: [],
  });
});

it("progress says what was done so far", () => {
  const tally = { ...newTally(), requests: 1, kept: 2, unchanged: 3, gone: 4, failed: 5, saturatedDays: 6 };
  tally.receipts.push({ link: link("link-1"), receipt: { deletedAt: NOW, removed: null } });

  expect(progressOf(tally)).toEqual({ requests: 1, kept: 2, unchanged: 3, gone: 4, withdrawn: 1 });
});

describe("failures", () => {
  it("are all counted, and the first 1,000 named", () => {
    const tally = newTally();

    noteFailures(tally, failures(1, 999));
    noteFailures(tally, failures(1_000, 1_001));
    noteFailures(tally, failures(1_002, 1_002));

    expect(tally.failed).toBe(1_002);
    expect(tally.failures).toHaveLength(1_000);
    expect(tally.failures.at(0)?.user).toBe("user-1");
    expect(tally.failures.at(-1)?.user).toBe("user-1000");
  });

  it("are forgotten where everything is reported anew, and nothing else is", () => {
    const tally = { ...newTally(), requests: 1, kept: 2, unchanged: 3, gone: 4, saturatedDays: 6 };
    noteFailures(tally, failures(1, 2));

    forgetFailures(tally);

    expect(tally).toEqual({ ...newTally(), requests: 1, kept: 2, unchanged: 3, gone: 4 });
  });
});
