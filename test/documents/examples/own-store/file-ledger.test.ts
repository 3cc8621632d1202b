import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstallationId, Instant, LinkId } from "unified-contributions";
import type { LedgerEntry } from "unified-contributions/storage";
import { ledgerContract } from "unified-contributions/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createFileLedger } from "../../../../examples/own-store/file-ledger.ts";

// cspell:ignore posi

const folder = mkdtempSync(join(tmpdir(), "ledger-"));
const HQ = "hq" as InstallationId;
let files = 0;

afterAll(() => rmSync(folder, { recursive: true }));

function newFile(): string {
  return join(folder, `${++files}.jsonl`);
}

function deletionOf(link: string): LedgerEntry {
  const receipt = { deletedAt: 1_772_366_400_000 as Instant, removed: null };
  return {
    type: "links-ended",
    installation: HQ,
    links: [{ linkId: link as LinkId, choice: null, receipt }],
  };
}

describe("the ledger in a file", () => {
  it.each(ledgerContract)("$rule $title", ({ run }) => run(() => createFileLedger(newFile())));

  it("finds its entries after a restart, but for a line that a crash cut off", async () => {
    const file = newFile();
    (await createFileLedger(file).append(deletionOf("link-of-octo-0001"), "entry-1"))._unsafeUnwrap();
    appendFileSync(file, '{"place":{"posi');

    const restarted = createFileLedger(file);
    (await restarted.append(deletionOf("link-of-hubot-001"), "entry-2"))._unsafeUnwrap();

    const entries = (await restarted.read({ installation: HQ, from: 1, limit: 10 }))._unsafeUnwrap();
    expect(entries).toEqual([
      { place: { position: 1, entryId: "entry-1" }, entry: deletionOf("link-of-octo-0001") },
      { place: { position: 2, entryId: "entry-2" }, entry: deletionOf("link-of-hubot-001") },
    ]);
  });

  it("answers with a fault where the file is damaged or cannot be written", async () => {
    const damaged = newFile();
    appendFileSync(damaged, "not an entry\n");
    const nowhere = createFileLedger(join(folder, "no", "such", "folder.jsonl"));

    const read = await createFileLedger(damaged).read({ installation: HQ, from: 1, limit: 10 });
    const appended = await nowhere.append(deletionOf("link-of-octo-0001"), "entry-1");

    expect(read._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "unavailable" });
    expect(appended._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "unavailable" });
  });
});
