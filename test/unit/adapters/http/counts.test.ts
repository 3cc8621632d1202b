import { expect, it } from "vitest";
import { createCounts } from "../../../../src/adapters/http/counts.ts";

it("counts each key by itself, never below zero, and forgets a key that is at zero", () => {
  const counts = createCounts<string | null>();
  counts.change("a", 1);
  counts.change("a", 1);
  counts.change(null, 1);
  counts.change("b", -1);
  expect([counts.of("a"), counts.of(null), counts.of("b"), counts.size]).toEqual([2, 1, 0, 2]);
  expect(counts.total).toBe(3);

  counts.change("a", -1);
  expect([counts.of("a"), counts.size]).toEqual([1, 2]);

  counts.change("a", -1);
  counts.change(null, -1);
  expect([counts.of("a"), counts.size, counts.total]).toEqual([0, 0, 0]);
});
