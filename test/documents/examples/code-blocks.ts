import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { bundle } from "../../../scripts/bundle.js";
import { loadConfig } from "../../../scripts/check/typescript-program.ts";

/** The code blocks of a language in a Markdown text, in their order. */
export function blocksOf(markdown: string, language: string): readonly string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(
    ([, code = ""]) => code,
  );
}

/** A block of code or of commands, and what the document says that it prints. */
export interface Told {
  readonly code: string;
  /** The text of the block that follows with nothing but a blank line between, or null. */
  readonly printed: string | null;
}

/** The code blocks of a language in a Markdown text, each with the output that follows it. */
export function toldBlocksOf(markdown: string, language: string): readonly Told[] {
  const block = new RegExp(
    `^\`\`\`${language}\n(.*?)^\`\`\`$(?:\n\n\`\`\`(?:text|json)\n(.*?)^\`\`\`$)?`,
    "gms",
  );
  return [...markdown.matchAll(block)].map(([, code = "", printed]) => ({ code, printed: printed ?? null }));
}

/** The name of the file that the first line of a block is: `// sender.ts`. */
export function fileNameOf(code: string): string {
  return code.slice(3, code.indexOf("\n"));
}

/** Writes blocks as the files that their first lines name, into a folder of the project that git ignores. Returns its path. */
export function writeBlocks(folder: string, blocks: readonly string[]): string {
  const path = join("build", "documents", folder);
  rmSync(path, { recursive: true, force: true });
  for (const code of blocks) {
    const file = join(path, fileNameOf(code));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
  return path;
}

/** Loads a file that {@link writeBlocks} has written, with the sources of the package behind its name. */
export async function loadBlock<Module>(folder: string, file: string): Promise<Module> {
  return import(/* @vite-ignore */ pathToFileURL(await bundle(join(folder, file))).href);
}

/** Compiles blocks of TypeScript together, each as the file that its first line names; answers what is wrong. */
export function compileBlocks(blocks: readonly string[]): readonly string[] {
  const folder = resolve("document");
  const files = new Map(blocks.map((code) => [resolve(folder, fileNameOf(code)), code]));
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
