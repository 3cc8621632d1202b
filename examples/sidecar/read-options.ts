import { parseArgs } from "node:util";
import { ok, type Result } from "unified-contributions";
import { type Mistake, refuse } from "../demo/mistake.ts";

/** What the command line asks for. */
export interface Options {
  /** The file with the configuration. */
  readonly config: string;
  /** Whether to sync once and end, without pages. */
  readonly isOnce: boolean;
}

/** How the sidecar is started. */
export const USAGE = `Usage: npm run sidecar -- --config <file> [--once]

  --config  the configuration; examples/sidecar/README.md has one to begin with
  --once    sync once, serve no pages, and end: 0 if everything was answered, else 1`;

const OPTIONS = {
  config: { type: "string" },
  once: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** Reads the arguments behind the file's name; null where {@link USAGE} is asked for. */
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
  const { config, once } = values;
  if (typeof config !== "string" || config === "")
    return refuse(`--config needs the file with the configuration.\n\n${USAGE}`);
  if (typeof once === "string") return refuse(`--once takes no value.\n\n${USAGE}`);
  return ok({ config, isOnce: once === true });
}
