import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Run, runExample } from "../../documents/examples/run-example.ts";

function trial(...args: readonly string[]): Promise<Run> {
  return runExample("scripts/trials/main.ts", ...args);
}

/** The trials that a list names, in its order. */
function namesIn(list: string): readonly string[] {
  return [...list.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name = ""]) => name);
}

describe("npm run trial", () => {
  it("without a name prints its usage, lists all trials, and ends with 1", async () => {
    const { code, stdout, stderr } = await trial();

    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^Name a trial: npm run trial -- <name> \[options\]\n\n {2}simulate /);
    const files = readdirSync("scripts/trials").map((file) => file.replace(".ts", ""));
    expect([...namesIn(stderr), "main"].sort()).toEqual(files.sort());
  });

  it("with an unknown name says so before the list", async () => {
    const { code, stdout, stderr } = await trial("speed", "--seeds", "1");

    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^There is no trial "speed": npm run trial -- <name> \[options\]\n\n {2}simulate /,
    );
  });

  it("hands the options on, and ends as the trial does", async () => {
    const refused = await trial("simulate", "--hours", "many");
    const run = await trial("search", "--states", "1");

    expect(refused).toEqual({
      code: 2,
      stdout: "",
      stderr: "--hours has to be a whole number from 1 on, such as --hours 20.\n",
    });
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/^searched [\d,]+ states$/m);
  });

  it("is named in documents only with existing trials, and CONTRIBUTING.md has all of them", async () => {
    const documents = ["README.md", "CONTRIBUTING.md", ".ci/run", ...pagesOf("docs")].filter(existsSync);

    const named = documents.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/npm run trial -- (\w+)/g)].map(([, name = ""]) => name),
    );
    const contributing = readFileSync("CONTRIBUTING.md", "utf8");
    const rows = contributing.split("| `npm run trial -- …` |")[1]?.split("\n\n")[0] ?? "";

    const names = namesIn((await trial()).stderr);
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
    expect([...rows.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name)).toEqual(names);
  });
});

/** The pages of a folder, generated ones left out. */
function pagesOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".md"))
    .map((file) => join(folder, file));
}
