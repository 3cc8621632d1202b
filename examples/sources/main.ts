// You will see a git history become a source of contributions. Ada commits under two e-mail addresses, one of them near
// midnight. Each commit counts for the day that her own clock showed. Grace never commits, so the source returns an
// empty entry for her.
//
//   node scripts/run.js examples/sources/main.ts
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CalendarDate, restoredDays, type UserId } from "unified-contributions";
import { buildPayload } from "unified-contributions/ghes";
import { createGitSource } from "./git.ts";

const folder = mkdtempSync(join(tmpdir(), "git-source-"));
// The settings and hooks of the machine's user are left out.
const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
const git = (...args: readonly string[]): void => {
  const me = ["-c", "user.name=Ada Lovelace", "-c", "user.email=ada@work.example"];
  execFileSync("git", ["-C", folder, ...me, ...args], { env, stdio: "ignore" });
};
git("init", "--quiet");
git("commit", "--allow-empty", "--message=One", "--date=2026-02-27T10:00:00+01:00");
git("commit", "--allow-empty", "--message=Two", "--date=2026-02-28T23:30:00-08:00");
const home = "--author=Ada Lovelace <Ada@Home.example>";
git("commit", "--allow-empty", "--message=Three", home, "--date=2026-03-01T09:00:00Z");

const ada = "ada" as UserId;
const grace = "grace" as UserId;
const emails = new Map([[ada, ["ada@work.example", "ada@home.example"]]]);
const source = createGitSource({ path: folder, emailsOf: (user) => emails.get(user) ?? [] });

const days = restoredDays("2026-03-01" as CalendarDate);
const answer = await source.read({ users: [ada, grace], days, signal: new AbortController().signal });
if (answer.isErr()) throw new Error(answer.error.message);
for (const [user, entry] of answer.value) {
  if (entry.type !== "contributions") throw new Error(entry.type);
  const built = buildPayload(entry.contributions, days.last);
  if (built.isErr()) throw new Error(built.error.message);
  console.log(`${user}: ${built.value.payload.counts.slice(-4).join(", ")} on the last four days`);
}
rmSync(folder, { recursive: true });

// ada: 0, 1, 1, 1 on the last four days
// grace: 0, 0, 0, 0 on the last four days
