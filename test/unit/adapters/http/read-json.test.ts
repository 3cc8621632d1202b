import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson } from "../../../../src/adapters/http/read-json.ts";

/** The value of a text, or why it has none. */
function read(text: string): unknown {
  return readJson(new TextEncoder().encode(text)).match<unknown>(
    (value) => ({ value }),
    (problem) => problem,
  );
}

/** A text of JSON, and whether an object in it has a key twice. */
interface Text {
  readonly text: string;
  readonly isTwice: boolean;
}

const whole = fc.letrec<{ value: Text }>((tie) => {
  const key = fc.constantFrom('"a"', '"\\u0061"', '"b"', '"\\\\"', '"\\"{"');
  const entries = fc.array(fc.tuple(key, tie("value")), { maxLength: 3 });
  const single = fc.constantFrom(
    '""',
    '"\\\\"',
    '"\\""',
    '"[{:,"',
    "1",
    "null",
    "[1,2]",
    "{ }",
    " [ 1 , 2 ] ",
  );
  return {
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      single.map((text) => ({ text, isTwice: false })),
      fc.array(tie("value"), { maxLength: 3 }).map((values) => ({
        text: `[${values.map(({ text }) => text).join()}]`,
        isTwice: values.some(({ isTwice }) => isTwice),
      })),
      entries.map((pairs) => ({
        text: `{${pairs.map(([name, { text }]) => `${name}:${text}`).join()}}`,
        isTwice:
          new Set(pairs.map(([name]) => JSON.parse(name) as string)).size < pairs.length ||
          pairs.some(([, { isTwice }]) => isTwice),
      })),
    ),
  };
}).value;

/** Pieces of JSON in a row, seldom a whole. Each key in them is another. */
const pieces = fc
  .array(
    fc.constantFrom("[", "]", "{", "}", ",", '"', "\\", '"#"', '"#":', '"#":1', "1", "[1,2]", "null", " "),
    {
      maxLength: 10,
    },
  )
  .map(
    (all): Text => ({ text: all.map((piece, at) => piece.replace("#", `${at}`)).join(""), isTwice: false }),
  );

describe("JSON", () => {
  it("is read as the platform reads it", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 2), (value, spaces) => {
        expect(read(JSON.stringify(value, null, spaces))).toEqual({
          value: JSON.parse(JSON.stringify(value)),
        });
      }),
      { numRuns: 300 },
    );
  });

  it("is read or refused as the platform does, whatever it holds, but for a key that is there twice", () => {
    const seen = { read: 0, "duplicate-key": 0, "malformed-json": 0 };
    fc.assert(
      fc.property(fc.oneof(whole, pieces), ({ text, isTwice }) => {
        let expected: unknown = "malformed-json";
        try {
          expected = { value: JSON.parse(text) as unknown };
          if (isTwice) expected = "duplicate-key";
        } catch {
          expect(isTwice).toBe(false);
        }
        seen[typeof expected === "string" ? (expected as "duplicate-key") : "read"]++;
        expect(read(text)).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );

    expect(Math.min(...Object.values(seen))).toBeGreaterThan(50);
  });

  it.each([
    ["16 levels of arrays", "[".repeat(16) + "]".repeat(16), true],
    ["17 levels of arrays", "[".repeat(17) + "]".repeat(17), "nested-too-deeply"],
    ["16 levels of objects", `${'{"a":'.repeat(16)}0${"}".repeat(16)}`, true],
    ["17 levels of objects", `${'{"a":'.repeat(17)}0${"}".repeat(17)}`, "nested-too-deeply"],
    ["17 levels of both", `${'[{"a":'.repeat(8)}[]${"}]".repeat(8)}`, "nested-too-deeply"],
    [
      "15 levels, many times",
      `[${Array(99)
        .fill("[".repeat(15) + "]".repeat(15))
        .join()}]`,
      true,
    ],
    [
      "15 objects within each other, many times",
      `[${Array(99)
        .fill(`${'{"a":'.repeat(15)}0${"}".repeat(15)}`)
        .join()}]`,
      true,
    ],
    ["17 brackets in a string", `"${"[".repeat(17)}"`, true],
    ["10,000 arrays", `[${Array(9_999).fill("[]").join()}]`, true],
    ["10,001 arrays", `[${Array(10_000).fill("[]").join()}]`, "too-many-values"],
    ["10,000 objects", `[${Array(9_999).fill("{}").join()}]`, true],
    ["10,001 objects", `[${Array(10_000).fill("{}").join()}]`, "too-many-values"],
    ["20,000 keys", objectOf(20_000), true],
    ["20,001 keys", objectOf(20_001), "too-many-values"],
    ["20,001 colons in a string", `"${":".repeat(20_001)}"`, true],
    ["250,000 commas", `["",${Array(250_000).fill("1").join()}]`, true],
    ["250,001 commas", `["",${Array(250_001).fill("1").join()}]`, "too-many-values"],
    ["250,001 commas behind a list of counts", `[${Array(251_000).fill("1").join()}]`, "too-many-values"],
    ["250,001 commas in a string", `"${",".repeat(250_001)}"`, true],
  ])("of %s: %s", (_, text, answer) => {
    expect(read(text)).toEqual(answer === true ? { value: JSON.parse(text) as unknown } : answer);
  });

  /** An object with so many keys. */
  function objectOf(keys: number): string {
    return `{${Array.from({ length: keys }, (_, key) => `"${key}":0`).join()}}`;
  }

  it("that is no UTF-8, or begins with a mark of byte order, is malformed", () => {
    expect(readJson(Uint8Array.of(0x22, 0xff, 0x22))._unsafeUnwrapErr()).toBe("malformed-json");
    expect(read("\uFEFF1")).toBe("malformed-json");
    expect(read("1")).toEqual({ value: 1 });
  });
});
