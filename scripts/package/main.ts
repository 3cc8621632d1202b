// npm run package-check: can every user of the package use the files that `npm publish` would send? It packs the
// package and unpacks it in a folder of its own, beside its declared dependencies alone. It then uses the package from
// there. Only the oldest TypeScript comes from npm's registry, into that folder; a line says so if it is not available.
// With --publish, as `npm publish` runs it, the manifest has to lead to a repository too.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileNameOf, toldBlocksOf } from "../../test/documents/examples/code-blocks.ts";
import { type CommandOutcome, command, printGate } from "../command.ts";
import { findLeakedTypes } from "./find-leaked-types.ts";
import { findPlaceholders } from "./find-placeholders.ts";
import { measureBundle } from "./measure-bundle.ts";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const { name, version, exports, dependencies, peerDependencies } = manifest;
const subpaths = Object.keys(exports).filter((subpath) => !subpath.endsWith(".json"));
const specifiers = subpaths.map((subpath) => name + subpath.slice(1));

const folder = mkdtempSync(join(tmpdir(), "package-check-"));
const modules = join(folder, "node_modules");
const tarball = join(folder, `${name}-${version}.tgz`);

const failed: string[] = [];

async function gate(title: string, check: () => Promise<CommandOutcome> | CommandOutcome): Promise<void> {
  const startedAtMs = performance.now();
  const { code, output } = await check();
  if (code !== 0) failed.push(title);
  printGate(title, code !== 0, startedAtMs, output);
}

/** Writes a file into the folder of the imaginary user. */
function write(file: string, text: string): string {
  writeFileSync(join(folder, file), text);
  return file;
}

function outcome(problems: readonly string[]): CommandOutcome {
  const output = problems.join("\n");
  return { code: problems.length === 0 ? 0 : 1, stdout: output, output };
}

async function unpack(): Promise<CommandOutcome> {
  for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) {
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    symlinkSync(resolve("node_modules", dependency), join(modules, dependency), "junction");
  }
  const target = join(modules, name);
  mkdirSync(target, { recursive: true });
  return await command("tar", [
    "--extract",
    "--strip-components=1",
    "--file",
    tarball,
    "--directory",
    target,
  ]);
}

/**
 * Finds files that only the build needs. An editor that opens a shipped source would take them for the user's own
 * types.
 */
function findBuildFiles(): readonly string[] {
  const files = ["tsconfig.json", "src/tsconfig.json", "src/platform.d.ts"];
  return files.filter((file) => existsSync(join(modules, name, file))).map((file) => `${file} is shipped`);
}

/** The oldest TypeScript that compiles the types of the package. The README names it too. */
const OLDEST_TYPESCRIPT = "5.4.5";

/** Compiles a user who imports every subpath, and checks the declarations of all libraries too. */
async function compile(
  module: string,
  moduleResolution: string,
  [program = "tsc", ...args]: readonly string[] = [],
): Promise<CommandOutcome> {
  const user = `user-${moduleResolution}.mts`;
  const imports = specifiers.map((specifier, n) => `import * as s${n} from "${specifier}";`);
  write(user, `${imports.join("\n")}\nexport default [${specifiers.map((_, n) => `s${n}`).join(", ")}];\n`);
  const options = {
    module,
    moduleResolution,
    // The oldest TypeScript knows no newer target.
    target: "ES2022",
    lib: "ES2023,DOM",
    skipLibCheck: "false",
  };
  const flags = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]);
  return await command(program, [...args, ...flags, "--strict", "--noEmit", user], folder);
}

/** Compiles the same user with the oldest TypeScript, if it can be had, and looks whether the README names it. */
async function compileWithOldest(): Promise<void> {
  const title = `TypeScript ${OLDEST_TYPESCRIPT.replace(/\.\d+$/, "")}`;
  const stated = readFileSync("README.md", "utf8").includes(`${title} or later`);
  await gate(`the README names ${title}`, () =>
    outcome(stated ? [] : [`README.md does not say "${title} or later": name the oldest that compiles.`]),
  );
  const home = join(folder, "oldest");
  mkdirSync(home);
  const flags = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", home];
  const installed = await command("npm", ["install", ...flags, `typescript@${OLDEST_TYPESCRIPT}`], home);
  const tsc = join(home, "node_modules/typescript/lib/tsc.js");
  if (installed.code !== 0 || !existsSync(tsc)) {
    console.log(`absent  ${title}: the registry cannot be reached, so the types were not compiled with it.`);
    return;
  }
  await gate(`types under nodenext, ${title}`, () => compile("nodenext", "nodenext", ["node", tsc]));
  await gate(`types under bundler, ${title}`, () => compile("esnext", "bundler", ["node", tsc]));
}

/** Loads every subpath in one process and demands that each exports something. */
function load(file: string, importer: (specifier: string) => string): Promise<CommandOutcome> {
  const lines = specifiers.map(
    (specifier) =>
      `if (Object.keys(${importer(specifier)}).length === 0) throw new Error("${specifier} is empty");`,
  );
  return command("node", [write(file, lines.join("\n"))], folder);
}

/** Runs the README's file in an empty folder, as a new user does, and compares the output with the README's. */
async function followReadme(): Promise<CommandOutcome> {
  const [story] = toldBlocksOf(readFileSync(join(modules, name, "README.md"), "utf8"), "js");
  if (!story) return outcome(["the README has no file to run"]);
  const empty = join(folder, "empty");
  mkdirSync(empty);
  writeFileSync(join(empty, fileNameOf(story.code)), story.code);
  const { code, output } = await command("node", [fileNameOf(story.code)], empty);
  if (code !== 0 || output !== story.printed) return outcome(["it prints something else:", output]);
  return outcome([]);
}

/** The documents that a user without the repository reads, and the index for assistants. */
function findMissingDocuments(): readonly string[] {
  const files = [
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "llms.txt",
    "docs/README.md",
    "docs/calendar.svg",
  ];
  return files
    .filter((file) => !existsSync(join(modules, name, file)))
    .map((file) => `${file} is not shipped`);
}

/**
 * The core is the root: the vocabulary and the wire. A host imports one more side. The budgets keep it from growing.
 */
const BUDGETS_KB: readonly [subpath: string, withZod: number, withoutZod: number][] = [
  ["", 30, 7],
  ["/ghes", 47, 24],
  ["/ghec", 40, 17],
  ["/adapters/github-graphql", 8, 8],
];

async function measure(subpath: string, budgetBytes: number, external: readonly string[]): Promise<void> {
  const bytes = await measureBundle([name + subpath], folder, external);
  const title = `${name}${subpath} ${external.length > 0 ? "without" : "with"} zod`;
  const verdict = bytes <= budgetBytes ? "met" : "not met";
  const size = `${title}, minified and gzipped: ${(bytes / 1000).toFixed(1)} kB of ${budgetBytes / 1000} kB, ${verdict}`;
  console.log(`size    ${size}`);
  if (bytes > budgetBytes) failed.push(size);
}

/** Measures the size of one entry, with all parts that it shares with others and without foreign packages. */
async function measureAlone(subpath: string): Promise<void> {
  const others = [...Object.keys({ ...dependencies, ...peerDependencies }), "node:*"];
  const bytes = await measureBundle([name + subpath], folder, others);
  console.log(`size    ${name}${subpath} alone, minified and gzipped: ${(bytes / 1000).toFixed(1)} kB`);
}

/** Does everything that a user does with the unpacked package. */
async function use(): Promise<void> {
  await gate("import, as JavaScript", () => load("user.mjs", (specifier) => `await import("${specifier}")`));
  await gate("require, as CommonJS", () => load("user.cjs", (specifier) => `require("${specifier}")`));
  await gate("types under nodenext", () => compile("nodenext", "nodenext"));
  await gate("types under bundler", () => compile("esnext", "bundler"));
  await compileWithOldest();
  await gate("the README, followed", followReadme);
  await gate("documents are shipped", () => outcome(findMissingDocuments()));
  await gate("no file of the build alone", () => outcome(findBuildFiles()));
  await gate("no type of zod or date-fns", () => outcome(findLeakedTypes(join(modules, name), subpaths)));
  for (const [subpath, withZod, withoutZod] of BUDGETS_KB) {
    await measure(subpath, withZod * 1000, []);
    await measure(subpath, withoutZod * 1000, ["zod"]);
  }
  for (const subpath of subpaths.filter((path) => /^\.\/(adapters|calendar-html)/.test(path)))
    await measureAlone(subpath.slice(1));
}

try {
  if (process.argv.includes("--publish"))
    await gate("the manifest leads to a repository", () => outcome(findPlaceholders(manifest)));
  await gate("pack", () => command("npm", ["pack", "--pack-destination", folder]));
  await gate("publint", () => command("publint", [tarball, "--strict"]));
  await gate("are the types wrong", () => command("attw", [tarball, "--profile", "esm-only"]));
  await gate("unpack beside dependencies", unpack);
  if (failed.length === 0) await use();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

if (failed.length > 0) {
  console.log(`package-check failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
