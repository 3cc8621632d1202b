import { simulate } from "unified-contributions/testing/simulation";
import { describe, expect, it } from "vitest";
import { BROKEN_PARTS, HOURS } from "./broken-parts.ts";

describe("the simulation notices a part of a host's that has a fault:", () => {
  it.each(BROKEN_PARTS)("a $part that $fault", async ({ parts, noticed: { seed, breaks } }) => {
    const { violation } = await simulate({ seed, hours: HOURS, ...parts });

    expect(violation?.invariant).toBe(breaks);
  });
});
