// npm run trial -- kills [--kills N] [--seed S]
//
// Kills our process or all of PostgreSQL at random moments under load, 200 times unless told. After each kill it looks
// whether everything acknowledged is there and everything deleted is gone.
import { parseArgs } from "node:util";
import { killAgainAndAgain } from "../../test/trials/kills/kill-again-and-again.ts";

const { values } = parseArgs({
  options: { kills: { type: "string", default: "200" }, seed: { type: "string", default: `${Date.now()}` } },
});
const [kills, seed] = [Number(values.kills), Number(values.seed)];
if (![kills, seed].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  console.error("Give whole numbers: npm run trial -- kills --kills 200 --seed 1");
  process.exit(1);
}
console.log(`seed ${seed}`);
const tally = await killAgainAndAgain(kills, seed);
const { process: ours, postgres } = tally.kills;
const { batches, choices, deletions } = tally.acknowledged;
const { whole, notAtAll } = tally.interrupted;
console.log(`${ours + postgres} kills: ${ours} of our process, ${postgres} of PostgreSQL`);
console.log(`acknowledged and found: ${batches} batches, ${choices} choices, ${deletions} deletions`);
console.log(`interrupted: ${whole} found whole, ${notAtAll} not at all, 0 in part`);
for (const violation of tally.violations) console.error(`BROKEN ${violation}`);
if (tally.violations.length > 0) process.exitCode = 1;
