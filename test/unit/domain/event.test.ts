import type { Answer, RecordOutcome } from "unified-contributions/wire";
import { expect, test } from "vitest";
import { summaryOf } from "../../../src/domain/event.ts";
import { requestId } from "../../support/values.ts";

const ENVELOPE = { version: 1, requestId: requestId(1), featureSwitch: { epoch: 1, status: "on" } } as const;
const RECEIPT = { deletedAt: 1, first: null, last: null } as never;

test("a summary counts the records by outcome, and the refused ones by reason", () => {
  const outcomes: readonly RecordOutcome[] = [
    { type: "kept" },
    { type: "kept" },
    { type: "ended", choice: null, receipt: RECEIPT },
    { type: "refused", reason: "clock-ahead" },
    { type: "refused", reason: "clock-ahead" },
    { type: "refused", reason: "duplicate-link" },
  ];

  expect(summaryOf({ ...ENVELOPE, type: "delivered", outcomes })).toEqual({
    answer: "delivered",
    reason: null,
    outcomes: { kept: 2, ended: 1, refused: 3 },
    refusals: { "clock-ahead": 2, "duplicate-link": 1 },
  });
});

test("a summary says why a message was rejected as a whole", () => {
  const supported = { first: 1, last: 1 };
  const rejected: Answer = {
    version: 1,
    type: "rejected",
    requestId: null,
    reason: "unsupported-version",
    supported,
  };

  expect(summaryOf(rejected)).toEqual({
    answer: "rejected",
    reason: "unsupported-version",
    outcomes: {},
    refusals: {},
  });
});
