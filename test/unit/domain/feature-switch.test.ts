import type { Switch } from "unified-contributions";
import { MAX_EPOCH } from "unified-contributions/wire";
import { describe, expect, test } from "vitest";
import { NEVER_ENABLED, newerSwitch } from "../../../src/domain/feature-switch.ts";

describe("of two beliefs about one switch", () => {
  const on = (epoch: number): Switch => ({ epoch, status: "on" });
  const off = (epoch: number): Switch => ({ epoch, status: "off" });

  test.each([
    ["the newer epoch holds, though it is on", on(3), off(2), on(3)],
    ["the newer epoch holds, though it is off", off(3), on(2), off(3)],
    ["off beats on in one epoch", off(2), on(2), off(2)],
    ["two that are on say the same", on(2), on(2), on(2)],
    ["two that are off say the same", off(2), off(2), off(2)],
    ["any enabling is newer than none", on(1), NEVER_ENABLED, on(1)],
  ])("%s", (_, one, other, holds) => {
    expect(newerSwitch(one, other)).toEqual(holds);
    expect(newerSwitch(other, one)).toEqual(holds);
  });

  test("the present object itself is kept", () => {
    const stands = on(2);

    expect(newerSwitch(stands, off(1))).toBe(stands);
    expect(newerSwitch(off(1), stands)).toBe(stands);
  });
});

test("a switch that was never enabled is off", () => {
  expect(NEVER_ENABLED).toEqual({ epoch: 0, status: "off" });
});

test("the largest epoch fits into four signed bytes", () => {
  expect(MAX_EPOCH).toBe(2 ** 31 - 1);
});
