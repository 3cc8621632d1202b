import { createMemorySenderStore, createMemorySource } from "unified-contributions/adapters/memory";
import { createTestClock, createTestRandom } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import { parseSyncOptions } from "../../../src/ghes/commands.ts";
import { configure, type SenderOptions } from "../../../src/ghes/options.ts";
import { createWorld, SERVER } from "../../support/world.ts";

const PARTS: SenderOptions = {
  installation: SERVER,
  store: createMemorySenderStore(),
  transport: createWorld().transport,
  source: createMemorySource(),
  clock: createTestClock("2026-03-01T12:00:00Z"),
  random: createTestRandom(1),
};

it("fills in what was left out", () => {
  expect(configure(PARTS)).toEqual({
    ...PARTS,
    store: expect.any(Object),
    batchSize: 1_000,
    pauseMs: 1_000,
    leaseMs: 60_000,
    callDeadlineMs: 120_000,
    sourceDeadlineMs: 300_000,
    timeZone: "UTC",
  });
});

describe("takes", () => {
  it.each<Partial<SenderOptions>>([
    { batchSize: 1 },
    { batchSize: 1_000 },
    { pauseMs: 0 },
    { pauseMs: 3_600_000 },
    { leaseMs: 1_000 },
    { leaseMs: 86_400_000 },
    { callDeadlineMs: 1_000 },
    { callDeadlineMs: 86_400_000 },
    { sourceDeadlineMs: 1_000 },
    { sourceDeadlineMs: 86_400_000 },
    { timeZone: "America/St_Johns" },
  ])("%o", (option) => {
    expect(configure({ ...PARTS, ...option })).toMatchObject(option);
  });
});

describe("throws a TypeError at", () => {
  it("a mistyped option, and names those that there are", () => {
    expect(() => configure({ ...PARTS, leaseMS: 60_000 } as SenderOptions)).toThrow(
      /^createSender: there is no option `leaseMS`\. The options are installation, store, .+, onEvent\.$/,
    );
  });

  it.each<[string, readonly unknown[], string]>([
    ["batchSize", [0, 1_001, 1.5, "10", Number.NaN, null, undefined], "a whole number from 1 to 1000"],
    ["pauseMs", [-1, 3_600_001, 0.5, "0"], "a whole number from 0 to 3600000"],
    ["leaseMs", [999, 86_400_001, Number.POSITIVE_INFINITY], "a whole number from 1000 to 86400000"],
    ["callDeadlineMs", [999, 86_400_001, 1_000.5, null], "a whole number from 1000 to 86400000"],
    ["sourceDeadlineMs", [999, 86_400_001, 1_000.5, null], "a whole number from 1000 to 86400000"],
    [
      "timeZone",
      ["", "Mars/Olympus", "+01:00", 60, null],
      "the IANA name of a time zone, such as Europe/Berlin",
    ],
    ["installation", ["", "a".repeat(256), 7, undefined], "1 to 255 characters without control characters"],
  ])("a wrong %s", (option, values, rule) => {
    for (const value of values) {
      const options = { ...PARTS, [option]: value } as SenderOptions;

      expect(() => configure(options)).toThrow(
        new TypeError(`createSender: \`${option}\` has to be ${rule}.`),
      );
    }
  });
});

describe("throws a TypeError at a missing part:", () => {
  it.each([
    ["store", "loadServer"],
    ["store", "commitServer"],
    ["store", "loadLink"],
    ["store", "commitLink"],
    ["store", "markChanged"],
    ["store", "dueLinks"],
    ["store", "pendingWithdrawals"],
    ["transport", "send"],
    ["source", "read"],
    ["clock", "now"],
    ["clock", "wait"],
    ["random", "id"],
    ["random", "fraction"],
  ] as const)("%s.%s", (option, method) => {
    const options = { ...PARTS, [option]: { ...PARTS[option], [method]: undefined } } as SenderOptions;

    expect(() => configure(options)).toThrow(
      new TypeError(`createSender: \`${option}\` has to have the method \`${method}\`.`),
    );
  });

  it.each([undefined, null, "options"])("all of them: %s", (options) => {
    expect(() => configure(options as never)).toThrow(
      new TypeError("createSender: `store` has to have the method `loadServer`."),
    );
  });
});

describe("what a sync is asked for", () => {
  it.each([
    {},
    { scope: "everything" },
    { scope: "deletions" },
    { signal: new AbortController().signal },
    { onProgress: () => undefined },
    { scope: undefined, signal: undefined, onProgress: undefined },
  ])("is taken as it is: %o", (options) => {
    expect(parseSyncOptions(options as never)._unsafeUnwrap()).toBe(options);
  });

  it.each<[unknown, string, string]>([
    [null, "options", "an object"],
    [7, "options", "an object"],
    [{ scope: "all" }, "scope", '"everything" or "deletions"'],
    [{ scope: null }, "scope", '"everything" or "deletions"'],
    [{ signal: {} }, "signal", "an AbortSignal"],
    [{ signal: null }, "signal", "an AbortSignal"],
    [{ onProgress: {} }, "onProgress", "a function"],
  ])("is refused by name: %o", (options, field, rule) => {
    expect(parseSyncOptions(options as never)._unsafeUnwrapErr()).toEqual({
      type: "invalid-options",
      field,
      message: `\`${field}\` has to be ${rule}, or be left out.`,
    });
  });
});
