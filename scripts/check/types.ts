// Checks the types of the whole project, and finds every Result that is made and thrown away. It prints
// file:line:column, and fails. One program answers both, because types are most of the work.
import { relative } from "node:path";
import ts from "typescript";
import { findDroppedResults } from "./find-dropped-results.ts";
import { loadProgram } from "./typescript-program.ts";

const program = loadProgram("tsconfig.json");
const diagnostics = ts.getPreEmitDiagnostics(program);
const dropped = findDroppedResults(program, (fileName) => !fileName.includes("/node_modules/"));

const host: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (fileName) => fileName,
  getCurrentDirectory: () => process.cwd(),
  getNewLine: () => "\n",
};
if (diagnostics.length > 0) console.log(ts.formatDiagnostics(diagnostics, host));
for (const { file, line, column, text } of dropped) {
  console.log(`${relative(".", file)}:${line}:${column} drops a Result: ${text}`);
}
if (diagnostics.length + dropped.length > 0) process.exitCode = 1;
