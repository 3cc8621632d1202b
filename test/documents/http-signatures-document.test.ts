import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf, compileBlocks } from "./examples/code-blocks.ts";

const setUp = readFileSync("docs/http-signatures.md", "utf8");
const operation = readFileSync("docs/http-signatures-operation.md", "utf8");
const shell = blocksOf(operation, "sh");

/** The block that begins with this. */
function block(start: string): string {
  const found = shell.find((code) => code.startsWith(start));
  if (found === undefined) throw new Error(`No block begins with ${start}.`);
  return found;
}

function has(program: string, ...args: readonly string[]): boolean {
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }) !== "";
  } catch {
    return false;
  }
}

it("docs/http-signatures.md has code that compiles", () => {
  const blocks = blocksOf(setUp, "ts");

  expect(compileBlocks(blocks)).toEqual([]);
  expect(blocks).toHaveLength(5);
});

it("docs/http-signatures-operation.md names scripts that there are", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  const named = [...operation.matchAll(/npm run ([a-z-]+)/g)].map(([, script = ""]) => script);

  expect(named).not.toEqual([]);
  expect(named.filter((script) => !(script in scripts))).toEqual([]);
});

// OpenSSL before 3, and other programs of its name, do not sign with Ed25519 from the command line.
const canSign =
  has("curl", "--version") &&
  has("openssl", "version") &&
  has("sh", "-c", "openssl version | grep 'OpenSSL 3'");

describe.skipIf(!canSign)("by hand, as docs/http-signatures-operation.md prints it", () => {
  const folder = mkdtempSync(join(tmpdir(), "signatures-"));
  let receiver: ChildProcessWithoutNullStreams;
  let address = "";

  beforeAll(async () => {
    execFileSync("sh", ["-ec", block("openssl genpkey")], { cwd: folder, stdio: "ignore" });
    const key = join(folder, "key.pub.pem");
    const args = block("node ").trim().replace("8918", "0").replace("key.pub.pem", key).split(" ").slice(1);
    receiver = spawn(process.execPath, args);
    const [line] = await once(receiver.stdout, "data");
    address = /^RECEIVER=(.*)$/m.exec(String(line))?.[1] ?? "";
  });

  afterAll(async () => {
    receiver.kill("SIGTERM");
    await once(receiver, "exit");
    rmSync(folder, { recursive: true });
  });

  it("OpenSSL signs and curl sends: it is taken, and not again", () => {
    const env = { ...process.env, RECEIVER: address };
    const commands = [block("BODY="), "echo", block("curl ")].join("\n");

    const said = execFileSync("sh", ["-ec", commands], { cwd: folder, env, encoding: "utf8" });

    expect(said.split("\n")).toEqual(blocksOf(operation, "json").map((code) => code.trimEnd()));
  });
});
