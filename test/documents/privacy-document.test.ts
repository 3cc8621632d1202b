import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { blocksOf, compileBlocks } from "./examples/code-blocks.ts";

test("docs/privacy.md has code that compiles", () => {
  const blocks = blocksOf(readFileSync("docs/privacy.md", "utf8"), "ts");

  expect(compileBlocks(blocks)).toEqual([]);
  expect(blocks).toHaveLength(3);
});
