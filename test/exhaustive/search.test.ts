import { describe, expect, it } from "vitest";
import { REMOVED_RULES } from "./removed-rules.ts";
import { RULES } from "./rules.ts";
import { SCENARIOS } from "./scenarios.ts";
import { search } from "./search.ts";

/** How many states of a scenario are explored; `npm run search` goes on to the end of it. */
const STATES = 12_000;

describe("whatever is late, lost, repeated, restored or copied", () => {
  it.each(SCENARIOS)("$title: nothing that must always hold is broken", ({ title, start }) => {
    const found = search(RULES, start, { states: STATES, convergence: 8 });

    const extent = found.isExhausted ? ", all there are" : "";
    process.stdout.write(`${title}: ${found.states} states${extent}\n`);
    expect(found.violation).toBeNull();
    expect(found.states).toBeGreaterThan(1_000);
  });
});

/** Which rule, which of its parts, the scenario that misses it, and what is broken without it. */
const CAUGHT: readonly (readonly [rule: string, without: string, scenario: number, invariant: string])[] = [
  ["R1", "looking at the switch", 5, "I1"],
  ["R3", "withdrawals outside of the session that stands", 11, "I8"],
  ["R4", "switching off an epoch that is still to come", 1, "I2"],
  ["R4", "sparing later epochs", 0, "I3"],
  ["R5", "naming the epoch that an enabling follows", 1, "I2"],
  ["R5", "enabling only what is off", 0, "I3"],
  ["R6", "ending the other links of the account", 8, "I5"],
  ["R7", "answering the same request with the same session", 0, "I8"],
  ["R8", "the chain: any request of the session is taken", 6, "I4"],
  ["R9", "killing what the session never reported", 8, "I7"],
  ["R9", "sparing links that are younger than the session", 0, "I3"],
  ["R10", "killing on revocation", 13, "I2"],
  ["R10", "ending the epoch when Connect goes off", 16, "I2"],
  ["R11", "dropping the counts", 12, "I4"],
];

describe("a rule that is taken out is missed", () => {
  it.each(CAUGHT)("%s without %s", (rule, without, scenario, invariant) => {
    const removed = REMOVED_RULES.find((one) => one.rule === rule && one.without === without);
    const start = SCENARIOS[scenario]?.start;
    if (!removed || !start)
      throw new Error(`there is no ${rule} without ${without}, or no scenario ${scenario}`);

    const found = search(removed.rules, start, { states: STATES, convergence: 2 });

    expect(found.violation?.invariant).toBe(invariant);
  });
});
