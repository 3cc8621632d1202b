import { expect, test } from "vitest";
import { removedBy } from "../../../src/domain/receipt.ts";
import { day } from "../../support/values.ts";

test("deleting a window removes its days, both ends included, and the receipt names no sum of them", () => {
  expect(removedBy({ first: day("2024-02-28"), counts: [4, 0, 3] })).toEqual({
    first: "2024-02-28",
    last: "2024-03-01",
  });
});

test("deleting a window of zeros removes its days", () => {
  expect(removedBy({ first: day("2026-03-01"), counts: [0] })).toEqual({
    first: "2026-03-01",
    last: "2026-03-01",
  });
});

test("nothing is removed if nothing was kept", () => {
  expect(removedBy(null)).toBeNull();
});
