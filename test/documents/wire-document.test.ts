import { type ChildProcessWithoutNullStreams, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROBLEMS } from "../../src/adapters/http/problem.ts";

const document = readFileSync("docs/wire.md", "utf8");
const problems = readFileSync("docs/problems.md", "utf8");

/** Each curl command of the document, and what it says is answered. */
const examples = [...document.matchAll(/^```sh\n((?:curl|printf) .*?)^```\n\n```json\n(.*?)^```/gms)].map(
  ([, command = "", answer = ""]) => ({ command, answer }),
);

const run = promisify(execFile);

function has(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!(has("curl") && has("gzip")))("docs/wire.md", () => {
  let receiver: ChildProcessWithoutNullStreams;
  let address = "";

  beforeAll(async () => {
    receiver = spawn(process.execPath, ["scripts/run.js", "examples/http-mounts/main.ts", "--listen", "0"]);
    const [line] = await once(receiver.stdout, "data");
    address = /^RECEIVER=(.*)$/m.exec(String(line))?.[1] ?? "";
  });

  afterAll(async () => {
    receiver.kill("SIGTERM");
    const [code] = await once(receiver, "exit");
    // The signal began a clean shutdown, and that came to its end.
    expect(code).toBe(0);
  });

  it("has curl commands that answer what it says, as they are printed and in their order", async () => {
    const env = { ...process.env, RECEIVER: address, TOKEN: "secret-of-server-1" };
    const said: string[] = [];
    for (const { command } of examples) {
      const { stdout } = await run("sh", ["-c", command], { env });
      said.push(`${stdout.trimEnd()}\n`);
    }

    expect(said).toEqual(examples.map(({ answer }) => answer));
    expect(examples).toHaveLength(6);
  });
});

describe("docs/problems.md", () => {
  it("has a section for every problem, and for no other", () => {
    const sections = [...problems.matchAll(/^## (.*)$/gm)].map(([, title]) => title);

    expect(sections).toEqual(Object.keys(PROBLEMS).sort((one, other) => order(one) - order(other)));
    expect(problems.match(/\[[a-z-]+\]\(#[a-z-]+\)/g)).toHaveLength(sections.length);
  });

  it("lists every code under its status", () => {
    for (const [code, { status }] of Object.entries(PROBLEMS)) {
      const row = problems.split("\n").find((line) => line.startsWith(`| ${status} |`));
      expect(row).toContain(`[${code}](#${code})`);
    }
  });

  function order(code: string): number {
    return problems.indexOf(`\n## ${code}\n`);
  }
});
