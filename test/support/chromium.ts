import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { beforeEach } from "vitest";

const CHROMIUM = "/usr/bin/chromium";

/** Where pictures of pages are kept for people to look at: no test compares them. */
const SCREENSHOTS = "reports/browser";

const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** A browser, and a server of this machine's that it gets its pages from. */
export interface Browser {
  /** Opens a page of this HTML; a test closes it. The policy is its Content-Security-Policy. */
  open(html: string, window?: BrowserWindow): Promise<Page>;
  /** Opens the page at an address; a test closes it. Cookies stay from one page to the next. */
  visit(url: string, window?: Pick<BrowserWindow, "width">): Promise<Page>;
  /** Keeps a picture of a page under a name. */
  keep(page: Page, name: string): Promise<void>;
  close(): Promise<void>;
}

/** How a page is looked at. */
export interface BrowserWindow {
  readonly width?: number;
  readonly policy?: string;
}

/** Skips every test of a file, or of the `describe` that calls it, on a machine without Chromium, and says so. */
export function skipWithoutChromium(): boolean {
  const isMissing = !existsSync(CHROMIUM);
  if (isMissing) {
    const sentence = "There is no Chromium here: sh scripts/chromium.sh, as root on Debian, installs it.";
    process.stderr.write(`${sentence} Its tests are skipped.\n`);
    beforeEach(({ skip }) => skip(sentence));
  }
  return isMissing;
}

/** Returns what axe finds wrong with a page; an empty list is what a test wants. */
export async function violationsIn(page: Page): Promise<unknown> {
  // Evaluated, not added to the page: its Content-Security-Policy allows no script of a test's.
  await page.evaluate(axe.source);
  return await page.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]))",
  );
}

/** Returns how many pixels a page is wider than its window; 0 if nobody has to scroll sideways. */
export async function overflowOf(page: Page): Promise<unknown> {
  return await page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth");
}

/** Starts Chromium with a profile of its own, which is gone after it is closed. */
export async function startBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const context = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: FLAGS });
  const pages = new Map<string, { readonly html: string; readonly policy: string }>();
  const server = createServer(({ url = "" }, response) => {
    const page = pages.get(url);
    response.writeHead(page ? 200 : 404, {
      "content-type": "text/html; charset=utf-8",
      ...(page?.policy ? { "content-security-policy": page.policy } : {}),
    });
    response.end(page?.html ?? "");
  });
  const address = await listen(server);
  mkdirSync(SCREENSHOTS, { recursive: true });
  return {
    open: async (html, { width = 900, policy = "" } = {}) => {
      const path = `/${pages.size + 1}`;
      pages.set(path, { html, policy });
      return openPage(context, `${address}${path}`, width);
    },
    visit: (url, { width = 900 } = {}) => openPage(context, url, width),
    keep: async (page, name) => {
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
    },
    close: async () => {
      await context.close();
      await new Promise((closed) => server.close(closed));
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function openPage(context: BrowserContext, url: string, width: number): Promise<Page> {
  const page = await context.newPage();
  await page.setViewportSize({ width, height: 360 });
  await page.goto(url);
  return page;
}
