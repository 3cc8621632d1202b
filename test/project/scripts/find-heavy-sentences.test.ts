import { describe, expect, test } from "vitest";
import { findHeavyMarkdown, findHeavySentences } from "../../../scripts/check/find-heavy-sentences.ts";

const LONG = `${"Each of the words counts, ".repeat(5)}and this is one more.`;
const FULL = `${"Each of the words counts ".repeat(4)}and then five more follow.`;

function adviceOn(sentence: string): readonly string[] {
  return findHeavySentences("a.ts", `/** ${sentence} */\nconst a = 1;`).map(({ advice }) => advice);
}

describe("each rule", () => {
  test.each([
    ["24 a day", "The server sends 24 a day.", "The server sends 24 per day."],
    ["once a day", "The server asks once a day.", "The server asks once per day."],
    ["contributions a day", "It counts contributions a day.", "It counts contributions per day."],
    ["One row a link", "One row a link is kept.", "The store keeps one row per link."],
    ["numbers a link", "Check 90 numbers a link.", "Check 90 numbers per link."],
    ["null where", "It is null where nothing is kept.", "It is null if nothing is kept."],
    ["but for", "Nothing leaves but for counts.", "Nothing leaves except counts."],
    ["is no", "A string is no list.", "A string is not a list."],
    ["no product", "This has no product.", "This is not a product."],
    ["nobody", "The counts that nobody reads stay.", "The counts that no user reads stay."],
    ["whoever", "It stops whoever comes later.", "It stops a server that comes later."],
    ["What", "What the server sends is kept.", "The counts that the server sends are kept."],
    ["Who", "Who sends it is proven.", "The sender is proven."],
  ])("finds %s", (phrase, heavy, light) => {
    expect(adviceOn(heavy)).toEqual([expect.stringContaining(`"${phrase}" in "`)]);
    expect(adviceOn(light)).toEqual([]);
  });

  test("finds a sentence of more than 25 words", () => {
    expect(adviceOn(LONG)).toEqual([
      '30 words in "Each of the words counts, Each …": split it, 25 are the most',
    ]);
    expect(adviceOn(FULL)).toEqual([]);
  });

  test("finds a chain of colons or semicolons", () => {
    expect(adviceOn("One thing: it is so; it stays so.")).toEqual([
      'more than one colon or semicolon in "One thing: it is so; it …": begin a new sentence',
    ]);
    expect(adviceOn("One thing: it is so. Another: it stays so at 10:30:15.")).toEqual([]);
  });
});

describe("other uses of the same words pass:", () => {
  test.each([
    ["a number of days", "The window covers a day, an hour or 90 days."],
    ["a count before a verb", "How many requests a message may follow."],
    ["a verb before an object", "Counts a day. The server answers a request once a link is found."],
    ["a plain object", "The record names a link and the answer names a request."],
    ["an absence", "There is no link, and it is no longer known."],
    ["a question", "Who sends it?"],
    ["a relative clause", "The sender says what is wrong and who may change it."],
  ])("%s", (_, sentence) => {
    expect(adviceOn(sentence)).toEqual([]);
  });
});

describe("a sentence is", () => {
  test.each([
    ["a paragraph", `${FULL.slice(0, -1)}\n *\n * ${FULL}`],
    ["an item of a list", `- ${FULL.slice(0, -1)};\n * - ${FULL}`],
    ["a numbered rule", `RS1: ${FULL.slice(0, -1)}\n * RS2: ${FULL}`],
    ["a cell of a table", `| ${FULL.slice(0, -1)} | ${FULL} |`],
    ["a tag", `${FULL.slice(0, -1)}\n * @param days ${FULL}`],
    ["a sentence after a full stop", `${FULL} ${FULL}`],
  ])("%s", (_, comment) => {
    expect(adviceOn(comment)).toEqual([]);
  });

  test.each([
    ["a code span", "`a b: c; d but for e`"],
    ["a link", "{@link somewhere but for what}"],
    ["a quotation", '"what the documentation says, but for us"'],
  ])("one word longer by %s", (_, span) => {
    expect(adviceOn(FULL.replace("five", span))).toEqual([]);
    expect(adviceOn(LONG.replace("one", span))).toHaveLength(1);
  });
});

describe("a file is read", () => {
  const linesOf = (text: string): readonly number[] =>
    findHeavySentences("a.ts", text).map(({ line }) => line);

  test("with its line comments, neighbouring ones as one text", () => {
    expect(
      linesOf("const a = 1;\n// Nothing is kept but\n// for counts.\n\nconst b = 2; // Nobody reads."),
    ).toEqual([2, 5]);
  });

  test("with the strings and templates that are sentences, and with no other code", () => {
    const text = [
      'const a = "Nothing but for counts is sent.";',
      "const b = `Nothing but for $" + "{a} is sent.`;",
      'const c = "nothing but for";',
      "const nobody = /but for/;",
    ];
    expect(linesOf(text.join("\n"))).toEqual([1, 2]);
  });

  test("with a sum of strings as one text, and each line of a usage text by itself", () => {
    expect(
      linesOf(
        `const a = "${FULL.slice(0, -1)} " +\n  "one two three.";\nconst b = "Nothing but " + "for counts.";`,
      ),
    ).toEqual([1, 3]);
    expect(linesOf(`const usage = \`${FULL.slice(0, -1)}\n${FULL}\`;`)).toEqual([]);
  });

  test("without the code in its comments", () => {
    expect(linesOf("/**\n * ```ts\n * nobody(`but for`);\n * ```\n */\nconst a = 1;")).toEqual([]);
  });
});

describe("a guide is read", () => {
  const linesOf = (text: string): readonly number[] =>
    findHeavyMarkdown("a.md", text).map(({ line }) => line);

  test("by paragraph and list item, each with its line", () => {
    expect(linesOf(`# A guide\n\nIt is\nfine.\n\n${LONG}\n\n- Fine.\n- ${LONG}\n  More.\n`)).toEqual([6, 9]);
  });

  test("without its code", () => {
    expect(linesOf(`Fine.\n\n\`\`\`ts\n${LONG}\n\`\`\`\n\nNobody reads this.\n`)).toEqual([7]);
  });

  test("with headings and tables for their phrases alone", () => {
    expect(linesOf(`# ${LONG}\n\n| a | b |\n|---|---|\n| ${LONG} | fine |\n`)).toEqual([]);
    expect(linesOf("# One row a link\n\n| a | b |\n|---|---|\n| nothing but for counts | fine |\n")).toEqual([
      1, 5,
    ]);
  });

  test("with a link to a file as one word, and the text of any other", () => {
    const words = FULL.replace("five more follow.", "five more follow");
    expect(linesOf(`${words} in [a.md](a.md).\n`.replace("five more follow in", "two in"))).toEqual([]);
    expect(linesOf("It sends [nothing but for counts](a.md).\n")).toEqual([1]);
  });
});
