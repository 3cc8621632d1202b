import { describe, expect, test } from "vitest";
import { findProse, findTitles } from "../../../scripts/check/find-prose.ts";

describe("the prose of a source file", () => {
  test("is its comments and the strings that are sentences, each with its line", () => {
    const text = [
      "/** Returns one. */",
      'const one = fail("It is not one: give " + "one.");',
      "// A note",
      "// in two lines.",
      "const two = `There are $" + "{one}, and not two.`;",
      'const three = "three words here";',
    ].join("\n");

    expect(findProse("a.ts", text).map(({ kind, line, text }) => [kind, line, text.trim()])).toEqual([
      ["doc-comment", 1, "Returns one."],
      ["message", 2, "It is not one: give one."],
      ["comment", 3, "A note\nin two lines."],
      ["message", 5, "There are `…`, and not two."],
    ]);
  });

  test("is without the output that an example ends with", () => {
    const text = "// A header.\nconst one = 1; // A note.\n\n// one: 1\n// two: 2\n";
    const textsIn = (file: string) => findProse(file, text).map(({ text }) => text);

    expect(textsIn("examples/one/main.ts")).toEqual(["A header.", "A note."]);
    expect(textsIn("examples/one/other.ts")).toEqual(["A header.", "A note.", "one: 1\ntwo: 2"]);
  });

  test("has the titles of a test apart, each with those around it", () => {
    const text = 'describe("a link", () => {\n  it.each([1])("is %s", () => expect(say("no")));\n});';

    expect(findTitles("a.test.ts", text)).toEqual([
      { kind: "title", file: "a.test.ts", line: 1, text: "a link" },
      { kind: "title", file: "a.test.ts", line: 2, text: "a link > is %s" },
    ]);
  });
});
