import { describe, expect, it } from "vitest";
import { createRate } from "../../../../src/adapters/http/rate.ts";

describe("a rate", () => {
  it("gives a burst, and then as many as come back in time, a fraction at a time", () => {
    let now = 0;
    const rate = createRate(2, 3, () => now);
    const taken = (): number => [1, 2, 3, 4, 5].filter(() => rate.take("one")).length;

    expect(taken()).toBe(3);
    now += 499;
    expect(taken()).toBe(0);
    now += 1;
    expect(taken()).toBe(1);
    now += 1_250;
    expect(taken()).toBe(2);
    now += 250;
    expect(taken()).toBe(1);
    now += 1_000_000;
    expect(taken()).toBe(3);
  });

  it("belongs to one owner alone", () => {
    const rate = createRate(1, 1, () => 0);

    expect(["one", "one", "two", "two"].map((owner) => rate.take(owner))).toEqual([true, false, true, false]);
  });

  it("does not change when the clock is set back", () => {
    let now = 1_000_000;
    const rate = createRate(1, 2, () => now);
    rate.take("one");
    now = 0;

    expect([rate.take("one"), rate.take("one")]).toEqual([true, false]);
    now += 1_000;
    expect(rate.take("one")).toBe(true);
  });

  it("remembers every owner that has not waited long enough, however many others come", () => {
    let now = 0;
    const rate = createRate(1, 1, () => now);
    rate.take("one");
    for (let at = 0; at < 5_000; at++) {
      now += 0.1;
      rate.take(`other-${at}`);
    }

    expect(rate.take("one")).toBe(false);
    now += 500;
    expect(rate.take("one")).toBe(true);
  });

  it("forgets owners whose buckets are full again, once there are many, and looks more rarely the more stay", () => {
    let now = 0;
    let owners = 0;
    const rate = createRate(1, 2, () => now);
    const take = (times: number): number => {
      for (let count = 0; count < times; count++) rate.take(`owner-${owners++}`);
      return rate.size;
    };

    expect(take(1_000)).toBe(1_000);
    // None of them is full yet. So the next look is at twice as many.
    expect(take(1)).toBe(1_001);
    now += 999;
    expect(take(998)).toBe(1_999);
    now += 1;
    expect(take(1)).toBe(2_000);
    expect(take(1)).toBe(1_000);
    // 999 were left then, so the next look is at 1,998.
    now += 1_000;
    expect(take(998)).toBe(1_998);
    expect(take(1)).toBe(999);
  });
});
