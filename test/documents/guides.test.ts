import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { bundle } from "../../scripts/bundle.js";
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

describe("the guides of both sides", () => {
  const services = ["ghes", "ghec"].flatMap((side) => blocksOf(pageOf(`${side}-in-15-minutes`), "ts"));

  it("have code that compiles, the files of both in one folder", () => {
    expect(compileBlocks(services)).toEqual([]);
    expect(services.map(fileNameOf)).toEqual([
      "sender.ts",
      "server.ts",
      "receiver.ts",
      "consent.ts",
      "cloud.ts",
    ]);
  });

  it.skipIf(!hasCurl()).each(["ghes", "ghec"])(
    "make two services, whose answers to the commands of docs/%s-in-15-minutes.md are the page's",
    async (side) => {
      const ports = new Map([
        ["8917", String(await freePort())],
        ["8918", String(await freePort())],
      ]);
      const here = (text: string): string => text.replace(/891[78]/g, (port) => ports.get(port) ?? port);
      const folder = writeBlocks(`${side}-in-15-minutes`, services.map(here));
      const cwd = mkdtempSync(join(tmpdir(), "guide-"));
      onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
      for (const file of ["cloud.ts", "server.ts"]) {
        const program = await startProgram(await bundle(join(folder, file)), cwd, "listens on");
        onTestFinished(() => program.stop());
      }
      const commands = toldBlocksOf(here(pageOf(`${side}-in-15-minutes`)), "sh").filter(
        ({ code }) => !code.startsWith("npm "),
      );

      expect(await printedBy(commands, cwd)).toEqual(commands.map(({ printed }) => printed ?? ""));
    },
  );
});

const linesOf = (file: string): number => readFileSync(file, "utf8").split("\n").length - 1;

describe("a guide is short enough to read at once:", () => {
  // docs/events.md is a reference, generated from the types.
  const guides = readdirSync("docs").filter((file) => file.endsWith(".md") && file !== "events.md");

  it.each(guides)("docs/%s has at most 250 lines", (file) => {
    expect(linesOf(`docs/${file}`)).toBeLessThanOrEqual(250);
  });
});
