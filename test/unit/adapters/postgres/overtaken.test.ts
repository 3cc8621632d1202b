import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";
import { attemptId, consentCode, HQ, linkId, NOW } from "../../../support/values.ts";

/** A store over a server that says this, again and again; the last for ever. */
function storeOver(...said: readonly object[]) {
  let asked = 0;
  const query = () => {
    const row = said[Math.min(asked++, said.length - 1)];
    return Promise.resolve({ rows: [row], rowCount: 1 });
  };
  return { store: createPostgresReceiverStore({ client: { query } }), asked: () => asked };
}

const times = (count: number, row: object): object[] => Array(count).fill(row);

describe("a redemption", () => {
  const redemption = { installation: HQ, attempt: attemptId(1), code: consentCode(1), at: NOW };
  const overtaken = { is_overtaken: "true" };
  const opened = {
    ...{ is_overtaken: "false", opened: linkId(1), link: null, is_live: "true", epoch: "2" },
  };

  it("that others overtake is tried again, twenty times in all", async () => {
    const { store, asked } = storeOver(...times(19, overtaken), opened);

    expect((await store.openLink(redemption))._unsafeUnwrap()).toEqual({
      ...{ type: "redeemed", linkId: linkId(1), epoch: 2, unrecorded: [] },
    });
    expect(asked()).toBe(20);
  });

  it("that is overtaken twenty times is a fault that says to try again, and no more is tried", async () => {
    const { store, asked } = storeOver(...times(20, overtaken), opened);

    expect((await store.openLink(redemption))._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault" });
    expect(asked()).toBe(20);
  });
});

describe("what the ledger has of an installation", () => {
  const cursor = { installation: HQ, readTo: null };

  it.each([
    ["all was taken", { is_taken: "true", is_known: "true" }],
    ["there is no such installation", { is_taken: "false", is_known: "false" }],
  ])("is taken at once if %s", async (_, row) => {
    const { store, asked } = storeOver(row);

    expect((await store.takeForUnrecorded(cursor)).isOk()).toBe(true);
    expect(asked()).toBe(1);
  });

  it("is taken again while others come in between, twenty times in all", async () => {
    const overtaken = { is_taken: "false", is_known: "true" };
    const taken = { is_taken: "true", is_known: "true" };
    const late = storeOver(...times(19, overtaken), taken);
    const never = storeOver(...times(20, overtaken), taken);

    expect((await late.store.takeForUnrecorded(cursor)).isOk()).toBe(true);
    expect((await never.store.takeForUnrecorded(cursor))._unsafeUnwrapErr()).toMatchObject({
      type: "storage-fault",
    });
    expect([late.asked(), never.asked()]).toEqual([20, 20]);
  });
});
