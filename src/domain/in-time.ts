import { err, errAsync, type Result, ResultAsync } from "neverthrow";
import type { Clock } from "./environment.ts";
import { callPort, STORAGE_LATE, STORAGE_THREW, type StorageFault } from "./fault.ts";

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

/** Throws a `TypeError` unless an option may ask for this deadline of calls. */
export function requireCallDeadline(factory: string, milliseconds: unknown): void {
  if (!isDeadline(milliseconds)) {
    throw new TypeError(
      `${factory}: \`callDeadlineMs\` has to be a whole number from ${SHORTEST_DEADLINE_MS} to ${LONGEST_DEADLINE_MS}.`,
    );
  }
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

/** Calls a storage, and returns its answer, or a fault if it has not answered in time or has thrown. */
export function callInTime<Value, Fault = StorageFault>(
  clock: Clock,
  call: () => ResultAsync<Value, Fault>,
  milliseconds: number = CALL_DEADLINE_MS,
): ResultAsync<Value, Fault | StorageFault> {
  return inTime(
    clock,
    milliseconds,
    callPort<Value, Fault | StorageFault>(call, STORAGE_THREW),
    STORAGE_LATE,
  );
}

/** Returns a part of the host's with these methods, each of which answers in time, or with the fault. */
export function inTimePort<Port extends object>(
  port: Port,
  methods: readonly (keyof Port & string)[],
  { clock, milliseconds, fault }: PortLimit & { readonly milliseconds: number },
): Port {
  return aroundPort(port, methods, (call) => inTime(clock, milliseconds, call(), fault));
}

/**
 * Returns a part of the host's with these methods, until the signal speaks. From then on each call answers with the fault
 * and does nothing. A call under way has 30 seconds to end. It may still take effect later.
 */
export function untilAbortedPort<Port extends object>(
  port: Port,
  methods: readonly (keyof Port & string)[],
  { clock, signal, fault }: PortLimit & { readonly signal: AbortSignal },
): Port {
  return aroundPort(port, methods, (call) =>
    orAborted(signal, call, fault, (step) => inTime(clock, STOPPING_MS, step, fault)),
  );
}

/**
 * Returns the result of a step, or the fault when the signal speaks. The step then goes on, and may still take effect. It
 * does not begin if the signal has spoken before.
 *
 * @param told returns the result once the signal has spoken; the fault at once if left out
 */
export function orAborted<Value, Fault, Aborted>(
  signal: AbortSignal | undefined,
  begin: () => ResultAsync<Value, Fault>,
  fault: Aborted,
  told: (step: ResultAsync<Value, Fault>) => ResultAsync<Value, Fault | Aborted> = () => errAsync(fault),
): ResultAsync<Value, Fault | Aborted> {
  if (signal === undefined) return begin();
  if (signal.aborted) return errAsync(fault);
  const heard = hear(signal);
  const step = begin();
  const first: Promise<Result<Value, Fault | Aborted>> = Promise.race([
    step,
    heard.told.then(() => told(step)),
  ]);
  return new ResultAsync(first.finally(heard.forget));
}

/** Whether an option may be a signal. Hosts in plain JavaScript can give anything. */
export function isSignalOption(signal: AbortSignal | undefined): boolean {
  return signal === undefined || typeof signal?.aborted === "boolean";
}

/** The clock that limits a part, and the answer of a call that is given up. */
interface PortLimit {
  readonly clock: Clock;
  readonly fault: unknown;
}

type Call = () => ResultAsync<unknown, unknown>;

function aroundPort<Port extends object>(
  port: Port,
  methods: readonly (keyof Port & string)[],
  around: (call: Call) => ResultAsync<unknown, unknown>,
): Port {
  type Method = (...given: readonly unknown[]) => ResultAsync<unknown, unknown>;
  const limited = methods.map((method) => {
    const call: Method = (...given) => around(() => (port[method] as Method)(...given));
    return [method, call];
  });
  return Object.fromEntries(limited) as Port;
}

/** How long a loop or a call that was told to end waits for its last step, in milliseconds. */
const STOPPING_MS = 30_000;

/** Resolves when a loop has ended, or 30 seconds after the signal has told it to. Its last step may end later. */
export async function orStopped(clock: Clock, signal: AbortSignal, loop: Promise<void>): Promise<void> {
  const ended = new AbortController();
  const { told, forget } = hear(signal);
  await Promise.race([loop, told.then(() => clock.wait(STOPPING_MS, ended.signal, true))]);
  ended.abort("ended");
  forget();
}

/** Resolves `told` when the signal speaks, unless `forget` was called before. */
function hear(signal: AbortSignal): { readonly told: Promise<void>; forget(): void } {
  let tell = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    tell = () => resolve();
    signal.addEventListener("abort", tell);
  });
  return { told, forget: () => signal.removeEventListener("abort", tell) };
}
