import { tallyOf } from "unified-contributions/storage";
import { expect, it } from "vitest";

it("is exact up to the bound, and says how many there are at least beyond it", () => {
  expect([0, 2, 3].map((found) => tallyOf(found, 2))).toEqual([
    { atLeast: 0, isExact: true },
    { atLeast: 2, isExact: true },
    { atLeast: 2, isExact: false },
  ]);
});

it("is not exact if there were more rows to look at, however many of them matched", () => {
  expect(tallyOf(1, 2, 3)).toEqual({ atLeast: 1, isExact: false });
  expect(tallyOf(1, 2, 2)).toEqual({ atLeast: 1, isExact: true });
});
