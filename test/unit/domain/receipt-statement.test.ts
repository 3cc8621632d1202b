import { expect, test } from "vitest";
import { parseReceiptStatement } from "../../../src/domain/receipt-statement.ts";

const DELETION = {
  type: "deletion",
  installation: "server-1",
  linkId: "link_0123456789abcdef",
  choice: 2,
  deletedAt: 1_772_366_400_000,
  removed: { first: "2026-02-28", last: "2026-03-01" },
};
const DISABLING = { type: "disabling", installation: "server-1", epoch: 1, disabledAt: 1_772_366_400_000 };

test.each([
  ["a deletion of choices", DELETION],
  ["a deletion of the link itself", { ...DELETION, choice: null }],
  ["a deletion that removed nothing", { ...DELETION, removed: null }],
  ["a disabling", DISABLING],
])("a statement is read: %s", (_, statement) => {
  expect(parseReceiptStatement(structuredClone(statement))).toEqual(statement);
});

test.each([
  ["null", null],
  ["a list", [DELETION]],
  ["another type", { ...DELETION, type: "receipt" }],
  ["an unexpected key", { ...DELETION, user: "octocat" }],
  ["a field too few", { ...DELETION, removed: undefined }],
  ["an installation that is none", { ...DELETION, installation: "" }],
  ["a link that is none", { ...DELETION, linkId: "short" }],
  ["choice 0", { ...DELETION, choice: 0 }],
  ["a day that does not exist", { ...DELETION, removed: { first: "2026-02-30", last: "2026-03-01" } }],
  ["no instant", { ...DISABLING, disabledAt: -1 }],
  ["no epoch", { ...DISABLING, epoch: 0.5 }],
])("anything else is not a statement: %s", (_, value) => {
  expect(parseReceiptStatement(value)).toBeNull();
});
