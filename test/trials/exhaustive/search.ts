import { canonical, hashOf } from "./canonical.ts";
import { checkConvergence } from "./converge.ts";
import { checkStep, checkWorld, type Violation } from "./invariants.ts";
import type { Rules } from "./rules.ts";
import { type Action, actionsOf, step } from "./step.ts";
import type { World } from "./world.ts";

/** How far a search goes. */
export interface SearchLimits {
  /** How many states to explore at most. */
  readonly states: number;
  /** Convergence is checked in one of so many states; 1 for all, 0 for none. */
  readonly convergence: number;
  /** What is let go unchecked, to look behind a violation that is known. */
  readonly passes?: (violation: Violation) => boolean;
}

/** What a search found. */
export interface SearchResult {
  readonly states: number;
  readonly transitions: number;
  /** The longest of the shortest ways to a state. */
  readonly depth: number;
  /** Whether everything that can be reached was. */
  readonly isExhausted: boolean;
  readonly converged: number;
  readonly violation: (Violation & { readonly trace: readonly Action[] }) | null;
}

/** Breadth first over everything that can happen, so that the first violation has the shortest trace. */
export function search(rules: Rules, start: World, limits: SearchLimits): SearchResult {
  const seen = new HashSet();
  const parents: number[] = [-1];
  const actionOf: (Action | null)[] = [null];
  let frontier: { readonly world: World; readonly id: number }[] = [{ world: start, id: 0 }];
  seen.add(hashOf(canonical(start)));
  let states = 1;
  let transitions = 0;
  let converged = 0;
  let depth = 0;
  const result = (isExhausted: boolean, found: Violation | null, id = 0, last?: Action): SearchResult => {
    const trace: Action[] = last ? [last] : [];
    for (let at = id; at > 0; at = parents[at] as number) trace.unshift(actionOf[at] as Action);
    return { states, transitions, depth, isExhausted, converged, violation: found && { ...found, trace } };
  };
  const isBad = (violation: Violation | null): violation is Violation =>
    violation !== null && !limits.passes?.(violation);

  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const { world, id } of frontier) {
      for (const action of actionsOf(world)) {
        const stepped = step(rules, world, action);
        if (!stepped) continue;
        transitions++;
        const after = tidy(rules, stepped);
        const inStep = checkStep(world, action, after);
        if (isBad(inStep)) return result(false, inStep, id, action);
        const hash = hashOf(canonical(after));
        if (!seen.add(hash)) continue;
        const inWorld = checkWorld(rules, after);
        if (isBad(inWorld)) return result(false, inWorld, id, action);
        if (limits.convergence > 0 && hash % limits.convergence === 0) {
          converged++;
          const inTheEnd = checkConvergence(rules, after);
          if (isBad(inTheEnd)) return result(false, inTheEnd, id, action);
        }
        parents.push(id);
        actionOf.push(action);
        next.push({ world: after, id: states++ });
        if (states >= limits.states) return result(false, null);
      }
    }
    if (next.length > 0) depth++;
    frontier = next;
  }
  return result(true, null);
}

/** Answers that nobody can ever wait for again are as good as lost. */
function tidy(rules: Rules, world: World): World {
  const { wire, servers, serverBackup } = world;
  if (rules.hearsLateAnswers || wire.length === 0) return world;
  const kept = wire.filter(
    ({ copy, answer }) =>
      !answer ||
      answer.requestId === servers[copy]?.state.inFlight ||
      (copy === 0 && answer.requestId === serverBackup?.state.inFlight),
  );
  return kept.length === wire.length ? world : { ...world, wire: kept };
}

/** A set of 53-bit numbers that grows beyond the limits of `Set`. */
class HashSet {
  private slots = new Float64Array(1 << 16).fill(-1);
  private size = 0;

  /** Whether it was new. */
  add(hash: number): boolean {
    if (this.size * 2 > this.slots.length) this.grow();
    const added = this.put(hash);
    if (added) this.size++;
    return added;
  }

  private put(hash: number): boolean {
    const mask = this.slots.length - 1;
    for (let at = (hash % 2_147_483_647) & mask; ; at = (at + 1) & mask) {
      const there = this.slots[at];
      if (there === hash) return false;
      if (there === -1) {
        this.slots[at] = hash;
        return true;
      }
    }
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Float64Array(before.length * 2).fill(-1);
    for (const hash of before) if (hash !== -1) this.put(hash);
  }
}
