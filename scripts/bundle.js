import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
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
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20.19",
    sourcemap: "inline",
    logLevel: "warning",
  });
  return outfile;
}
