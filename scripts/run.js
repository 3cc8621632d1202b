// Runs a TypeScript file of this project without a build: node scripts/run.js <file.ts> [arguments…]
// Node 20 cannot strip types. esbuild bundles the file and the sources it imports, the package's own name included
// (`paths` in tsconfig.json), and leaves the dependencies in node_modules. The file reads its arguments as usual.
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const [node, , entry, ...args] = process.argv;
if (node === undefined || entry === undefined)
  throw new Error("usage: node scripts/run.js <file.ts> [arguments…]");

const outfile = resolve("build", entry.replace(/\.ts$/, ".js"));
await mkdir("build", { recursive: true });
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

process.setSourceMapsEnabled(true);
process.argv = [node, outfile, ...args];
await import(pathToFileURL(outfile).href);
