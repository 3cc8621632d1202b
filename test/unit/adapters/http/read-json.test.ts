import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JsonProblem, readJson } from "../../../../src/adapters/http/read-json.ts";

/** The value of a text, or why it has none. */
function read(text: string): unknown {
  return readJson(new TextEncoder().encode(text)).match<unknown>(
    (value) => ({ value }),
    (problem) => problem,
  );
}

/** Whether a text is read as the platform reads it. No difference is printed, since the texts are long. */
function isRead(text: string): boolean {
  return isDeepStrictEqual(read(text), { value: JSON.parse(text) as unknown });
}

function listOf(length: number, entry: string): string {
  return `[${Array(length).fill(entry).join()}]`;
}

function objectOf(keys: number): string {
  return `{${Array.from({ length: keys }, (_, key) => `"${key}":0`).join()}}`;
}

/** Objects and arrays in turn, each within the one before. */
function alternating(levels: number): string {
  let text = "0";
  for (let level = 0; level < levels; level++) text = level % 2 === 0 ? `[${text}]` : `{"a":${text}}`;
  return text;
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

  it.each<[what: string, most: number, text: (count: number) => string, problem: JsonProblem]>([
    ["levels of arrays", 16, (count) => "[".repeat(count) + "]".repeat(count), "nested-too-deeply"],
    [
      "levels of objects",
      16,
      (count) => `${'{"a":'.repeat(count)}0${"}".repeat(count)}`,
      "nested-too-deeply",
    ],
    ["levels of both", 16, alternating, "nested-too-deeply"],
    ["arrays", 10_000, (count) => listOf(count - 1, "[]"), "too-many-values"],
    ["objects", 10_000, (count) => listOf(count - 1, "{}"), "too-many-values"],
    ["keys", 20_000, objectOf, "too-many-values"],
    ["commas", 250_000, (count) => listOf(count + 1, '""'), "too-many-values"],
  ])("has so many %s at most: %i", (_, most, text, problem) => {
    expect(isRead(text(most))).toBe(true);
    expect(read(text(most + 1))).toBe(problem);
  });

  it("has so many commas at most even if it is a long list of counts", () => {
    expect(isRead(listOf(250_000, "1"))).toBe(true);
    expect(read(listOf(251_000, "1"))).toBe("too-many-values");
  });

  it.each([
    ["15 levels of arrays", listOf(99, "[".repeat(15) + "]".repeat(15))],
    ["15 levels of objects", listOf(99, `${'{"a":'.repeat(15)}0${"}".repeat(15)}`)],
    ["17 brackets in a string", listOf(99, `"${"[{".repeat(17)}"`)],
    ["20,001 colons in a string", listOf(1, `"${":".repeat(20_001)}"`)],
    ["250,001 commas in a string", listOf(1, `"${",".repeat(250_001)}"`)],
  ])("may have %s, also many times", (_, text) => {
    expect(isRead(text)).toBe(true);
  });

  it("that is no UTF-8, or begins with a mark of byte order, is malformed", () => {
    expect(readJson(Uint8Array.of(0x22, 0xff, 0x22))._unsafeUnwrapErr()).toBe("malformed-json");
    expect(read("\uFEFF1")).toBe("malformed-json");
    expect(read("1")).toEqual({ value: 1 });
  });
});
