// Runs a TypeScript file of this project without a build: node scripts/run.js <file.ts> [arguments…]
// Node 20 cannot strip types, so it is bundled first. The file reads its arguments as usual.
import { run } from "./bundle.js";

const [, , entry, ...args] = process.argv;
if (entry === undefined) throw new Error("usage: node scripts/run.js <file.ts> [arguments…]");
await run(entry, args);
