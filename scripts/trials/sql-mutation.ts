// npm run trial -- sql-mutation [--only <text>] [--survivors <file>] [--quick]
//
// Changes the statements of the PostgreSQL stores one place at a time, and prints the changes that nothing notices. It runs
// the contracts against each change, and the checks of guards, rows, ways and work. A simulated world and the other tests
// on a database follow. With a file, it writes what is left to it, and tries only those that the file names already.
// `--quick` leaves out the other tests, which take a minute for each change that survives: a second run asks them of the
// survivors alone.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { findSurvivors, type TriedMutant } from "../../test/trials/sql-mutation/find-survivors.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    survivors: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const file = values.survivors;
const known =
  file !== undefined && existsSync(file) ? new Set<string>(JSON.parse(readFileSync(file, "utf8"))) : null;

function idOf({ statements }: TriedMutant): string {
  return createHash("sha256")
    .update(JSON.stringify([...statements]))
    .digest("hex");
}

const { killed, killedByRouting, killedByTests, refused, survivors } = await findSurvivors(
  (mutant) => mutant.title.includes(values.only) && (known?.has(idOf(mutant)) ?? true),
  { asksTests: !values.quick },
  (stage, done, of) =>
    process.stderr.write(done % 25 === 0 || done === of ? `${stage}: ${done} of ${of}\n` : ""),
);
for (const { title, statements } of survivors) {
  const [statement = ""] = statements.keys();
  console.log(`SURVIVED ${title}\n  in ${statement.replace(/\s+/g, " ").slice(0, 110)} …`);
}
if (file !== undefined) writeFileSync(file, JSON.stringify(survivors.map(idOf)));
const tried = killed + survivors.length;
console.log(
  `${tried} mutants, ${killed} killed (${((100 * killed) / tried).toFixed(1)} %), ${killedByRouting} of them by the rules ` +
    `of routing alone and ${killedByTests} by other tests on a database alone; PostgreSQL refused ${refused}`,
);
