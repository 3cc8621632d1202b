import { parseLinkId } from "unified-contributions";
import { createTestRandom } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";

describe("test random", () => {
  it("gives the same for the same seed, whatever is drawn in between", () => {
    const one = createTestRandom(7);
    const other = createTestRandom(7);

    const drawn = [one.id(), one.fraction(), one.id(), one.fraction()];

    expect([other.id(), other.fraction(), other.id(), other.fraction()]).toEqual(drawn);
  });

  it("never changes from version to version, so that recorded seeds stay valid", () => {
    const random = createTestRandom(1);

    expect([random.id(), random.fraction()]).toEqual([
      "a087eaf300b349c98706c4ebfb2627fd",
      0.9683778982143849,
    ]);
  });

  it.each([0, 1, 2, -1, 4_294_967_295])("gives valid and distinct ids from seed %d", (seed) => {
    const random = createTestRandom(seed);

    const ids = Array.from({ length: 10_000 }, () => random.id());

    expect(new Set(ids).size).toBe(10_000);
    expect(ids.filter((id) => parseLinkId(id).isErr())).toEqual([]);
  });

  it("gives other ids to neighbouring seeds", () => {
    const ids = Array.from({ length: 1_000 }, (_, seed) => createTestRandom(seed).id());

    expect(new Set(ids).size).toBe(1_000);
  });

  it.each([0, 1, 12_345])("spreads fractions evenly from 0 to below 1, seed %d", (seed) => {
    const random = createTestRandom(seed);

    const fractions = Array.from({ length: 100_000 }, () => random.fraction());

    const tenths = Array.from({ length: 10 }, () => 0);
    for (const fraction of fractions) {
      expect(fraction >= 0 && fraction < 1).toBe(true);
      tenths[Math.floor(fraction * 10)] = (tenths[Math.floor(fraction * 10)] ?? 0) + 1;
    }
    // Five standard deviations of a fair draw: √(100,000 × 0.1 × 0.9) ≈ 95.
    expect(tenths.filter((count) => Math.abs(count - 10_000) > 475)).toEqual([]);
  });
});
