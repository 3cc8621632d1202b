import { join, resolve } from "node:path";
import ts from "typescript";
import { loadConfig } from "./typescript-program.ts";

/** The exports of one subpath of the package. */
export interface Surface {
  /** The key of the export map, such as `./ghes`. */
  readonly subpath: string;
  /** The golden file that holds {@link text}. */
  readonly file: string;
  readonly exports: number;
  /** How many of the exports exist at run time. */
  readonly values: number;
  /** Both numbers, then every export by name with its emitted declaration, without comments. */
  readonly text: string;
}

/** The most exports of some subpaths together, or values of one. */
interface Budget {
  readonly of: "exports" | "values";
  readonly subpaths: readonly string[];
  readonly atMost: number;
}

const BUDGETS: readonly Budget[] = [
  { of: "exports", subpaths: [".", "./ghes", "./ghec"], atMost: 160 },
  { of: "values", subpaths: ["./ghes"], atMost: 12 },
  { of: "values", subpaths: ["./ghec"], atMost: 6 },
];

/** The folder of the golden files. */
export const GOLDEN_FILES = "scripts/check/surface";

/** Returns the surface of every subpath, from the declarations that the compiler would emit. */
export function readSurfaces(
  exportMap: Readonly<Record<string, unknown>>,
  configFile = "src/tsconfig.json",
): readonly Surface[] {
  const subpaths = Object.keys(exportMap).filter((subpath) => !subpath.endsWith(".json"));
  const { options, fileNames } = loadConfig(configFile);
  // A folder that is never written, beside the sources, so that packages are found from it.
  const folder = resolve(options.rootDir ?? ".", "..", ".declarations");
  const declarations = emitDeclarations(fileNames, options, folder);
  const entries = subpaths.map((subpath) => join(folder, subpath, "index.d.ts"));
  const platform = fileNames.filter((file) => file.endsWith(".d.ts"));
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (file) => declarations.get(file) ?? readFile(file);
  host.fileExists = (file) => declarations.has(file) || fileExists(file);
  host.directoryExists = () => true;
  const program = ts.createProgram([...entries, ...platform], { ...options, noEmit: true }, host);
  const checker = program.getTypeChecker();
  const exportsOf = entries.map((entry) => exportsIn(program, entry));
  const named = new Set(exportsOf.flatMap((symbols) => [...symbols.values()]));
  return subpaths.map((subpath, index) => {
    const exported = exportsOf[index] as ReadonlyMap<string, ts.Symbol>;
    const values = [...exported.values()].filter(({ flags }) => flags & ts.SymbolFlags.Value).length;
    const unnamed = unnamedTypes(checker, exported.values(), named);
    const text = [
      `${exported.size} exports, ${values} of them values\n`,
      ...blocks(exported),
      ...(unnamed.size > 0 ? ["Mentioned above, without a name on any subpath:\n", ...blocks(unnamed)] : []),
    ].join("\n");
    return { subpath, file: goldenFile(subpath), exports: exported.size, values, text };
  });
}

function emitDeclarations(
  fileNames: readonly string[],
  options: ts.CompilerOptions,
  outDir: string,
): ReadonlyMap<string, string> {
  const declarations = new Map<string, string>();
  const emitting = { ...options, outDir, emitDeclarationOnly: true, declarationMap: false, sourceMap: false };
  const program = ts.createProgram(fileNames, emitting);
  program.emit(undefined, (file, text) => void declarations.set(file, text));
  return declarations;
}

/** Returns the exports of a file: the symbols behind the names. */
function exportsIn(program: ts.Program, entry: string): ReadonlyMap<string, ts.Symbol> {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${entry} exports nothing`);
  return new Map(
    checker.getExportsOfModule(module).map((symbol) => [symbol.name, withoutAlias(checker, symbol)]),
  );
}

function withoutAlias(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** Returns our types without a public name that these declarations mention, directly or through one another. */
function unnamedTypes(
  checker: ts.TypeChecker,
  exported: Iterable<ts.Symbol>,
  named: ReadonlySet<ts.Symbol>,
): ReadonlyMap<string, ts.Symbol> {
  const unnamed = new Map<string, ts.Symbol>();
  const visit = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node)) note(node.typeName);
    if (ts.isExpressionWithTypeArguments(node)) note(node.expression);
    ts.forEachChild(node, visit);
  };
  const note = (name: ts.Node): void => {
    const found = checker.getSymbolAtLocation(name);
    const symbol = found && withoutAlias(checker, found);
    if (!symbol || named.has(symbol) || unnamed.get(symbol.name) === symbol) return;
    if (symbol.flags & ts.SymbolFlags.TypeParameter || !isOurs(symbol)) return;
    unnamed.set(symbol.name, symbol);
    for (const node of symbol.declarations ?? []) visit(node);
  };
  for (const symbol of exported) {
    if (isOurs(symbol)) for (const node of symbol.declarations ?? []) visit(node);
  }
  return unnamed;
}

function isOurs({ declarations = [] }: ts.Symbol): boolean {
  // The platform's own types are declared in a file that is written by hand.
  return declarations.some(
    (node) => !/\/node_modules\/|\/platform\.d\.ts$/.test(node.getSourceFile().fileName),
  );
}

/** Returns one block for each name, in their order. */
function blocks(symbols: ReadonlyMap<string, ts.Symbol>): readonly string[] {
  return [...symbols]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, symbol]) => `${name}\n${indented(declarationOf(symbol))}\n`);
}

function goldenFile(subpath: string): string {
  const name = subpath === "." ? "index" : subpath.slice(2).replaceAll("/", "-");
  return `${GOLDEN_FILES}/${name}.txt`;
}

const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

/** Returns the declarations of a symbol as text. For a symbol of a foreign package it is the package's name alone. */
function declarationOf(symbol: ts.Symbol): string {
  const texts = (symbol.declarations ?? []).map((node) => {
    const file = node.getSourceFile();
    const [, foreign] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file.fileName) ?? [];
    if (foreign !== undefined) return `from ${foreign}`;
    const text = printer.printNode(ts.EmitHint.Unspecified, statementOf(node), file);
    return text.replace(/^(?:export )?(?:declare )?/, "");
  });
  return [...new Set(texts)].join("\n");
}

function statementOf(node: ts.Node): ts.Node {
  return ts.isVariableDeclaration(node) ? node.parent.parent : node;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

/**
 * Returns the first line in which a golden file and the surface differ, with how to accept the change; null if they
 * agree.
 */
export function surfaceDifference({ subpath, file, text }: Surface, golden: string | null): string | null {
  if (golden === text) return null;
  const accept = "If the change is meant, run `npm run generate` and review the diff.";
  if (golden === null) return `${subpath} has no golden file ${file}. ${accept}`;
  const before = golden.split("\n");
  const after = text.split("\n");
  const line = after.findIndex((content, index) => content !== before[index]);
  const index = line === -1 ? after.length : line;
  return [
    `${subpath} exports something else than ${file} says, first in line ${index + 1}:`,
    `  - ${before[index] ?? "(the end)"}`,
    `  + ${after[index] ?? "(the end)"}`,
    accept,
  ].join("\n");
}

/** Returns one line for each budget that is overrun. */
export function findOverruns(surfaces: readonly Surface[]): readonly string[] {
  return BUDGETS.flatMap(({ of, subpaths, atMost }) => {
    const there = sumOf(
      surfaces.filter(({ subpath }) => subpaths.includes(subpath)),
      of,
    );
    return there > atMost ? [`${subpaths.join(" + ")}: ${there} ${of}, more than ${atMost}`] : [];
  });
}

/** Returns how many exports or values some subpaths have together. */
export function sumOf(surfaces: readonly Surface[], of: "exports" | "values"): number {
  return surfaces.reduce((sum, surface) => sum + surface[of], 0);
}
