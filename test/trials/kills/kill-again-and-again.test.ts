import { describe, expect, it } from "vitest";
import { killAgainAndAgain } from "./kill-again-and-again.ts";

describe("our process and PostgreSQL, killed at random moments under load", () => {
  it("lose nothing that was acknowledged, bring nothing deleted back, and leave nothing half done", async () => {
    const seed = Date.now();

    const { kills, acknowledged, violations } = await killAgainAndAgain(20, seed);

    process.stdout.write(`seed ${seed}: ${JSON.stringify({ ...kills, ...acknowledged })}\n`);
    expect(violations, `npm run trial -- kills --kills 20 --seed ${seed}`).toEqual([]);
    expect(kills.process + kills.postgres).toBe(20);
    expect(acknowledged.batches).toBeGreaterThan(20);
    expect(acknowledged.deletions).toBeGreaterThan(0);
  });

  it("are noticed if PostgreSQL acknowledges before it has written", async () => {
    const { violations } = await killAgainAndAgain(20, 1, { synchronous_commit: "off" });

    expect(violations).not.toEqual([]);
  });
});
