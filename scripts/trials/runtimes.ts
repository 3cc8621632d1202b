// npm run trial -- runtimes
//
// Runs the HTTP checks and examples with the built package on Node 20, 22, 24 and 26, Bun and Deno, and the handler on
// workerd. A store in PGlite is closed and opened again. An example has to print what its last comment says.
// Packs the package and unpacks it in a temporary folder, beside its dependencies alone. The runtimes come from npm's
// registry into that folder, never into the project. A line names each runtime that is not available.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { type CommandOutcome, command, printGate } from "../command.ts";

const { name, version, dependencies, peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"));

const folder = mkdtempSync(join(tmpdir(), "runtimes-"));
const modules = join(folder, "node_modules");
const { platform, arch } = process;

interface Runtime {
  readonly title: string;
  /** Its name in the registry, with its version. */
  readonly wanted: string;
  /** The path of its program, in the folder in which it is installed. */
  readonly program: string;
  /** The arguments before the file to run. */
  readonly flags: readonly string[];
}

function node(major: number): Runtime {
  return {
    title: `Node ${major}`,
    wanted: `n${major}@npm:node-${platform}-${arch}@${major}`,
    program: `n${major}/bin/node`,
    flags: [],
  };
}

const BUN = `@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}`;
const DENO = `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`;
const WORKERD = `@cloudflare/workerd-${platform}-${arch === "x64" ? "64" : arch}`;

const RUNTIMES: readonly Runtime[] = [
  ...[20, 22, 24, 26].map(node),
  { title: "Bun", wanted: `${BUN}@1.4.5`, program: `${BUN}/bin/bun`, flags: ["run"] },
  {
    title: "Deno",
    wanted: `${DENO}@2.9.6`,
    program: `${DENO}/deno`,
    flags: ["run", "--allow-all", "--no-remote", "--node-modules-dir=manual"],
  },
];
const WORKERD_RUNTIME: Runtime = {
  title: "workerd (the handler)",
  wanted: `${WORKERD}@1.20261117.1`,
  program: `${WORKERD}/bin/workerd`,
  flags: [],
};

/** The examples that need no database and run in any folder. Each ends by itself. */
const EXAMPLES = ["http-signatures", "own-store", "sources"];

const failed: string[] = [];
const missing: string[] = [];

async function gate(title: string, check: () => Promise<CommandOutcome>): Promise<void> {
  const startedAtMs = performance.now();
  const { code, output } = await check();
  if (code !== 0) failed.push(title);
  printGate(title, code !== 0, startedAtMs, output);
}

/** Packs the package and puts it, its dependencies and the bundled checks into the folder. */
async function unpack(): Promise<CommandOutcome> {
  const packed = await command("npm", ["pack", "--pack-destination", folder]);
  if (packed.code !== 0) return packed;
  const servers = ["@hono/node-server", "hono"];
  for (const dependency of withTheirs([
    ...Object.keys({ ...dependencies, ...peerDependencies }),
    ...servers,
  ])) {
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    cpSync(resolve("node_modules", dependency), join(modules, dependency), { recursive: true });
  }
  mkdirSync(join(modules, name), { recursive: true });
  const tarball = join(folder, `${name}-${version}.tgz`);
  const unpacked = await command("tar", ["-xf", tarball, "--strip-components=1", "-C", join(modules, name)]);
  if (unpacked.code !== 0) return unpacked;
  await bundle("test/trials/runtimes/main.ts", "checks.mjs", "external");
  await bundle("test/trials/runtimes/pglite.ts", "pglite.mjs", "external");
  for (const example of EXAMPLES) await bundle(`examples/${example}/main.ts`, `${example}.mjs`, "external");
  return unpacked;
}

/** Returns the packages with those that they need themselves, each once. */
function withTheirs(names: readonly string[], found = new Set<string>()): ReadonlySet<string> {
  for (const each of names.filter((each) => !found.has(each) && existsSync(join("node_modules", each)))) {
    found.add(each);
    const its = JSON.parse(readFileSync(join("node_modules", each, "package.json"), "utf8"));
    withTheirs(Object.keys(its.dependencies ?? {}), found);
  }
  return found;
}

/** Bundles a program. Its imports from packages are left out, or taken from the built package. */
async function bundle(entry: string, file: string, packages: "external" | "bundle"): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile: join(folder, file),
    bundle: true,
    packages,
    format: "esm",
    target: "es2022",
    platform: packages === "external" ? "node" : "browser",
    logLevel: "warning",
    // Not the sources that tsconfig.json leads to.
    tsconfigRaw: {},
    ...(packages === "bundle" ? { nodePaths: [modules] } : {}),
  });
}

/** Installs a runtime and returns the path of its program; null if the registry has none for this machine. */
async function install({ title, wanted, program }: Runtime): Promise<string | null> {
  const home = join(folder, "runtimes", title.replace(/\W+/g, "-"));
  mkdirSync(home, { recursive: true });
  const flags = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", home];
  const installed = await command("npm", [...flags, wanted], home);
  const path = join(home, "node_modules", program);
  if (installed.code === 0 && existsSync(path)) return path;
  missing.push(title);
  console.log(`absent  ${title}: the registry has no ${wanted} for this machine, or cannot be reached.`);
  return null;
}

const vectors = resolve("wire/vectors-1.json");

async function check(runtime: Runtime): Promise<void> {
  const program = await install(runtime);
  if (program === null) return;
  await gate(runtime.title, () => command(program, [...runtime.flags, "checks.mjs", vectors], folder));
  const store = join(folder, "store");
  rmSync(store, { recursive: true, force: true });
  await gate(`${runtime.title}, PGlite`, () =>
    command(program, [...runtime.flags, "pglite.mjs", store], folder),
  );
  for (const example of EXAMPLES) {
    await gate(`${runtime.title}, ${example}`, async () => {
      const run = await command(program, [...runtime.flags, `${example}.mjs`], folder);
      const told = lastCommentOf(readFileSync(`examples/${example}/main.ts`, "utf8"));
      const isTold = layoutOf(run.stdout) === layoutOf(told);
      return { ...run, code: run.code === 0 && isTold ? 0 : 1, output: `${run.output}\nexpected:\n${told}` };
    });
  }
}

/** Returns the lines of the comment that a source ends with, without their slashes. */
function lastCommentOf(source: string): string {
  const lines = source.trimEnd().split("\n");
  const comment = lines.slice(lines.findLastIndex((line) => !line.startsWith("//")) + 1);
  return comment.map((line) => line.replace(/^\/\/ ?/, "")).join("\n");
}

/** Returns an output without what runtimes lay out differently: blanks, quotation marks and last commas. */
function layoutOf(output: string): string {
  return output.replace(/[\s'"]/g, "").replace(/,(?=[}\]])/g, "");
}

async function checkWorkerd(): Promise<void> {
  const program = await install(WORKERD_RUNTIME);
  if (program === null) return;
  await bundle("test/trials/runtimes/worker.ts", "worker.js", "bundle");
  copyFileSync("test/trials/runtimes/workerd.capnp", join(folder, "workerd.capnp"));
  await gate(WORKERD_RUNTIME.title, async () => {
    const workerd = spawn(program, ["serve", "workerd.capnp", "--control-fd=3"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit", "pipe"],
    });
    try {
      const port = await portOf(workerd);
      return await command("node", ["checks.mjs", vectors, `http://127.0.0.1:${port}`], folder);
    } finally {
      workerd.kill();
    }
  });
}

/** Returns the port on which workerd says that it listens. */
async function portOf(workerd: ChildProcess): Promise<number> {
  const control = workerd.stdio[3];
  if (!control || !("read" in control)) throw new Error("workerd has no control channel");
  const [line] = await once(createInterface({ input: control }), "line");
  return JSON.parse(line).port;
}

try {
  await gate("pack, and unpack beside dependencies", unpack);
  if (failed.length === 0) {
    for (const runtime of RUNTIMES) await check(runtime);
    await checkWorkerd();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

if (missing.length > 0) console.log(`not tested here: ${missing.join(", ")}`);
if (failed.length > 0) {
  console.log(`runtimes failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
