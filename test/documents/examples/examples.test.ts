import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runExample } from "./run-example.ts";

/**
 * The demo says something else in every repository, and serves the pages; they, the sidecar and the two services of the
 * guides have tests of their own.
 */
const TESTED_APART = ["demo", "ghec-backend", "ghes-backend", "pages", "sidecar"];
const examples = readdirSync("examples").filter((name) => !TESTED_APART.includes(name));

describe("the examples", () => {
  it("are the ones that docs/README.md lists", () => {
    const index = readFileSync("docs/README.md", "utf8");

    expect(examples.filter((name) => !index.includes(`../examples/${name}/main.ts`))).toEqual([]);
    expect(examples).toEqual(["http-mounts", "http-signatures", "own-store", "signed-receipts", "sources"]);
  });

  it.each(examples)(
    "%s begins with what the reader will see, and says what its last comment says",
    async (name) => {
      const file = `examples/${name}/main.ts`;
      const source = readFileSync(file, "utf8");

      const run = await runExample(file);

      expect(source).toMatch(/^\/\/ You will see /);
      expect(run).toEqual({ code: 0, stdout: lastCommentOf(source), stderr: "" });
    },
  );
});

/** The lines of the comment that a source ends with, without their slashes. */
function lastCommentOf(source: string): string {
  const lines = source.trimEnd().split("\n");
  const comment = lines.slice(lines.findLastIndex((line) => !line.startsWith("//")) + 1);
  return comment.map((line) => `${line.replace(/^\/\/ ?/, "")}\n`).join("");
}
