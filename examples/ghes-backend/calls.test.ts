// ghes-backend/calls.test.ts
import type { UserId } from "unified-contributions";
import { createTestWorld } from "unified-contributions/testing";
import { expect, it } from "vitest";
import { createCalls } from "./calls.ts";

const ann = { user: "ann" as UserId };
const olivia = { user: "olivia" as UserId };

it("says which gate is closed, and that counts are deleted once the receipt is here", async () => {
  const world = createTestWorld();
  const calls = createCalls(world);
  await world.enable();
  await world.join("ann");
  expect(await calls.settings(ann).unwrapOr(null)).toEqual({
    counts: "The counts are sent.",
    deletion: "none",
  });

  await world.contribute("ann", "2026-03-01T09:00:00Z");
  await world.sync();
  expect(await world.shown("ann")).toBe(1);

  world.fail("answer-lost");
  expect((await calls["opt-out"](ann)).isOk()).toBe(true);
  expect(await calls.settings(ann).unwrapOr(null)).toMatchObject({ deletion: "pending" });

  await world.sync();
  expect(await world.shown("ann")).toBe(0);
  expect(await calls.settings(ann).unwrapOr(null)).toEqual({
    counts: 'The user opted out: they have to select "Send my contribution counts" again to send.',
    deletion: "deleted",
  });
});

it("lets an owner alone disable the feature, which closes the gate of every user", async () => {
  const world = createTestWorld();
  const calls = createCalls(world);
  await world.enable();
  expect((await calls.disable(ann))._unsafeUnwrapErr()).toMatchObject({ type: "not-enterprise-owner" });

  expect((await calls.disable(olivia)).isOk()).toBe(true);
  expect(await calls.settings(ann).unwrapOr(null)).toMatchObject({
    counts: "Unified contributions is off: an enterprise owner has to enable it.",
  });
});
