import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { blocksOf, compileBlocks } from "./examples/code-blocks.ts";

const document = readFileSync("docs/github-graphql.md", "utf8");

test("docs/github-graphql.md has code that compiles", () => {
  const blocks = blocksOf(document, "ts");

  expect(compileBlocks(blocks)).toEqual([]);
  expect(blocks).toHaveLength(1);
});

test("docs/github-graphql.md names every option", () => {
  const source = readFileSync("src/adapters/github-graphql/source.ts", "utf8");
  const [, options = ""] = source.match(/interface GithubGraphqlSourceOptions \{(.*?)\n\}/s) ?? [];
  const named = [...document.matchAll(/^\| `(\w+)` \|/gm)].map(([, option]) => option);

  expect(named).toEqual([...options.matchAll(/readonly (\w+)\??:/g)].map(([, option]) => option));
});
