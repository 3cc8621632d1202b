import { readFileSync } from "node:fs";
import { err, ok, type Result } from "unified-contributions";
import type * as z from "zod";
import { type Mistake, mistake, refuse } from "../demo/mistake.ts";
import { CONFIG, type Config } from "./config.ts";

/** Reads the configuration in a file. */
export function readConfig(file: string): Result<Config, Mistake> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return refuse(
      `--config: there is no file ${file} that may be read. Correct the path, or its permissions.`,
    );
  }
  return parseConfig(text, file);
}

/** A whole line of comment. It becomes an empty line, so that the numbers of the others stay. */
const COMMENT = /^[ \t]*\/\/.*$/gm;

/** Reads a configuration: JSON, in which whole lines may be comments that begin with two slashes. */
export function parseConfig(text: string, file: string): Result<Config, Mistake> {
  const json = text.replace(COMMENT, "");
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch (error) {
    return refuse(
      `${file} is not JSON${placeOf(error, json)}: look for a comma or a quotation mark too many or too few.`,
    );
  }
  const parsed = CONFIG.safeParse(given);
  if (parsed.success) return ok(parsed.data);
  return err(mistake(parsed.error.issues.flatMap((issue) => sentencesOf(issue, given, file)).join("\n")));
}

/** Where the parser stopped, if it says so; only the number of the line, never what stands there. */
function placeOf(error: unknown, json: string): string {
  const [, position] = /at position (\d+)/.exec(String(error)) ?? [];
  return position === undefined ? "" : ` (line ${json.slice(0, Number(position)).split("\n").length})`;
}

/** One sentence for each key that is wrong. No value is repeated: it could be a secret in the wrong place. */
function sentencesOf(issue: z.core.$ZodIssue, given: unknown, file: string): readonly string[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map(
      (key) =>
        `${file}: ${[...path, key].join(".")} is not a key of the configuration: remove it, or correct it.`,
    );
  const name = path.length === 0 ? "the configuration" : path.join(".");
  const isMissing = valueAt(given, path) === undefined;
  return [
    isMissing
      ? `${file}: ${name} is missing: add it. It has to be ${issue.message}.`
      : `${file}: ${name} has to be ${issue.message}. Correct it.`,
  ];
}

function valueAt(given: unknown, path: readonly string[]): unknown {
  let value = given;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}
