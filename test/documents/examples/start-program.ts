import { spawn } from "node:child_process";
import { once } from "node:events";

/** A program of Node's that goes on until it is told to end. */
export interface Started {
  /** Returns all that it has said so far. */
  said(): string;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
}

/** Starts a program, and waits until it has said this text; rejects with all that it said if it ends before. */
export async function startProgram(
  file: string,
  cwd: string,
  text: string,
  more: NodeJS.ProcessEnv = {},
): Promise<Started> {
  const env = { ...process.env, ...more };
  const child = spawn(process.execPath, [file], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  let said = "";
  await new Promise<void>((ready, fail) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (said.includes(text)) ready();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("exit", () => fail(new Error(`The program has ended: ${said}`)));
  });
  return {
    said: () => said,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
