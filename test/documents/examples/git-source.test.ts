import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CalendarDate, UserId } from "unified-contributions";
import { buildPayload } from "unified-contributions/ghes";
import { contributionSourceContract } from "unified-contributions/testing";
import { afterAll, describe, expect, it, test } from "vitest";
import { createGitSource } from "../../../examples/sources/git.ts";
import { newFolder, newRepository } from "./git-repository.ts";

const DAYS = { first: "2025-12-02" as CalendarDate, last: "2026-03-01" as CalendarDate };
const ADA = "ada" as UserId;
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function keep(folder: string): string {
  folders.push(folder);
  return folder;
}

function ask(path: string, users: readonly UserId[], signal = new AbortController().signal) {
  const source = createGitSource({ path, emailsOf: (user) => (user === ADA ? ["Ada@example.com"] : []) });
  return source.read({ users, days: DAYS, signal });
}

describe("the source over a git history", () => {
  test.each(contributionSourceContract)("$rule $title", ({ run }) =>
    run((contributed) => {
      const emails = new Map(
        [...contributed.keys()].map((user, number) => [user, `user-${number}@example.com`]),
      );
      const commits = [...contributed].flatMap(([user, days]) =>
        days.flatMap(({ date, contributionCount }) =>
          Array.from({ length: contributionCount }, () => ({
            author: `A user <${emails.get(user)}>`,
            at: `${date}T12:00:00+00:00`,
            title: "A commit",
          })),
        ),
      );
      return createGitSource({
        path: keep(newRepository(commits)),
        emailsOf: (user) => [emails.get(user) ?? "nobody@example.com"],
      });
    }),
  );

  it("counts a commit for the day of its author's clock, and joins addresses as a .mailmap does", async () => {
    const path = keep(
      newRepository([
        { author: "Ada <old@example.com>", at: "2026-02-28T23:30:00-08:00", title: "Late" },
        { author: "Ada <ada@example.com>", at: "2026-03-01T00:30:00+13:00", title: "Early" },
      ]),
    );
    writeFileSync(join(path, ".mailmap"), "Ada <ada@example.com> <old@example.com>\n");

    const answer = (await ask(path, [ADA]))._unsafeUnwrap();

    const entry = answer.get(ADA);
    const contributions = entry?.type === "contributions" ? entry.contributions : [];
    const { counts } = buildPayload(contributions, DAYS.last)._unsafeUnwrap().payload;
    expect(counts.slice(-3)).toEqual([0, 1, 1]);
  });

  it.each<[string, () => string]>([
    ["no folder", () => join(keep(newFolder()), "octo-corp")],
    ["no repository", () => keep(newFolder())],
    ["a repository without commits", () => keep(newRepository([]))],
  ])("fails for all, and repeats no path, where there is %s", async (_, path) => {
    const fault = (await ask(path(), [ADA]))._unsafeUnwrapErr();

    expect(fault).toEqual({
      type: "source-fault",
      message:
        "The git history cannot be read: check that the folder is a full clone with commits, and that git is installed.",
    });
  });
});
