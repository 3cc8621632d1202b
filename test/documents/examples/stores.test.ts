import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newFolder, newNightjarRepository } from "./git-repository.ts";
import { builtExample, type Run, runExample, runNode } from "./run-example.ts";

const DEMO = "examples/demo/main.ts";

let folder = "";
let repository = "";
let told: Run;

beforeAll(async () => {
  folder = newFolder();
  repository = newNightjarRepository();
  await runExample(DEMO, "--help");
  told = await demo("--store", join(folder, "database"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(repository, { recursive: true, force: true });
});

function demo(...args: readonly string[]): Promise<Run> {
  return runNode([builtExample(DEMO), repository, "--today", "2026-03-01", ...args], { cwd: folder });
}

describe("the demo with --store", () => {
  it("tells the same story over processes that restart in the middle of it", () => {
    const titles = told.stdout.match(/^\d+ {2}.*$/gm);

    expect(told).toMatchObject({ code: 0, stderr: "" });
    expect(titles?.[5]).toBe("6  Both processes end, and new ones start over the same storage");
    expect(titles).toHaveLength(11);
    expect(told.stdout).toContain("2 contributions in 90 days, shown as private contributions.");
    expect(told.stdout).toContain("2 contributions in 90 days, each day as it was.");
    expect(told.stdout).toMatch(/Epoch 1 is off since /);
  });

  it("tells it over HTTP, too: then each process has a folder of its own", async () => {
    const overHttp = await demo("--http", "--store", join(folder, "two"));

    expect(overHttp).toMatchObject({ code: 0, stderr: "" });
    expect(overHttp.stdout).toContain("6  Both processes end, and new ones start over the same storage");
    expect(overHttp.stdout).toContain("2 contributions in 90 days, each day as it was.");
    expect(readdirSync(join(folder, "two")).sort()).toEqual(["cloud", "cloud-ledger.jsonl", "server"]);
  });

  it("goes on in the folder where an earlier run has ended", async () => {
    const again = await demo("--store", join(folder, "database"));

    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(again.stdout).toMatch(/Epoch 2 is off since /);
  });

  it("keeps no counts of who opted out or disconnected, and of who was cut off until the next sweep", async () => {
    const pglite = await PGlite.create(join(folder, "database"));
    const { rows } = await pglite.query(
      `SELECT count(account)::int4 AS links, count(counts)::int4 AS counts, count(ended_at)::int4 AS receipts
       FROM unified_contributions.links`,
    );
    await pglite.close();

    // The first link was opted out of, the second cut off by a disabling and ended by the next consent; then again.
    expect(rows).toEqual([{ links: 1, counts: 1, receipts: 3 }]);
  });

  it("keeps the ledger outside of the folder, where no backup of it takes the deletions back", async () => {
    const entries = readFileSync(join(folder, "database-ledger.jsonl"), "utf8").trimEnd().split("\n");

    expect(entries.map((line) => JSON.parse(line).entry.type)).toEqual(
      expect.arrayContaining(["links-ended", "epochs-off"]),
    );
  });

  it.each([
    [
      "a folder that holds something else",
      [".git"],
      /^--store: The folder holds no database and is not empty/,
    ],
    ["a server that is not there", ["postgres://127.0.0.1:1/x"], /^--store: The server cannot be reached/],
    ["nothing", [], /^--store needs a folder, or postgres:/],
  ])("refuses %s with a sentence", async (_, place, sentence) => {
    const refused = await runNode([builtExample(DEMO), ".", "--today", "2026-03-01", "--store", ...place], {
      cwd: repository,
    });

    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(sentence);
  });
});
