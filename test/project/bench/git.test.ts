import { describe, expect, it } from "vitest";
import { fastImportStream, readHistory } from "../../../scripts/bench/git.ts";
import { Mistake } from "../../../scripts/bench/options.ts";
import { git, newFolder, newRepository } from "../../documents/examples/git-repository.ts";

const author = "Ada <ada@example.com>";

describe("a real history", () => {
  it("counts each commit for the day on its author's own clock", async () => {
    const repository = newRepository([
      { author, at: "2026-02-28T23:30:00-08:00", title: "One" },
      { author: "Grace <grace@example.com>", at: "2026-03-01T00:30:00+14:00", title: "Two" },
      { author, at: "2026-03-01T10:00:00+00:00", title: "Three" },
    ]);

    const history = await readHistory(repository);

    expect(history.commits).toBe(3);
    expect(Object.fromEntries(history.countOf)).toEqual({ "2026-02-28": 1, "2026-03-01": 2 });
  });

  it("leaves out dates that no clock shows, and says how many", async () => {
    const repository = newRepository([
      { author, at: "2026-03-01T10:00:00+00:00", title: "One" },
      { author, at: "2026-03-02T10:00:00+00:00", title: "Two", brokenOffset: "+51800" },
    ]);

    const history = await readHistory(repository);

    expect(history).toMatchObject({ commits: 1, leftOut: 1 });
    expect(Object.fromEntries(history.countOf)).toEqual({ "2026-03-01": 1 });
  });

  it("becomes as many empty commits with the same dates, oldest first", async () => {
    const repository = newRepository([
      { author, at: "2026-02-28T23:30:00-08:00", title: "One" },
      { author, at: "2026-03-01T10:00:00+00:00", title: "Two" },
    ]);

    const stream = fastImportStream(await readHistory(repository));

    expect(stream).toBe(
      [
        "commit refs/heads/main",
        "committer octo <octo@example.com> 1772350200 -0800",
        "data 0",
        "",
        "commit refs/heads/main",
        "committer octo <octo@example.com> 1772359200 +0000",
        "data 0",
        "",
        "done",
        "",
      ].join("\n"),
    );
  });

  it("is asked for in a sentence if there is none", async () => {
    const folder = newFolder();
    const empty = newFolder();
    git(empty, ["init", "--quiet"]);

    const missing = readHistory(`${folder}/missing`);

    await expect(missing).rejects.toThrow(
      new Mistake(`"${folder}/missing" is not a git repository: give --git the path of one.`),
    );
    await expect(readHistory(folder)).rejects.toThrow(
      new Mistake(`"${folder}" is not a git repository: give --git the path of one.`),
    );
    await expect(readHistory(empty)).rejects.toThrow(
      new Mistake(`"${empty}" has no history that can be read: give --git a repository with commits.`),
    );
  });
});
