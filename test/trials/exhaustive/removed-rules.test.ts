import { describe, expect, it } from "vitest";
import { REMOVED_RECEIVER_RULES } from "./removed-receiver-rules.ts";
import { REMOVED_SENDER_RULES } from "./removed-sender-rules.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import { search } from "./search.ts";

const TIMEOUT_MS = 120_000;

/** Worlds with many faults in few states. */
const SMALL_WORLDS = [
  "a new server whose owner changes their mind",
  "another copy of the server and a user who opts out",
  "a receiver is recovered across an owner's choices",
];

function worldOf(title: string): Scenario["start"] {
  const scenario = SCENARIOS.find((each) => each.title === title);
  if (!scenario) throw new Error(`There is no world "${title}".`);
  return scenario.start;
}

describe("taking a rule out of the protocol is noticed:", () => {
  for (const { rule, without, then, rules } of [...REMOVED_RECEIVER_RULES, ...REMOVED_SENDER_RULES]) {
    if (typeof then === "string") {
      it(`${rule} without ${without} breaks nothing: ${then}`, { timeout: TIMEOUT_MS }, () => {
        for (const title of SMALL_WORLDS) {
          const found = search(rules, worldOf(title), { states: 100_000, convergence: 4 });

          expect(found).toMatchObject({ violation: null, isExhausted: true });
        }
      });
    } else {
      it(`${rule} without ${without} breaks ${then.breaks} where ${then.in}`, { timeout: TIMEOUT_MS }, () => {
        const { violation } = search(rules, worldOf(then.in), { states: 100_000, convergence: 1 });

        expect(violation?.invariant).toBe(then.breaks);
      });
    }
  }
});
