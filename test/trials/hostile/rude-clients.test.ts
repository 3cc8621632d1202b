import { expect, it } from "vitest";
import { runRudeClients } from "./rude-run.ts";

it("rude clients over real sockets cost a server nothing, and a slow server learns the reason", async () => {
  const { statuses, told, memory } = await runRudeClients({
    connections: 200,
    streams: 200,
    stopping: 2,
    slow: 20,
    reports: 50,
    pairs: 1,
  });

  expect(statuses).toEqual({ before: "50 × 200", during: "50 × 200" });
  expect(told).toEqual(["signature-expired"]);
  expect(memory.grown).toBeLessThan(memory.bound);
});
