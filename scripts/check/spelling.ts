// Checks the spelling of every file: British, with "-ize". Prints file:line:column with advice, and fails.
import { readFileSync } from "node:fs";
import { command } from "../command.ts";
import { findMisspellings, WORDS_FILE } from "./find-misspellings.ts";

// The project's own words are compared here and not by cspell, which does not notice those that no file uses.
const { code, stdout, output } = await command("cspell", [
  "lint",
  "--no-progress",
  "--no-summary",
  "--no-color",
  "--disable-dictionary",
  "project",
  "--cache",
  "--cache-location",
  "build/spelling-cache",
  ".",
]);

const problems = findMisspellings(stdout, readFileSync(WORDS_FILE, "utf8"));
for (const problem of problems) console.log(problem);
// cspell ends with 1 if it found words, and the project's own words are among them.
if (code !== 0 && stdout === "") console.log(output);
if (problems.length > 0 || (code !== 0 && stdout === "")) process.exitCode = 1;
