import { readFileSync } from "node:fs";
import type { DeletionReceipt, ResultAsync } from "unified-contributions";
import {
  type CloudKey,
  createReceiptSigner,
  importCloudKey,
} from "unified-contributions/adapters/http-signatures";
import { createTestWorld } from "unified-contributions/testing";
import { expect, test } from "vitest";
import { createKey } from "../support/signatures.ts";
import { blocksOf, compileBlocks, loadBlock, writeBlocks } from "./examples/code-blocks.ts";

const blocks = blocksOf(readFileSync("docs/signed-receipts.md", "utf8"), "ts");

type IsProven = (
  keys: readonly CloudKey[],
  installation: string,
  linkId: string,
  receipt: DeletionReceipt,
) => ResultAsync<boolean, { readonly type: string }>;

test("docs/signed-receipts.md has code that compiles", () => {
  expect(compileBlocks(blocks)).toEqual([]);
  expect(blocks).toHaveLength(2);
});

test("docs/signed-receipts.md has code that verifies a user's receipt, for this server and this link alone", async () => {
  const { isProven } = await loadBlock<{ readonly isProven: IsProven }>(
    writeBlocks("signed-receipts", blocks),
    "ghes/show-receipt.ts",
  );
  const { pair, signing } = await createKey("ed25519", "receipts-1");
  const material = { algorithm: "ed25519", keyId: "receipts-1", jwk: pair.publicKey } as const;
  const known = (await importCloudKey(material))._unsafeUnwrap();
  const receiptSigner = createReceiptSigner({ key: () => signing });
  const world = createTestWorld({ receiver: { receiptSigner } });
  await world.enable();
  await world.join("ann");
  const { link } = await world.sharing("ann");
  const linkId = "consent" in link ? link.consent.linkId : "";
  await world.leave("ann");
  await world.sync();
  const { deletion } = await world.sharing("ann");
  if (deletion.status !== "deleted") throw new Error(deletion.status);
  const { receipt } = deletion;

  expect((await isProven([known], "server-1", linkId, receipt))._unsafeUnwrap()).toBe(true);
  expect((await isProven([known], "server-2", linkId, receipt))._unsafeUnwrap()).toBe(false);
  expect((await isProven([known], "server-1", "link-of-another-user", receipt))._unsafeUnwrap()).toBe(false);
  const later = { ...receipt, deletedAt: (receipt.deletedAt + 1) as typeof receipt.deletedAt };
  expect((await isProven([known], "server-1", linkId, later))._unsafeUnwrap()).toBe(false);
  expect((await isProven([], "server-1", linkId, receipt))._unsafeUnwrapErr().type).toBe("unknown-key");
});
