import { expect, it } from "vitest";
import { failOverAgainAndAgain } from "./fail-over-again-and-again.ts";

it("shows nothing that was acknowledged as deleted after PostgreSQL has failed over, and ends no consent", async () => {
  const seed = Date.now();

  const { acknowledged, optedOut, violations } = await failOverAgainAndAgain(3, seed);

  expect(violations, `npm run trial -- failover --failovers 3 --seed ${seed}`).toEqual([]);
  expect(acknowledged).toBeGreaterThan(0);
  expect(optedOut).toBeGreaterThan(0);
});

it("notices a ledger that fails over with the store", async () => {
  const { violations } = await failOverAgainAndAgain(3, 1, { isLedgerLostToo: true });

  expect(violations).not.toEqual([]);
});
