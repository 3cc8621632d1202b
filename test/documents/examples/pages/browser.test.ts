import type { Page } from "playwright-core";
import type { UserId } from "unified-contributions";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Browser,
  overflowOf,
  skipWithoutChromium,
  startBrowser,
  violationsIn,
} from "../../../support/chromium.ts";
import { openPagesWorld, type PagesWorld } from "../../../support/pages-world.ts";

const isMissing = skipWithoutChromium();
let browser: Browser;
let world: PagesWorld;
let page: Page;

beforeAll(async () => {
  if (isMissing) return;
  browser = await startBrowser();
});
beforeEach(async () => {
  if (isMissing) return;
  world = await openPagesWorld();
  page = await browser.visit(world.serverUrl);
});
afterEach(async () => {
  await page?.close();
  await world?.close();
});
afterAll(async () => {
  await browser?.close();
});

async function press(name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).click();
}

async function signIn(url: string, person: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await press(person);
}

/** Looks at the page that is open in both colour schemes, at its usual width and at 200 % zoom. */
async function look(name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect([name, colorScheme, await violationsIn(page)]).toEqual([name, colorScheme, []]);
  }
  await browser.keep(page, `pages-${name}`);
  await page.setViewportSize({ width: 450, height: 360 });
  expect([name, await overflowOf(page)]).toEqual([name, 0]);
  await browser.keep(page, `pages-${name}-zoomed`);
  await page.setViewportSize({ width: 900, height: 360 });
}

/** Walks with the Tab key until the element of this name has the focus, where it can be seen. */
async function walkTo(name: string): Promise<void> {
  for (let steps = 0; steps < 30; steps++) {
    await page.keyboard.press("Tab");
    const [words, style] = (await page.evaluate(
      "[(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim(), getComputedStyle(document.activeElement).outlineStyle]",
    )) as [string, string];
    if (words !== name) continue;
    expect(style).toBe("solid");
    return;
  }
  throw new Error(`The Tab key never comes to "${name}".`);
}

/** Walks to a button or a link, presses Enter, and waits for the page that it leads to. */
async function enter(name: string): Promise<void> {
  await walkTo(name);
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
}

describe("axe finds nothing wrong, light or dark, and nobody scrolls sideways at 200 % zoom", () => {
  it("on the server's pages and the cloud's, in all their states", async () => {
    await page.goto(`${world.serverUrl}/sign-in`);
    await look("sign-in");
    await signIn(world.serverUrl, "Ada");
    await look("settings-while-off");
    await page.goto(`${world.serverUrl}/enterprise/github-connect`);
    await look("only-for-owners");
    await page.goto(`${world.serverUrl}/no-such-page`);
    await look("not-found");

    await signIn(world.serverUrl, "Olivia, enterprise owner");
    await look("tab-disabled");
    await press("Enable");
    await look("cloud-sign-in");
    await press("Olivia on the cloud, enterprise owner");
    await look("terms");
    await press("Accept the terms");
    await look("terms-accepted");
    await page.goto(`${world.serverUrl}/enterprise/github-connect`);
    await press("Enable");
    await look("tab-enabled");
    await page.goto(`${world.serverUrl}/enterprise/github-connect/sent`);
    await look("sent");

    await signIn(world.cloudUrl, "Ada on the cloud");
    await look("profile-without-counts");
    await page.goto(`${world.cloudUrl}/settings/servers`);
    await look("no-servers");
    await signIn(world.serverUrl, "Ada");
    await look("settings-not-connected");
    await press("Connect to GitHub.com");
    await look("authorize");
    await press("Authorize");
    await look("settings-connected");
    await page.getByRole("checkbox").check();
    await press("Update contributions");
    await look("settings-sending");
    await page.goto(world.cloudUrl);
    await look("profile");
    await page.goto(`${world.cloudUrl}/settings/servers`);
    await look("servers");
    await press("Revoke");
    await look("servers-revoked");
    await page.goto(`${world.serverUrl}/settings/github-connect`);
    await press("Update contributions");
    await look("settings-opted-out");

    await signIn(world.serverUrl, "Olivia, enterprise owner");
    world.isWireUp = false;
    await press("Disable");
    await look("tab-in-trouble");
    world.isWireUp = true;
    await press("Sync now");
    await look("tab-disabled-again");
  });
});

describe("a keyboard alone", () => {
  it("enables, connects, authorizes and opts in", async () => {
    await page.goto(`${world.serverUrl}/sign-in`);
    await enter("Olivia, enterprise owner");
    await enter("Enable");
    await enter("Olivia on the cloud, enterprise owner");
    await enter("Accept the terms");
    await enter("Back to the enterprise's server");
    await enter("Enable");
    await enter("Sign out Olivia");
    await enter("Ada");
    await enter("Connect to GitHub.com");
    await enter("Authorize");
    await walkTo("Send my contribution counts to GitHub.com");
    await page.keyboard.press("Space");
    await enter("Update contributions");

    const { link } = (await world.sender.sharing("ada" as UserId))._unsafeUnwrap();
    expect(link.status).toBe("sending");
  });
});
