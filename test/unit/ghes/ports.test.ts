import { newLinkRecord } from "unified-contributions/storage";
import { expect, it } from "vitest";
import { OCTO } from "../../support/values.ts";

it("nothing is known of a user of whom nothing is stored", () => {
  expect(newLinkRecord(OCTO)).toEqual({
    user: "octo",
    link: { status: "never-connected" },
    changes: 0,
    reported: null,
    deletion: null,
  });
});
