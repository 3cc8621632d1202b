import { SCENARIOS } from "../test/exhaustive/scenarios.ts";
import { RULES } from "../test/exhaustive/rules.ts";
import { search } from "../test/exhaustive/search.ts";

const limit = Number(process.argv[2] ?? 100_000);
const only = process.argv[3];
const conv = Number(process.argv[4] ?? 1);
for (const [i, { title, start }] of SCENARIOS.entries()) {
  if (only !== undefined && only !== "all" && Number(only) !== i) continue;
  const t = performance.now();
  const r = search(RULES, start, { states: limit, convergence: conv });
  const s = (performance.now() - t) / 1000;
  console.log(i, title, r.states, "states", r.transitions, "trans depth", r.depth, r.isExhausted ? "exhausted" : "", s.toFixed(1) + "s", r.converged);
  if (r.violation) {
    console.log("  VIOLATION", r.violation.invariant, r.violation.message);
    for (const a of r.violation.trace) console.log("    ", JSON.stringify(a));
  }
}
