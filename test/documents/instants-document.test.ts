import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { blocksOf, compileBlocks } from "./examples/code-blocks.ts";

test("docs/instants.md has code that compiles", () => {
  const blocks = blocksOf(readFileSync("docs/instants.md", "utf8"), "ts");

  expect(compileBlocks(blocks)).toEqual([]);
  expect(blocks).toHaveLength(2);
});
