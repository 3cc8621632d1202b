import { expect, it } from "vitest";
import { isDeletion } from "../../../../src/adapters/http/is-deletion.ts";

const WITHDRAWAL = { type: "withdraw", linkId: "link_1" };
const REPORT = { type: "report", linkId: "link_1" };

it.each([
  [{ type: "disable" }, true],
  [{ type: "deliver", records: [WITHDRAWAL] }, true],
  [{ type: "deliver", records: [WITHDRAWAL, WITHDRAWAL] }, true],
  [{ type: "deliver", records: [WITHDRAWAL, REPORT] }, false],
  [{ type: "deliver", records: [] }, false],
  [{ type: "deliver", records: [null] }, false],
  [{ type: "deliver", records: ["withdraw"] }, false],
  [{ type: "deliver", records: { length: 1, every: "withdraw" } }, false],
  [{ type: "deliver" }, false],
  [{ type: "complete", records: [WITHDRAWAL] }, false],
  [{ type: "enable" }, false],
  [[], false],
  ["disable", false],
  [null, false],
])("%j is a deletion: %s", (message, isOne) => {
  expect(isDeletion(message)).toBe(isOne);
});
