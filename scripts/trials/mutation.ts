// npm run trial -- mutation [--mutate <files>]
//
// Changes domain, ghes and ghec one place at a time, runs the tests against each change, and prints the changes that no
// test notices. Takes hours. Ends with 1 if the tests notice less than the threshold in scripts/mutation/.
//
// npm run trial -- mutation --adapter <name> [--mutate <files>]
//
// Changes one adapter instead: memory, http, http-signatures or postgres. Its own tests run against each change, those
// of postgres on PostgreSQL 18. SQL stays as it is.
import { runTool } from "../command.ts";

const [first, adapter, ...others] = process.argv.slice(2);
const isAdapter = first === "--adapter";
if (isAdapter) process.env["MUTATED_ADAPTER"] = adapter;

process.exitCode = await runTool("stryker", [
  ...["run", isAdapter ? "scripts/mutation/adapter.config.js" : "scripts/mutation/stryker.config.json"],
  ...(isAdapter ? others : process.argv.slice(2)),
]);
