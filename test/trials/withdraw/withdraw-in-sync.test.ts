import { expect, it } from "vitest";
import { withdrawInSync } from "./withdraw-in-sync.ts";

it("withdraws the link of a user who opts out before anything more is reported", async () => {
  const { reports, optOuts, violations } = await withdrawInSync(200, 20);

  expect(violations).toEqual([]);
  expect(reports).toBe(10);
  expect(optOuts.map(({ during }) => during)).toEqual([1, 5, 9]);
});
