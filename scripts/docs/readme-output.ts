import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../bundle.js";
import { command } from "../command.ts";

/** The document whose first file of code is followed by what that file prints. */
export const README = "README.md";

const STORY = /^```js\n(\/\/ (\S+)\n.*?)^```\n\n```text\n(.*?)^```$/ms;

/** Runs the file of the README, and returns the README with what it printed in its place. */
export async function withStoryOutput(): Promise<string> {
  const readme = readFileSync(README, "utf8");
  const [, code, file, before] = STORY.exec(readme) ?? [];
  if (code === undefined || file === undefined || before === undefined)
    throw new Error(`${README} has no file with its output`);
  const folder = join("build", "documents", "printed");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), code);
  const run = await command("node", [await bundle(join(folder, file))]);
  if (run.code !== 0) throw new Error(`the file of ${README} ended with ${run.code}:\n${run.output}`);
  return readme.replace(before, () => run.stdout);
}
