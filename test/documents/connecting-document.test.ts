import { existsSync, readFileSync } from "node:fs";
import type { AccountId, AttemptId, InstallationId, UserId } from "unified-contributions";
import type { Receiver } from "unified-contributions/ghec";
import type { Sender } from "unified-contributions/ghes";
import { createTestWorld } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import { blocksOf, compileBlocks, loadBlock, writeBlocks } from "./examples/code-blocks.ts";

const document = readFileSync("docs/connecting.md", "utf8");
const blocks = blocksOf(document, "ts");

interface Session {
  readonly user: UserId | null;
  readonly isFromOwnPage: boolean;
}

interface ServerPages {
  start(sender: Sender, session: Session): Promise<Response>;
  finish(sender: Sender, request: Request, session: Session): Promise<Response>;
}

interface Host {
  readonly account: AccountId | null;
  readonly isFromOwnPage: boolean;
  page(installation: InstallationId, account: AccountId | null): string;
  returnTo(installation: InstallationId): string;
}

interface CloudPages {
  ask(receiver: Receiver, request: Request, host: Host): Promise<Response>;
  allow(receiver: Receiver, request: Request, attempt: AttemptId, host: Host): Promise<Response>;
}

/** Both sides with the pages of the document, and a browser that brings its cookies. */
async function createPages() {
  const folder = writeBlocks("connecting", blocks);
  const server = await loadBlock<ServerPages>(folder, "ghes/connecting-pages.ts");
  const cloud = await loadBlock<CloudPages>(folder, "ghec/consent-pages.ts");
  const world = createTestWorld();
  await world.enable();

  const session: Session = { user: "ann" as UserId, isFromOwnPage: true };
  const host: Host = {
    account: "octo-ann" as AccountId,
    isFromOwnPage: true,
    page: (installation, account) => `${installation} asks ${account}`,
    returnTo: () => "https://server.example/settings/connected",
  };
  /** Presses "Connect" and opens the cloud's page, and returns what the browser then holds. */
  const begin = async () => {
    const began = await server.start(world.sender, session);
    const address = began.headers.get("location") ?? "";
    const attempt = new URL(address).searchParams.get("attempt") as AttemptId;
    const page = await cloud.ask(world.receiver, new Request(address), host);
    return { attempt, address, page, serverCookie: cookieOf(began), cloudCookie: cookieOf(page) };
  };
  const allow = async (attempt: AttemptId, cookie: string) =>
    cloud.allow(world.receiver, requestWith(cookie, "https://cloud.example/connect"), attempt, host);
  return { world, server, cloud, session, host, begin, allow };
}

function cookieOf(response: Response): string {
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

function requestWith(cookie: string, address: string): Request {
  return new Request(address, { headers: { cookie } });
}

describe("docs/connecting.md", () => {
  it("has code that compiles", () => {
    expect(compileBlocks(blocks)).toEqual([]);
    expect(blocks).toHaveLength(2);
  });

  it("has pages that connect an account", async () => {
    const { world, server, session, begin, allow } = await createPages();

    const { attempt, page, serverCookie, cloudCookie } = await begin();
    const allowed = await allow(attempt, cloudCookie);
    const back = requestWith(serverCookie, allowed.headers.get("location") ?? "");
    const connected = await server.finish(world.sender, back, session);

    expect(await page.text()).toBe("server-1 asks octo-ann");
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect([connected.status, connected.headers.get("location")]).toEqual([303, "/settings"]);
    expect((await world.sharing("ann")).link.status).toBe("connected");
  });

  it("has pages on which an attempt ends where another browser brings its code", async () => {
    const { world, server, session, begin, allow } = await createPages();
    const { attempt, serverCookie, cloudCookie } = await begin();
    const allowed = await allow(attempt, cloudCookie);
    const address = allowed.headers.get("location") ?? "";

    const lured = await server.finish(world.sender, requestWith("", address), session);
    const late = await server.finish(world.sender, requestWith(serverCookie, address), session);

    expect(lured.headers.get("location")).toMatch(/^\/settings\?connecting=/);
    expect(late.headers.get("location")).toMatch(/^\/settings\?connecting=/);
    expect((await world.sharing("ann")).link.status).toBe("never-connected");
  });

  it("has pages that show an attempt to one browser alone, and take forms from their own pages alone", async () => {
    const { world, server, cloud, session, host, begin, allow } = await createPages();
    const { attempt, address, cloudCookie } = await begin();

    expect((await cloud.ask(world.receiver, new Request(address), host)).status).toBe(404);
    expect((await allow(attempt, "")).status).toBe(403);
    const foreign = { ...host, isFromOwnPage: false };
    const request = requestWith(cloudCookie, address);
    expect((await cloud.allow(world.receiver, request, attempt, foreign)).status).toBe(403);
    expect((await server.start(world.sender, { ...session, isFromOwnPage: false })).status).toBe(403);
    expect((await server.finish(world.sender, new Request("https://server.example/"), session)).status).toBe(
      400,
    );
  });

  it("names a test that there is", () => {
    const [file = ""] = /test\/trials\/[a-z-]+\.test\.ts/.exec(document) ?? [];

    expect(existsSync(file)).toBe(true);
  });
});
