import { spawn } from "node:child_process";
import { resolve } from "node:path";

/** How a program ended, and what it said. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of Node's; never rejects. */
export function runNode(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Run> {
  const env = { ...process.env, ...options.env };
  const child = spawn(process.execPath, args, { ...options, env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((done) => {
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
}

/** The files that this process of tests has run to their end: what was made of them is still right. */
const built = new Set<string>();

/** Runs a TypeScript file of the project as CONTRIBUTING.md says to. It is bundled once. */
export async function runExample(file: string, ...args: readonly string[]): Promise<Run> {
  if (built.has(file)) return await runNode(["--enable-source-maps", builtExample(file), ...args]);
  const run = await runNode(["scripts/run.js", file, ...args]);
  built.add(file);
  return run;
}

/** The JavaScript that {@link runExample} has made of a file; it runs in any folder. */
export function builtExample(file: string): string {
  return resolve("build", file.replace(/\.ts$/, ".js"));
}
