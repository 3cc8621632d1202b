// Runs a TypeScript file of this project without a build: node scripts/run.js <file.ts> [arguments…]
// Node 20 cannot strip types, so it is bundled first. The file reads its arguments as usual.
import { pathToFileURL } from "node:url";
import { bundle } from "./bundle.js";

const [node, , entry, ...args] = process.argv;
if (node === undefined || entry === undefined)
  throw new Error("usage: node scripts/run.js <file.ts> [arguments…]");

const outfile = await bundle(entry);
process.setSourceMapsEnabled(true);
process.argv = [node, outfile, ...args];
await import(pathToFileURL(outfile).href);
