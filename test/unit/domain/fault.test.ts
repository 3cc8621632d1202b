import { errAsync, okAsync, ResultAsync } from "neverthrow";
import type { StorageFault, TransportFault } from "unified-contributions";
import { describe, expect, test } from "vitest";
import { callPort, STORAGE_THREW, TRANSPORT_THREW } from "../../../src/domain/fault.ts";

const BROKEN =
  "The adapter threw, or answered with something that is not a Result. The event `port-failed` names the method: run the adapter through its contract in `testing`.";

describe("calling a plug", () => {
  test("returns its answer", async () => {
    const answered = callPort(() => okAsync(7), STORAGE_THREW);

    expect((await answered)._unsafeUnwrap()).toBe(7);
  });

  test("returns its own fault", async () => {
    const full: StorageFault = { type: "storage-fault", reason: "read-only", message: "The disk is full." };

    const answered = callPort(() => errAsync(full), STORAGE_THREW);

    expect((await answered)._unsafeUnwrapErr()).toBe(full);
  });

  test.each([
    [
      "a plug that throws",
      (): never => {
        throw new Error("secret");
      },
    ],
    ["a plug that rejects", () => new ResultAsync<number, never>(Promise.reject(new Error("secret")))],
    ["a plug that answers no Result", () => Promise.resolve(7) as never],
    ["a plug that answers nothing", () => undefined as never],
    ["a plug that answers null", () => null as never],
  ])("names the fault of %s, and nothing of what it threw", async (_, plug) => {
    const answered = callPort<number, StorageFault>(plug, STORAGE_THREW);

    expect((await answered.map((value) => value))._unsafeUnwrapErr()).toBe(STORAGE_THREW);
  });
});

test("a storage that threw may have done what it was asked for", () => {
  const fault: StorageFault = { type: "storage-fault", reason: "outcome-unknown", message: BROKEN };

  expect(STORAGE_THREW).toEqual(fault);
});

test("a transport that threw has reached no receiver", () => {
  const fault: TransportFault = {
    type: "transport-fault",
    reason: "unreachable",
    retryAfterMs: null,
    message: BROKEN,
  };

  expect(TRANSPORT_THREW).toEqual(fault);
});
