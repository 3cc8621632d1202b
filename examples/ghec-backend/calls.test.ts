// ghec-backend/calls.test.ts
import type { AccountId } from "unified-contributions";
import { createTestWorld } from "unified-contributions/testing";
import { expect, it } from "vitest";
import { createCalls } from "./calls.ts";

const ann = { account: "ann" as AccountId };

it.each(["revoke", "end"] as const)("shows what a server has sent, and deletes it: %s", async (name) => {
  const world = createTestWorld();
  const calls = createCalls(world);
  const total = () =>
    calls.calendar(ann).map(({ contributionCalendar: calendar }) => calendar.totalContributions);
  await world.enable();
  expect(await total().unwrapOr(null)).toBe(1);

  await world.join("ann");
  await world.contribute("ann", "2026-03-01T09:00:00Z");
  await world.sync();
  expect(await total().unwrapOr(null)).toBe(2);

  expect(await calls[name]({ ...ann, server: world.installation }).unwrapOr([])).toHaveLength(1);
  expect(await total().unwrapOr(null)).toBe(1);
});
