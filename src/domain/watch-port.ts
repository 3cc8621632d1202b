import { type Result, ResultAsync } from "neverthrow";
import type { Clock } from "./environment.ts";
import type { PortEvent, PortFault, PortName } from "./event.ts";
import { callPort } from "./fault.ts";
import { startStopwatch } from "./stopwatch.ts";

/** The settings for watching a part of the host's. */
export interface Watch {
  readonly port: PortName;
  /** The fault that stands for a throw. */
  readonly threw: { readonly type: string; readonly message: string };
  /** How long a call may take before it is slow, in milliseconds. */
  readonly slowMs: number;
  readonly clock: Clock;
  readonly onEvent: (event: PortEvent) => void;
}

/**
 * Returns a part of the host's that does the same, and tells of every fault, every throw and every slow call.
 *
 * It has these methods and no others.
 */
export function watchPort<Port extends object>(
  port: Port,
  methods: readonly (keyof Port & string)[],
  watch: Watch,
): Port {
  const watched = methods.map((method) => {
    const given = port as Readonly<Record<string, (...args: readonly unknown[]) => Answering>>;
    const call = (...args: readonly unknown[]): Answering =>
      new ResultAsync(watchCall(() => (given[method] as (typeof given)[string])(...args), method, watch));
    return [method, call];
  });
  return Object.fromEntries(watched) as Port;
}

type Answering = ResultAsync<unknown, Watch["threw"]>;

async function watchCall(
  call: () => Answering,
  method: string,
  { port, threw, slowMs, clock, onEvent }: Watch,
): Promise<Result<unknown, Watch["threw"]>> {
  const durationSoFar = startStopwatch(clock);
  const over = new AbortController();
  const tellIfSlow = (isOver: boolean): void => {
    const durationMs = durationSoFar();
    // A clock that does not wait resolves before its time.
    if (durationMs >= slowMs) onEvent({ type: "port-slow", port, method, durationMs, isOver });
  };
  clock.wait(slowMs, over.signal, true).then(() => {
    if (!over.signal.aborted) tellIfSlow(false);
  });
  let thrown: { readonly cause?: unknown } = {};
  const answer = await callPort(call, threw, (cause) => {
    thrown = { cause };
  });
  over.abort("over");
  tellIfSlow(true);
  if (answer.isErr()) {
    const durationMs = durationSoFar();
    if (answer.error.type === "version-conflict")
      onEvent({ type: "version-conflict", port, method, durationMs });
    else onEvent({ type: "port-failed", port, method, durationMs, fault: faultIn(answer.error), ...thrown });
  }
  return answer;
}

/** Copied field by field, because a host's adapter may have put more into it. */
export function faultIn(fault: {
  readonly type: string;
  readonly reason?: unknown;
  readonly message: string;
}): PortFault {
  const { type, reason, message } = fault;
  return { type, reason: typeof reason === "string" ? reason : null, message };
}
