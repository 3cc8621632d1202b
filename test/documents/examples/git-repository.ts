import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A commit to be made. */
export interface CommitToMake {
  /** `Ada Lovelace <ada@example.com>`. */
  readonly author: string;
  /** With the offset of the author's clock: `2026-03-01T23:30:00-08:00`. */
  readonly at: string;
  readonly title: string;
  /** `main` if left out. */
  readonly branch?: string;
  /** An offset to write in place of that of {@link at}, which no clock shows. */
  readonly brokenOffset?: string;
}

/** An empty folder of the test's own. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "demo-"));
}

/** Runs git in a folder, without the settings of whoever runs the tests; answers what it printed. */
export function git(folder: string, args: readonly string[], input = ""): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  return execFileSync("git", ["-C", folder, ...args], { env, input, encoding: "utf8", stdio: "pipe" });
}

/** Makes a repository of these commits, oldest first, `main` checked out; each changes `secret/path.txt`. */
export function newRepository(commits: readonly CommitToMake[]): string {
  const folder = newFolder();
  git(folder, ["init", "--quiet", "--initial-branch=main"]);
  git(folder, ["fast-import", "--quiet", "--date-format=raw-permissive"], commits.map(toFastImport).join(""));
  return folder;
}

/** A repository of two commits of one author, the first of which is on another day in UTC. */
export function newNightjarRepository(): string {
  const author = "Ada Lovelace <ada@example.com>";
  return newRepository([
    { author, at: "2026-02-28T23:30:00-08:00", title: "Nightjar takes off" },
    { author, at: "2026-03-01T10:15:00+00:00", title: "Nightjar lands" },
  ]);
}

function toFastImport({ author, at, title, branch = "main", brokenOffset }: CommitToMake): string {
  const when = `${Date.parse(at) / 1_000} ${brokenOffset ?? at.slice(-6).replace(":", "")}`;
  const message = `${title}\n`;
  return [
    `commit refs/heads/${branch}`,
    `author ${author} ${when}`,
    // The committer's date is never looked at.
    "committer Nobody <nobody@example.com> 1000000000 +0000",
    `data ${Buffer.byteLength(message)}`,
    `${message}M 644 inline secret/path.txt`,
    `data ${at.length}`,
    `${at}\n`,
  ].join("\n");
}
