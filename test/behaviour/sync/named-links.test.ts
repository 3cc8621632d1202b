import { type AccountId, type LinkId, okAsync, ResultAsync } from "unified-contributions";
import { describe, expect, it } from "vitest";
import { answerLost, garbled, meanwhile, noting, storageAway } from "../../support/ghes-interventions.ts";
import { createGhesWorld, createSendingWorld, createWorldOf, SERVER } from "../../support/ghes-world.ts";
import { linkId, MONA, NOW, OCTO } from "../../support/values.ts";

type GhesWorld = Awaited<ReturnType<typeof createSendingWorld>>;

const OCTO_CLOUD = "octo-cloud" as AccountId;
const RECEIPT = { deletedAt: NOW, removed: { first: "2025-12-02", last: "2026-03-01" } };

async function revoke(world: GhesWorld, account = OCTO_CLOUD): Promise<void> {
  (await world.receiver.revokeAuthorization(SERVER, account))._unsafeUnwrap();
}

const heardTo = async (world: GhesWorld) => (await world.server()).heardTo;

/** A promise that a test keeps when it likes. */
function latch(): { readonly isOpen: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { isOpen, open: () => open() };
}

/** The answer names this link, and says whether there are more. */
function naming(id: LinkId, position: number, hasMore: boolean, choice: number | null = null) {
  return garbled((answer) => ({
    ...answer,
    ended: [{ linkId: id, choice, receipt: RECEIPT }],
    heardTo: { position, entryId: `entry-of-a-ledger-${position}` },
    hasMore,
  }));
}

describe("a link that the answer to `complete` names", () => {
  it("ends with its receipt, without a request more, and is not named again", async () => {
    const world = await createSendingWorld();
    await revoke(world);

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", ended: 1, requests: 1 });
    expect(world.said()).toEqual(["complete"]);
    expect((await world.record()).link).toEqual({
      status: "ended",
      reason: "link-ended",
      endedAt: NOW,
      receipt: RECEIPT,
    });
    expect(await world.server()).toMatchObject({ heardTo: { position: 1 }, lease: null });
    expect(await world.sync()).toMatchObject({ outcome: "completed", ended: 0, requests: 1 });
  });

  it("changes nothing for a user who is under another link by now", async () => {
    const world = await createSendingWorld();
    await revoke(world);
    await world.optIn(OCTO, linkId("link-anew"));

    expect(await world.sync()).toMatchObject({ ended: 0, kept: 1 });
    expect((await world.record()).link).toMatchObject({ status: "sending" });
    expect(await heardTo(world)).toMatchObject({ position: 1 });
  });

  it("ends for a user who has opted out meanwhile, whose withdrawal gets the first receipt", async () => {
    const world = await createSendingWorld();
    await revoke(world);
    world.wire.on(
      "complete",
      meanwhile(() => world.optOut()),
    );

    expect(await world.sync()).toMatchObject({ outcome: "completed", ended: 1 });
    await world.sync({ scope: "deletions" });
    expect(await world.record()).toMatchObject({
      link: { status: "ended", reason: "link-ended", receipt: RECEIPT },
      deletion: { receipt: RECEIPT },
    });
  });

  it("leaves a user alone whom the owner's disabling has suspended meanwhile", async () => {
    const world = await createSendingWorld();
    await revoke(world);
    world.wire.on(
      "complete",
      meanwhile(() => world.disable()),
    );

    await world.sync();

    expect((await world.record()).link).toMatchObject({ status: "sending" });
    expect((await world.sender.sharing(OCTO))._unsafeUnwrap().link).toMatchObject({ status: "suspended" });
  });
});

describe("a choice that the answer to `complete` names", () => {
  it("is taken back, and withdrawn once more for its receipt: the server had forgotten it", async () => {
    const world = await createSendingWorld();
    world.wire.on("complete", naming(linkId("link-octo"), 1, false, 1));

    expect(await world.sync()).toMatchObject({ outcome: "completed", ended: 1 });
    expect(await world.record()).toMatchObject({
      link: { status: "connected", choice: 1, optedOutAt: NOW },
      deletion: { linkId: "link-octo_______", choice: 1, receipt: null },
    });
    await world.sync({ scope: "deletions" });
    expect(await world.record()).toMatchObject({
      link: { status: "connected" },
      deletion: { receipt: RECEIPT },
    });
    expect(world.memory.auditLog().at(-1)).toEqual({
      action: "unified_contributions_link.destroy",
      actor: null,
      user: OCTO,
      createdAt: NOW,
    });
  });

  it("changes nothing for a user who sends by a later choice", async () => {
    const world = await createSendingWorld();
    await world.optOut();
    await world.choose(OCTO, "opt-in");

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", kept: 1, ended: 0, withdrawn: 1 });
    expect(await heardTo(world)).toMatchObject({ position: 1 });
    expect((await world.record()).link).toMatchObject({ status: "sending", choice: 2 });
    expect(await world.shown()).toBe(3);
  });

  it("is before the next choice of a user who is connected", async () => {
    const world = await createSendingWorld();
    await world.optOut();
    world.wire.on("complete", naming(linkId("link-octo"), 1, false, 4));

    await world.sync();
    await world.choose(OCTO, "opt-in");
    await world.sync();

    expect((await world.record()).link).toMatchObject({ status: "sending", choice: 5 });
    expect(await world.shown()).toBe(3);
  });

  it("ends nothing more than the link does that is named with it", async () => {
    const world = await createSendingWorld();
    const ended = [null, 1].map((choice) => ({ linkId: linkId("link-octo"), choice, receipt: RECEIPT }));
    world.wire.on(
      "complete",
      garbled((answer) => ({ ...answer, ended })),
    );

    await world.sync();

    expect(await world.record()).toMatchObject({
      link: { status: "ended", reason: "link-ended" },
      deletion: null,
    });
  });
});

describe("the place up to which links were named", () => {
  it("is stored after the links have ended: a storage that fails on the way hears once more", async () => {
    const world = await createSendingWorld();
    await revoke(world);
    world.store.on("commitLink", storageAway);

    expect(await world.sync()).toMatchObject({ outcome: "failed" });
    expect(await heardTo(world)).toBeNull();
    expect(await world.sync()).toMatchObject({ outcome: "completed", ended: 1 });
    expect(await heardTo(world)).toMatchObject({ position: 1 });
  });

  it("is heard once more where the answer was lost", async () => {
    const world = await createSendingWorld();
    await revoke(world);
    world.wire.on("complete", answerLost);

    expect(await world.sync()).toMatchObject({ outcome: "failed" });
    expect(await world.sync()).toMatchObject({ outcome: "completed", ended: 1 });
  });

  it("stays while a redemption waits, since its link may be among the named ones", async () => {
    const world = createGhesWorld();
    await world.turnOn();
    const { attempt, code } = await world.consent(OCTO);
    const [opened, heard] = [latch(), latch()];
    world.wire.on(
      "redeem",
      meanwhile(async () => {
        opened.open();
        await heard.isOpen;
      }),
    );
    let redeemed: Promise<string> | null = null;
    // The sync has looked for redemptions already. One begins now, its link is opened, and ends.
    const late = async (): Promise<void> => {
      redeemed = world.sender.redeem({ user: OCTO, attempt, code }).match(
        ({ link }) => link.status,
        ({ type }) => type,
      );
      await opened.isOpen;
      await revoke(world);
    };
    world.wire.on("complete", (proceed) => ResultAsync.fromSafePromise(late()).andThen(proceed));

    expect(await world.sync()).toMatchObject({ outcome: "completed", ended: 0 });
    expect(await heardTo(world)).toBeNull();
    heard.open();

    expect(await redeemed).toBe("connected");
    expect(await world.sync()).toMatchObject({ outcome: "completed", ended: 1 });
    expect((await world.record()).link).toMatchObject({ status: "ended", reason: "link-ended" });
    expect(await heardTo(world)).toMatchObject({ position: 1 });
  });

  it("moves without a named link where only an epoch has ended", async () => {
    const world = await createSendingWorld();
    await world.disable();
    await world.sync();
    await world.enable();

    expect(await world.sync()).toMatchObject({ outcome: "completed", ended: 0 });
    expect(await heardTo(world)).toMatchObject({ position: 1 });
  });
});

describe("more links than one answer names", () => {
  it("are asked for at once, in the same sync", async () => {
    const world = await createWorldOf(OCTO, MONA);
    await world.sync();
    world.said();
    world.wire.on("complete", naming(linkId("link-octo"), 7, true), naming(linkId("link-mona"), 8, false));
    const places: unknown[] = [];
    world.store.on("usersOfLinks", noting(places), noting(places));

    const report = await world.sync();

    expect(report).toMatchObject({ outcome: "completed", ended: 2, requests: 2 });
    expect(world.said()).toEqual(["complete", "complete"]);
    expect(places).toEqual([[linkId("link-octo")], [linkId("link-mona")]]);
    expect(await heardTo(world)).toEqual({ position: 8, entryId: "entry-of-a-ledger-8" });
  });

  it("wait for the next sync after a hundred answers", async () => {
    const world = await createSendingWorld();
    const all = Array.from({ length: 150 }, (_, index) => naming(linkId(`link-${index}`), index + 1, true));
    world.wire.on("complete", ...all);

    expect(await world.sync()).toMatchObject({ outcome: "completed", requests: 100 });
    expect(await heardTo(world)).toMatchObject({ position: 100 });
  });

  it("wait for the next sync while a redemption waits", async () => {
    const world = await createSendingWorld();
    const { attempt, code } = await world.consent(MONA);
    world.wire.on("redeem", answerLost, answerLost);
    (await world.sender.redeem({ user: MONA, attempt, code }))._unsafeUnwrapErr();
    world.store.on("pendingRedemptions", () => okAsync([]));
    world.wire.on("complete", naming(linkId("link-of-nobody"), 7, true));

    expect(await world.sync()).toMatchObject({ outcome: "completed", requests: 1 });
    expect(await heardTo(world)).toBeNull();
  });
});
