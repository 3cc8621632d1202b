import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Browser, skipWithoutChromium, startBrowser } from "../../../support/chromium.ts";
import { openPagesWorld, type PagesWorld } from "../../../support/pages-world.ts";

const isMissing = skipWithoutChromium();
let browser: Browser;
let world: PagesWorld;
let page: Page;

beforeAll(async () => {
  if (isMissing) return;
  browser = await startBrowser();
  world = await openPagesWorld();
  page = await browser.visit(world.serverUrl);
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

/** Presses a button, and answers with what the next page says of it. */
async function press(name: string): Promise<string> {
  await page.getByRole("button", { name, exact: true }).click();
  return (await page.getByRole("status").allTextContents()).join();
}

async function signIn(url: string, person: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByRole("button", { name: person, exact: true }).click();
}

async function select(isSelected: boolean): Promise<string> {
  await page
    .getByRole("checkbox", { name: "Send my contribution counts to GitHub.com" })
    .setChecked(isSelected);
  return press("Update contributions");
}

/** What the page says in its main part. */
function text(): Promise<string> {
  return page.locator("main").innerText();
}

/** The sentence over the calendar of a profile, as its owner sees it. */
async function shown(person: string): Promise<string> {
  await signIn(world.cloudUrl, `${person} on the cloud`);
  return await page.getByRole("grid").locator("caption").innerText();
}

/** Connects the account on the cloud of a user who is signed in. */
async function connect(person: string): Promise<string> {
  await press("Connect to GitHub.com");
  // The pretend sign-in of the cloud, unless somebody is signed in there.
  const button = page.getByRole("button", { name: `${person} on the cloud`, exact: true });
  if (await button.isVisible()) await button.click();
  expect(await text()).toContain("Analytical Engines");
  expect(await text()).toContain(`${person} on the cloud`);
  return press("Authorize");
}

it("the whole story, in a browser", async () => {
  // An owner enables the feature; the terms come first.
  await signIn(world.serverUrl, "Olivia, enterprise owner");
  expect(await text()).toContain("Unified contributions\n\nDisabled.");
  await press("Enable");
  await page.getByRole("button", { name: "Olivia on the cloud, enterprise owner" }).click();
  expect(page.url()).toBe(`${world.cloudUrl}/enterprise/terms`);
  await press("Accept the terms");
  await page.getByRole("link", { name: "Back to the enterprise's server" }).click();
  expect(await press("Enable")).toBe("Unified contributions is enabled.");

  // Ada connects her account. Nothing is sent yet.
  await page.goto(`${world.cloudUrl}/sign-in`);
  await press("Sign out Olivia on the cloud");
  await signIn(world.serverUrl, "Ada");
  expect(await text()).toContain("You have connected an account: not yet");
  expect(await connect("Ada")).toBe("Your account on GitHub.com is connected. Nothing is sent yet.");
  const preview = await page.getByRole("region", { name: "The record" }).innerText();
  expect(world.sent.join()).not.toContain('"type":"report"');

  // She opts in, and what leaves is the preview, byte for byte.
  expect(await select(true)).toBe("Your contribution counts are sent from now on.");
  const record = await page.getByRole("region", { name: "The record" }).innerText();
  const { linkId } = JSON.parse(record);
  expect(preview.replace(JSON.parse(preview).linkId, linkId)).toBe(record);
  expect(world.sent.filter((message) => message.includes(`"records":[${record}]`))).toHaveLength(1);
  expect(await shown("Ada")).toMatch(/^2 contributions from /);

  // She opts out: there is a receipt, and the counts are gone.
  await page.goto(`${world.serverUrl}/settings/github-connect`);
  expect(await select(false)).toBe("Your contribution counts are not sent any more.");
  expect(await text()).toContain(
    "Receipt: Deleted at 2026-03-01 12:00 UTC: the counts of 2025-12-02 to 2026-03-01.",
  );
  expect(await shown("Ada")).toMatch(/^No contributions from /);

  // She reconnects, and the past 90 days are back.
  await page.goto(`${world.serverUrl}/settings/github-connect`);
  await press("Disconnect from GitHub.com");
  await connect("Ada");
  await select(true);
  expect(await shown("Ada")).toMatch(/^2 contributions from /);

  // Grace sends, too.
  await page.goto(`${world.cloudUrl}/settings/servers`);
  await press("Sign out Ada on the cloud");
  await signIn(world.serverUrl, "Grace");
  await connect("Grace");
  await select(true);
  expect(await shown("Grace")).toMatch(/^1 contribution from /);

  // The owner disables the feature: it is gone for all, with a receipt.
  await signIn(world.serverUrl, "Olivia, enterprise owner");
  expect(await press("Disable")).toBe("Unified contributions is disabled.");
  expect(await text()).toContain(
    "Receipt: the counts of every user have been gone since 2026-03-01 12:00 UTC.",
  );
  expect(await shown("Ada")).toMatch(/^No contributions from /);
  expect(await shown("Grace")).toMatch(/^No contributions from /);
});
