// npm run trial -- search [--deep] [--states N]
//
// Searches every order of everything that can happen in small worlds, over the real transitions of both sides. `--deep`
// takes larger worlds, up to N states each (3,000,000 if left out; about 1 kB of memory per state).
import { parseArgs } from "node:util";
import { RULES } from "../../test/trials/exhaustive/rules.ts";
import { DEEP_SCENARIOS, SCENARIOS } from "../../test/trials/exhaustive/scenarios.ts";
import { search } from "../../test/trials/exhaustive/search.ts";

const { values } = parseArgs({
  options: { deep: { type: "boolean", default: false }, states: { type: "string", default: "3000000" } },
});
const states = Number(values.states);
if (!Number.isSafeInteger(states) || states < 1) {
  process.stderr.write("Say how many states to look at, a whole number from 1 on: --states 250000\n");
  process.exit(1);
}
let total = 0;
for (const { title, start } of values.deep ? DEEP_SCENARIOS : SCENARIOS) {
  const began = performance.now();
  const found = search(RULES, start, { states, convergence: values.deep ? 64 : 8 });
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  total += found.states;
  const extent = found.isExhausted ? "all" : `up to ${found.depth} steps`;
  process.stdout.write(`${title}: ${found.states.toLocaleString("en")} states (${extent}), ${seconds} s\n`);
  if (!found.violation) continue;
  process.stdout.write(`\n${found.violation.invariant}: ${found.violation.message}\n`);
  for (const action of found.violation.trace) process.stdout.write(`  ${JSON.stringify(action)}\n`);
  process.exitCode = 1;
}
process.stdout.write(`searched ${total.toLocaleString("en")} states\n`);
