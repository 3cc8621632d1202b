import { errAsync, okAsync, ResultAsync, type StorageFault } from "unified-contributions";
import { createTestClock } from "unified-contributions/testing";
import { describe, expect, test } from "vitest";
import { createSpareRead } from "../../../src/ghec/spare-read.ts";
import { never, soFar, turn } from "../../support/hung-parts.ts";

const FULL: StorageFault = { type: "storage-fault", reason: "unavailable", message: "full" };

function reading() {
  const clock = createTestClock("2026-03-01T12:00:00Z");
  const { read } = createSpareRead(clock);
  const begun: string[] = [];
  const begin = (name: string, answer: ResultAsync<string, StorageFault>) =>
    read(() => {
      begun.push(name);
      return answer;
    }).match(
      (value) => value,
      ({ reason }) => reason,
    );
  return { clock, begun, begin };
}

describe("a read that an answer can do without", () => {
  test("gives its value, or its fault, which keeps no other from beginning", async () => {
    const { begin } = reading();

    expect(await begin("first", okAsync("value"))).toBe("value");
    expect(await begin("second", errAsync(FULL))).toBe("unavailable");
    expect(await begin("third", okAsync("again"))).toBe("again");
  });

  test("is waited for two seconds", async () => {
    const { begin, clock } = reading();
    const hanging = begin("first", never());

    clock.advance(1_999);
    expect(await soFar(hanging)).toBe("nothing yet");
    clock.advance(1);
    expect(await hanging).toBe("outcome-unknown");
  });

  test("that hangs keeps others from beginning, for five minutes", async () => {
    const { begin, clock, begun } = reading();
    const hanging = begin("first", never());
    clock.advance(2_000);
    await hanging;

    clock.advance(297_999);
    expect(await begin("second", okAsync("value"))).toBe("outcome-unknown");
    clock.advance(1);
    expect(await begin("third", okAsync("value"))).toBe("value");
    expect(begun).toEqual(["first", "third"]);
  });

  test.each([
    ["its value", okAsync("late") as ResultAsync<string, StorageFault>],
    ["a fault", errAsync(FULL) as ResultAsync<string, StorageFault>],
  ])("that ends after all, with %s, lets the next one begin", async (_, answer) => {
    const { begin, clock } = reading();
    let end = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      end = resolve;
    });
    const hanging = begin(
      "first",
      ResultAsync.fromSafePromise(until).andThen(() => answer),
    );
    clock.advance(2_000);
    await hanging;
    end();
    await turn();

    expect(await begin("second", okAsync("value"))).toBe("value");
  });

  test("that was given up does not let others begin while a later one hangs", async () => {
    const { begin, clock, begun } = reading();
    let end = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      end = resolve;
    });
    const first = begin(
      "first",
      ResultAsync.fromSafePromise(until).map(() => "late"),
    );
    clock.advance(2_000);
    await first;
    clock.advance(300_000);
    const second = begin("second", never());
    clock.advance(2_000);
    await second;
    end();
    await turn();

    expect(await begin("third", okAsync("value"))).toBe("outcome-unknown");
    expect(begun).toEqual(["first", "second"]);
  });

  test("that hangs keeps no other from beginning where the clock was set back", async () => {
    const { begin, clock } = reading();
    const hanging = begin("first", never());
    clock.advance(2_000);
    await hanging;
    clock.set("2026-03-01T11:00:00Z");

    expect(await begin("second", okAsync("value"))).toBe("value");
  });
});
