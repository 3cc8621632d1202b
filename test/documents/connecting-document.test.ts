import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AccountId, AttemptId, InstallationId, UserId } from "unified-contributions";
import type { Receiver } from "unified-contributions/ghec";
import type { Sender } from "unified-contributions/ghes";
import { createTestWorld } from "unified-contributions/testing";
import { afterEach, describe, expect, it } from "vitest";
import { skipWithoutChromium, startBrowser } from "../support/chromium.ts";
import { type HttpHost, host as listenWith } from "../support/http-host.ts";
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

/**
 * Both sides with the pages of the document, and a browser that brings its cookies.
 *
 * @param cloudOrigin where the cloud's page is
 */
async function createPages(cloudOrigin = "https://cloud.example") {
  // A folder of its own, since a module is loaded once.
  const folder = writeBlocks(
    join("connecting", new URL(cloudOrigin).hostname),
    blocks.map((code) => code.replace("https://cloud.example", cloudOrigin)),
  );
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
    expect(page.headers.get("content-security-policy")).toBe(
      "frame-ancestors 'none'; form-action 'self' https://server.example",
    );
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

describe("a browser", () => {
  const isMissing = skipWithoutChromium();
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const { close } of opened.splice(0).reverse()) await close();
  });

  /** Serves a site at `localhost` or at `127.0.0.1`: two sites, as far as a browser can tell. */
  async function serve(name: string, answer: (request: Request) => Promise<Response>): Promise<string> {
    const listening: HttpHost = await listenWith(answer);
    opened.push(listening);
    return `http://${name}:${listening.port}`;
  }

  const html = (body: string, policy: string): Response =>
    new Response(`<!doctype html><title>A page</title>${body}`, {
      headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
    });

  it.skipIf(isMissing)("presses the two buttons, and its account is connected", async () => {
    let answerCloud = async (_: Request): Promise<Response> => new Response(null, { status: 503 });
    const cloudOrigin = await serve("127.0.0.1", (request) => answerCloud(request));
    const { world, server, cloud, session, host } = await createPages(cloudOrigin);
    const isFromOwnPage = ({ headers }: Request): boolean => headers.get("sec-fetch-site") === "same-origin";
    const serverOrigin = await serve("localhost", async (request) => {
      const here = { ...session, isFromOwnPage: isFromOwnPage(request) };
      const { pathname } = new URL(request.url);
      if (pathname === "/settings/connect") return server.start(world.sender, here);
      if (pathname === "/settings/connected") return server.finish(world.sender, request, here);
      const { link } = await world.sharing("ann");
      const form = '<form method="post" action="/settings/connect"><button>Connect</button></form>';
      return html(`<p>${link.status}</p>${form}`, `form-action 'self' ${cloudOrigin}`);
    });
    answerCloud = async (request) => {
      const here: Host = {
        ...host,
        isFromOwnPage: isFromOwnPage(request),
        // The form goes to the address of its page, attempt and all.
        page: () => '<!doctype html><title>A page</title><form method="post"><button>Allow</button></form>',
        returnTo: () => `${serverOrigin}/settings/connected`,
      };
      const attempt = new URL(request.url).searchParams.get("attempt") as AttemptId;
      return request.method === "POST"
        ? cloud.allow(world.receiver, request, attempt, here)
        : cloud.ask(world.receiver, request, here);
    };
    const browser = await startBrowser();
    opened.push(browser);
    const page = await browser.visit(`${serverOrigin}/settings`);

    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("button", { name: "Allow" }).click();
    // A browser that holds the redirects to a page's policy stays on that page.
    await page.waitForURL(`${serverOrigin}/settings`);

    expect(await page.getByRole("paragraph").textContent()).toBe("connected");
  });
});
