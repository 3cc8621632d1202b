// Finds every Result of this project that is made and thrown away. It prints file:line:column, and fails.
import { relative } from "node:path";
import { findDroppedResults } from "./find-dropped-results.ts";
import { loadProgram } from "./typescript-program.ts";

const program = loadProgram("tsconfig.json");
const dropped = findDroppedResults(program, (fileName) => !fileName.includes("/node_modules/"));

for (const { file, line, column, text } of dropped) {
  console.log(`${relative(".", file)}:${line}:${column} drops a Result: ${text}`);
}
if (dropped.length > 0) process.exitCode = 1;
