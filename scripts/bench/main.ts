// npm run bench: the speed, with each row beside its yardstick in the same run. A goal that is not met is printed and
// does not fail. A wrong result fails.
import { aggregate } from "./aggregate.ts";
import { bundle } from "./bundle.ts";
import { history } from "./history.ts";
import { hour } from "./hour.ts";
import { http } from "./http.ts";
import { type Finding, type Row, readable, WrongResult } from "./measure.ts";
import { Mistake, type Options, readOptions } from "./options.ts";
import { postgres } from "./postgres.ts";
import { scale } from "./scale.ts";
import { transition } from "./transition.ts";
import { validate } from "./validate.ts";
import { wire } from "./wire.ts";

type Group = (options: Options) => readonly Finding[] | Promise<readonly Finding[]>;

const GROUPS = new Map<string, Group>([
  ["aggregate", aggregate],
  ["validate", validate],
  ["transition", transition],
  ["hour", hour],
  ["wire", wire],
  ["http", http],
  ["bundle", bundle],
  ["history", history],
  ["postgres", postgres],
  ["scale", scale],
]);

/** The groups that take long or much room. They run only if they are named. */
const ONLY_BY_NAME: ReadonlySet<string> = new Set(["scale"]);

async function run(options: Options): Promise<void> {
  const rows: Row[] = [];
  for (const [name, measure] of GROUPS) {
    if (options.group === null ? ONLY_BY_NAME.has(name) : options.group !== name) continue;
    for (const finding of await measure(options)) {
      rows.push(rowOf(finding));
      if (!options.isJson) print(finding);
    }
  }
  if (options.isJson) console.log(JSON.stringify(rows, null, 2));
}

function rowOf({ id, what, yardstick, ratio, goal, met }: Finding): Row {
  return { id, what, yardstick, ratio, goal, met };
}

function print({ id, what, yardstick, ratio, goal, met, detail }: Finding): void {
  const verdict = met ? "met" : "NOT MET";
  console.log(`${id.padEnd(28)} ${readable(ratio).padStart(10)}  goal ${goal.padEnd(8)} ${verdict}`);
  console.log(`    ${what}\n    against ${yardstick}\n    ${detail}`);
}

try {
  await run(readOptions(process.argv.slice(2), [...GROUPS.keys()]));
} catch (error) {
  if (!(error instanceof Mistake || error instanceof WrongResult)) throw error;
  console.error(error instanceof WrongResult ? `Wrong result, expected: ${error.message}.` : error.message);
  process.exitCode = 1;
}
