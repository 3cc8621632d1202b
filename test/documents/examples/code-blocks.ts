import { resolve } from "node:path";
import ts from "typescript";
import { loadConfig } from "../../../scripts/check/typescript-program.ts";

/** The code blocks of a language in a Markdown text, in their order. */
export function blocksOf(markdown: string, language: string): readonly string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(
    ([, code = ""]) => code,
  );
}

/** Compiles blocks of TypeScript together, each as the file that its first line names; answers what is wrong. */
export function compileBlocks(blocks: readonly string[]): readonly string[] {
  const folder = resolve("document");
  const files = new Map(blocks.map((code) => [resolve(folder, code.slice(3, code.indexOf("\n"))), code]));
  if (files.size < blocks.length) return ["two blocks are named the same"];
  const { options } = loadConfig("tsconfig.json");
  const host = ts.createCompilerHost(options);
  const { directoryExists, fileExists, readFile } = host;
  host.directoryExists = (path) => path.startsWith(folder) || directoryExists?.(path) === true;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);

  const program = ts.createProgram([...files.keys()], options, host);

  return [...files.keys()].flatMap((name) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(name))
      .map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`),
  );
}
