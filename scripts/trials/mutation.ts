// npm run trial -- mutation [--mutate <files>]
//
// Changes domain, ghes and ghec one place at a time, runs the tests against each change, and prints the changes that no
// test notices. Takes hours. Ends with 1 if the tests notice less than the threshold in scripts/mutation/.
import { runTool } from "../command.ts";

process.exitCode = await runTool("stryker", [
  ...["run", "scripts/mutation/stryker.config.json"],
  ...process.argv.slice(2),
]);
