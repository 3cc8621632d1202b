// npm run search -- [states]: everything that can happen between the two sides, breadth first, scenario by scenario, with
// the library's own transitions; 250,000 states of each unless told. Ends with 1 where an invariant is broken.
import { RULES } from "../test/exhaustive/rules.ts";
import { DEEP_SCENARIOS, SCENARIOS } from "../test/exhaustive/scenarios.ts";
import { search } from "../test/exhaustive/search.ts";

const states = Number(process.argv[2] ?? 250_000);
if (!Number.isSafeInteger(states) || states < 1) {
  console.error("Say how many states to explore, a whole number from 1 on: npm run search -- 250000");
  process.exit(1);
}
for (const { title, start } of [...SCENARIOS, ...DEEP_SCENARIOS]) {
  const found = search(RULES, start, { states, convergence: 8 });
  const extent = found.isExhausted ? "all there are" : `${found.depth} steps deep`;
  console.log(`${title}: ${found.states} states, ${found.transitions} steps between them, ${extent}`);
  if (!found.violation) continue;
  const { invariant, message, trace } = found.violation;
  console.log(
    [`BROKEN ${invariant}: ${message}`, ...trace.map((action) => JSON.stringify(action))].join("\n  "),
  );
  process.exitCode = 1;
}
