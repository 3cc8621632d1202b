import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommitToMake, git, newFolder, newRepository } from "./git-repository.ts";
import { builtExample, type Run, runExample, runNode } from "./run-example.ts";

// cspell:ignore Jthough

const ADA = "Ada Lovelace <ada@example.com>";
const GRACE = "Grace Hopper <grace@example.com>";

/** In the 90 days to 1 March: five of Ada's and two of Grace's. */
const COMMITS: readonly CommitToMake[] = [
  {
    author: ADA,
    at: "2025-12-01T23:59:59-10:00",
    title: "The day before the first, though 2 December in UTC",
  },
  { author: ADA, at: "2025-12-02T00:00:00+14:00", title: "The first day, though 1 December in UTC" },
  { author: ADA, at: "2026-01-14T10:00:00+00:00", title: "Nightjar" },
  { author: ADA, at: "2026-01-15T10:00:00+00:00", title: "Nightjar again" },
  { author: ADA, at: "2026-01-15T11:00:00+00:00", title: "Nightjar once more" },
  { author: ADA, at: "2026-01-16T10:00:00+00:00", title: "No such offset", brokenOffset: "+9999" },
  { author: GRACE, at: "2026-02-28T10:00:00+05:30", title: "Find a moth" },
  { author: "Grace <Grace@Example.com>", at: "2026-02-28T11:00:00+05:30", title: "Write it down" },
  { author: ADA, at: "2026-03-02T00:10:00+13:00", title: "Tomorrow, though 1 March in UTC" },
  { author: ADA, at: "2026-03-01T23:30:00-08:00", title: "The last day, \u001b[2Jthough 2 March in UTC" },
  { author: "Eve <eve@example.com>", at: "2026-02-28T12:00:00+00:00", title: "Elsewhere", branch: "side" },
];

const folders: string[] = [];
let repository = "";
let picture = "";
let story: Run;
let chapters: readonly string[] = [];

beforeAll(async () => {
  await runExample("examples/demo/main.ts", "--help");
  repository = keep(newRepository(COMMITS));
  const folder = keep(newFolder());
  story = await demo([repository, "--today", "2026-03-01"], folder);
  chapters = chaptersOf(story);
  picture = join(folder, "contributions.svg");
});

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function keep(folder: string): string {
  folders.push(folder);
  return folder;
}

/** Runs the demo in an empty folder, or in the one given. */
function demo(args: readonly string[], cwd = keep(newFolder()), env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const program = builtExample("examples/demo/main.ts");
  return runNode([program, ...args], { cwd, env: { GIT_CEILING_DIRECTORIES: join(cwd, ".."), ...env } });
}

/** The chapters, the first at 1, each from its title to its last line. */
function chaptersOf({ stdout }: Run): readonly string[] {
  return stdout.split(/^\d+ {2}/m).map((chapter) => chapter.trimEnd());
}

describe("the demo's story", () => {
  it("takes the checked-out branch's authors for users, and the days for those of their own clocks", () => {
    expect({ code: story.code, stderr: story.stderr }).toEqual({ code: 0, stderr: "" });
    expect(chapters[1]).toBe(`What GitHub Enterprise Server knows

   10 commits on the branch that is checked out. In the 90 days from 2025-12-02 to
   2026-03-01: 7 commits by 2 authors, each on the day that its author's own clock showed.

   1 commit left out: no author or no date that makes sense.

   5 commits                  Ada Lovelace
   2 commits                  Grace

   We follow Ada Lovelace, whose newest commit the server knows as

   2026-03-01T23:30:00-08:00  The last day, ?[2Jthough 2 March in UTC

   Names, addresses and titles stay on this side: chapter 5 looks for them on the wire.`);
  });

  it("opens one gate after the other, and says which is closed", () => {
    expect(chapters[2]).toBe(`An enterprise owner enables the feature

   Somebody else asks         Refused. Only an enterprise owner may change this: ask one of
                              them to.
   The owner asks             Done: GitHub Connect is on, the terms are accepted, the
                              feature is enabled.
   The cloud answers          Confirmed: the switch is on, epoch 1.`);
    expect(chapters[3]).toBe(`The users connect their accounts, and nothing is sent yet

   Connected                  2 accounts
   An hour passes             1 message sent, without a record in it.
   May counts be sent?        No, gate 4 of 4, send-contribution-counts. The user has to
                              select "Send my contribution counts".`);
    expect(chapters[4]).toMatch(
      /Counts of 2 users sent and kept\.\n.*Yes\.\n.*Last report {16}2026-03-01 12:.. UTC\n.*Next sync {18}2026-03-01 1[23]:.. UTC$/,
    );
  });

  it("shows the one record about a user, whole", () => {
    expect(chapters[5]?.replace(/"linkId": "[0-9a-f]{32}"/, '"linkId": "…"')).toContain(`
   {
     "type": "report",
     "linkId": "…",
     "choice": 1,
     "source": "GitHub Enterprise Server",
     "first": "2025-12-02",
     "counts": [
       1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
       0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
       0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2,
       0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
       0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
       0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
     ]
   }
`);
  });

  it("cuts long messages, but for --bytes, which shows every one to its end", async () => {
    const whole = chaptersOf(await demo([repository, "--today", "2026-03-01", "--bytes"]))[5] ?? "";

    expect(chapters[5]).toMatch(/… and \d+ characters more; --bytes shows them\./);
    const messages = [...whole.matchAll(/^ {3}\d+\. (\w+), (\d+) bytes\n((?: {3}.*\n)+)/gm)];
    expect(messages.map(([, type]) => type)).toContain("deliver");
    for (const [, type, bytes, lines = ""] of messages) {
      const text = lines.replaceAll("\n   ", "").trim();
      expect(text).toHaveLength(Number(bytes));
      expect(JSON.parse(text)).toMatchObject({ version: 1, type });
    }
  });

  it("draws the calendar in the terminal, without colours where nobody can see them, and as a picture", () => {
    expect(chapters[6]).toBe(`What GitHub Enterprise Cloud shows

        Dec       Jan     Feb     Mar
          · · · · · · · · · · · · █
   Mon    · · · · · · · · · · · ·
        █ · · · · · · · · · · · ·
   Wed  · · · · · · █ · · · · · ·
        · · · · · · █ · · · · · ·
   Fri  · · · · · · · · · · · · ·
        · · · · · · · · · · · · ·

        Less · ░ ▒ ▓ █ More

   5 contributions in 90 days, shown as private contributions. The picture is in
   contributions.svg.`);
    expect(story.stdout).not.toContain("\u001b");
    expect(readdirSync(dirname(picture))).toEqual(["contributions.svg"]);
    expect(readFileSync(picture, "utf8")).toContain(
      ">5 contributions made on GitHub Enterprise Server from 2 December 2025 to 1 March 2026</title>",
    );
  });

  it("deletes with a receipt, restores 90 days, and deletes everybody's when the owner disables", () => {
    expect(chapters[7]).toMatch(
      /Deletion pending: the page does not say "deleted"\.\n.*Receipt {20}Deleted at 2026-03-01 12:.. UTC: the counts of 2025-12-02 to\n +2026-03-01\.\n/,
    );
    expect(chapters[7]).not.toMatch(/^ .*[░▒▓█].*[·░▒▓█]$/m);
    expect(chapters[7]).toMatch(/0 contributions in 90 days\.$/);
    expect(chapters[8]).toContain(
      "Restored                   5 contributions in 90 days, each day as it was.",
    );
    expect(chapters[9]).toMatch(/Receipt {20}Epoch 1 is off since 2026-03-01 12:.. UTC\./);
    expect(chapters[9]).toContain("Shown now                  0 contributions, over all of 2 accounts.");
    expect(chapters[9]).toContain("No, gate 2 of 4, unified-contributions.");
  });

  it("is the same, to the bytes that leave, with the cloud in a process of its own and a socket in between", async () => {
    const args = [repository, "--today", "2026-03-01", "--bytes"];

    const [here, overHttp] = [await demo(args), await demo([...args, "--http"])];

    expect({ code: overHttp.code, stderr: overHttp.stderr }).toEqual({ code: 0, stderr: "" });
    const [introduction = "", ...told] = chaptersOf(overHttp);
    expect(introduction).toMatch(
      // Where the lines break depends on how many digits the process has.
      /^ {3}GitHub Enterprise Cloud is process \d+, at\s+http:\/\/127\.0\.0\.1:\d+\/unified-contributions\.\s/,
    );
    const withoutIds = (chapters: readonly string[]) =>
      chapters.map((chapter) => chapter.replace(/\s*[0-9a-f]{1,32}(?=[\s0-9a-f"]*")/g, "…"));
    expect(withoutIds(told)).toEqual(withoutIds(chaptersOf(here).slice(1)));
  });

  it("takes today for the last day if it is told no other", async () => {
    const now = new Date();
    const at = `${now.toISOString().slice(0, 19)}+00:00`;
    const fresh = keep(newRepository([{ author: ADA, at, title: "Just now" }]));

    const run = await demo([fresh], undefined, { TZ: "UTC" });

    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
    expect(chaptersOf(run)[6]).toContain("1 contribution in 90 days");
  });

  it("reads the repository it stands in if it is given no path", async () => {
    const own = keep(newRepository(COMMITS));

    const run = await demo(["--today", "2026-03-01"], own);

    expect(chaptersOf(run)[6]).toContain("5 contributions in 90 days");
  });
});

describe.concurrent("a mistake is answered with a sentence, exit code 1 and no stack", () => {
  const USAGE = `Usage: npm run demo -- [path] [--today YYYY-MM-DD] [--bytes] [--http] [--store <place>]
       npm run demo -- --web [path] [--today YYYY-MM-DD] [--port <number>] [--store <place>]

  path     a folder in a git repository; this one if left out
  --today  the last of the 90 days; the real today if left out
  --bytes  print every byte that left, not only the beginning of long messages
  --http   GitHub Enterprise Cloud is a process of its own, and every message a signed request to it
  --store  keep everything in this folder, or in the PostgreSQL at postgres://…, and the ledger of deletions in a
           file outside of it; both processes restart on the way
  --web    serve the pages of both, to be opened in a browser, until Ctrl+C
  --port   where the server's pages listen, 4980 if left out; the cloud's listen on the next port
`;

  it.for<[what: string, args: string[], sentence: string]>([
    [
      "no such path",
      ["no/such/path"],
      "There is nothing at no/such/path: give the path of a git repository.\n",
    ],
    ["a file", ["a-file"], "a-file is not a folder: give the path of a git repository.\n"],
    ["a folder outside of any repository", ["."], ". is not in a git repository: give the path of one.\n"],
    [
      "a repository without a commit",
      ["empty"],
      "empty has no commits on the branch that is checked out: commit something first.\n",
    ],
    [
      "a day that does not exist",
      ["--today", "2026-02-29"],
      "--today needs a day that exists, as YYYY-MM-DD: --today 2026-03-01, for example.\n",
    ],
    [
      "no day",
      ["--today"],
      "--today needs a day that exists, as YYYY-MM-DD: --today 2026-03-01, for example.\n",
    ],
    ["an unknown option", ["--yesterday"], `There is no option --yesterday.\n\n${USAGE}`],
    ["an unknown letter", ["-x"], `There is no option -x.\n\n${USAGE}`],
    ["a value where none belongs", ["--bytes=all"], `--bytes takes no value.\n\n${USAGE}`],
    ["two paths", ["one", "two"], `Give one path, not 2.\n\n${USAGE}`],
    [
      "pages without pages",
      ["--web", "--http"],
      `--web serves pages, which --http and --bytes do not change: leave them out.\n\n${USAGE}`,
    ],
    [
      "a port of nothing",
      ["--port", "4980"],
      `--port is the port of --web: give both, or neither.\n\n${USAGE}`,
    ],
    ...["65535", "-1", "http", ""].map((port): [string, string[], string] => [
      `${port} for a port`,
      ["--web", `--port=${port}`],
      "--port needs a number from 1 to 65534, or 0 for any free ports: --port 4980, for example.\n",
    ]),
  ])("%s", async ([, args, sentence], { expect }) => {
    const folder = keep(newFolder());
    writeFileSync(join(folder, "a-file"), "");
    mkdirSync(join(folder, "empty"));
    git(join(folder, "empty"), ["init", "--quiet"]);

    const run = await demo(args, folder);

    expect(run).toEqual({ code: 1, stdout: "", stderr: sentence });
  });

  it("nothing in the window: which day would show something", async ({ expect }) => {
    const run = await demo([repository, "--today", "2026-06-01"]);

    expect(run).toEqual({
      code: 1,
      stdout: "",
      stderr:
        `No commit of ${repository} falls in the 90 days from 2026-03-04 to 2026-06-01: ` +
        "the newest is of 2026-03-02. Try --today 2026-03-02.\n",
    });
  });

  it("a shallow clone", async ({ expect }) => {
    const folder = keep(newFolder());
    git(folder, ["clone", "--quiet", "--depth=1", `file://${repository}`, "clone"]);

    const run = await demo(["clone"], folder);

    expect(run).toEqual({
      code: 1,
      stdout: "",
      stderr: "clone is a shallow clone, so days would be missing: run git fetch --unshallow there first.\n",
    });
  });

  it("a repository that has lost a commit", async ({ expect }) => {
    const damaged = keep(newRepository(COMMITS));
    const lost = git(damaged, ["rev-parse", "HEAD~3"]).trim();
    rmSync(join(damaged, ".git/objects", lost.slice(0, 2), lost.slice(2)));

    const run = await demo([damaged]);

    expect(run).toEqual({
      code: 1,
      stdout: "",
      stderr: `git cannot read the history of ${damaged}: Could not read ${lost}.\n`,
    });
  });

  it("a machine without git", async ({ expect }) => {
    const run = await demo(["."], undefined, { PATH: "" });

    expect(run).toEqual({
      code: 1,
      stdout: "",
      stderr: "git was not found: install it, and check that it is on the PATH.\n",
    });
  });

  it("a folder in which the picture cannot be written", async ({ expect }) => {
    const folder = keep(newFolder());
    mkdirSync(join(folder, "contributions.svg"));

    const run = await demo([repository, "--today", "2026-03-01"], folder);

    expect({ code: run.code, stderr: run.stderr }).toEqual({
      code: 1,
      stderr: "contributions.svg cannot be written here: start the demo in a folder of your own.\n",
    });
  });

  it("is none to ask for help", async ({ expect }) => {
    const run = await demo(["--help"]);

    expect(run).toEqual({ code: 0, stdout: USAGE, stderr: "" });
  });
});
