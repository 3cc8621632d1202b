// node scripts/run.js scripts/draw-sentences.ts --all | --seed <number>
//
// Shows the project's sentences as they stand, for a reader who judges them as a whole. `--all` prints every message of
// src, examples and scripts with its file and line. `--seed 7` draws 50 doc comments, 50 titles of tests and 30 messages.
// The same seed draws the same ones, as long as the sources stay the same.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createTestRandom } from "unified-contributions/testing";
import { findProse, findTitles, type Prose } from "./check/find-prose.ts";

const USAGE = "usage: node scripts/run.js scripts/draw-sentences.ts --all | --seed <whole number>";
const DRAWN = { comments: 50, titles: 50, messages: 30 } as const;

function readAll(
  folders: readonly string[],
  find: (file: string, text: string) => readonly Prose[],
): readonly Prose[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .sort()
      .map((name) => join(folder, name))
      .flatMap((file) => find(file, readFileSync(file, "utf8"))),
  );
}

function draw(sentences: readonly Prose[], count: number, seed: number): readonly Prose[] {
  const random = createTestRandom(seed);
  const left = [...sentences];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(random.fraction() * left.length), 1),
  ).flat();
}

function print(title: string, sentences: readonly Prose[]): void {
  console.log(`\n# ${title}\n`);
  for (const { file, line, text } of sentences) console.log(`${file}:${line}\n${text.trim()}\n`);
}

const prose = readAll(["src", "examples", "scripts"], findProse);
const messages = prose.filter(({ kind }) => kind === "message");
const { values } = parseArgs({ options: { all: { type: "boolean" }, seed: { type: "string" } } });
const seed = Number(values.seed);
if (values.all) {
  for (const { file, line, text } of messages) console.log(`${file}:${line} | ${text.replace(/\s+/g, " ")}`);
} else if (Number.isSafeInteger(seed)) {
  const comments = prose.filter(({ kind }) => kind === "doc-comment");
  print("Doc comments", draw(comments, DRAWN.comments, seed));
  print("Titles of tests", draw(readAll(["test"], findTitles), DRAWN.titles, seed));
  print("Messages", draw(messages, DRAWN.messages, seed));
} else {
  console.error(USAGE);
  process.exitCode = 1;
}
