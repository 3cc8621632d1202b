import { describe, expect, test } from "vitest";
import { findMisspellings } from "../../../scripts/check/find-misspellings.ts";

// cspell:ignore recieve xyzzy
// cspell:ignoreRegExp /behavior/g

const WORDS = ["ghec", "ghes", ""].join("\n");
const REPORT = "docs/a.md:3:9 - Unknown word (GHES's)\nsrc/b.ts:1:4 - Unknown word (ghec)\n";

describe("the spelling", () => {
  test("passes if each unknown word is the project's own, whatever its capitals and its genitive", () => {
    expect(findMisspellings(REPORT, WORDS)).toEqual([]);
  });

  test("fails for a word that no dictionary has, with its place and a correction if there is one", () => {
    const report = `${REPORT}docs/a.md:7:1 - Unknown word (recieve) fix: (receive)\nsrc/b.ts:2:5 - Unknown word (xyzzy)\n`;

    expect(findMisspellings(report, WORDS)).toEqual([
      'docs/a.md:7:1 "recieve" is not in a dictionary: write "receive", or add it to scripts/check/words.txt.',
      'src/b.ts:2:5 "xyzzy" is not in a dictionary: correct it, or add it to scripts/check/words.txt.',
    ]);
  });

  test("fails for a spelling that the project does not use, also if it is listed", () => {
    const report = `${REPORT}docs/a.md:7:1 - Forbidden word (behavior)\n`;

    expect(findMisspellings(report, `behavior\n${WORDS}`)).toHaveLength(1);
  });

  test("fails for a word of the project that no file uses", () => {
    expect(findMisspellings(REPORT, `${WORDS}octocat\n`)).toEqual([
      'scripts/check/words.txt: no file uses "octocat": remove it.',
    ]);
  });

  test.each([
    ["out of order", ["ghes", "ghec", ""].join("\n"), "ghec"],
    ["there twice", ["ghec", "ghec", "ghes", ""].join("\n"), "ghec"],
  ])("fails for words that are %s", (_, words, word) => {
    expect(findMisspellings(REPORT, words)).toEqual([
      `scripts/check/words.txt: "${word}" is out of order or there twice: sort the lines.`,
    ]);
  });
});
