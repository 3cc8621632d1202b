import { expect, it } from "vitest";
import { bytesOf, lastRecordOf, prettyJson, wordsIn } from "../../../../examples/demo/bytes-sent.ts";

const LINK = "0123456789abcdef0123456789abcdef";

it("leaves out ids and days only where ids and days belong, so that a leak would be among the words", () => {
  const sound = JSON.stringify({
    requestId: LINK,
    records: [{ linkId: LINK, first: "2026-03-01", counts: [7] }],
  });
  const leaking = JSON.stringify({ requestId: "octocat", first: "Tuesday", note: LINK, on: "2026-03-01" });

  expect(wordsIn([sound])).toEqual(["counts", "first", "linkId", "records", "requestId"]);
  expect(wordsIn([leaking])).toEqual([
    LINK,
    "2026-03-01",
    "Tuesday",
    "first",
    "note",
    "octocat",
    "on",
    "requestId",
  ]);
});

it("counts bytes, not characters", () => {
  expect(bytesOf(["é", "ab"])).toBe(4);
});

it("finds the last record that names a link", () => {
  const messages = [
    JSON.stringify({ type: "deliver", records: [{ linkId: "one", counts: [1] }, { linkId: "two" }] }),
    JSON.stringify({ type: "complete" }),
    JSON.stringify({ type: "deliver", records: [{ linkId: "one", counts: [2] }] }),
  ];

  expect(lastRecordOf("one", messages)).toEqual({ linkId: "one", counts: [2] });
  expect(lastRecordOf("three", messages)).toBeUndefined();
});

it("prints numbers in rows, and loses none", () => {
  const printed = prettyJson({ first: "2026-03-01", counts: [1, 20, 3, 4, 5] }, 2);

  expect(printed).toBe('{\n  "first": "2026-03-01",\n  "counts": [\n    1, 20,\n    3, 4,\n    5\n  ]\n}');
});
