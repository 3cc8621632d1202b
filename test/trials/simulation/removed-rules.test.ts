import { describe, expect, it } from "vitest";
import { withPatched } from "./build-without.ts";
import { REMOVED_RULES } from "./removed-rules.ts";

describe("the simulation notices a rule that is taken out of the code:", () => {
  it.each(REMOVED_RULES)("$rule without $without", async ({ missed: { seed, hours, breaks }, ...patch }) => {
    const { violation } = await withPatched(patch, ({ simulate }) => simulate({ seed, hours }));

    expect(violation?.invariant).toBe(breaks);
  });
});
