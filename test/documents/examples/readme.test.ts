import { readFileSync } from "node:fs";
import { lastDayOf } from "unified-contributions";
import { parseMessage, parseRecord } from "unified-contributions/wire";
import { describe, expect, it } from "vitest";
import { blocksOf, compileBlocks } from "./code-blocks.ts";

const readme = readFileSync("README.md", "utf8");

describe("the README", () => {
  it("has code that compiles, each block as the file that its first line names", () => {
    const blocks = blocksOf(readme, "ts");

    expect(compileBlocks(blocks)).toEqual([]);
    expect(blocks.length).toBeGreaterThan(5);
  });

  it("shows a message that the protocol has", () => {
    const [json = "{}"] = blocksOf(readme, "json");

    const message = parseMessage(JSON.parse(json))._unsafeUnwrap();

    if (message.type !== "deliver") throw new Error("it is no delivery");
    const [record] = message.records.map((input) => parseRecord(input)._unsafeUnwrap());
    if (record?.type !== "report") throw new Error("its record is no report");
    expect(record.counts).toHaveLength(90);
    expect(lastDayOf(record)).toBe("2026-03-01");
  });

  it("names only scripts that there are, and all of them", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
    const named = [...readme.matchAll(/npm (?:run )?([a-z0-9-]+)/g)].map(([, script = ""]) => script);

    const own = new Set(named.filter((script) => !["ci", "cit", "install"].includes(script)));
    expect([...own].filter((script) => !(script in scripts))).toEqual([]);
    expect(Object.keys(scripts).filter((script) => script !== "prepack" && !own.has(script))).toEqual([]);
  });

  it("leads to files that there are", () => {
    const files = [...readme.matchAll(/\]\((?!https:)([^)]+)\)/g)].map(([, file = ""]) => file);

    expect(files).toEqual(
      expect.arrayContaining(["examples/ghes-backend/main.ts", "docs/protocol.md", "LICENSE"]),
    );
    for (const file of files) expect(readFileSync(file, "utf8")).not.toBe("");
  });
});
