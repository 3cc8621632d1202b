import { describe, expect, it } from "vitest";
import { type Arrival, queue } from "../../../scripts/bench/scale/queue.ts";

function at(atMs: number, serviceMs: number, database = 0): Arrival {
  return { atMs, serviceMs, database };
}

describe("requests that wait for a database", () => {
  it("take their service alone if they come far apart", () => {
    expect(queue([at(0, 10), at(100, 10)], 1, 1)).toEqual({ p50Ms: 10, p99Ms: 10, busy: 20 / 110 });
  });

  it("wait for those that came before, in whichever order they are given", () => {
    const waiting = queue([at(5, 10), at(0, 10)], 1, 1);

    expect(waiting).toEqual({ p50Ms: 10, p99Ms: 15, busy: 1 });
  });

  it("are worked on at once by the cores of their database, and by no other's", () => {
    expect(queue([at(0, 10), at(0, 10)], 1, 2)).toEqual({ p50Ms: 10, p99Ms: 10, busy: 1 });
    expect(queue([at(0, 10, 0), at(0, 10, 1)], 2, 1)).toEqual({ p50Ms: 10, p99Ms: 10, busy: 1 });
    expect(queue([at(0, 10, 1), at(0, 10, 1)], 2, 1)).toEqual({ p50Ms: 10, p99Ms: 20, busy: 0.5 });
  });

  it("go to the core that is free first", () => {
    const waiting = queue([at(0, 30), at(0, 10), at(0, 10)], 1, 2);

    expect(waiting).toEqual({ p50Ms: 20, p99Ms: 30, busy: 50 / 60 });
  });

  it("have a 99th percentile that 99 of a hundred do not pass", () => {
    const hundred = Array.from({ length: 100 }, (_, n) => at(n * 1_000, n + 1));

    expect(queue(hundred, 1, 1)).toMatchObject({ p50Ms: 50, p99Ms: 99 });
  });
});
