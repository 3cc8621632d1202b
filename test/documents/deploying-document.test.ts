import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type InstallationId, okAsync } from "unified-contributions";
import { createHttpHandler } from "unified-contributions/adapters/http";
import { describe, expect, it } from "vitest";
import { TIMEOUTS } from "../../examples/http-mounts/listening.ts";
import { configure } from "../../src/adapters/http/handler-options.ts";
import { host, listen } from "../support/http-host.ts";
import { ADDRESS, BODY, createPost, createSignedWire } from "../support/signatures.ts";
import { blocksOf, compileBlocks } from "./examples/code-blocks.ts";

const document = readFileSync("docs/deploying.md", "utf8");

/** The number of a table's row, in the smallest unit: seconds are milliseconds. */
function number(row: string): number {
  const [, value = "", unit] = new RegExp(`\\| \`?${row}\`?[^|]*\\| ([\\d,]+)( s)?`).exec(document) ?? [];
  return Number(value.replaceAll(",", "")) * (unit === undefined ? 1 : 1_000);
}

describe("docs/deploying.md", () => {
  it("has code that compiles, and leads to files that there are", () => {
    const files = [...document.matchAll(/\]\((?!https:)([^)#]+)\)/g)].map(([, file = ""]) =>
      resolve("docs", file),
    );

    expect(compileBlocks(blocksOf(document, "ts"))).toEqual([]);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it("says what the handler and the example mounts do", () => {
    const { callTimeoutMs, bodyTimeoutMs, shutdownTimeoutMs } = configure({
      receiver: { handle: () => okAsync({} as never) },
      authenticate: () => okAsync("server-1" as InstallationId),
    });

    expect([callTimeoutMs, bodyTimeoutMs, shutdownTimeoutMs]).toEqual([
      number("callTimeoutMs"),
      number("bodyTimeoutMs"),
      number("shutdownTimeoutMs"),
    ]);
    expect(TIMEOUTS).toEqual({
      headersTimeout: number("headersTimeout"),
      requestTimeout: 60_000,
      keepAliveTimeout: number("keepAliveTimeout"),
      connectionsCheckingInterval: number("connectionsCheckingInterval"),
      maxHeaderSize: number("maxHeaderSize"),
    });
  });

  it("has limits of which each is shorter than the one around it", () => {
    const inward = [
      "lock_timeout",
      "statement_timeout",
      "callTimeoutMs",
      "bodyTimeoutMs",
      "proxy_read_timeout",
    ];
    const seconds = inward.map(number);

    expect(seconds).toEqual([...seconds].sort((one, other) => one - other));
    expect(new Set(seconds).size).toBe(inward.length);
  });
});

function hasNginx(): boolean {
  try {
    execFileSync("nginx", ["-v"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasNginx())("behind nginx, as docs/deploying.md has it", () => {
  it("a signed request arrives as it was signed, and one without a signature is refused", async () => {
    const wire = await createSignedWire();
    const handler = createHttpHandler({
      receiver: { handle: () => okAsync({ said: "so" } as never) },
      authenticate: wire.verify,
    });
    const receiver = await host(handler);
    const free = await listen(createServer());
    await free.close();
    const folder = mkdtempSync(join(tmpdir(), "nginx-"));
    const [block = ""] = blocksOf(document, "nginx");
    const http = block
      .replace("127.0.0.1:8443", `127.0.0.1:${free.port}`)
      .replace("127.0.0.1:8917", `127.0.0.1:${receiver.port}`);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    writeFileSync(
      join(folder, "nginx.conf"),
      `daemon off; pid ${folder}/pid; error_log stderr; events {} http { access_log off; ${temporary.join(" ")} ${http} }`,
    );
    const nginx = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], { stdio: "ignore" });
    try {
      await reachable(free.port);
      const { headers } = await wire.sign(createPost(), BODY);
      const ask = async (given: Headers): Promise<number> => {
        const init = { method: "POST", headers: given, body: BODY };
        return (await fetch(`http://127.0.0.1:${free.port}${new URL(ADDRESS).pathname}`, init)).status;
      };

      expect(await ask(headers)).toBe(200);
      expect(await ask(headers)).toBe(401);
      expect(await ask(new Headers({ "content-type": "application/json" }))).toBe(401);
    } finally {
      nginx.kill("SIGTERM");
      await receiver.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Resolves when somebody listens there. */
async function reachable(port: number): Promise<void> {
  for (;;) {
    const isOpen = await new Promise((done) => {
      const socket = connect(port, "127.0.0.1", () => done(true)).on("error", () => done(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((done) => setTimeout(done, 20));
  }
}
