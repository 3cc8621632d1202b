import { err, type Result, ResultAsync } from "neverthrow";
import type { Clock } from "./environment.ts";

/** How long a host's part may take for one call if the host does not say, in milliseconds. */
export const CALL_DEADLINE_MS = 120_000;

/** The shortest and the longest deadline that an option can ask for, in milliseconds. */
const SHORTEST_DEADLINE_MS = 1_000;
const LONGEST_DEADLINE_MS = 86_400_000;

/** Whether an option may ask for this deadline: a whole number of milliseconds, from a second to a day. */
export function isDeadline(milliseconds: unknown): boolean {
  return (
    Number.isInteger(milliseconds) &&
    (milliseconds as number) >= SHORTEST_DEADLINE_MS &&
    (milliseconds as number) <= LONGEST_DEADLINE_MS
  );
}

/**
 * Returns the result of a step, or a fault if the step has not ended in time.
 *
 * A step that is late goes on, because nothing can stop it, and its effects stay. So its outcome is unknown, and the
 * fault has to say so.
 */
export function inTime<Value, Fault, Late>(
  clock: Clock,
  milliseconds: number,
  step: ResultAsync<Value, Fault>,
  fault: Late,
): ResultAsync<Value, Fault | Late> {
  const began = clock.now();
  const ended = new AbortController();
  const late = async (): Promise<Result<Value, Fault | Late>> => {
    await clock.wait(milliseconds, ended.signal, true);
    // A clock that does not wait would take every step for late.
    return clock.now() === began ? await step : err(fault);
  };
  const first: Promise<Result<Value, Fault | Late>> = Promise.race([step, late()]);
  return new ResultAsync(first.finally(() => ended.abort("ended")));
}

/** Returns a part of the host's with these methods, each of which answers in time, or with the fault. */
export function inTimePort<Port extends object>(
  port: Port,
  methods: readonly (keyof Port & string)[],
  limit: { readonly clock: Clock; readonly milliseconds: number; readonly fault: unknown },
): Port {
  type Method = (...given: readonly unknown[]) => ResultAsync<unknown, unknown>;
  const bounded = methods.map((method) => {
    const call: Method = (...given) => {
      const { clock, milliseconds, fault } = limit;
      return inTime(clock, milliseconds, (port[method] as Method)(...given), fault);
    };
    return [method, call];
  });
  return Object.fromEntries(bounded) as Port;
}

/** How long a loop that was told to end waits for its last step, in milliseconds. */
const STOPPING_MS = 30_000;

/** Resolves when a loop has ended, or 30 seconds after the signal has told it to. Its last step may end later. */
export async function orStopped(clock: Clock, signal: AbortSignal, loop: Promise<void>): Promise<void> {
  const ended = new AbortController();
  const told = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve());
  });
  await Promise.race([loop, told.then(() => clock.wait(STOPPING_MS, ended.signal, true))]);
  ended.abort("ended");
}
