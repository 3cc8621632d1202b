// A real history, and the tool with which people publish such histories.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../command.ts";
import { demand } from "./measure.ts";
import { Mistake } from "./options.ts";

/** The times of a repository's commits, all authors together. */
export interface GitHistory {
  /** One author date per line, RFC 3339 with the author's own offset. */
  readonly log: string;
  /** How many lines there are. */
  readonly commits: number;
  /** How many commits there are on each day, counted by the date that git itself prints. */
  readonly countOf: ReadonlyMap<string, number>;
  /** How many commits were left out: before 1970, or with an offset that no clock shows. */
  readonly leftOut: number;
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Returns a repository's history. A path without one throws a {@link Mistake}. */
export async function readHistory(path: string): Promise<GitHistory> {
  const name = JSON.stringify(path);
  if ((await command("git", ["--version"])).code !== 0)
    throw new Mistake("git is not installed: install it.");
  const found = await command("git", ["-C", path, "rev-parse", "--git-dir"]);
  if (found.code !== 0) throw new Mistake(`${name} is not a git repository: give --git the path of one.`);
  const logged = await command("git", ["-C", path, "log", "--format=%aI %ad", "--date=format:%Y-%m-%d"]);
  const all = linesOf(logged.stdout);
  const readable = all.map((line) => line.split(" ")).filter(([iso = ""]) => isReadable(iso));
  if (logged.code !== 0 || readable.length === 0) {
    throw new Mistake(`${name} has no history that can be read: give --git a repository with commits.`);
  }
  const countOf = new Map<string, number>();
  for (const [, date = ""] of readable) countOf.set(date, (countOf.get(date) ?? 0) + 1);
  const log = readable.map(([iso]) => `${iso}\n`).join("");
  return { log, commits: readable.length, countOf, leftOut: all.length - readable.length };
}

function isReadable(iso: string): boolean {
  return RFC_3339.test(iso) && Date.parse(iso) >= 0;
}

/** Returns the lines of a text that ends each with a line feed. */
export function linesOf(text: string): readonly string[] {
  return text.trimEnd().split("\n");
}

/** Returns the input with which `git fast-import` makes as many empty commits with the same dates. */
export function fastImportStream({ log }: GitHistory): string {
  const commits = linesOf(log)
    .toReversed()
    .map((date) => {
      const offset = date.endsWith("Z") ? "+0000" : date.slice(-6).replace(":", "");
      const who = `committer octo <octo@example.com> ${Date.parse(date) / 1_000} ${offset}`;
      return `commit refs/heads/main\n${who}\ndata 0\n\n`;
    });
  return `${commits.join("")}done\n`;
}

/** Makes an empty repository to import into, and returns its folder. */
export async function emptyRepository(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "bench-git-"));
  const made = await command("git", ["init", "--quiet", "--bare", "--initial-branch=main", folder]);
  demand(made.code === 0, "git init makes an empty repository");
  return folder;
}

/** Feeds a stream to `git fast-import`, to the end of the process. */
export async function fastImport(folder: string, stream: string): Promise<void> {
  const child = spawn("git", ["-C", folder, "fast-import", "--quiet", "--done"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = new Promise<number | null>((done) => child.on("close", done));
  child.stdin.end(stream);
  demand((await ended) === 0, "git fast-import takes the history");
}

/** Checks that all commits have arrived, and removes the repository. */
export async function discard(folder: string, commits: number): Promise<void> {
  const counted = await command("git", ["-C", folder, "rev-list", "--count", "main"]);
  rmSync(folder, { recursive: true, force: true });
  demand(Number(counted.stdout) === commits, "git fast-import has made every commit");
}
