import { parseArgs } from "node:util";
import { ok, type Result, type UserId } from "unified-contributions";
import { type Mistake, refuse } from "../demo/mistake.ts";

/** The configuration and the task that the command line names. */
export interface Options {
  /** The file with the configuration. */
  readonly config: string;
  readonly task: Task;
}

/** The task for which a sidecar is started. */
export type Task =
  /** To serve the pages and to sync hourly, until it is told to end. */
  | { readonly type: "serve" }
  /** To sync once, without pages. */
  | { readonly type: "sync-once" }
  /** To delete what was sent of a user who is gone, without pages. */
  | { readonly type: "end-user"; readonly user: UserId; readonly reason: "user-suspended" | "user-deleted" };

/** How the sidecar is started. */
export const USAGE = `Usage: npm run sidecar -- --config <file> [--once | --end-suspended <number> | --end-deleted <number>]

  --config         the configuration; examples/sidecar/README.md has one to begin with
  --once           sync once, serve no pages, and end: 0 if everything was answered, else 1
  --end-suspended  delete what was sent of a user who is suspended on the server, by the number in the log, and end
  --end-deleted    the same of a user whose account was deleted on the server`;

const OPTIONS = {
  config: { type: "string" },
  once: { type: "boolean" },
  "end-suspended": { type: "string" },
  "end-deleted": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Reads the arguments behind the file's name. Returns null if they ask for {@link USAGE}. */
export function readOptions(args: readonly string[]): Result<Options | null, Mistake> {
  const { values, positionals, tokens } = parseArgs({
    ...{ args: [...args], options: OPTIONS, strict: false, allowPositionals: true, tokens: true },
  });
  for (const token of tokens) {
    if (token.kind === "option" && !Object.hasOwn(OPTIONS, token.name))
      return refuse(`There is no option ${token.rawName}.\n\n${USAGE}`);
  }
  if (values.help === true) return ok(null);
  if (positionals.length > 0) return refuse(`Give options alone, and the file behind --config.\n\n${USAGE}`);
  const { config, ...tasks } = values;
  if (typeof config !== "string" || config === "")
    return refuse(`--config needs the file with the configuration.\n\n${USAGE}`);
  return readTask(tasks).map((task) => ({ config, task }));
}

type Tasks = Readonly<Partial<Record<keyof typeof OPTIONS, string | boolean>>>;

function readTask(tasks: Tasks): Result<Task, Mistake> {
  const [[option, value] = ["", true], ...more] = Object.entries(tasks);
  if (more.length > 0) return refuse(`Give one of --once, --end-suspended and --end-deleted.\n\n${USAGE}`);
  if (option === "") return ok({ type: "serve" });
  if (option === "once")
    return value === true ? ok({ type: "sync-once" }) : refuse(`--once takes no value.\n\n${USAGE}`);
  if (typeof value !== "string" || !/^[1-9]\d{0,15}$/.test(value))
    return refuse(
      `--${option} needs the number of a user, as it stands in the log: --${option} 1017, for example.`,
    );
  const reason = option === "end-suspended" ? "user-suspended" : "user-deleted";
  return ok({ type: "end-user", user: value as UserId, reason });
}
