// npm run check: every check that does not run the library. It prints one line per gate, and failures last.
import { availableParallelism } from "node:os";
import { command, printGate } from "../command.ts";

const GATES: ReadonlyMap<string, readonly [name: string, ...args: string[]]> = new Map([
  ["types, dropped Results", ["node", "scripts/run.js", "scripts/check/types.ts"]],
  ["types of src alone", ["tsc", "--project", "src", "--noEmit"]],
  ["public types", ["node", "scripts/run.js", "scripts/check/public-types.ts"]],
  ["prose", ["node", "scripts/run.js", "scripts/check/prose.ts"]],
  ["spelling", ["node", "scripts/run.js", "scripts/check/spelling.ts"]],
  ["architecture", ["vitest", "run", "test/project/architecture.test.ts"]],
  ["unused code", ["knip", "--treat-config-hints-as-errors"]],
  ["lint", ["biome", "check", "--formatter-enabled=false", "--error-on-warnings", "."]],
  ["format", ["biome", "format", "."]],
]);

const failed: string[] = [];
const waiting = GATES.entries();

async function runWaiting(): Promise<void> {
  for (const [gate, [name, ...args]] of waiting) {
    const startedAtMs = performance.now();
    const { code, output } = await command(name, args);
    if (code !== 0) failed.push(gate);
    printGate(gate, code !== 0, startedAtMs, output);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, runWaiting));
if (failed.length > 0) {
  console.log(`check failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
