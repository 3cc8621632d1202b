import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createVisitor } from "../../support/visitor.ts";
import { newFolder, newNightjarRepository } from "./git-repository.ts";
import { builtExample, runExample, runNode } from "./run-example.ts";

const DEMO = "examples/demo/main.ts";

let folder = "";
let repository = "";
let running: ChildProcess | null = null;

beforeAll(async () => {
  folder = newFolder();
  repository = newNightjarRepository();
  await runExample(DEMO, "--help");
});
afterEach(() => {
  running?.kill("SIGKILL");
  running = null;
});
afterAll(() => {
  for (const made of [folder, repository]) rmSync(made, { recursive: true, force: true });
});

const args = (...more: readonly string[]): string[] => [
  builtExample(DEMO),
  repository,
  "--web",
  "--today",
  "2026-03-01",
  ...more,
];

/** Starts the pages on free ports, and answers their addresses. */
async function startPages(...more: readonly string[]) {
  const child = spawn(process.execPath, args("--port", "0", ...more), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running = child;
  // Its output stays open: a process whose output is closed under it ends at its next line.
  let said = "";
  child.stdout.on("data", (text) => {
    said += text;
  });
  await vi.waitUntil(() => said.includes("Ctrl+C") || child.exitCode !== null, { timeout: 60_000 });
  const [serverUrl = "", cloudUrl = ""] = said.match(/http:\/\/\S+/g) ?? [];
  return { child, serverUrl, cloudUrl };
}

async function end(child: ChildProcess): Promise<unknown> {
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  return code;
}

async function takePort(): Promise<Server> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

describe("the demo with --web", () => {
  it("serves the pages of both sides over a real history, two processes with a signed wire between them", async () => {
    const { child, serverUrl, cloudUrl } = await startPages();
    const visitor = createVisitor();
    const owner = await (await visitor.open(serverUrl)).press("Olive, enterprise owner");
    const terms = await (await owner.press("Enable")).press("Olive, enterprise owner");
    await terms.press("Accept the terms");
    const enabled = await (await visitor.open(serverUrl)).press("Enable");
    await (await visitor.open(`${cloudUrl}/sign-in`)).press("Ada Lovelace");
    const settings = await (await visitor.open(`${serverUrl}/sign-in`)).press("Ada Lovelace");
    const connected = await (await settings.press("Connect to GitHub.com")).press("Authorize");
    const sending = await connected.press("Update contributions", { send: "on" });
    // A sync that the server's loop has begun may run, and then the counts come with that one.
    const showsBoth = async (): Promise<boolean> =>
      (await visitor.open(cloudUrl)).text.includes("2 contributions from 2 March 2025 to 1 March 2026");
    await vi.waitUntil(showsBoth, { timeout: 120_000, interval: 500 });

    expect(terms.url).toBe(`${cloudUrl}/enterprise/terms`);
    expect(enabled.text).toContain("Unified contributions is enabled.");
    expect(sending.text).toContain("The user's contribution counts are sent.");
    expect(sending.text).toMatch(/"first":"2025-12-02","counts":\[(0,){88}1,1\]/);
    expect(await end(child)).toBe(0);
    await expect(visitor.open(serverUrl)).rejects.toThrow("fetch failed");
    await expect(visitor.open(cloudUrl)).rejects.toThrow("fetch failed");
  });

  it("says in one sentence that a port is taken, be it the server's or the cloud's", async () => {
    const taken = await takePort();
    const { port } = taken.address() as AddressInfo;
    const [server, cloud] = [
      await runNode(args("--port", `${port}`)),
      await runNode(args("--port", `${port - 1}`)),
    ];
    taken.close();

    const sentence = `Port ${port} of this machine is taken or not free to use: name another with --port.\n`;
    expect(server).toEqual({ code: 1, stdout: "", stderr: sentence });
    expect(cloud).toEqual({ code: 1, stdout: "", stderr: sentence });
  });

  it("says in one sentence that a place cannot be used", async () => {
    const run = await runNode(args("--port", "0", "--store", "/dev/null"));

    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toMatch(/^--store: .*\n$/);
  });
});
