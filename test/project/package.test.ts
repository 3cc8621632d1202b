import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("the lockfile names no address to download from", () => {
  const addresses = readFileSync("package-lock.json", "utf8").match(/"resolved": "(?:https?|git)[^"]*"/g);

  expect(addresses ?? []).toEqual([]);
});
