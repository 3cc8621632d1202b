import type { Violation } from "./invariants.ts";
import { RULES, type Rules } from "./rules.ts";

/** One rule of the protocol taken out of the code, and nothing else. */
export interface RemovedRule {
  /** Its number in the protocol. */
  readonly rule: string;
  /** What does not happen any more. */
  readonly without: string;
  /** The invariant that then breaks, and in which of the searched worlds; or why none does. */
  readonly then: Caught | string;
  readonly rules: Rules;
}

/** What breaks without a rule. */
interface Caught {
  readonly breaks: Violation["invariant"];
  /** {@link Scenario.title} of the world in which it does. */
  readonly in: string;
}

/** Takes a rule out. */
export function removed(
  rule: string,
  without: string,
  then: RemovedRule["then"],
  change: Partial<Rules>,
): RemovedRule {
  return { rule, without, then, rules: { ...RULES, ...change } };
}

/** A rule that the search cannot take out, and the test that holds it instead. */
export interface UnsearchedRule {
  readonly rule: string;
  readonly why: string;
  readonly heldBy: string;
}

/** The rules that no world of the search depends on. */
export const UNSEARCHED_RULES: readonly UnsearchedRule[] = [
  { rule: "R12", why: "time stands still", heldBy: "test/unit/ghec/messages-records.test.ts" },
  { rule: "R13", why: "no server builds a bad record", heldBy: "test/unit/ghec/messages-records.test.ts" },
  { rule: "S2", why: "what is sent is read as it is stored", heldBy: "test/behaviour/sync/reports.test.ts" },
  { rule: "S8", why: "time stands still", heldBy: "test/behaviour/sync/failures.test.ts" },
];
