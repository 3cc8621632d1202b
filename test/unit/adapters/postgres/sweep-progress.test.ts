import type { CalendarDate, Instant } from "unified-contributions";
import { createPostgresReceiverStore } from "unified-contributions/adapters/postgres";
import { describe, expect, it } from "vitest";

const SWEEP = {
  keep: { counts: "2026-03-01" as CalendarDate, receipts: 0 as Instant, audit: 0 as Instant },
  limit: 1_000,
  at: 0 as Instant,
};

/** A store whose server names one installation, and of whose links each chunk says the same for ever. */
function sweepingFor(chunk: Readonly<Record<string, unknown>>, onCall?: (calls: number) => void) {
  let calls = 0;
  const query = async (text: string) => {
    if (++calls > 5_000) throw new Error("no end");
    onCall?.(calls);
    if (/AS deleted/.test(text)) return { rows: [chunk], rowCount: 1 };
    const rows = /swept_to/.test(text) ? [{ installation: "hq" }] : [];
    return { rows, rowCount: rows.length };
  };
  const store = createPostgresReceiverStore({ client: { query } });
  return { sweep: (signal?: AbortSignal) => store.sweep({ ...SWEEP, signal }), calls: () => calls };
}

const CHUNK = { deleted: "0", trimmed: "0", forgotten: "0", found: "10000" };

describe("a sweep that makes no progress", () => {
  it("ends with a fault if it finds more again and again and removes nothing", async () => {
    const { sweep, calls } = sweepingFor(CHUNK);

    expect((await sweep())._unsafeUnwrapErr()).toMatchObject({
      type: "storage-fault",
      reason: "corrupt",
      message: expect.stringMatching(/^A sweep finds rows again and again/),
    });
    expect(calls()).toBeLessThan(200);
  });

  it.each([
    ["what was found as a number", { ...CHUNK, found: 10_000 }],
    ["nothing of what was found", { ...CHUNK, found: null }],
    ["a number of links as a number", { ...CHUNK, deleted: 3 }],
  ])("ends with a fault at the first statement that a driver has parsed: %s", async (_, chunk) => {
    const { sweep, calls } = sweepingFor(chunk);

    expect((await sweep())._unsafeUnwrapErr()).toMatchObject({ type: "storage-fault", reason: "corrupt" });
    expect(calls()).toBe(3);
  });

  it("goes on while rows are removed, and names the limit that was reached", async () => {
    const { sweep, calls } = sweepingFor({ ...CHUNK, deleted: "1" });

    expect((await sweep())._unsafeUnwrap()).toEqual({
      deleted: 1_000,
      trimmed: 0,
      forgotten: 0,
      isDone: false,
    });
    expect(calls()).toBe(1_002);
  });
});

describe("a sweep whose signal speaks", () => {
  it("in the middle runs the statement under way to its end, and no other", async () => {
    const stop = new AbortController();
    const { sweep, calls } = sweepingFor({ ...CHUNK, deleted: "1" }, (made) => made === 5 && stop.abort());

    expect((await sweep(stop.signal))._unsafeUnwrap()).toEqual({
      deleted: 3,
      trimmed: 0,
      forgotten: 0,
      isDone: false,
    });
    expect(calls()).toBe(5);
  });

  it("before it begins asks the server for nothing", async () => {
    const { sweep, calls } = sweepingFor(CHUNK);

    expect((await sweep(AbortSignal.abort()))._unsafeUnwrap()).toMatchObject({ isDone: false });
    expect(calls()).toBe(0);
  });
});
