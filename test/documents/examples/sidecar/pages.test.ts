import { afterAll, beforeAll, expect, it } from "vitest";
import { ADAS_ACCOUNT } from "../../../support/sidecar-cloud.ts";
import { createSidecarWorld, type SidecarWorld } from "../../../support/sidecar-world.ts";
import { createVisitor } from "../../../support/visitor.ts";
import { runExample } from "../run-example.ts";

const DAY_MS = 86_400_000;
const DAYS = Array.from({ length: 100 }, (_, at) => ({
  date: new Date(Date.now() + (at - 97) * DAY_MS).toISOString().slice(0, 10),
  contributionCount: 3,
}));
const ADA = { id: 1_001, login: "ada", days: DAYS };
const OLIVIA = { id: 7, login: "olivia", days: [] };

let world: SidecarWorld;

beforeAll(async () => {
  world = await createSidecarWorld(null);
  world.instance.setPeople([ADA, OLIVIA]);
  await runExample("examples/sidecar/main.ts", "--help");
});
afterAll(() => world.close());

it("serves the pages over a folder: an owner enables the feature, a user connects, sends, and takes it back", async () => {
  const { instance, cloud, pagesUrl } = world;
  const sidecar = await world.start();
  const visitor = createVisitor();
  instance.signedIn = OLIVIA;
  const tab = await visitor.open(`${pagesUrl}/sign-in/begin`);
  const enabled = await tab.press("Enable");
  await enabled.press("Sign out olivia");
  instance.signedIn = ADA;
  const settings = await visitor.open(`${pagesUrl}/sign-in/begin`);
  await (await visitor.open(`${cloud.pagesUrl}/sign-in`)).press("Ada on the cloud");
  const connected = await (await settings.press("Connect to GitHub.com")).press("Authorize");
  const sending = await connected.press("Update contributions", { send: "on" });
  const shown = (await cloud.receiver.shownCounts(ADAS_ACCOUNT))._unsafeUnwrap();
  const taken = await sending.press("Update contributions");
  const left = (await cloud.receiver.shownCounts(ADAS_ACCOUNT))._unsafeUnwrap();
  sidecar.child.kill("SIGINT");

  expect(tab.url).toBe(`${pagesUrl}/enterprise/github-connect`);
  expect(enabled.text).toContain("Unified contributions is enabled.");
  expect(connected.text).toContain("Your account on GitHub.com is connected. Nothing is sent yet.");
  expect(sending.text).toContain("The user's contribution counts are sent.");
  expect(shown.map(({ window }) => window.counts)).toEqual([Array(90).fill(3)]);
  expect(taken.text).toContain("Receipt: Deleted at");
  expect(left).toEqual([]);
  expect(await sidecar.ended).toEqual({ code: 0, stderr: "" });
  // As a word: "ada" alone can stand in a random id.
  expect(JSON.stringify(sidecar.lines)).not.toMatch(/\bada\b|olivia/i);
});
