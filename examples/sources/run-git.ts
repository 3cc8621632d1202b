import { spawn } from "node:child_process";

/** How a git command ended. */
export type GitOutcome =
  /** There is no git on this machine. */
  | { readonly status: "missing" }
  | {
      readonly status: "ended";
      /** 0 where it succeeded. */
      readonly code: number;
      /** The first line it complained with, without `fatal:` or `error:`, or an empty text. */
      readonly complaint: string;
    };

/** Runs git in a folder, hands on what it prints as it comes, and resolves when it has ended, or the signal has ended it. Never rejects. */
export function runGit(
  folder: string,
  args: readonly string[],
  onText: (text: string) => void,
  signal?: AbortSignal,
): Promise<GitOutcome> {
  // English complaints; and the folder says which repository, not the hook that may have started this.
  const env = { ...process.env, LC_ALL: "C", GIT_DIR: undefined, GIT_WORK_TREE: undefined };
  const child = spawn("git", ["-C", folder, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", onText);
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const stop = (): void => void child.kill();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  return new Promise((done) => {
    child.on("error", () => done({ status: "missing" }));
    child.on("close", (code) => {
      signal?.removeEventListener("abort", stop);
      done({
        status: "ended",
        code: code ?? 1,
        complaint: firstLineOf(complaint).replace(/^(?:fatal|error): /, ""),
      });
    });
  });
}

function firstLineOf(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
