import type { UserLink } from "unified-contributions/ghes";
import { describe, expect, it } from "vitest";
import { conflict, STORAGE_AWAY, storageAway, throws } from "../support/ghes-interventions.ts";
import { createSendingWorld } from "../support/ghes-world.ts";
import { MONA, NOW, OCTO } from "../support/values.ts";

const OPT_OUT = { type: "opt-out", by: OCTO, at: NOW } as const;

describe("a user's choice", () => {
  it("is stored in one commit with the withdrawal that it asks for (S1)", async () => {
    const world = await createSendingWorld();

    const changed = (await world.sender.changeLink(OCTO, OPT_OUT))._unsafeUnwrap();

    expect(changed).toEqual({
      link: {
        status: "connected",
        connectionOrdinal: 1,
        attempt: expect.any(String),
        connectedAt: NOW,
        consent: { linkId: "link-octo_______", epoch: 1 },
        choice: 1,
        optedOutAt: NOW,
      },
      isDeletionPending: true,
    });
    expect(await world.record()).toEqual({
      user: "octo",
      link: changed.link,
      changes: 1,
      reported: null,
      deletion: {
        linkId: "link-octo_______",
        choice: 1,
        connectionOrdinal: 1,
        requestedAt: NOW,
        receipt: null,
        notFoundSince: null,
      },
    });
    expect(world.memory.auditLog().at(-1)?.action).toBe("unified_contributions_link.destroy");
  });

  it("that changes nothing writes nothing", async () => {
    const world = await createSendingWorld();
    await world.optOut();
    const before = (await world.memory.loadLink(OCTO))._unsafeUnwrap();
    const entries = world.memory.auditLog().length;

    const changed = (await world.sender.changeLink(OCTO, OPT_OUT))._unsafeUnwrap();

    expect(changed).toEqual({ link: before.value.link, isDeletionPending: false });
    expect((await world.memory.loadLink(OCTO))._unsafeUnwrap()).toEqual(before);
    expect(world.memory.auditLog()).toHaveLength(entries);
  });

  it("to disconnect after opting out withdraws the link itself, in place of the choice", async () => {
    const world = await createSendingWorld();
    await world.optOut();

    const changed = await world.sender.changeLink(OCTO, { type: "disconnect", by: OCTO, at: NOW });

    expect(changed._unsafeUnwrap()).toEqual({
      link: { status: "opted-out", optedOutAt: NOW },
      isDeletionPending: true,
    });
    expect(world.memory.snapshot().withdrawals).toMatchObject([{ linkId: "link-octo_______", choice: null }]);
  });

  it("to opt in again needs no browser, and asks for no deletion", async () => {
    const world = await createSendingWorld();
    await world.optOut();

    const changed = await world.sender.changeLink(OCTO, { type: "opt-in", by: OCTO, at: NOW });

    expect(changed._unsafeUnwrap()).toMatchObject({
      link: { status: "sending", consent: { linkId: "link-octo_______" }, choice: 2 },
      isDeletionPending: false,
    });
    expect((await world.record()).deletion).toMatchObject({ choice: 1, receipt: null });
  });

  it("that deletes nothing waits for no receipt", async () => {
    const world = await createSendingWorld();
    await world.consent(MONA);

    const changed = await world.sender.changeLink(MONA, { type: "disconnect", by: MONA, at: NOW });

    expect(changed._unsafeUnwrap()).toMatchObject({
      link: { status: "opted-out" },
      isDeletionPending: false,
    });
  });

  it("that is refused writes nothing", async () => {
    const world = await createSendingWorld();
    await world.choose(OCTO, "disconnect");
    const before = (await world.memory.loadLink(OCTO))._unsafeUnwrap();

    const refused = await world.sender.changeLink(OCTO, { type: "opt-in", by: OCTO, at: NOW });

    expect(refused._unsafeUnwrapErr()).toMatchObject({ type: "not-connected" });
    expect((await world.memory.loadLink(OCTO))._unsafeUnwrap()).toEqual(before);
  });
});

describe("another writer in between", () => {
  it("has the choice decided again on the new state", async () => {
    const world = await createSendingWorld();
    const suspended: UserLink = { status: "ended", reason: "user-suspended", endedAt: NOW, receipt: null };
    world.store.on("commitLink", (_, { expectedVersion }) =>
      world.memory
        .commitLink({ expectedVersion, user: OCTO, link: suspended, withdraw: null, audit: null })
        .andThen(conflict),
    );

    const changed = (await world.sender.changeLink(OCTO, OPT_OUT))._unsafeUnwrap();

    expect(changed).toEqual({ link: suspended, isDeletionPending: false });
  });

  it("causes a fault after twenty times", async () => {
    const world = await createSendingWorld();
    world.store.on("commitLink", ...Array.from({ length: 20 }, () => conflict));

    const failed = await world.sender.changeLink(OCTO, OPT_OUT);

    expect(failed._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "timed-out" });
    expect((await world.record()).link.status).toBe("sending");
  });
});

describe("a storage that fails", () => {
  it.each(["loadServer", "loadLink", "commitLink"] as const)("is answered as it is: %s", async (name) => {
    const world = await createSendingWorld();
    world.store.on(name, storageAway);

    expect((await world.sender.changeLink(OCTO, OPT_OUT))._unsafeUnwrapErr()).toEqual(STORAGE_AWAY);
    expect((await world.record()).link.status).toBe("sending");
  });

  it.each(["loadServer", "loadLink", "commitLink"] as const)(
    "by throwing repeats nothing: %s",
    async (name) => {
      const world = await createSendingWorld();
      world.store.on(name, throws);

      expect((await world.sender.changeLink(OCTO, OPT_OUT))._unsafeUnwrapErr()).toEqual({
        type: "storage-fault",
        reason: "outcome-unknown",
        message:
          "The adapter threw, or answered with something that is not a Result. The event `port-failed` names the method: run the adapter through its contract in `testing`.",
      });
    },
  );
});
