import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createDoor } from "../../../../src/adapters/http/door.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function isClosedAfter(closing: Promise<void>, ms: number): Promise<boolean> {
  const closed = vi.fn();
  void closing.then(closed);
  await vi.advanceTimersByTimeAsync(ms);
  return closed.mock.calls.length > 0;
}

it("lets requests in until it is closed", () => {
  const door = createDoor();

  expect(door.enter()).toBe(true);
  void door.close(100);
  expect(door.enter()).toBe(false);
});

it("is closed at once if nobody is inside, and takes no timer for it", async () => {
  const door = createDoor();
  door.enter();
  door.leave();

  expect(await isClosedAfter(door.close(100), 0)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it("waits for all who are inside, and tells everybody who waits", async () => {
  const door = createDoor();
  door.enter();
  door.enter();
  const closings = [door.close(100), door.close(100)];

  door.leave();
  expect(await isClosedAfter(Promise.race(closings), 50)).toBe(false);
  door.leave();
  expect(await isClosedAfter(Promise.all(closings).then(), 0)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it("waits no longer than it was told, though somebody is still inside", async () => {
  const door = createDoor();
  door.enter();
  const closing = door.close(100);

  expect(await isClosedAfter(closing, 99)).toBe(false);
  expect(await isClosedAfter(closing, 1)).toBe(true);
  door.leave();
});

it("is not closed by those who leave", () => {
  const door = createDoor();
  door.enter();
  door.leave();

  expect(door.enter()).toBe(true);
});
