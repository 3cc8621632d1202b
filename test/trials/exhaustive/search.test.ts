import { afterAll, describe, expect, it } from "vitest";
import { RULES } from "./rules.ts";
import { SCENARIOS } from "./scenarios.ts";
import { search } from "./search.ts";

/** So many states that a search which looks at far fewer has lost part of its world. */
const FEWEST_STATES = 1_000;

describe("every order of everything that can happen keeps every invariant:", () => {
  let states = 0;

  it.each(SCENARIOS)("$title", ({ start }) => {
    const result = search(RULES, start, { states: 1_000_000, convergence: 14 });

    expect(result).toMatchObject({ violation: null, isExhausted: true });
    expect(result.states).toBeGreaterThan(FEWEST_STATES);
    expect(result.converged).toBeGreaterThan(result.states / 20);
    states += result.states;
  });

  afterAll(() => {
    process.stdout.write(`searched ${states.toLocaleString("en")} states of ${SCENARIOS.length} worlds\n`);
  });
});
