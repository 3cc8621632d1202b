import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Transport } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { host } from "../support/http-host.ts";
import { requestId } from "../support/values.ts";
import { blocksOf, compileBlocks, loadBlock, writeBlocks } from "./examples/code-blocks.ts";

const document = readFileSync("docs/running.md", "utf8");

/** Each row of what happens, with the test that it names. */
const ROWS = [...document.matchAll(/^\| (.+?) \| .* \| \[[\w.-]+\]\((.+?)\) "(.+)" \|$/gm)].map(
  ([, happens = "", file = "", title = ""]) => [happens, resolve("docs", file), title] as const,
);

type CreateTokenTransport = (
  url: string,
  renew: () => Promise<{ readonly token: string; readonly expiresAtMs: number }>,
  now: () => number,
) => Transport;

describe("docs/running.md", () => {
  it("has as many rows as things that happen, each with its test", () => {
    expect(ROWS).toHaveLength(document.match(/^\| (?!what happens)[^-].*\|$/gm)?.length ?? 0);
    expect(ROWS.length).toBeGreaterThan(20);
  });

  it.each(ROWS)("names a test that there is: %s", (_, file, title) => {
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, "utf8")).toContain(title);
  });

  it("has code that compiles", () => {
    expect(compileBlocks(blocksOf(document, "ts"))).toEqual([]);
  });

  it("signs each request with the token of its hour", async () => {
    const seen: (string | null)[] = [];
    const cloud = await host(async (request) => {
      seen.push(request.headers.get("authorization"));
      return new Response("{}", { headers: { "content-type": "application/json" } });
    });
    let nowMs = 0;
    let minted = 0;
    const renew = async () => ({ token: `token-${++minted}`, expiresAtMs: nowMs + 3_600_000 });
    const folder = writeBlocks("running", blocksOf(document, "ts"));
    const { createTokenTransport } = await loadBlock<{ createTokenTransport: CreateTokenTransport }>(
      folder,
      "ghes/renewed-token.ts",
    );
    const transport = createTokenTransport(`${cloud.origin}/`, renew, () => nowMs);
    const enable = { version: 1, requestId: requestId(1), type: "enable", after: 0 } as const;
    const send = async (): Promise<void> => {
      (await transport.send(enable, new AbortController().signal))._unsafeUnwrap();
    };

    await send();
    nowMs = 3_000_000;
    await send();
    nowMs = 3_400_000;
    await send();
    await cloud.close();

    expect(seen).toEqual(["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
  });
});
