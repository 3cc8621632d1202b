import type { AccountId, InstallationId, Instant, LinkId } from "unified-contributions";
import { createMemoryReceiverReader, createMemoryReceiverStore } from "unified-contributions/adapters/memory";
import type { DeletedLink, LiveLink } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";

const NOW = Date.parse("2026-03-01T12:00:00Z") as Instant;
const OCTO = "octo-cloud" as AccountId;
const NUMBERS = [2, 3, 1];

const EMPTY = createMemoryReceiverStore().snapshot();

describe("a reader of a receiver's store in memory", () => {
  it("puts the servers of an account in the order of their ids, whatever was stored first", async () => {
    const links = NUMBERS.map(
      (number): LiveLink => ({
        status: "live",
        linkId: `link_${number}_0123456789` as LinkId,
        installation: `server-${number}` as InstallationId,
        account: OCTO,
        epoch: 1,
        openedAt: NOW,
        report: null,
        withdrawn: null,
      }),
    );
    const reader = createMemoryReceiverReader({ snapshot: () => ({ ...EMPTY, links }) });

    const { senders } = (await reader.loadAccount(OCTO))._unsafeUnwrap();

    expect(senders.map(({ installation }) => installation)).toEqual(["server-1", "server-2", "server-3"]);
    // The registrations are lost: nothing can be open.
    expect(senders.map(({ isOpen }) => isOpen)).toEqual([false, false, false]);
  });

  it("puts what waits for the ledger in the order of the links' ids, whatever was stored first", async () => {
    const links = NUMBERS.map(
      (number): DeletedLink => ({
        status: "deleted",
        linkId: `link_${number}_0123456789` as LinkId,
        installation: "server-1" as InstallationId,
        account: OCTO,
        openedAt: NOW,
        cause: "account-deleted",
        receipt: { deletedAt: NOW, removed: null },
        isRecorded: false,
      }),
    );
    const reader = createMemoryReceiverReader({ snapshot: () => ({ ...EMPTY, links }) });

    const { unrecorded } = (await reader.loadAccount(OCTO))._unsafeUnwrap();

    const ids = [1, 2, 3].map((number) => `link_${number}_0123456789`);
    expect(unrecorded.map(({ linkId }) => linkId)).toEqual(ids);
  });
});
