import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { findDroppedResults } from "../../../scripts/check/find-dropped-results.ts";
import { loadConfig } from "../../../scripts/check/typescript-program.ts";

test("finds a thrown away Result on every line that drops one, and on no other", () => {
  const fixture = resolve("test/project/scripts/fixtures/results.ts");
  const marked = readFileSync(fixture, "utf8")
    .split("\n")
    .flatMap((text, index) => {
      if (text.endsWith("// DROPPED")) return [index + 1];
      return text.endsWith("// DROPPED twice") ? [index + 1, index + 1] : [];
    });

  const program = ts.createProgram([fixture], loadConfig("tsconfig.json").options);
  const found = findDroppedResults(program, (fileName) => fileName === fixture);

  expect(marked.length).toBeGreaterThan(30);
  expect(found.map(({ line }) => line)).toEqual(marked);
});
