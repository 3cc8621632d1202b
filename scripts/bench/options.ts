import { parseArgs } from "node:util";
import type { Effort } from "./measure.ts";

/** The options of the command line. */
export interface Options extends Effort {
  /** The one group to run, or null for all. */
  readonly group: string | null;
  readonly isJson: boolean;
  /** The repository whose history is taken. */
  readonly git: string;
}

const DEFAULT_ROUNDS = 11;
const QUICK_ROUNDS = 1;
const MAX_ROUNDS = 1_000;

/** A mistake that the person at the terminal can correct. Its message is all that the person has to read. */
export class Mistake extends Error {}

/** Returns the options of the command line, or throws a {@link Mistake}. */
export function readOptions(args: readonly string[], groups: readonly string[]): Options {
  const { values, positionals } = parse(args, groups);
  const [group = null, ...more] = positionals;
  if (more.length > 0) throw new Mistake(`Only one group can be named. ${usage(groups)}`);
  if (group !== null && !groups.includes(group)) {
    throw new Mistake(`There is no group ${JSON.stringify(group)}. ${usage(groups)}`);
  }
  const isQuick = values.quick ?? false;
  const rounds = Number(values.rounds ?? (isQuick ? QUICK_ROUNDS : DEFAULT_ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) {
    throw new Mistake(`--rounds takes a whole number from 1 to ${MAX_ROUNDS}. ${usage(groups)}`);
  }
  return { group, rounds, isQuick, isJson: values.json ?? false, git: values.git ?? "." };
}

function parse(args: readonly string[], groups: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        quick: { type: "boolean" },
        rounds: { type: "string" },
        git: { type: "string" },
      },
    });
  } catch (error) {
    // Node's own first sentence names the option. The rest gives other advice.
    const what = error instanceof Error ? error.message.split(/\.\s/)[0] : "The options cannot be read";
    throw new Mistake(`${what}. ${usage(groups)}`);
  }
}

function usage(groups: readonly string[]): string {
  return `Usage: npm run bench -- [${groups.join(" | ")}] [--json] [--quick] [--rounds N] [--git <path>]`;
}
