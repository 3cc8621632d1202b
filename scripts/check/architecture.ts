import { posix } from "node:path";
import ts from "typescript";

/** The sources by path from the project's folder: `src/domain/contribution-payload.ts` → its text. */
export type Sources = ReadonlyMap<string, string>;

/**
 * The parts of the library, each with the other parts and the packages that it may import. It may always import itself.
 */
const PARTS = {
  "src/index.ts": { parts: ["src/domain"], packages: ["neverthrow"] },
  "src/domain": { parts: [], packages: ["zod", "neverthrow"] },
  "src/ghes": { parts: ["src/domain"], packages: ["zod", "neverthrow"] },
  "src/ghec": { parts: ["src/domain"], packages: ["zod", "neverthrow"] },
  // Doors: the contents of a store, with the versions that stores mint, and the words of the wire.
  "src/storage": { parts: ["src/domain", "src/ghes", "src/ghec"], packages: [] },
  "src/wire": { parts: ["src/domain"], packages: [] },
  "src/calendar-html": { parts: ["src/domain", "src/ghec"], packages: ["neverthrow"] },
  "src/adapters/github-graphql": {
    parts: ["src/domain", "src/ghes", "src/adapters/http"],
    packages: ["neverthrow"],
  },
  "src/adapters/http": { parts: ["src/domain", "src/ghes", "src/ghec"], packages: ["neverthrow"] },
  "src/adapters/http-signatures": {
    parts: ["src/domain"],
    packages: ["http-message-sig", "neverthrow", "structured-headers"],
  },
  "src/adapters/memory": {
    parts: ["src/domain", "src/ghes", "src/ghec", "src/storage"],
    packages: ["neverthrow"],
  },
  "src/adapters/opentelemetry": {
    parts: ["src/domain", "src/ghes", "src/ghec", "src/adapters/http", "src/adapters/postgres"],
    packages: ["@opentelemetry/api"],
  },
  // It keeps keys, and reads them without a package: test/unit/adapters/postgres/without-peers.test.ts.
  "src/adapters/postgres": {
    parts: ["src/domain", "src/ghes", "src/ghec", "src/storage", "src/adapters/http-signatures"],
    packages: ["neverthrow"],
  },
  "src/adapters/pglite": {
    parts: [],
    packages: ["neverthrow", "node:fs", "node:path", "node:process"],
  },
  "src/adapters/system": { parts: ["src/domain"], packages: [] },
  // The simulation runs over the memory adapters if it is given no others.
  "src/testing": {
    parts: ["src/domain", "src/ghes", "src/ghec", "src/adapters/memory", "src/adapters/http-signatures"],
    packages: ["neverthrow"],
  },
  "src/bin": {
    parts: ["src/adapters/postgres", "src/adapters/http-signatures", "src/adapters/system"],
    packages: ["node:fs", "node:process", "node:util"],
  },
} as const satisfies Record<string, { parts: readonly string[]; packages: readonly string[] }>;
type Part = keyof typeof PARTS;

/** The parts without a clock, randomness, timers, network or process. */
const PURE: readonly Part[] = ["src/domain", "src/ghes", "src/ghec", "src/calendar-html"];

/**
 * The places that may use Intl: the pure parts that write in a given language, and the one file that knows time zones.
 */
const LOCALIZED: readonly string[] = ["src/calendar-html", "src/domain/time-zone.ts"];

/** The one file that may import date-fns. */
const CALENDAR = "src/domain/calendar-date.ts";
/** The packages that one file alone may import, so that another package can take their place. */
const IMPORTED_ONCE: Readonly<Record<string, string>> = {
  "http-message-sig": "src/adapters/http-signatures/message-signature.ts",
};
/** Functions of date-fns that read the clock. */
const READS_CLOCK = /(?:Now|Today|Tomorrow|Yesterday|isPast|isFuture|isThis\w+)$/;

/** Globals that reach outside of the program. Most do not compile in `src` anyway: see src/platform.d.ts. */
const IMPURE = new Set([
  ...["console", "crypto", "fetch", "globalThis", "Intl", "performance", "process", "require", "Temporal"],
  ...["clearInterval", "clearTimeout", "queueMicrotask", "setImmediate", "setInterval", "setTimeout"],
]);

/** The files that contain only re-exports. */
const ONLY_DOORS: readonly string[] = ["src/index.ts", "src/storage/index.ts", "src/wire/index.ts"];

/** Names that do not say what a file or folder holds. */
const EMPTY_NAMES = new Set([
  "base",
  "common",
  "helper",
  "helpers",
  "misc",
  "shared",
  "types",
  "util",
  "utils",
]);

const MAX_LINES = 400;

interface Import {
  readonly specifier: string;
  readonly node: ts.Node;
}

/**
 * Checks the sources of the library against its architecture, and returns one line for each breach.
 *
 * A line has the form `src/domain/contribution-payload.ts:3 imports zod …`. `exportMap` is `exports` of package.json.
 */
export function findBreaches(
  sources: Sources,
  exportMap: Readonly<Record<string, unknown>>,
): readonly string[] {
  const parsed = [...sources].map(([file, text]) =>
    ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true),
  );
  return [
    ...parsed.flatMap(findNameBreaches),
    ...parsed.flatMap(findSizeBreaches),
    ...parsed.flatMap((source) => findImportBreaches(source, sources)),
    ...parsed.flatMap(findPurityBreaches),
    ...parsed.flatMap(findRootBreaches),
    ...findCycles(parsed),
    ...findExportMapBreaches(sources, exportMap),
  ];
}

function breach(node: ts.Node, what: string): string {
  const source = node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return `${source.fileName}:${line + 1} ${what}`;
}

function findNameBreaches({ fileName }: ts.SourceFile): string[] {
  const empty = fileName.split("/").filter((name) => EMPTY_NAMES.has(name.replace(/\..*$/, "")));
  return empty.map((name) => `${fileName} is named ${name}, which does not say what it holds`);
}

function findSizeBreaches({ fileName, text }: ts.SourceFile): string[] {
  const lines = text.trimEnd().split("\n").length;
  return lines > MAX_LINES ? [`${fileName} has ${lines} lines, more than ${MAX_LINES}`] : [];
}

function findImportBreaches(source: ts.SourceFile, sources: Sources): string[] {
  const part = partOf(source.fileName);
  if (part === undefined) return [`${source.fileName} belongs to no part of the architecture`];
  return importsOf(source).flatMap(({ specifier, node }) => {
    const why = specifier.startsWith(".")
      ? refuseFile(part, resolveFile(source.fileName, specifier), sources)
      : refusePackage(part, source.fileName, specifier, node);
    return why === undefined ? [] : [breach(node, `imports ${specifier}: ${why}`)];
  });
}

function refuseFile(from: Part, file: string, sources: Sources): string | undefined {
  if (!sources.has(file)) return "there is no such source file";
  const to = partOf(file);
  const allowed: readonly (Part | undefined)[] = [from, ...PARTS[from].parts];
  return allowed.includes(to) ? undefined : `${from} must not import ${to}`;
}

function refusePackage(from: Part, file: string, specifier: string, node: ts.Node): string | undefined {
  const name = packageOf(specifier);
  if (name === "date-fns" || name === "@date-fns/utc") return refuseDateFns(file, name, specifier);
  const importer = IMPORTED_ONCE[name];
  if (importer !== undefined && file !== importer) return `only ${importer} imports ${name}`;
  const allowed: readonly string[] = PARTS[from].packages;
  if (!allowed.includes(name)) return `${from} must not import ${name}`;
  if (name === "zod" && !isNamespaceImport(node))
    return 'only `import * as z from "zod"` keeps the bundle small';
  return undefined;
}

function refuseDateFns(file: string, name: string, specifier: string): string | undefined {
  if (file !== CALENDAR) return `only ${CALENDAR} imports date-fns`;
  if (specifier === "date-fns") return "import one function by its subpath: date-fns/addDays";
  return name === "date-fns" && READS_CLOCK.test(specifier) ? "it reads the clock" : undefined;
}

function isNamespaceImport(node: ts.Node): boolean {
  const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : undefined;
  return bindings !== undefined && ts.isNamespaceImport(bindings);
}

function findPurityBreaches(source: ts.SourceFile): string[] {
  const part = partOf(source.fileName);
  if (part === undefined || !PURE.includes(part)) return [];
  const found: string[] = [];
  function visit(node: ts.Node): void {
    const impurity = impurityOf(node);
    const isAllowed =
      impurity === "Intl" && [part, source.fileName].some((place) => LOCALIZED.includes(String(place)));
    if (impurity !== undefined && !isAllowed)
      found.push(breach(node, `uses ${impurity}, but ${part} is pure`));
    ts.forEachChild(node, visit);
  }
  visit(source);
  return found;
}

/** Returns the outside resource that the node itself reaches for, children not included. */
function impurityOf(node: ts.Node): string | undefined {
  if (ts.isMetaProperty(node)) return node.getText();
  if (ts.isNewExpression(node)) return readsClock(node) ? "new UTCDate() without a time" : undefined;
  return ts.isIdentifier(node) && isGlobal(node) ? impurityOfGlobal(node) : undefined;
}

function readsClock(node: ts.NewExpression): boolean {
  return node.expression.getText() === "UTCDate" && (node.arguments ?? []).length === 0;
}

function impurityOfGlobal({ text, parent }: ts.Identifier): string | undefined {
  const member = ts.isPropertyAccessExpression(parent) ? parent.name.text : undefined;
  if (text === "Date" && member !== "UTC") return member === undefined ? "Date" : `Date.${member}`;
  if (text === "Math" && (member === undefined || member === "random")) return "Math.random";
  return IMPURE.has(text) ? text : undefined;
}

/** Whether an identifier is read as a global: not declared in its file, and not a member, a key or a type. */
function isGlobal(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node && !isDeclared(node);
  if (ts.isTypeNode(parent) || ts.isQualifiedName(parent)) return false;
  const isName = "name" in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent);
  const isOldName = "propertyName" in parent && parent.propertyName === node;
  return !(isName || isOldName || isDeclared(node));
}

function isDeclared({ text, parent }: ts.Identifier): boolean {
  function declares(node: ts.Node): boolean {
    const isDeclaration =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node);
    if (isDeclaration && node.name?.getText() === text) return true;
    return ts.forEachChild(node, declares) ?? false;
  }
  return declares(parent.getSourceFile());
}

function findRootBreaches(source: ts.SourceFile): string[] {
  if (!ONLY_DOORS.includes(source.fileName)) return [];
  return source.statements
    .filter((statement) => !(ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined))
    .map((statement) => breach(statement, "is more than a re-export"));
}

function findCycles(parsed: readonly ts.SourceFile[]): string[] {
  const next = new Map(parsed.map((source) => [source.fileName, filesImportedBy(source)]));
  const finished = new Set<string>();
  const found: string[] = [];
  function follow(file: string, path: readonly string[]): void {
    if (path.includes(file)) found.push(`a cycle: ${[...path.slice(path.indexOf(file)), file].join(" → ")}`);
    else if (!finished.has(file))
      for (const imported of next.get(file) ?? []) follow(imported, [...path, file]);
    finished.add(file);
  }
  for (const file of next.keys()) follow(file, []);
  return found;
}

function findExportMapBreaches(sources: Sources, exportMap: Readonly<Record<string, unknown>>): string[] {
  const subpaths = Object.keys(exportMap).filter((subpath) => !subpath.endsWith(".json"));
  const wanted = new Map(subpaths.map((subpath) => [posix.join("src", subpath, "index.ts"), subpath]));
  const entries = [...sources.keys()].filter((file) => posix.basename(file) === "index.ts");
  return [
    ...[...wanted]
      .filter(([file]) => !sources.has(file))
      .map(([file, path]) => `export ${path} has no ${file}`),
    ...entries.filter((file) => !wanted.has(file)).map((file) => `${file} is exported by no subpath`),
    ...[...wanted].flatMap(([file, subpath]) => findTargetBreaches(file, subpath, exportMap[subpath])),
  ];
}

function findTargetBreaches(file: string, subpath: string, target: unknown): string[] {
  const built = file.replace(/^src/, "./dist").replace(/\.ts$/, "");
  const expected = JSON.stringify({ types: `${built}.d.ts`, default: `${built}.js` });
  return JSON.stringify(target) === expected ? [] : [`export ${subpath} is not ${expected}`];
}

function importsOf(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  function visit(node: ts.Node): void {
    const specifier = specifierOf(node);
    if (specifier !== undefined && ts.isStringLiteralLike(specifier))
      found.push({ specifier: specifier.text, node });
    ts.forEachChild(node, visit);
  }
  visit(source);
  return found;
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isDynamic ? node.arguments[0] : undefined;
}

function filesImportedBy(source: ts.SourceFile): string[] {
  const relative = importsOf(source).filter(({ specifier }) => specifier.startsWith("."));
  return relative.map(({ specifier }) => resolveFile(source.fileName, specifier));
}

function resolveFile(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

/** `date-fns/addDays` → `date-fns`, `@date-fns/utc/date` → `@date-fns/utc`; a Node module keeps its `node:`. */
function packageOf(specifier: string): string {
  const segments = specifier.split("/");
  return segments.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function partOf(file: string): Part | undefined {
  const parts = Object.keys(PARTS) as Part[];
  return parts.find((part) => file === part || file.startsWith(`${part}/`));
}
