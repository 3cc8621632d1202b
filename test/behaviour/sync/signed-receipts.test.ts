import { okAsync } from "neverthrow";
import type { AccountId, UserId } from "unified-contributions";
import { createMemorySenderReader, createMemorySenderStore } from "unified-contributions/adapters/memory";
import type { ReceiverOptions } from "unified-contributions/ghec";
import { exportUser, inspectUser } from "unified-contributions/storage";
import { createTestWorld, type TestWorld } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import { statedBy, statingSigner } from "../../support/stating-signer.ts";

const NOON = Date.parse("2026-03-01T12:00:00Z");
const DAY_MS = 86_400_000;
const REMOVED = { first: "2025-12-02", last: "2026-03-01" };
const ANN = "ann" as UserId;

/** Ann's counts are shown. The cloud signs its receipts while `isSigning` says so: some of its processes may not. */
async function createSignedWorld(isSigning: () => boolean = () => true) {
  const senderStore = createMemorySenderStore();
  const receiptSigner: ReceiverOptions["receiptSigner"] = {
    sign: (asked) => (isSigning() ? statingSigner.sign(asked) : okAsync(asked.map(() => null))),
  };
  const world = createTestWorld({ senderStore, receiver: { receiptSigner } });
  await world.enable();
  await world.join("ann");
  await world.contribute("ann", "2026-03-01T09:00:00Z");
  await world.sync();
  return { ...world, senderStore };
}

async function linkIdOfAnn(world: TestWorld): Promise<string> {
  const { link } = await world.sharing("ann");
  if (!("consent" in link)) throw new Error(link.status);
  return link.consent.linkId;
}

describe("a signed receipt", () => {
  it("is kept with the deletion, and shown wherever the deletion is", async () => {
    const world = await createSignedWorld();
    const linkId = await linkIdOfAnn(world);
    await world.leave("ann");
    const { receipts } = await world.sync();

    const { deletion } = await world.sharing("ann");
    const receipt = { deletedAt: NOON, removed: REMOVED };
    expect(deletion).toEqual({ status: "deleted", receipt: { ...receipt, signature: expect.any(String) } });
    if (deletion.status !== "deleted") throw new Error(deletion.status);
    expect(statedBy(deletion.receipt.signature)).toEqual({
      ...{ type: "deletion", installation: "server-1", linkId, choice: 1, ...receipt },
    });
    const reader = createMemorySenderReader(world.senderStore);
    const parts = { store: world.senderStore, reader, clock: world.clock };
    expect((await exportUser(parts, ANN))._unsafeUnwrap().deletion?.receipt).toEqual(deletion.receipt);
    expect((await inspectUser(parts, ANN))._unsafeUnwrap()?.deletion).toEqual(deletion);
    expect(receipts).toEqual([{ linkId, receipt: deletion.receipt }]);
  });

  it("comes a day later if another process of the cloud signs by then", async () => {
    let isSigning = false;
    const world = await createSignedWorld(() => isSigning);
    await world.leave("ann");
    await world.sync();
    expect(await world.sharing("ann")).toMatchObject({
      deletion: { status: "deleted", receipt: { deletedAt: NOON, removed: REMOVED } },
    });

    isSigning = true;
    world.clock.advance(DAY_MS);
    await world.sync();

    const { deletion } = await world.sharing("ann");
    expect(deletion).toMatchObject({ status: "deleted", receipt: { deletedAt: NOON, removed: REMOVED } });
    const { signature } = deletion.status === "deleted" ? deletion.receipt : {};
    expect(statedBy(signature)).toMatchObject({ deletedAt: NOON, removed: REMOVED });
  });

  it("stays when the second answer comes from a process that does not sign", async () => {
    let isSigning = true;
    const world = await createSignedWorld(() => isSigning);
    await world.leave("ann");
    await world.sync();
    const signed = await world.sharing("ann");

    isSigning = false;
    world.clock.advance(DAY_MS);
    await world.sync();

    expect((await world.sharing("ann")).deletion).toEqual(signed.deletion);
  });

  it("is kept of an ending that the cloud has told", async () => {
    const world = await createSignedWorld();
    const linkId = await linkIdOfAnn(world);
    (await world.receiver.revokeAuthorization(world.installation, "ann" as AccountId))._unsafeUnwrap();
    await world.sync();

    const { deletion } = await world.sharing("ann");
    expect(deletion).toMatchObject({ status: "by-cloud", receipt: { deletedAt: NOON, removed: REMOVED } });
    const { signature } = deletion.status === "by-cloud" ? deletion.receipt : {};
    expect(statedBy(signature)).toEqual({
      ...{ type: "deletion", installation: "server-1", linkId, choice: null },
      ...{ deletedAt: NOON, removed: REMOVED },
    });
  });

  it("is kept of a disabling", async () => {
    const world = await createSignedWorld();
    await world.disable();
    await world.sync();

    const { deletion } = await world.sharing("ann");
    const receipt = { epoch: 1, disabledAt: NOON };
    expect(deletion).toMatchObject({ status: "by-owner", receipt });
    const { signature } = (deletion.status === "by-owner" && deletion.receipt) || {};
    expect(statedBy(signature)).toEqual({ type: "disabling", installation: "server-1", ...receipt });
  });
});
