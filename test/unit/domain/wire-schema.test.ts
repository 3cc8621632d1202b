import type { CalendarDate, Instant, LinkId, Switch } from "unified-contributions";
import type { RequestId, SessionId } from "unified-contributions/wire";
import { describe, expect, expectTypeOf, test } from "vitest";
import type * as z from "zod";
import * as wire from "../../../src/domain/wire-schema.ts";
import { hostileBut, withKey, without } from "../../support/ghec-hostile.ts";
import { linkId, requestId } from "../../support/values.ts";

/** What each scalar of the wire takes and does not take. */
const SCALARS: readonly (readonly [string, z.ZodType, good: readonly unknown[], bad: readonly unknown[]])[] =
  [
    ["a link", wire.linkId, [linkId(1), "a".repeat(64)], ["a".repeat(15), "a".repeat(65)]],
    ["a session", wire.sessionId, ["a".repeat(16)], ["a".repeat(15), "ä".repeat(16)]],
    ["the id of a request", wire.requestId, ["a".repeat(16)], ["a".repeat(15), "a b".repeat(9)]],
    ["a date", wire.date, ["2024-02-29"], ["2026-2-1", "2026-03-01T00:00:00Z"]],
    ["an instant", wire.instant, [0, 253_402_300_799_999], [253_402_300_800_000, "2026-03-01T00:00:00Z"]],
    ["a list of counts", wire.counts, [[0], [65_535, 1]], [[65_536], new Array(91).fill(0)]],
    ["a choice", wire.choice, [1, 1_000], [0, 1_001, "1", null]],
    ["an epoch", wire.epoch, [0, 2_147_483_647], [2_147_483_648]],
    [
      "the requests that may be followed",
      wire.follows,
      [[], [requestId(1)], new Array(64).fill(requestId(1))],
      [[requestId(1), "short"], new Array(65).fill(requestId(1)), new Array(1), requestId(1), { length: 0 }],
    ],
    ["a version", wire.version, [1], [0, 2, "1"]],
    [
      "a switch",
      wire.featureSwitch,
      [
        { epoch: 0, status: "off" },
        { epoch: 1, status: "on" },
        { epoch: 2_147_483_647, status: "off" },
      ],
      [{ epoch: 0, status: "on" }, { epoch: 1, status: "ON" }, { epoch: -1, status: "off" }, "on"],
    ],
  ];

describe.each(SCALARS)("on the wire, %s", (_, schema, good, bad) => {
  test("accepts the right values", () => {
    for (const value of good) expect(schema.parse(value)).toEqual(value);
  });

  test("refuses the wrong values", () => {
    for (const value of bad) expect(schema.safeParse(value).success, JSON.stringify(value)).toBe(false);
  });

  test("refuses any other value, with a few short issues at most", () => {
    const welcome = schema === wire.follows ? ["an empty list"] : [];
    for (const [name, value] of hostileBut(...welcome)) {
      const issues = schema.safeParse(value).error?.issues ?? [];

      expect(issues.length, name).toBeGreaterThanOrEqual(1);
      expect(issues.length, name).toBeLessThanOrEqual(3);
      expect(JSON.stringify(issues).length, name).toBeLessThan(1_000);
    }
  });
});

test("reports one issue for a list of 90,000 wrong counts, not 90,000", () => {
  const { error } = wire.counts.safeParse(new Array(90_000).fill("secret"));

  expect(error?.issues).toEqual([{ code: "custom", path: [], message: "Invalid input" }]);
});

describe("a switch on the wire", () => {
  const sound: Switch = { epoch: 3, status: "on" };

  test.each(["epoch", "status"])("needs its %s", (key) => {
    expect(wire.featureSwitch.safeParse(without(key, sound)).success).toBe(false);
  });

  test.each(["secret", "__proto__", "constructor", "toString"])("has no other key, %s neither", (key) => {
    const { error } = wire.featureSwitch.safeParse(withKey(key, 1, sound));

    expect(error?.issues[0]?.code).toBe("unrecognized_keys");
  });
});

describe("an object whose keys can be looked at", () => {
  test.each([
    ["an object", { a: 1 }],
    ["an object without a prototype", Object.create(null)],
  ])("is %s", (_, value) => {
    expect(wire.isRecord(value)).toBe(true);
  });

  test.each([
    ["a list", []],
    ["null", null],
    ["undefined", undefined],
    ["a text", "{}"],
    ["a number", 1],
    ["a function", () => {}],
  ])("is not %s", (_, value) => {
    expect(wire.isRecord(value)).toBe(false);
  });
});

test("the schemas infer the types of the documentation", () => {
  expectTypeOf<z.infer<typeof wire.linkId>>().toEqualTypeOf<LinkId>();
  expectTypeOf<z.infer<typeof wire.sessionId>>().toEqualTypeOf<SessionId>();
  expectTypeOf<z.infer<typeof wire.requestId>>().toEqualTypeOf<RequestId>();
  expectTypeOf<z.infer<typeof wire.date>>().toEqualTypeOf<CalendarDate>();
  expectTypeOf<z.infer<typeof wire.instant>>().toEqualTypeOf<Instant>();
  expectTypeOf<z.infer<typeof wire.counts>>().toEqualTypeOf<readonly number[]>();
  expectTypeOf<z.infer<typeof wire.version>>().toEqualTypeOf<1>();
  expectTypeOf<z.infer<typeof wire.featureSwitch>>().toEqualTypeOf<Switch>();
});
