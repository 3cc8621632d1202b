import type { InstallationId, Instant } from "unified-contributions";
import { createMemoryLedger } from "unified-contributions/adapters/memory";
import type { LedgerEntry } from "unified-contributions/storage";
import { describe, expect, it } from "vitest";

function epochsOff(installation: string, epoch: number): LedgerEntry {
  return {
    type: "epochs-off",
    installation: installation as InstallationId,
    epoch,
    disabledAt: Date.parse("2026-03-01T12:00:00Z") as Instant,
  };
}

describe("a ledger in memory that was made of a backup", () => {
  it("holds all that stood when the backup was taken, and nothing that came after", async () => {
    const ledger = createMemoryLedger();
    const entries = [epochsOff("server-1", 1), epochsOff("server-2", 1), epochsOff("server-1", 2)];
    for (const [index, entry] of entries.entries()) {
      (await ledger.append(entry, `entry_${index}_0123456789` as never))._unsafeUnwrap();
    }
    const backup = ledger.snapshot();
    const digest = (await ledger.loadDigest())._unsafeUnwrap();
    (await ledger.append(epochsOff("server-3", 1), "entry_3_0123456789" as never))._unsafeUnwrap();

    const restored = createMemoryLedger(backup);

    const read = { installation: "server-1" as InstallationId, from: 1, limit: 10 };
    const ofFirst = (await restored.read(read))._unsafeUnwrap();
    expect(ofFirst.map(({ entry }) => entry)).toEqual([entries[0], entries[2]]);
    expect((await restored.loadDigest())._unsafeUnwrap()).toBe(digest);
    expect(restored.snapshot()).toEqual(backup);
    expect(backup).toHaveLength(3);
  });

  it("names no head of an installation that was only read", async () => {
    const ledger = createMemoryLedger();
    const read = { installation: "server-1" as InstallationId, from: 1, limit: 10 };
    (await ledger.read(read))._unsafeUnwrap();

    expect((await ledger.loadHeads({ after: null, limit: 10 }))._unsafeUnwrap()).toEqual([]);
  });
});
