// ghec-backend/calls.test.ts
import type { AccountId } from "unified-contributions";
import { createTestWorld } from "unified-contributions/testing";
import { expect, it } from "vitest";
import { createCalls } from "./calls.ts";

it.each(["revoke", "end"] as const)("shows what a server has sent, and deletes it: %s", async (name) => {
  const world = createTestWorld();
  const calls = createCalls(world);
  const ann = { account: "ann" as AccountId, server: world.installation };
  const shown = () => calls.calendar(ann).map((one) => one.contributionCalendar.totalContributions);
  await world.enable();
  expect(await shown().unwrapOr(null)).toBe(1);
  await world.join("ann");
  await world.contribute("ann", "2026-03-01T09:00:00Z");
  await world.sync();
  expect(await shown().unwrapOr(null)).toBe(2);
  expect(await calls[name](ann).unwrapOr([])).toHaveLength(1);
  expect(await shown().unwrapOr(null)).toBe(1);
});
