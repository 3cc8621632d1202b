import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { lastDayOf } from "unified-contributions";
import { parseMessage, parseRecord } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { blocksOf, compileBlocks, fileNameOf, toldBlocksOf, writeBlocks } from "./code-blocks.ts";
import { runExample } from "./run-example.ts";

const readme = readFileSync("README.md", "utf8");
const [story = { code: "", printed: "" }, ...otherCode] = toldBlocksOf(readme, "js");

/** The scripts that a document names. */
function scriptsIn(document: string): ReadonlySet<string> {
  const named = document.matchAll(/npm (?:run ([a-z0-9-]+)|(test)\b)/g);
  return new Set([...named].map(([, script, test]) => script ?? test ?? ""));
}

describe("the README", () => {
  it("has one file of code, which imports nothing but the package", () => {
    const imported = [...story.code.matchAll(/ from "([^"]+)";$/gm)].map(([, specifier = ""]) => specifier);

    expect([otherCode, blocksOf(readme, "ts")]).toEqual([[], []]);
    expect(imported.filter((name) => !/^unified-contributions(?:\/|$)/.test(name))).toEqual([]);
    expect(imported.length).toBeGreaterThan(3);
  });

  it("has code that compiles, as the file that its first line names and as TypeScript", () => {
    expect(compileBlocks([story.code])).toEqual([]);
    expect(compileBlocks([story.code.replace("story.mjs", "story.ts")])).toEqual([]);
  });

  it("has code that prints what it says", async () => {
    const folder = writeBlocks("readme", [story.code]);

    const run = await runExample(join(folder, fileNameOf(story.code)));

    expect(run).toEqual({ code: 0, stdout: story.printed, stderr: "" });
  });

  it("shows the two command lines, and at most 160 lines", () => {
    expect(blocksOf(readme, "sh")).toEqual(["npm ci && npm run demo\nnpm cit\n"]);
    expect(readme.split("\n").length - 1).toBeLessThanOrEqual(160);
  });

  it("links each promise to a test", () => {
    const [, table = ""] = /^## What it promises\n\n(.*?)\n\n/ms.exec(readme) ?? [];
    const rows = table.split("\n").slice(2);

    expect(rows.filter((row) => !/\]\(test\/[\w/.-]+\.test\.ts\)/.test(row))).toEqual([]);
    expect(rows.length).toBeGreaterThan(6);
  });
});

describe("docs/rules.md", () => {
  it("shows a message that the protocol has", () => {
    const [json = "{}"] = blocksOf(readFileSync("docs/rules.md", "utf8"), "json");

    const message = parseMessage(JSON.parse(json))._unsafeUnwrap();

    if (message.type !== "deliver") throw new Error("it is no delivery");
    const [record] = message.records.map((input) => parseRecord(input)._unsafeUnwrap());
    if (record?.type !== "report") throw new Error("its record is no report");
    expect(record.counts).toHaveLength(90);
    expect(lastDayOf(record)).toBe("2026-03-01");
  });
});

describe("the scripts", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  const tracked = execFileSync("git", ["ls-files", "*.md"], { encoding: "utf8" }).trim().split("\n");
  // What is over may name scripts that have gone.
  const documents = tracked.filter((file) => file !== "CHANGELOG.md");

  it.each(documents)("that %s names are there", (document) => {
    const named = scriptsIn(readFileSync(document, "utf8"));

    expect([...named].filter((script) => !(script in scripts))).toEqual([]);
  });

  it("are all in CONTRIBUTING.md", () => {
    const named = scriptsIn(readFileSync("CONTRIBUTING.md", "utf8"));

    const own = Object.keys(scripts).filter((script) => !script.startsWith("pre"));
    expect(own.filter((script) => !named.has(script))).toEqual([]);
  });
});
