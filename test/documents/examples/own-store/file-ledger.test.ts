import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AccountId, Instant } from "unified-contributions";
import type { LedgerEntry } from "unified-contributions/storage";
import { ledgerContract } from "unified-contributions/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createFileLedger } from "../../../../examples/own-store/file-ledger.ts";

const folder = mkdtempSync(join(tmpdir(), "ledger-"));
let files = 0;

afterAll(() => rmSync(folder, { recursive: true }));

function newFile(): string {
  return join(folder, `${++files}.jsonl`);
}

function deletionOf(account: string): LedgerEntry {
  return { type: "account-deleted", account: account as AccountId, at: 1_772_366_400_000 as Instant };
}

describe("the ledger in a file", () => {
  it.each(ledgerContract)("$rule $title", ({ run }) => run(() => createFileLedger(newFile())));

  it("finds its entries after a restart, but for a line that a crash cut off", async () => {
    const file = newFile();
    (await createFileLedger(file).append(deletionOf("octo")))._unsafeUnwrap();
    appendFileSync(file, '{"type":"account-del');

    const restarted = createFileLedger(file);
    (await restarted.append(deletionOf("hubot")))._unsafeUnwrap();

    const entries = (await restarted.entriesSince(0 as Instant))._unsafeUnwrap();
    expect(entries).toEqual([deletionOf("octo"), deletionOf("hubot")]);
  });

  it("answers with a fault where the file is damaged or cannot be written", async () => {
    const damaged = newFile();
    appendFileSync(damaged, "not an entry\n");
    const nowhere = createFileLedger(join(folder, "no", "such", "folder.jsonl"));

    const read = await createFileLedger(damaged).entriesSince(0 as Instant);
    const appended = await nowhere.append(deletionOf("octo"));

    expect(read._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "corrupt" });
    expect(appended._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "unavailable" });
  });
});
