// npm run trial -- failover [--failovers N] [--seed S]
//
// Kills PostgreSQL under load and starts it on a copy of its data from seconds before, without a word to the processes.
// It does so 100 times unless told. After each failover it looks whether deleted data is shown although the deletion
// was acknowledged, and for how long.
import { parseArgs } from "node:util";
import { failOverAgainAndAgain } from "../../test/trials/failover/fail-over-again-and-again.ts";

const { values } = parseArgs({
  options: {
    failovers: { type: "string", default: "100" },
    seed: { type: "string", default: `${Date.now()}` },
  },
});
const [failovers, seed] = [Number(values.failovers), Number(values.seed)];
if (![failovers, seed].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  console.error("Give whole numbers: npm run trial -- failover --failovers 100 --seed 1");
  process.exit(1);
}
console.log(`seed ${seed}`);
const tally = await failOverAgainAndAgain(failovers, seed);
console.log(
  `${tally.failovers} failovers, ${tally.acknowledged} deletions and ${tally.optedOut} opt-outs acknowledged`,
);
console.log(`${tally.lost} of them lost by the store, ${tally.shown} shown when a look was due`);
console.log(
  `from the database's return until it agreed with the ledger: ${tally.slowestMs} ms at the longest`,
);
console.log(`${tally.kept} consents looked for that nobody had ended`);
for (const violation of tally.violations) console.error(`BROKEN ${violation}`);
if (tally.violations.length > 0) process.exitCode = 1;
