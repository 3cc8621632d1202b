// npm run trial -- coverage
//
// Measures the lines and branches of domain, ghes and ghec that run under their own tests and those of behaviour. Ends
// with 1 unless all of them do.
import { runTool } from "../command.ts";

/** It lives hundreds of lives, whose lines others run, too. */
const REPEATING = "test/behaviour/journeys/dying-process.test.ts";
const TESTS = ["test/unit/domain", "test/unit/ghes", "test/unit/ghec", "test/behaviour"];

process.exitCode = await runTool("vitest", [
  ...["run", "--coverage", "--project=!on*", `--exclude=${REPEATING}`, ...TESTS],
  ...process.argv.slice(2),
]);
