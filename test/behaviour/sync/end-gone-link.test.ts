import { describe, expect, it } from "vitest";
import { meanwhile, STORAGE_AWAY, storageAway } from "../../support/ghes-meddling.ts";
import { linkId, NOW, OCTO } from "../../support/ghes-values.ts";
import { type createGhesWorld, createSendingWorld, SERVER } from "../../support/ghes-world.ts";

/** Octo revoked the authorization on the cloud, which the server does not know yet; a change is due. */
async function createRevokedWorld(): Promise<ReturnType<typeof createGhesWorld>> {
  const world = await createSendingWorld();
  await world.contribute(OCTO, 4);
  (await world.receiver.revokeAuthorization(SERVER, `${OCTO}-cloud` as never))._unsafeUnwrap();
  return world;
}

describe("a link that the receiver says is gone", () => {
  it("is ended, with an audit entry that names nobody who asked, and nothing to withdraw", async () => {
    const world = await createRevokedWorld();

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", gone: 1, kept: 0, failed: 0 });
    expect(await world.record()).toMatchObject({
      link: { status: "ended", reason: "link-gone", endedAt: NOW },
      reported: null,
      deletion: null,
    });
    expect(world.memory.auditLog().at(-1)).toEqual({
      action: "unified_contributions_link.destroy",
      actor: null,
      user: "octo",
      createdAt: NOW,
    });
    world.wire.sent.length = 0;
    await world.sync();
    expect(world.said()).toEqual(["complete"]);
  });

  it("leaves its user's newer link alone", async () => {
    const world = await createRevokedWorld();
    world.wire.on(
      "deliver",
      meanwhile(() => world.optIn(OCTO, linkId("link-new"))),
    );

    const report = await world.sync();

    expect(report.gone).toBe(1);
    expect((await world.record()).link).toMatchObject({
      status: "sending",
      consent: { linkId: "link-new________" },
    });
  });

  it("leaves the choice of a user alone who opted out meanwhile", async () => {
    const world = await createRevokedWorld();
    world.wire.on(
      "deliver",
      meanwhile(() => world.optOut()),
    );

    await world.sync();

    expect((await world.record()).link.status).toBe("opted-out");
  });

  it("is due again where it could not be ended, and gone again", async () => {
    const world = await createRevokedWorld();
    world.store.on("commitLink", storageAway);

    const failed = await world.sync();
    const report = await world.sync();

    expect(failed).toMatchObject({ outcome: "failed", fault: STORAGE_AWAY });
    expect(report).toMatchObject({ outcome: "completed", gone: 1 });
    expect((await world.record()).link.status).toBe("ended");
  });
});
