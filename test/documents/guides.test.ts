import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { bundle } from "../../scripts/bundle.js";
import { FORGETFUL, startPostgres } from "../support/postgres/server.ts";
import {
  blocksOf,
  compileBlocks,
  fileNameOf,
  type Told,
  toldBlocksOf,
  writeBlocks,
} from "./examples/code-blocks.ts";
import { runExample } from "./examples/run-example.ts";
import { startProgram } from "./examples/start-program.ts";

const pageOf = (guide: string): string => readFileSync(`docs/${guide}.md`, "utf8");

describe.each(["adapters", "http", "rules"])("docs/%s.md", (guide) => {
  const blocks = toldBlocksOf(pageOf(guide), "ts");
  const codes = blocks.map(({ code }) => code);

  it("has code that compiles", () => {
    expect(compileBlocks(codes)).toEqual([]);
    expect(codes).not.toEqual([]);
  });

  it("has code that runs, and says what the page says", async () => {
    const folder = writeBlocks(guide, codes);
    for (const { code, printed } of blocks) {
      const run = await runExample(join(folder, fileNameOf(code)));

      expect(run).toEqual({ code: 0, stdout: printed ?? expect.any(String), stderr: "" });
    }
  });
});

const run = promisify(execFile);

/** A port of this machine that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "localhost");
  await new Promise((listening) => server.once("listening", listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function hasCurl(): boolean {
  try {
    execFileSync("curl", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What the commands print in one shell, block by block. */
async function printedBy(blocks: readonly Told[], cwd: string): Promise<readonly string[]> {
  const END = "--- the end of a block ---\n";
  const script = blocks.map(({ code }) => `${code}printf '\\n${END.trimEnd()}\\n'\n`).join("");
  const { stdout } = await run("sh", ["-c", script], { cwd });
  return stdout.split(`\n${END}`).slice(0, -1);
}

describe("the two services of the guides", () => {
  const GUIDES = ["ghes", "ghec"];
  /** Where the services and the databases of the guides are. */
  const PLACES = /localhost:(8917|8918)|postgres:\/\/localhost\/(\w+)/g;

  it.each(GUIDES)("docs/%s-in-15-minutes.md shows the example's files, and no other code", (side) => {
    const shown = blocksOf(pageOf(`${side}-in-15-minutes`), "ts");
    // One of the pages shows a unit test. That of the other is much the same.
    const files = readdirSync(`examples/${side}-backend`)
      .filter((name) => side === "ghec" || !name.endsWith(".test.ts"))
      .map((name) => `${side}-backend/${name}`);

    expect(shown.map(fileNameOf).sort()).toEqual(files.sort());
    for (const code of shown) expect(code).toBe(readFileSync(`examples/${fileNameOf(code)}`, "utf8"));
  });

  it.each([
    ["ghes", 120],
    ["ghec", 95],
  ])("%s takes at most %i lines", (side, lines) => {
    const files = ["calls.ts", "main.ts"].map((name) =>
      readFileSync(`examples/${side}-backend/${name}`, "utf8"),
    );

    expect(files.join("").trimEnd().split("\n").length).toBeLessThanOrEqual(lines);
  });

  it.each(GUIDES)("a unit test of %s asserts after five lines", (side) => {
    const test = readFileSync(`examples/${side}-backend/calls.test.ts`, "utf8");
    const [, ...cases] = test.split(/^it.*=> \{\n/m);

    for (const body of cases)
      expect(body.split("expect(")[0]?.trimEnd().split("\n").length).toBeLessThanOrEqual(5);
    expect(cases).not.toEqual([]);
  });

  it.skipIf(!hasCurl())("run over PostgreSQL as two processes, and answer what the pages say", async () => {
    const database = await startPostgres(18, FORGETFUL);
    onTestFinished(() => database.stop());
    const { host, user } = database.connection;
    const client = new pg.Client({ host, user, database: "postgres" });
    await client.connect();
    for (const name of ["server", "cloud", "ledger"]) await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    const ports = new Map([
      ["8917", await freePort()],
      ["8918", await freePort()],
    ]);
    const urlOf = (name: string) => `postgres://${user}@localhost/${name}?host=${encodeURIComponent(host)}`;
    const here = (text: string): string =>
      text
        .replace(/891[78]/g, (port) => String(ports.get(port)))
        .replace(PLACES, (place, _, name) => (name === undefined ? place : urlOf(name)));
    const folder = writeBlocks(
      "guides",
      GUIDES.flatMap((side) => blocksOf(pageOf(`${side}-in-15-minutes`), "ts")).map(here),
    );
    const cwd = mkdtempSync(join(tmpdir(), "guide-"));
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
    const command = await bundle("src/bin/unified-contributions.ts");
    const npx: Told = { code: `npx() { shift; node ${resolve(command)} "$@"; }\n`, printed: null };
    const commands = GUIDES.flatMap((side) => toldBlocksOf(here(pageOf(`${side}-in-15-minutes`)), "sh"));
    const setUp = commands.filter(({ code }) => code.startsWith("npx "));
    const story = commands.filter(({ code }) => !/^np[mx] /.test(code));

    expect(await printedBy([npx, ...setUp], cwd)).toEqual(["", ...setUp.map(() => "")]);
    for (const [side, env] of [
      ["ghec", { DATABASE_URL: urlOf("cloud"), LEDGER_URL: urlOf("ledger") }],
      ["ghes", { DATABASE_URL: urlOf("server") }],
    ] as const) {
      const file = await bundle(join(folder, `${side}-backend/main.ts`));
      const program = await startProgram(file, cwd, "listens on", env);
      onTestFinished(() => program.stop());
      // Both databases of the cloud are on one server here, as the page has them.
      expect([side, program.said().includes("The ledger is on the store's server")]).toEqual([
        side,
        side === "ghec",
      ]);
    }
    const printed = await printedBy([npx, ...story], cwd);
    expect(printed.slice(1)).toEqual(story.map(({ printed }) => printed ?? ""));
  });
});

const linesOf = (file: string): number => readFileSync(file, "utf8").split("\n").length - 1;

describe("a guide is short enough to read at once:", () => {
  // docs/events.md is a reference, generated from the types.
  const guides = readdirSync("docs").filter((file) => file.endsWith(".md") && file !== "events.md");

  it.each(guides)("docs/%s has at most 250 lines", (file) => {
    expect(linesOf(`docs/${file}`)).toBeLessThanOrEqual(250);
  });

  /**
   * A word is what stands between spaces and has a letter or a digit. Tables, headings, rule numbers and the drawing count.
   * Code spans do not, nor do the addresses of links.
   */
  function wordsOf(markdown: string): readonly string[] {
    const text = markdown.replace(/`[^`\n]*`/g, " ").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  }

  it("docs/protocol.md has at most 1,900 words, without its code spans", () => {
    expect(wordsOf("| R1 | A `link` [ends](a b.md) – 1,000 times |")).toEqual([
      "R1",
      "A",
      "ends",
      "1,000",
      "times",
    ]);
    expect(wordsOf(pageOf("protocol")).length).toBeLessThanOrEqual(1_900);
  });
});
