import { spawn } from "node:child_process";
import { delimiter, resolve } from "node:path";

/** The exit and the output of a command. */
export interface CommandOutcome {
  /** 0 if it succeeded; 1 if it could not be started or was killed. */
  readonly code: number;
  /** Standard output alone. */
  readonly stdout: string;
  /** Standard output and standard error, in the order in which they came. */
  readonly output: string;
}

/** Runs a command with the project's own tools first on the path, and resolves when it has ended. Never rejects. */
export function command(name: string, args: readonly string[], cwd = "."): Promise<CommandOutcome> {
  const child = spawn(name, args, { cwd, env: toolsFirst(), stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((done) => {
    child.on("error", (error) => done({ code: 1, stdout, output: `${output}${error.message}\n` }));
    child.on("close", (code) => done({ code: code ?? 1, stdout, output }));
  });
}

/** Runs one of the project's own tools on this terminal; resolves with its exit code, 1 if it was killed. */
export function runTool(name: string, args: readonly string[]): Promise<number> {
  const child = spawn(name, args, { env: toolsFirst(), stdio: "inherit" });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => done(code ?? 1));
  });
}

/** Returns the environment of this process, with the project's own tools first on the path. */
function toolsFirst(): NodeJS.ProcessEnv {
  const PATH = `${resolve("node_modules/.bin")}${delimiter}${process.env["PATH"] ?? ""}`;
  return { ...process.env, PATH };
}

/** Prints one gate's line, `ok` or `FAILED`, with its time and, if it failed, its output. */
export function printGate(name: string, failed: boolean, startedAtMs: number, output: string): void {
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`${failed ? "FAILED" : "ok    "}  ${name.padEnd(34)} ${seconds.padStart(5)} s`);
  if (failed) console.log(`\n${output.trimEnd()}\n`);
}
