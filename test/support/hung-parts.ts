import { ResultAsync } from "neverthrow";

/** The answer of a part that never answers. */
export function never(): ResultAsync<never, never> {
  return ResultAsync.fromSafePromise(new Promise<never>(() => undefined));
}

/** Resolves when all work has gone as far as it can by itself. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What has come of it by now. */
export function soFar<Value>(promise: PromiseLike<Value>): Promise<Value | "nothing yet"> {
  return Promise.race([promise, turn().then(() => "nothing yet" as const)]);
}

/** A signal, and how many listeners it has. */
export function countedSignal() {
  const stop = new AbortController();
  const listeners = new Set<unknown>();
  const { signal } = stop;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  const counted: Pick<AbortSignal, "addEventListener" | "removeEventListener"> = {
    addEventListener: (type: string, listener: never) => {
      listeners.add(listener);
      add(type, listener);
    },
    removeEventListener: (type: string, listener: never) => {
      listeners.delete(listener);
      remove(type, listener);
    },
  };
  return {
    signal: Object.assign(signal, counted),
    abort: () => stop.abort(),
    listeners: () => listeners.size,
  };
}

/** Waits while time passes in steps of this length, and counts how many of them it took. */
export async function untilEnded<Value>(
  ended: PromiseLike<Value>,
  clock: { advance(milliseconds: number): void },
  milliseconds: number,
): Promise<{ readonly value: Value; readonly steps: number }> {
  for (let steps = 0; steps < 20; steps++) {
    const value = await soFar(ended);
    if (value !== "nothing yet") return { value, steps };
    clock.advance(milliseconds);
  }
  throw new Error("It has not ended.");
}
