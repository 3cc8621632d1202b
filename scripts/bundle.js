import { mkdir, rename } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/**
 * Bundles a TypeScript file of this project and the sources it imports, the package's own name included (`paths` in
 * tsconfig.json), into a file that Node 20 runs, and answers its path. The dependencies stay in node_modules.
 *
 * @param {string} entry
 */
export async function bundle(entry) {
  const outfile = resolve("build", entry.replace(/\.ts$/, ".js"));
  await mkdir(dirname(outfile), { recursive: true });
  // In place in one step: another process may be reading what it has made of the same file.
  const unfinished = `${outfile}.${process.pid}`;
  await build({
    entryPoints: [entry],
    outfile: unfinished,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20.19",
    sourcemap: "inline",
    logLevel: "warning",
  });
  await rename(unfinished, outfile);
  return outfile;
}

/**
 * Runs a TypeScript file of this project in this process; the file reads these arguments as usual.
 *
 * @param {string} entry
 * @param {readonly string[]} args
 */
export async function run(entry, args) {
  const outfile = await bundle(entry);
  process.setSourceMapsEnabled(true);
  process.argv = [process.execPath, outfile, ...args];
  await import(pathToFileURL(outfile).href);
}
