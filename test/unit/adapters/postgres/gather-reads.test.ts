import { err, errAsync, ok, okAsync, ResultAsync, type StorageFault } from "unified-contributions";
import { describe, expect, it } from "vitest";
import { gatherReads } from "../../../../src/adapters/postgres/gather-reads.ts";

const FAULT: StorageFault = { type: "storage-fault", reason: "unavailable", message: "Try again." };

/** Answers each key in capitals, and notes which were read together. */
function createReading() {
  const reads: (readonly string[])[] = [];
  const read = gatherReads((keys: readonly string[]) => {
    reads.push(keys);
    return okAsync((key: string) => (key === "bad" ? err(FAULT) : ok(key.toUpperCase())));
  });
  return { reads, read };
}

describe("reads by a key", () => {
  it("are one read within one turn of the event loop, in which a key stands once", async () => {
    const { reads, read } = createReading();

    const answers = await Promise.all([read("a"), Promise.resolve().then(() => read("b")), read("a")]);

    expect(answers).toEqual([ok("A"), ok("B"), ok("A")]);
    expect(reads).toEqual([["a", "b"]]);
  });

  it("are separate in separate turns, and nobody waits for an earlier read", async () => {
    const reads: (readonly string[])[] = [];
    const answering: (() => void)[] = [];
    const read = gatherReads((keys: readonly string[]) => {
      reads.push(keys);
      const answered = new Promise<void>((resolve) => answering.push(resolve));
      return ResultAsync.fromSafePromise(answered).map(() => (key: string) => ok(key));
    });

    const first = read("a");
    await new Promise((resolve) => setImmediate(resolve));
    const second = read("b");
    await new Promise((resolve) => setImmediate(resolve));

    expect(reads).toEqual([["a"], ["b"]]);
    answering[1]?.();
    expect(await second).toEqual(ok("b"));
    answering[0]?.();
    expect(await first).toEqual(ok("a"));
  });

  it("are at most a hundred together", async () => {
    const { reads, read } = createReading();

    const answers = await Promise.all(Array.from({ length: 250 }, (_, number) => read(`key-${number}`)));

    expect(answers.at(-1)).toEqual(ok("KEY-249"));
    expect(reads.map((keys) => keys.length)).toEqual([100, 100, 50]);
  });

  it("fail alone where only what one key has cannot be read", async () => {
    const { read } = createReading();

    expect(await Promise.all([read("a"), read("bad")])).toEqual([ok("A"), err(FAULT)]);
  });

  it("fail together where the whole read fails, and are read anew when they are asked for again", async () => {
    let tries = 0;
    const read = gatherReads((keys: readonly string[]) =>
      tries++ === 0 ? errAsync(FAULT) : okAsync((key: string) => ok(`${key} of ${keys.length}`)),
    );

    expect(await Promise.all([read("a"), read("b")])).toEqual([err(FAULT), err(FAULT)]);
    expect(await read("a")).toEqual(ok("a of 1"));
  });
});
