import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import type { StorageFault } from "unified-contributions";
import { createTestClock } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import type { PortEvent } from "../../../src/domain/event.ts";
import { STORAGE_THREW } from "../../../src/domain/fault.ts";
import { watchPort } from "../../../src/domain/watch-port.ts";

const FULL: StorageFault = { type: "storage-fault", reason: "read-only", message: "The disk is full." };

interface Shelf {
  put(...books: readonly string[]): ResultAsync<number, { readonly type: string; readonly message: string }>;
}

/** A shelf that is watched, at noon, and what was told of it. */
function watchShelf(put: Shelf["put"], clock = createTestClock("2026-03-01T12:00:00Z")) {
  const told: PortEvent[] = [];
  const watch = { port: "store", threw: STORAGE_THREW, slowMs: 1_000, clock } as const;
  const shelf = watchPort<Shelf>({ put }, ["put"], { ...watch, onEvent: (event) => told.push(event) });
  return { clock, shelf, told };
}

/** What comes back when it is told to. */
function held() {
  let release = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { until, release };
}

describe("a watched part", () => {
  it("is called as without a watch, and a successful call causes no event", async () => {
    const { shelf, told } = watchShelf((...books) => okAsync(books.length));

    expect((await shelf.put("a", "b"))._unsafeUnwrap()).toBe(2);
    expect(told).toEqual([]);
  });

  it("keeps its own `this`", async () => {
    class Own {
      readonly #books = 7;
      put(): ResultAsync<number, never> {
        return okAsync(this.#books);
      }
    }
    const { clock } = watchShelf(() => okAsync(0));
    const watch = { port: "store", threw: STORAGE_THREW, slowMs: 1_000, clock } as const;

    const shelf = watchPort(new Own(), ["put"], { ...watch, onEvent: () => undefined });

    expect((await shelf.put())._unsafeUnwrap()).toBe(7);
  });

  it("tells its fault, field by field", async () => {
    const { shelf, told } = watchShelf(() => errAsync({ ...FULL, row: "secret" }));

    const answer = await shelf.put();

    expect(answer._unsafeUnwrapErr()).toEqual({ ...FULL, row: "secret" });
    expect(told).toEqual([{ type: "port-failed", port: "store", method: "put", durationMs: 0, fault: FULL }]);
  });

  it("tells a fault without a reason", async () => {
    const { shelf, told } = watchShelf(() => errAsync({ type: "source-fault", message: "Away." }));

    expect((await shelf.put()).isErr()).toBe(true);
    expect(told).toMatchObject([{ fault: { type: "source-fault", reason: null, message: "Away." } }]);
  });

  it.each<readonly [string, () => never]>([
    [
      "throws",
      () => {
        throw new Error("secret");
      },
    ],
    ["rejects", () => Promise.reject(new Error("secret")) as never],
  ])("tells what it %s, and answers as without a watch", async (_, put) => {
    const { shelf, told } = watchShelf(put);

    expect((await shelf.put())._unsafeUnwrapErr()).toEqual(STORAGE_THREW);
    expect(told).toMatchObject([{ type: "port-failed", fault: STORAGE_THREW, cause: new Error("secret") }]);
  });

  it("tells of another writer's earlier commit by a name of its own", async () => {
    const { shelf, told } = watchShelf(() => errAsync({ type: "version-conflict", message: "" }));

    expect((await shelf.put()).isErr()).toBe(true);
    expect(told).toEqual([{ type: "version-conflict", port: "store", method: "put", durationMs: 0 }]);
  });

  it("tells that a call is slow while it lasts, and again when it is over", async () => {
    const { until, release } = held();
    const { clock, shelf, told } = watchShelf(() => okAsync(1).map(async (one) => until.then(() => one)));

    const answer = shelf.put();
    clock.advance(1_000);
    await Promise.resolve();
    const slow = { type: "port-slow", port: "store", method: "put" };
    expect(told).toEqual([{ ...slow, durationMs: 1_000, isOver: false }]);
    clock.advance(500);
    release();

    expect((await answer)._unsafeUnwrap()).toBe(1);
    expect(told.slice(1)).toEqual([{ ...slow, durationMs: 1_500, isOver: true }]);
  });

  it("is not slow because a clock does not wait, or was set back", async () => {
    const clock = { ...createTestClock("2026-03-01T12:00:00Z"), wait: () => Promise.resolve() };
    const { shelf, told } = watchShelf(() => {
      clock.set("2026-03-01T11:00:00Z");
      return errAsync(FULL);
    }, clock);

    expect((await shelf.put()).isErr()).toBe(true);
    expect(told).toMatchObject([{ type: "port-failed", durationMs: 0 }]);
  });
});
