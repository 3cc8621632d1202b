import {
  createMemoryReceiverStore,
  type MemoryReceiverSnapshot,
  type MemoryReceiverStore,
} from "unified-contributions/adapters/memory";
import type { ReceiverStore } from "unified-contributions/storage";
import { receiverStoreContract, reopening } from "unified-contributions/testing";
import { describe, expect, test } from "vitest";

describe("a store that writes what it answers keeps its contract when it is opened for each call:", () => {
  test.each(receiverStoreContract)("$rule $title", ({ run }) =>
    run(() => {
      let disk: MemoryReceiverSnapshot | undefined;
      const write = (store: MemoryReceiverStore): void => {
        disk = store.snapshot();
      };
      return reopening(() => createMemoryReceiverStore(disk), write);
    }),
  );
});

test("a store that keeps what it answers in the process alone breaks its contract", async () => {
  const failed: string[] = [];
  for (const { rule, run } of receiverStoreContract) {
    await run(() => reopening((): ReceiverStore => createMemoryReceiverStore())).catch(() =>
      failed.push(rule),
    );
  }

  expect(failed).toEqual(expect.arrayContaining(["RS1", "RS2", "RS4", "RS5", "RS6"]));
});

test("a store that cannot be opened rejects the call, and the next call opens it again", async () => {
  let isAway = true;
  const store = reopening((): ReceiverStore => {
    if (isAway) throw new Error("The disk is away.");
    return createMemoryReceiverStore();
  });

  await expect(store.loadSweepClock()).rejects.toThrow("The disk is away.");
  isAway = false;

  expect((await store.loadSweepClock())._unsafeUnwrap()).toBeNull();
});
