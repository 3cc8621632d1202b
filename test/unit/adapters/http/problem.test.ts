import { expect, it } from "vitest";
import { problemCodeNamed, problemCodeOf } from "../../../../src/adapters/http/problem.ts";

const TYPE = "urn:problem-type:unified-contributions:";

it.each<[problem: unknown, code: string | null]>([
  [{ type: `${TYPE}unknown-key` }, "unknown-key"],
  [{ type: `${TYPE}not-found`, status: 404 }, "not-found"],
  [{ type: `${TYPE}no-such-code` }, null],
  [{ type: `${TYPE}toString` }, null],
  [{ type: "urn:problem-type:another:unknown-key" }, null],
  [{ type: "unknown-key" }, null],
  [{ type: 4 }, null],
  [{ title: `${TYPE}unknown-key` }, null],
  [[], null],
  [null, null],
  [`${TYPE}unknown-key`, null],
  [undefined, null],
])("%j is a problem of this code: %s", (problem, code) => {
  expect(problemCodeOf(problem)).toBe(code);
});

it.each([
  ["unknown-key", "unknown-key"],
  ["no-such-code", "internal-error"],
  ["toString", "internal-error"],
  [4, "internal-error"],
  [undefined, "internal-error"],
])("a host's part that says %j says %s", (said, code) => {
  expect(problemCodeNamed(said)).toBe(code);
});
