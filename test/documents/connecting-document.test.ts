import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { blocksOf, compileBlocks } from "./examples/code-blocks.ts";

const document = readFileSync("docs/connecting.md", "utf8");

describe("docs/connecting.md", () => {
  it("has code that compiles", () => {
    const blocks = blocksOf(document, "ts");

    expect(compileBlocks(blocks)).toEqual([]);
    expect(blocks).toHaveLength(2);
  });

  it("names a test that there is", () => {
    const [file = ""] = /test\/trials\/[a-z-]+\.test\.ts/.exec(document) ?? [];

    expect(existsSync(file)).toBe(true);
  });
});
