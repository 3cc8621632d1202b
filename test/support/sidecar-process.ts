import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { builtExample } from "../documents/examples/run-example.ts";

/** A line of the log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly type: string };

/** A sidecar that runs. */
export interface SidecarProcess {
  readonly child: ChildProcess;
  /** Every line of the log so far. */
  readonly lines: readonly LogLine[];
  /** The next line of this type that was not yet waited for; rejects if the process ends before. */
  next(type: string): Promise<LogLine>;
  /** How it ended: its exit code or the signal, and what it said on the standard error. */
  readonly ended: Promise<{ readonly code: number | string | null; readonly stderr: string }>;
}

/** Starts a sidecar that was built before. */
export function startSidecar(...args: readonly string[]): SidecarProcess {
  const child = spawn(process.execPath, [builtExample("examples/sidecar/main.ts"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: LogLine[] = [];
  const arrivals = new EventTarget();
  const seen = new Map<string, number>();
  let [isOver, stderr] = [false, ""];
  createInterface(child.stdout).on("line", (line) => {
    lines.push(JSON.parse(line));
    arrivals.dispatchEvent(new Event("change"));
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close").then(([code, signal]) => {
    isOver = true;
    arrivals.dispatchEvent(new Event("change"));
    return { code: code ?? signal, stderr };
  });
  return {
    ...{ child, lines, ended },
    next: async (type) => {
      for (;;) {
        const from = seen.get(type) ?? 0;
        const at = lines.findIndex((line, place) => place >= from && line.type === type);
        const found = lines[at];
        if (found) {
          seen.set(type, at + 1);
          return found;
        }
        if (isOver) throw new Error(`The sidecar ended before ${type}: ${stderr}`);
        await new Promise((resolve) => arrivals.addEventListener("change", resolve, { once: true }));
      }
    },
  };
}
