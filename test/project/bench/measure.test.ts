import { describe, expect, it } from "vitest";
import {
  atLeast,
  atMost,
  demand,
  median,
  perItem,
  ratioOf,
  readable,
  takeTurns,
  WrongResult,
  warmUpRounds,
} from "../../../scripts/bench/measure.ts";

const ROW = { id: "group.name", what: "ours", yardstick: "theirs", detail: "1 ns against 2 ns" };

describe("measuring", () => {
  it("takes the median", () => {
    expect(median([9, 1, 4])).toBe(4);
    expect(median([9, 1, 4, 2])).toBe(3);
  });

  it("compares subjects of the same round, so that a slow minute of the machine counts for both", () => {
    const ours = [10, 1_000, 10];
    const theirs = [20, 2_000, 25];

    const ratio = ratioOf(ours, theirs);

    expect(ratio).toBe(0.5);
  });

  it("lets the subjects take turns, and leaves the warm-up out", async () => {
    const order: string[] = [];

    const times = await takeTurns(2, "keep", {
      a: () => order.push("a"),
      b: () => Promise.resolve(order.push("b")),
    });

    expect(order).toEqual(["a", "b", "a", "b", "a", "b", "a", "b"]);
    expect(times.a).toHaveLength(2);
    expect(times.b).toHaveLength(2);
  });

  it("warms up as many rounds as it measures, and three at most", () => {
    expect([1, 2, 3, 4, 100].map(warmUpRounds)).toEqual([1, 2, 3, 3, 3]);
  });

  it("meets a goal at its exact edge, and never beyond it", () => {
    expect(atMost(0.5, { ...ROW, ratio: 0.5 })).toEqual({ ...ROW, ratio: 0.5, goal: "≤ 0.5", met: true });
    expect(atMost(0.5, { ...ROW, ratio: 0.500_01 })).toMatchObject({ ratio: 0.5, met: false });
    expect(atLeast(20, { ...ROW, ratio: 20 })).toEqual({ ...ROW, ratio: 20, goal: "≥ 20", met: true });
    expect(atLeast(20, { ...ROW, ratio: 19.999_99 })).toMatchObject({ ratio: 20, met: false });
  });

  it("prints two digits behind the point, or the first two that are not zero", () => {
    expect([0, 0.0384, 0.1, 1.005, 388.481].map(readable)).toEqual([
      "0.00",
      "0.038",
      "0.10",
      "1.00",
      "388.48",
    ]);
  });

  it("does not meet a goal with a ratio that is not a number", () => {
    expect(atMost(0.5, { ...ROW, ratio: Number.NaN }).met).toBe(false);
    expect(atLeast(20, { ...ROW, ratio: Number.NaN }).met).toBe(false);
  });

  it("prints the time per item in the unit that fits", () => {
    expect(perItem(1, 10_000)).toBe("100 ns");
    expect(perItem(1, 100)).toBe("10.0 µs");
    expect(perItem(25, 2)).toBe("12.5 ms");
  });

  it("says which result was expected if one is wrong", () => {
    expect(() => demand(true, "it holds")).not.toThrow();
    expect(() => demand(false, "it holds")).toThrow(new WrongResult("it holds"));
  });
});
