import { describe, expect, test } from "vitest";
import {
  disablingAfter,
  isReceiptSignature,
  MAX_SIGNATURE_LENGTH,
  receiptAfter,
  removedBy,
} from "../../../src/domain/receipt.ts";
import { day, instant } from "../../support/values.ts";

test("deleting a window removes its days, both ends included, and the receipt names no sum of them", () => {
  expect(removedBy({ first: day("2024-02-28"), counts: [4, 0, 3] })).toEqual({
    first: "2024-02-28",
    last: "2024-03-01",
  });
});

test("deleting a window of zeros removes its days", () => {
  expect(removedBy({ first: day("2026-03-01"), counts: [0] })).toEqual({
    first: "2026-03-01",
    last: "2026-03-01",
  });
});

test("nothing is removed if nothing was kept", () => {
  expect(removedBy(null)).toBeNull();
});

const AT = instant("2026-03-01T12:00:00Z");
const LATER = instant("2026-03-02T12:00:00Z");
const REMOVED = { first: day("2026-02-28"), last: day("2026-03-01") };
const BARE = { deletedAt: AT, removed: REMOVED };
const SIGNED = { ...BARE, signature: "a.b.c" };

describe("the receipt that is kept", () => {
  test.each([
    ["none, while none has come", null, null, null],
    ["the first", null, BARE, BARE],
    ["the first with its signature", null, SIGNED, SIGNED],
    ["what there was, if the link is unknown", BARE, null, BARE],
    ["with a signature that comes later", BARE, SIGNED, SIGNED],
    ["with the signature that it has, if none comes", SIGNED, BARE, SIGNED],
    ["with the first signature", SIGNED, { ...BARE, signature: "d.e.f" }, SIGNED],
    ["the first of two", BARE, { deletedAt: LATER, removed: REMOVED, signature: "d.e.f" }, BARE],
    ["that of other days", BARE, { ...SIGNED, removed: { ...REMOVED, first: day("2026-02-27") } }, BARE],
    ["that of another last day", BARE, { ...SIGNED, removed: { ...REMOVED, last: day("2026-03-02") } }, BARE],
    ["that of some days, and not of none", BARE, { ...SIGNED, removed: null }, BARE],
    [
      "of no days, with its signature",
      { deletedAt: AT, removed: null },
      { ...SIGNED, removed: null },
      { ...SIGNED, removed: null },
    ],
  ])("is %s", (_, first, heard, kept) => {
    expect(receiptAfter(first, heard)).toEqual(kept);
  });

  test.each([
    ["the first", null, { epoch: 1, disabledAt: AT }, { epoch: 1, disabledAt: AT }],
    [
      "with a signature that comes later",
      { epoch: 1, disabledAt: AT },
      { epoch: 1, disabledAt: AT, signature: "a.b.c" },
      { epoch: 1, disabledAt: AT, signature: "a.b.c" },
    ],
    [
      "with the signature that it has",
      { epoch: 1, disabledAt: AT, signature: "a.b.c" },
      { epoch: 1, disabledAt: AT },
      { epoch: 1, disabledAt: AT, signature: "a.b.c" },
    ],
    [
      "without the signature of another epoch",
      { epoch: 1, disabledAt: AT },
      { epoch: 2, disabledAt: AT, signature: "a.b.c" },
      { epoch: 1, disabledAt: AT },
    ],
    [
      "without the signature of another time",
      { epoch: 1, disabledAt: AT },
      { epoch: 1, disabledAt: LATER, signature: "a.b.c" },
      { epoch: 1, disabledAt: AT },
    ],
  ])("of a disabling is %s", (_, first, heard, kept) => {
    expect(disablingAfter(first, heard)).toEqual(kept);
  });
});

test.each([
  ["three parts", "eyJh-_9.eyJp.c2ln", true],
  ["the longest", `a.b.${"c".repeat(MAX_SIGNATURE_LENGTH - 4)}`, true],
  ["a longer one", `a.b.${"c".repeat(MAX_SIGNATURE_LENGTH - 3)}`, false],
  ["two parts", "a.b", false],
  ["four parts", "a.b.c.d", false],
  ["an empty part", "a..c", false],
  ["no base64url", "a.b+.c", false],
  ["a line after it", "a.b.c\n", false],
  ["nothing", "", false],
  ["no text", 7, false],
  ["null", null, false],
])("a receipt's signature has the form of a compact JWS: %s", (_, value, isOne) => {
  expect(isReceiptSignature(value)).toBe(isOne);
});
