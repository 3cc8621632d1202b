import { existsSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { REMOVED_RECEIVER_RULES } from "./removed-receiver-rules.ts";
import { UNSEARCHED_RULES } from "./removed-rule.ts";
import { REMOVED_SENDER_RULES } from "./removed-sender-rules.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import { search } from "./search.ts";

const RULE_NUMBERS = [
  ...Array.from({ length: 13 }, (_, index) => `R${index + 1}`),
  ...Array.from({ length: 8 }, (_, index) => `S${index + 1}`),
];

/** Worlds with many faults in few states. */
const SMALL_WORLDS = [
  "a new server whose owner changes their mind",
  "a server is restored to before an opt-in",
  "the store goes back twice",
];

/** What only a consent can show is searched in a world of it, too. */
const WORLD_OF_CONSENTS = "an owner disables and enables before a consent is redeemed";

/** The invariants that are seen only where a state is played to its end. */
const SEEN_AT_THE_END = ["I7", "I8"];

function worldOf(title: string): Scenario["start"] {
  const scenario = SCENARIOS.find((each) => each.title === title);
  if (!scenario) throw new Error(`There is no world "${title}".`);
  return scenario.start;
}

describe("taking a rule out of the protocol is noticed:", () => {
  for (const { rule, without, then, rules } of [...REMOVED_RECEIVER_RULES, ...REMOVED_SENDER_RULES]) {
    if (typeof then === "string") {
      it(`${rule} without ${without} breaks nothing: ${then}`, () => {
        const titles = rule === "R6" ? [...SMALL_WORLDS, WORLD_OF_CONSENTS] : SMALL_WORLDS;
        for (const title of titles) {
          const found = search(rules, worldOf(title), { states: 100_000, convergence: 16 });

          expect(found).toMatchObject({ violation: null, isExhausted: true });
        }
      });
    } else {
      it(`${rule} without ${without} breaks ${then.breaks} where ${then.in}`, () => {
        const convergence = SEEN_AT_THE_END.includes(then.breaks) ? 1 : 100_000;
        const { violation } = search(rules, worldOf(then.in), { states: 100_000, convergence });

        expect(violation?.invariant).toBe(then.breaks);
      });
    }
  }
});

test("every rule is taken out, or held by another test", () => {
  const removed = [...REMOVED_RECEIVER_RULES, ...REMOVED_SENDER_RULES, ...UNSEARCHED_RULES];

  expect(RULE_NUMBERS.filter((number) => !removed.some(({ rule }) => rule === number))).toEqual([]);
  expect(UNSEARCHED_RULES.filter(({ heldBy }) => !existsSync(heldBy))).toEqual([]);
});
