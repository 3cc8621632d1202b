import { expect, it } from "vitest";
import { runLoad } from "./run-load.ts";

it("under more load than there is room for, all is taken or asked to come later, and what was taken is answered", async () => {
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
