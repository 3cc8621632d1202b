// npm run trial -- <name> [options]
//
// Starts one of the trials: long runs that look for faults which no test names. Without a trial's name it prints them
// all and ends with 1.
import { run } from "../bundle.js";

/** The trials with what each does. Each is a file of this folder. */
const TRIALS: ReadonlyMap<string, string> = new Map([
  ["simulate", "runs both sides in worlds full of faults"],
  ["search", "tries every order of everything that can happen between the two sides"],
  ["kills", "kills our process and PostgreSQL under load, and looks for what was acknowledged"],
  ["failover", "lets PostgreSQL fail over to what it was seconds before, and looks for what was deleted"],
  ["withdraw", "lets users opt out while a sync of 200,000 links runs, and waits for their receipts"],
  ["hostile", "sends hostile requests to the HTTP handler"],
  ["load", "keeps one handler process under 200 connections"],
  ["timing", "measures whether the time of an answer tells that a link exists"],
  ["runtimes", "runs HTTP checks and examples on Node 20 to 26, Bun and Deno, and the handler on workerd"],
  ["coverage", "measures the lines and branches that the tests of domain, ghes and ghec reach"],
  ["mutation", "changes domain, ghes and ghec, or an adapter, and counts the changes that no test notices"],
  ["sql-mutation", "changes the PostgreSQL statements, and counts the changes that no contract notices"],
]);

const [, , name, ...options] = process.argv;
if (name !== undefined && TRIALS.has(name)) {
  await run(`scripts/trials/${name}.ts`, options);
} else {
  const mistake = name === undefined ? "Name a trial" : `There is no trial ${JSON.stringify(name)}`;
  const list = [...TRIALS].map(([trial, does]) => `  ${trial.padEnd(13)}${does}`);
  console.error(`${mistake}: npm run trial -- <name> [options]\n\n${list.join("\n")}`);
  process.exitCode = 1;
}
