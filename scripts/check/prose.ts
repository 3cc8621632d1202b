// Finds the sentences in comments, messages and guides that are hard to read: prints file:line with advice, and fails.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { findHeavyMarkdown, findHeavySentences } from "./find-heavy-sentences.ts";

/** The files and folders whose prose is held to the rules. A folder is added once it is clean. */
const HELD = [
  "README.md",
  "docs",
  "examples",
  "scripts",
  "src/adapters/github-graphql",
  "src/adapters/http",
  "src/adapters/http-signatures",
  "src/adapters/memory",
  "src/adapters/opentelemetry",
  "src/adapters/pglite",
  "src/adapters/postgres",
  "src/adapters/system",
  "src/bin",
  "src/calendar-html",
  "src/domain",
  "src/ghec",
  "src/ghes",
  "src/index.ts",
  "src/platform.d.ts",
  "src/storage",
  "src/testing",
  "src/wire",
];

function filesIn(path: string): readonly string[] {
  if (statSync(path).isFile()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" });
  const paths = names.filter((name) => /\.(?:ts|md)$/.test(name)).map((name) => join(path, name));
  // The API reference is generated, and not committed.
  return paths.filter((each) => !each.startsWith(join("docs", "api")));
}

const paths = process.argv.length > 2 ? process.argv.slice(2) : HELD;
const heavy = paths.flatMap(filesIn).flatMap((file) => {
  const find = file.endsWith(".md") ? findHeavyMarkdown : findHeavySentences;
  return find(file, readFileSync(file, "utf8"));
});

for (const { file, line, advice } of heavy) console.log(`${file}:${line} ${advice}.`);
if (heavy.length > 0) process.exitCode = 1;
