import { expect, it } from "vitest";
import { brokenUniqueIndex, codeOf, isInTheWay } from "../../../../src/adapters/postgres/storage-fault-of.ts";

it.each<[error: unknown, code: string | null]>([
  [{ code: "23505" }, "23505"],
  [{ code: "XX000" }, "XX000"],
  [{ code: "ECONNRESET" }, "ECONNRESET"],
  [{ code: "ERR_SOCKET_CLOSED" }, "ERR_SOCKET_CLOSED"],
  // Only a name or a state is told: anything else may be a person's.
  [{ code: "octo ECONNRESET" }, null],
  [{ code: "ECONNRESET octo" }, null],
  [{ code: "EIO\n octo" }, null],
  [{ code: "octo-23505" }, null],
  [{ code: "E" }, null],
  [{ code: "E".repeat(65) }, null],
  [{ code: 23505 }, null],
  [{ message: "23505" }, null],
  [new Error("ECONNRESET"), null],
  ["ECONNRESET", null],
  [null, null],
  [undefined, null],
])("the code of %j is %s", (error, code) => {
  expect(codeOf(error)).toBe(code);
});

it.each<[error: unknown, index: string | null]>([
  [{ code: "23505", constraint: "links_live" }, "links_live"],
  [{ code: "23505", message: 'duplicate key: "links_live_102008"' }, "links_live_102008"],
  [{ code: "23505", message: "duplicate key" }, ""],
  [{ code: "23505" }, ""],
  [{ code: "23503", constraint: "links_live" }, null],
  [{ constraint: "links_live" }, null],
  [null, null],
])("the unique index that %j names is %s", (error, index) => {
  expect(brokenUniqueIndex(error)).toBe(index);
});

it("only a deadlock and a failed isolation are in the way", () => {
  const codes = ["40001", "40P01", "40003", "23505", "55P03"];

  expect(codes.filter((code) => isInTheWay({ code }))).toEqual(["40001", "40P01"]);
  expect(isInTheWay(null)).toBe(false);
});
