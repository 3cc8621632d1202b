import { expect, it } from "vitest";
import { runLoad } from "./run-load.ts";

it("takes or postpones every request under too much load, and answers all that it takes", async () => {
  const { statuses, taken, shutdown } = await runLoad({
    connections: 100,
    seconds: 3,
    links: 5,
    pauseMs: 50,
  });

  expect([...statuses.keys()].sort()).toEqual(["200", "429"]);
  expect(taken.count).toBeGreaterThan(0);
  expect(shutdown).toMatchObject({ exitCode: 0, lost: 0 });
});
