import { createSender } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { garbled, type Mishap } from "../../support/ghes-interventions.ts";
import { type createGhesWorld, createSendingWorld } from "../../support/ghes-world.ts";
import { linkId, NOW, OCTO, user } from "../../support/values.ts";

type GhesWorld = ReturnType<typeof createGhesWorld>;

const DAY_MS = 86_400_000;
const REMOVED = { first: "2025-12-02", last: "2026-03-01" };
const RECEIPT = { deletedAt: NOW, removed: REMOVED };

const notFound: Mishap = garbled((answer) => ({ ...answer, outcomes: [{ type: "unknown" }] }));

/** Octo has opted out, and the withdrawal waits. */
async function createLeavingWorld(): Promise<GhesWorld> {
  const world = await createSendingWorld();
  await world.optOut();
  return world;
}

async function deletion(world: GhesWorld): Promise<object> {
  return (await world.sender.sharing(OCTO))._unsafeUnwrap().deletion;
}

/** The days on which something is said, of so many on which the deletions are synced once. */
async function daysOfWithdrawing(world: GhesWorld, days: number): Promise<readonly number[]> {
  const said: number[] = [];
  for (let day = 0; day < days; day++) {
    if ((await world.sync({ scope: "deletions" })).requests > 0) said.push(day);
    world.clock.advance(DAY_MS);
  }
  return said;
}

describe("a receipt", () => {
  it("is requested once more a day later, and then never again", async () => {
    const world = await createLeavingWorld();

    expect(await daysOfWithdrawing(world, 10)).toEqual([0, 1]);
    expect(world.said()).toEqual(["deliver: withdraw link-octo", "deliver: withdraw link-octo"]);
  });

  it("is not requested again a moment before the day is over", async () => {
    const world = await createLeavingWorld();
    await world.sync({ scope: "deletions" });
    world.clock.advance(DAY_MS - 1);

    expect((await world.sync({ scope: "deletions" })).requests).toBe(0);
  });

  it("that comes a second time changes no shown state", async () => {
    const world = await createLeavingWorld();
    const first = await world.sync({ scope: "deletions" });
    world.clock.advance(DAY_MS);
    const other = { deletedAt: NOW + DAY_MS, removed: null };
    world.wire.on(
      "deliver",
      garbled((answer) => ({ ...answer, outcomes: [{ type: "withdrawn", receipt: other }] })),
    );

    const second = await world.sync({ scope: "deletions" });

    expect(first.receipts).toEqual([{ linkId: linkId("link-octo"), receipt: RECEIPT }]);
    expect(second).toMatchObject({ requests: 1, withdrawn: 0, receipts: [], notFound: 0 });
    expect(await deletion(world)).toEqual({ status: "deleted", receipt: RECEIPT });
  });

  it("is requested again from a receiver that lost the deletion and its ledger entry, which deletes again", async () => {
    const world = await createSendingWorld();
    const lose = world.keepCloud();
    await world.optOut();
    await world.sync({ scope: "deletions" });
    lose();

    world.clock.advance(DAY_MS);
    await world.sync({ scope: "deletions" });

    expect(await world.shown()).toBeNull();
    expect(await deletion(world)).toEqual({ status: "deleted", receipt: RECEIPT });
  });

  it("that is unknown a day later is shown as a problem until it is known again", async () => {
    const world = await createLeavingWorld();
    await world.sync({ scope: "deletions" });
    world.clock.advance(DAY_MS);
    world.wire.on("deliver", notFound);

    const report = await world.sync({ scope: "deletions" });

    expect(report).toMatchObject({ withdrawn: 0, notFound: 1 });
    expect(await deletion(world)).toEqual({ status: "not-found", requestedAt: NOW, since: NOW + DAY_MS });
    world.clock.advance(DAY_MS);
    await world.sync({ scope: "deletions" });
    expect(await deletion(world)).toEqual({ status: "deleted", receipt: RECEIPT });
    expect(await daysOfWithdrawing(world, 5)).toEqual([]);
  });

  it("is requested again with those of many others, page by page", async () => {
    const world = await createSendingWorld();
    const users = ["anna", "bora", "carl"].map(user);
    await world.startSending(...users);
    for (const one of users) await world.optOut(one);
    const sender = createSender({ ...world.options, batchSize: 2 });
    await world.sync({ scope: "deletions" }, sender);
    world.wire.sent.length = 0;
    world.clock.advance(DAY_MS);

    const report = await world.sync({ scope: "deletions" }, sender);

    expect(world.said()).toEqual([
      "deliver: withdraw link-anna, withdraw link-bora",
      "deliver: withdraw link-carl",
    ]);
    expect(report.withdrawn).toBe(0);
  });
});

describe("a withdrawal of a link that the receiver does not know", () => {
  it("is not a receipt, and is reported by its own name", async () => {
    const world = await createLeavingWorld();
    world.wire.on("deliver", notFound);

    const report = await world.sync({ scope: "deletions" });

    expect(report).toMatchObject({ outcome: "completed", withdrawn: 0, receipts: [], notFound: 1 });
    expect(await deletion(world)).toEqual({ status: "not-found", requestedAt: NOW, since: NOW });
    expect((await world.record()).deletion).toMatchObject({ receipt: null, notFoundSince: NOW });
  });

  it("is repeated daily for 90 days, then given up, and never counts as a receipt", async () => {
    const world = await createLeavingWorld();
    world.wire.on("deliver", ...Array.from({ length: 200 }, () => notFound));

    const days = await daysOfWithdrawing(world, 100);

    expect(days).toEqual(Array.from({ length: 91 }, (_, day) => day));
    expect(await deletion(world)).toEqual({ status: "not-found", requestedAt: NOW, since: NOW });
  });

  it("is deleted as soon as it is known again, and its receipt is requested once more", async () => {
    const world = await createLeavingWorld();
    world.wire.on("deliver", notFound);
    await world.sync({ scope: "deletions" });
    world.clock.advance(DAY_MS);

    const report = await world.sync({ scope: "deletions" });

    expect(report).toMatchObject({ withdrawn: 1, notFound: 0 });
    expect(await deletion(world)).toMatchObject({ status: "deleted", receipt: { removed: REMOVED } });
    world.wire.sent.length = 0;
    world.clock.advance(DAY_MS);
    expect(await daysOfWithdrawing(world, 3)).toEqual([0]);
  });

  it("is left to the cloud if GitHub Connect goes off", async () => {
    const world = await createLeavingWorld();
    world.wire.on("deliver", notFound);
    await world.sync({ scope: "deletions" });

    await world.disconnectServer();

    expect(await deletion(world)).toEqual({ status: "left-to-cloud", requestedAt: NOW });
  });
});
