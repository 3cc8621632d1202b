import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { expectedTables, MIGRATIONS_TABLE } from "../../src/adapters/postgres/expected-tables.ts";
import { blocksOf, compileBlocks } from "./examples/code-blocks.ts";

const document = readFileSync("docs/postgres.md", "utf8");

it.each([
  ["postgres", 3],
  ["citus", 1],
])("docs/%s.md has code that compiles", (guide, count) => {
  const blocks = blocksOf(readFileSync(`docs/${guide}.md`, "utf8"), "ts");

  expect(compileBlocks(blocks)).toEqual([]);
  expect(blocks).toHaveLength(count);
});

describe("docs/postgres.md", () => {
  it("grants what the check of a schema asks for, table by table", () => {
    const granted = [...document.matchAll(/^GRANT (.+) ON unified_contributions\.(\w+) TO app;$/gm)];

    const tables = [MIGRATIONS_TABLE, ...Object.values(expectedTables).flat()];
    expect(granted.map(([, privileges, table]) => `${table}: ${privileges}`)).toEqual(
      tables.map(({ name, privileges }) => `${name}: ${privileges.join(", ")}`),
    );
  });

  it("names every table, with its part", () => {
    for (const [part, tables] of Object.entries(expectedTables)) {
      const [row = ""] = document.match(new RegExp(`^\\| \`${part}\` \\|.*$`, "m")) ?? [];
      expect([...row.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual([
        part,
        ...tables.map(({ name }) => name),
      ]);
    }
  });
});
