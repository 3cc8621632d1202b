import { expect, it } from "vitest";
import { runBarrage } from "./barrage.ts";

it("answers each of 2,000 hostile requests by its name, and changes nothing", async () => {
  const { tally, breaches, longestAnswer } = await runBarrage(2_000, 1);

  expect(breaches).toEqual([]);
  expect([...tally.values()].reduce((sum, count) => sum + count, 0)).toBe(2_000);
  expect(longestAnswer).toBeLessThan(1_024);
});
