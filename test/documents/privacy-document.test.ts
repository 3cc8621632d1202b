import { readFileSync } from "node:fs";
import type { ResultAsync } from "unified-contributions";
import {
  createMemoryReceiverReader,
  createMemoryReceiverStore,
  createMemorySenderReader,
  createMemorySenderStore,
} from "unified-contributions/adapters/memory";
import { createTestWorld } from "unified-contributions/testing";
import { expect, test } from "vitest";
import { blocksOf, compileBlocks, loadBlock, writeBlocks } from "./examples/code-blocks.ts";

const blocks = blocksOf(readFileSync("docs/privacy.md", "utf8"), "ts");

test("docs/privacy.md has code that compiles", () => {
  expect(compileBlocks(blocks)).toEqual([]);
  expect(blocks).toHaveLength(3);
});

test("docs/privacy.md has code that exports what is stored of a user and an account, and forgets the user", async () => {
  const folder = writeBlocks("privacy", blocks);
  type Code = Record<"accessRequest" | "forget", (...given: readonly unknown[]) => ResultAsync<never, never>>;
  const server = await loadBlock<Code>(folder, "ghes/access-request.ts");
  const cloud = await loadBlock<Code>(folder, "ghec/access-request.ts");
  const { forget } = await loadBlock<Code>(folder, "ghes/forget.ts");
  const senderStore = createMemorySenderStore();
  const receiverStore = createMemoryReceiverStore();
  const reader = createMemorySenderReader(senderStore);
  const world = createTestWorld({ senderStore, receiverStore });
  await world.enable();
  await world.join("ann");
  await world.contribute("ann", "2026-03-01T09:00:00Z");
  await world.sync();
  const stored = async () =>
    JSON.parse((await server.accessRequest(senderStore, reader, "ann"))._unsafeUnwrap());

  expect(await stored()).toMatchObject({ user: "ann" });
  const kept = await cloud.accessRequest(world.receiver, createMemoryReceiverReader(receiverStore), "ann");
  expect(JSON.parse(kept._unsafeUnwrap())).toMatchObject({ account: "ann", senders: [{ isOpen: true }] });

  expect((await forget(world.sender, "ann"))._unsafeUnwrap()).toBe(true);
  expect(await world.shown("ann")).toBe(0);
  expect(await stored()).toMatchObject({ link: { status: "never-connected" }, audit: [] });
});
