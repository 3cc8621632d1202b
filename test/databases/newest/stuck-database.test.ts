import { expect, it } from "vitest";
import { projectDatabase, serverConnection } from "../../support/postgres/project-database.ts";
import { ALL_PARTS, freshSchema } from "../../support/postgres/test-database.ts";
import { runStuckDatabase } from "../../trials/hostile/stuck-database.ts";

it("a database that is stuck for some servers stops no other, acknowledges nothing by mistake, and lets the process end", async () => {
  const figures = await runStuckDatabase({
    connection: serverConnection(),
    schema: await freshSchema(await projectDatabase(), ...ALL_PARTS),
    others: 3,
    victims: 2,
    rounds: 1,
    callTimeoutMs: 1_500,
    shutdownTimeoutMs: 500,
  });

  expect(figures.violations).toEqual([]);
  // An answer is given within its deadline: one that takes longer is `outcome-unknown`.
  expect([...figures.others.keys()].sort()).toEqual(["delivered kept", "delivered withdrawn"]);
  // Each victim sends four requests in each of three ways, and one more, which is refused at once.
  expect(Object.fromEntries(figures.victims)).toEqual({ "outcome-unknown": 24, "receiver-unavailable": 6 });
  expect(Object.fromEntries(figures.healed)).toEqual({ "delivered kept": 6, "delivered withdrawn": 6 });
  expect(figures.acknowledged).toBeGreaterThan(20);
  expect(figures.afterwards).toBe("shutting-down");
});
