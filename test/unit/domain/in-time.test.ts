import { err, errAsync, ok, okAsync, ResultAsync } from "neverthrow";
import { createTestClock } from "unified-contributions/testing";
import { describe, expect, it } from "vitest";
import {
  inTime,
  inTimePort,
  isDeadline,
  orAborted,
  orStopped,
  untilAbortedPort,
} from "../../../src/domain/in-time.ts";
import { countedSignal, soFar, turn } from "../../support/hung-parts.ts";

const LATE = { type: "late" } as const;

/** A step that ends when it is told to. */
function open() {
  let end = (_: string): void => undefined;
  const step = ResultAsync.fromSafePromise(
    new Promise<string>((resolve) => {
      end = resolve;
    }),
  );
  return { step, end: (value: string) => end(value) };
}

describe("a step", () => {
  it("gives its value or its fault if it ends in time", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");

    expect(await inTime(clock, 1_000, okAsync("value"), LATE)).toEqual(ok("value"));
    expect(await inTime(clock, 1_000, errAsync("fault"), LATE)).toEqual(err("fault"));
  });

  it("is late from the deadline on, and not a millisecond before", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const { step, end } = open();
    const result = inTime(clock, 1_000, step, LATE);

    clock.advance(999);
    expect(await soFar(result)).toBe("nothing yet");
    clock.advance(1);
    expect(await soFar(result)).toEqual(err(LATE));
    end("at last");
    expect(await result).toEqual(err(LATE));
  });

  it("keeps no timer once it has ended", async () => {
    const signals: AbortSignal[] = [];
    const clock = {
      ...createTestClock("2026-03-01T12:00:00Z"),
      wait: (_: number, signal: AbortSignal) => {
        signals.push(signal);
        return new Promise<void>(() => undefined);
      },
    };

    expect(await inTime(clock, 1_000, okAsync("value"), LATE)).toEqual(ok("value"));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it("is not late by a clock that does not wait", async () => {
    const clock = { ...createTestClock("2026-03-01T12:00:00Z"), wait: () => Promise.resolve() };
    const { step, end } = open();
    const result = inTime(clock, 1_000, step, LATE);

    expect(await soFar(result)).toBe("nothing yet");
    end("value");
    expect(await result).toEqual(ok("value"));
  });
});

it("each method of a part has a deadline of its own, and keeps its arguments and its part", async () => {
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const part = {
    name: "part",
    greet(whom: string) {
      return okAsync(`${this.name} greets ${whom}`);
    },
    hang: () => open().step,
  };
  const bounded = inTimePort(part, ["greet", "hang"], { clock, milliseconds: 1_000, fault: LATE });
  const hanging = bounded.hang();
  clock.advance(600);
  const later = bounded.hang();
  clock.advance(400);

  expect(await bounded.greet("you")).toEqual(ok("part greets you"));
  expect(await soFar(hanging)).toEqual(err(LATE));
  expect(await soFar(later)).toBe("nothing yet");
});

describe("a part whose calls a signal ends", () => {
  /** A part that counts the calls that reach it, one method of which answers when it is told to. */
  function ending() {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const stop = countedSignal();
    const { step, end } = open();
    let calls = 0;
    const part = {
      name: "part",
      greet(whom: string) {
        calls++;
        return okAsync(`${this.name} greets ${whom}`);
      },
      hang: () => step,
    };
    const limited = untilAbortedPort(part, ["greet", "hang"], { clock, signal: stop.signal, fault: LATE });
    return { clock, stop, end, limited, calls: () => calls };
  }

  it("answers as it is until the signal speaks, and keeps no listener", async () => {
    const { limited, stop } = ending();

    expect(await limited.greet("you")).toEqual(ok("part greets you"));
    expect(stop.listeners()).toBe(0);
  });

  it("is not called any more once the signal has spoken", async () => {
    const { limited, stop, calls } = ending();
    stop.abort();

    expect(await limited.greet("you")).toEqual(err(LATE));
    expect(calls()).toBe(0);
  });

  it("has 30 seconds for a call under way", async () => {
    const { limited, stop, clock } = ending();
    const hanging = limited.hang();
    clock.advance(86_400_000);
    expect(await soFar(hanging)).toBe("nothing yet");
    stop.abort();
    await turn();

    clock.advance(29_999);
    expect(await soFar(hanging)).toBe("nothing yet");
    clock.advance(1);
    expect(await soFar(hanging)).toEqual(err(LATE));
    expect(stop.listeners()).toBe(0);
  });

  it("gives the answer of a call that ends within them", async () => {
    const { limited, stop, clock, end } = ending();
    const hanging = limited.hang();
    stop.abort();
    await turn();
    clock.advance(29_999);
    end("at last");

    expect(await soFar(hanging)).toEqual(ok("at last"));
  });
});

describe("a step that a signal ends", () => {
  it("gives its value or its fault, and keeps no listener", async () => {
    const stop = countedSignal();

    expect(await orAborted(stop.signal, () => okAsync("value"), LATE)).toEqual(ok("value"));
    expect(await orAborted(stop.signal, () => errAsync("fault"), LATE)).toEqual(err("fault"));
    expect(await orAborted(undefined, () => okAsync("value"), LATE)).toEqual(ok("value"));
    expect(stop.listeners()).toBe(0);
  });

  it("is left at once when the signal speaks, and does not begin afterwards", async () => {
    const stop = countedSignal();
    let begun = 0;
    const hang = () => {
      begun++;
      return open().step;
    };
    const result = orAborted(stop.signal, hang, LATE);
    expect(await soFar(result)).toBe("nothing yet");
    stop.abort();

    expect(await soFar(result)).toEqual(err(LATE));
    expect(await orAborted(stop.signal, hang, LATE)).toEqual(err(LATE));
    expect(begun).toBe(1);
    expect(stop.listeners()).toBe(0);
  });
});

describe("a loop", () => {
  it("is waited for until it ends", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    let end = (): void => undefined;
    const loop = new Promise<void>((resolve) => {
      end = resolve;
    });
    const ended = orStopped(clock, new AbortController().signal, loop);

    clock.advance(86_400_000);
    expect(await soFar(ended)).toBe("nothing yet");
    end();
    expect(await soFar(ended)).toBeUndefined();
  });

  it("leaves no listener on its signal", async () => {
    const stop = countedSignal();
    await orStopped(createTestClock("2026-03-01T12:00:00Z"), stop.signal, Promise.resolve());

    expect(stop.listeners()).toBe(0);
  });

  it("that hangs is left 30 seconds after the signal has spoken", async () => {
    const clock = createTestClock("2026-03-01T12:00:00Z");
    const stop = new AbortController();
    const ended = orStopped(clock, stop.signal, new Promise(() => undefined));
    stop.abort();
    await turn();

    clock.advance(29_999);
    expect(await soFar(ended)).toBe("nothing yet");
    clock.advance(1);
    expect(await soFar(ended)).toBeUndefined();
  });
});

it.each([
  [999, false],
  [1_000, true],
  [86_400_000, true],
  [86_400_001, false],
  [1_000.5, false],
  [Number.POSITIVE_INFINITY, false],
  ["1000", false],
  [null, false],
])("a deadline of %s is one: %s", (milliseconds, expected) => {
  expect(isDeadline(milliseconds)).toBe(expected);
});
