import fc from "fast-check";
import type { Result } from "neverthrow";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Bytes } from "../../../../src/adapters/http/bytes.ts";
import type { Pace } from "../../../../src/adapters/http/pace.ts";
import {
  dropBody,
  isSmallBody,
  readBody,
  readSmallBody,
  type UnreadBody,
} from "../../../../src/adapters/http/read-body.ts";

const PACE: Pace = { totalMs: 60_000, idleMs: 5_000, bytesPerSecond: 100 };

beforeEach(() => void vi.useFakeTimers({ now: 1_772_366_400_000 }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A stream that has its chunks when they are asked for, and what has become of it. */
interface Source {
  readonly body: ReadableStream<Bytes>;
  readonly asked: () => number;
  readonly cancelled: () => number;
}

type End = "ends" | "hangs" | "breaks";

/** A body in these chunks. Then it ends, has no more, or breaks. */
function source(chunks: readonly Bytes[], end: End = "ends"): Source {
  let [asked, cancelled] = [0, 0];
  const body = new ReadableStream<Bytes>(
    {
      pull: (controller) => {
        const chunk = chunks[asked++];
        if (chunk) controller.enqueue(chunk);
        else if (end === "ends") controller.close();
        else if (end === "breaks") controller.error(new Error("reset"));
        else return new Promise(() => undefined);
        return undefined;
      },
      cancel: () => {
        cancelled++;
        return Promise.reject(new Error("The platform cannot cancel it."));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, asked: () => asked, cancelled: () => cancelled };
}

function bytes(length: number, start = 0): Bytes {
  return Uint8Array.from({ length }, (_, index) => (start + index) % 256);
}

/** This many chunks of so many bytes. */
function chunksOf(count: number, length: number): Bytes[] {
  return Array.from({ length: count }, (_, index) => bytes(length, index));
}

function outcome(read: Result<Bytes, UnreadBody>): number | UnreadBody {
  return read.match(
    ({ byteLength }) => byteLength,
    (why) => why,
  );
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** Demands that a body is cancelled a second from now, once, when its client has the answer. */
async function expectCancelledLater(cancelled: Source["cancelled"]): Promise<void> {
  await vi.advanceTimersByTimeAsync(999);
  expect(cancelled()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(cancelled()).toBe(1);
}

describe("a body", () => {
  it("that is null is empty, and one that somebody else reads is incomplete", async () => {
    const { body } = source([bytes(1)]);
    body.getReader();

    expect(outcome(await readBody(null, 10))).toBe(0);
    expect(outcome(await readBody(body, 10))).toBe("incomplete");
  });

  it("is the same bytes in whatever chunks they come, in a buffer of their size", async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 6_000 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lengths, fc.boolean(), async (each, isDeclared) => {
        const chunks = each.map((length, index) => bytes(length, index));
        const whole = Buffer.concat(chunks);

        const read = await readBody(
          source(chunks).body,
          100_000,
          undefined,
          isDeclared ? whole.length : undefined,
        );

        const body = read._unsafeUnwrap();
        expect(Buffer.from(body).equals(whole)).toBe(true);
        expect(body.buffer.byteLength).toBe(whole.length);
      }),
    );
  });

  it("in one chunk is that chunk, and not a copy", async () => {
    const chunk = bytes(3);

    expect((await readBody(source([chunk]).body, 3))._unsafeUnwrap()).toBe(chunk);
  });

  it("in small chunks takes few buffers, which double, and none above what is declared", async () => {
    for (const [expected, sizes] of [
      [100_000, [4_096, 12_288, 28_672, 61_440, 100_000]],
      [30_000, [4_096, 12_288, 28_672, 30_000]],
    ] as const) {
      const made: number[] = [];
      const source_ = source(chunksOf(expected / 100, 100));
      vi.stubGlobal(
        "Uint8Array",
        class extends Uint8Array {
          constructor(...given: [length: number]) {
            super(...given);
            // A view of a buffer is made with the buffer.
            if (typeof given[0] === "number") made.push(given[0]);
          }
        },
      );

      const read = await readBody(source_.body, 1_000_000, undefined, expected);
      vi.unstubAllGlobals();

      expect(made).toEqual(sizes);
      expect(outcome(read)).toBe(expected);
    }
  });

  it.each([
    ["one chunk", [10], [11]],
    ["two chunks", [4, 6], [4, 7]],
    ["many chunks", [3, 3, 3, 1], [3, 3, 3, 2]],
  ])("of %s is read up to the bound, and one byte more is too large", async (_, within, above) => {
    const fits = source(within.map((length) => bytes(length)));
    const tooLarge = source([...above, 1, 1, 1].map((length) => bytes(length)));

    expect(outcome(await readBody(fits.body, 10))).toBe(10);
    expect(outcome(await readBody(tooLarge.body, 10))).toBe("too-large");
    expect([tooLarge.asked(), tooLarge.cancelled()]).toEqual([above.length, 1]);
    expect(fits.cancelled()).toBe(0);
  });

  it("that breaks is incomplete, and leaves no timer", async () => {
    expect(outcome(await readBody(source([bytes(1)], "breaks").body, 10, PACE))).toBe("incomplete");
    expect(outcome(await readBody(source([bytes(1)]).body, 10, PACE))).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that is too large at a pace is cancelled a second later, when its client has the answer", async () => {
    const { body, cancelled } = source([bytes(11)], "hangs");

    expect(outcome(await readBody(body, 10, PACE))).toBe("too-large");

    await expectCancelledLater(cancelled);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that comes too slowly is given up at that moment, though the platform goes on", async () => {
    const { body, cancelled } = source([bytes(5)], "hangs");
    const ended = vi.fn();
    void readBody(body, 10, PACE).then((read) => ended(outcome(read)));

    await vi.advanceTimersByTimeAsync(4_999);
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toHaveBeenCalledExactlyOnceWith("too-slow");
    expect(cancelled()).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(cancelled()).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that comes at its pace is read, however long it takes", async () => {
    let count = 0;
    const body = new ReadableStream<Bytes>({
      pull: async (controller) => {
        await new Promise((resolve) => setTimeout(resolve, 2_000));
        if (count++ === 10) controller.close();
        else controller.enqueue(bytes(300));
      },
    });
    const ended = vi.fn();
    void readBody(body, 3_000, PACE).then((read) => ended(outcome(read)));

    await vi.advanceTimersByTimeAsync(30_000);

    expect(ended).toHaveBeenCalledExactlyOnceWith(3_000);
  });
});

describe("a small body", () => {
  const requestOf = (body: string) => new Request("https://cloud.example", { method: "POST", body });

  it("has 512 bytes at most", () => {
    expect(isSmallBody(512)).toBe(true);
    expect(isSmallBody(513)).toBe(false);
  });

  it("is read up to the bound, and leaves no timer", async () => {
    const read = await readSmallBody(requestOf("12345"), 5, PACE);

    expect(Buffer.from(read._unsafeUnwrap()).toString()).toBe("12345");
    expect(outcome(await readSmallBody(requestOf("12345"), 4, PACE))).toBe("too-large");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that breaks is incomplete", async () => {
    const request = { arrayBuffer: () => Promise.reject(new Error("reset")) };

    expect(outcome(await readSmallBody(request, 5, PACE))).toBe("incomplete");
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [{ idleMs: 300 }, 300],
    [{ totalMs: 200 }, 200],
  ])("that does not come within %j is too slow", async (pace, atMs) => {
    const ended = vi.fn();
    const request = { arrayBuffer: () => new Promise<ArrayBuffer>(() => undefined) };
    void readSmallBody(request, 5, { ...PACE, ...pace }).then((read) => ended(outcome(read)));

    await vi.advanceTimersByTimeAsync(atMs - 1);
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toHaveBeenCalledExactlyOnceWith("too-slow");
  });
});

describe("a body that nobody wants", () => {
  const ignore = (): void => undefined;

  it("that is null, or that somebody else reads, is done with", async () => {
    const { body } = source([bytes(1)]);
    body.getReader();

    await dropBody(null, 10, PACE, ignore);
    await dropBody(body, 10, PACE, ignore);
  });

  it("is read to its end, and is not cancelled", async () => {
    const { body, asked, cancelled } = source(chunksOf(5, 2));

    await dropBody(body, 10, PACE, ignore);

    expect(asked()).toBe(6);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(cancelled()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is read up to the bound, and cancelled a second later", async () => {
    const { body, asked, cancelled } = source(chunksOf(50, 2));

    await dropBody(body, 9, PACE, ignore);

    expect(asked()).toBe(5);
    await expectCancelledLater(cancelled);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(["breaks", "hangs"] as const)("is done with if it %s", async (end) => {
    const done = vi.fn();
    void dropBody(source([bytes(1)], end).body, 10, PACE, ignore).then(done);

    await vi.advanceTimersByTimeAsync(5_000);

    expect(done).toHaveBeenCalledTimes(1);
  });

  it("is done with at once when it is stopped, and cancelled once, a second later", async () => {
    const { body, asked, cancelled } = source(chunksOf(1, 1), "hangs");
    const done = vi.fn();
    let stop = ignore;
    void dropBody(body, 10, PACE, (given) => {
      stop = given;
    }).then(done);
    await settle();
    expect(done).not.toHaveBeenCalled();

    stop();
    stop();
    await settle();

    expect(done).toHaveBeenCalledTimes(1);
    expect(asked()).toBe(2);
    await expectCancelledLater(cancelled);
  });

  it("is not read on once it is stopped, though more comes", async () => {
    let enqueue = ignore;
    let asked = 0;
    const body = new ReadableStream<Bytes>(
      {
        pull: (controller) => {
          asked++;
          enqueue = () => controller.enqueue(bytes(1));
        },
      },
      { highWaterMark: 0 },
    );
    let stop = ignore;
    void dropBody(body, 10, PACE, (given) => {
      stop = given;
    });
    await settle();
    stop();
    enqueue();
    await settle();

    expect(asked).toBe(1);
  });
});
