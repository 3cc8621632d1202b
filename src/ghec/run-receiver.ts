import type { Result, ResultAsync } from "neverthrow";
import { callListener } from "../domain/call-listener.ts";
import type { Clock } from "../domain/environment.ts";
import type { StorageFault } from "../domain/fault.ts";
import type { Instant } from "../domain/identifiers.ts";
import { inTime, orStopped } from "../domain/in-time.ts";
import { requirePorts } from "../domain/require-ports.ts";
import type { InvalidOptions } from "./long-run.ts";
import type { SweepResult } from "./ports.ts";
import type { Receiver } from "./receiver.ts";
import type { Reconciliation } from "./reconcile.ts";

/** One step of a receiver's loop: its result, or its fault. */
export type ReceiverRun =
  | { readonly type: "reconciled"; readonly reconciliation: Reconciliation }
  | { readonly type: "swept"; readonly swept: SweepResult }
  | { readonly type: "failed"; readonly task: "reconcile" | "sweep"; readonly fault: StorageFault };

/** The options of {@link runReceiver}. */
export interface ReceiverLoop {
  readonly clock: Clock;
  /** Ends the loop, and the sweep or reconciliation under way. A step that hangs is waited for 30 seconds at most. */
  readonly signal: AbortSignal;
  /** A listener for every result and every fault. A failed step is repeated a minute later. */
  readonly onRun?: (run: ReceiverRun) => void;
}

const RECONCILE_MS = 60_000;
const SWEEP_MS = 3_600_000;

/** How long the loop waits for a step, in milliseconds. Then it ends the step, and goes on without it. */
const DEADLINE_MS = 300_000;

const LOOP_METHODS = {
  receiver: ["reconcile", "sweep"],
  clock: ["now", "wait"],
  signal: ["addEventListener"],
} as const;

const TOO_LATE: StorageFault = {
  type: "storage-fault",
  reason: "outcome-unknown",
  message:
    "The store or the ledger has not answered for five minutes, so the outcome is unknown: give their clients timeouts, and look at both.",
};

/**
 * Runs the regular work of a receiver until the signal ends it. A missing part is a mistake in the program, and rejects
 * with a `TypeError` that names it. Nothing else rejects.
 *
 * It reconciles with the ledger every minute, and sweeps every hour until nothing is left. A step that has not ended
 * after five minutes is ended, reported as a fault, and begun anew. Any number of processes may run it at once.
 */
export async function runReceiver(
  receiver: Pick<Receiver, "reconcile" | "sweep">,
  loop: ReceiverLoop,
): Promise<void> {
  requirePorts("runReceiver", { receiver, ...loop }, LOOP_METHODS);
  await orStopped(loop.clock, loop.signal, run(receiver, loop));
}

async function run(
  receiver: Pick<Receiver, "reconcile" | "sweep">,
  { clock, signal, onRun }: ReceiverLoop,
): Promise<void> {
  const tell = (run: ReceiverRun): void => callListener(onRun, run);
  const fail = (task: "reconcile" | "sweep", fault: StorageFault | InvalidOptions): void => {
    // The loop writes the options itself, so they are never refused.
    if (fault.type === "storage-fault") tell({ type: "failed", task, fault });
  };
  /** Runs a step with a signal of its own, which speaks with that of the loop, and when the step is late. */
  const take = async <Value, Fault>(
    begin: (options: { readonly signal: AbortSignal }) => ResultAsync<Value, Fault>,
  ): Promise<Result<Value, Fault | StorageFault>> => {
    const step = new AbortController();
    const end = (): void => step.abort("ended");
    signal.addEventListener("abort", end);
    const result = await inTime(clock, DEADLINE_MS, begin({ signal: step.signal }), TOO_LATE);
    signal.removeEventListener("abort", end);
    end();
    return result;
  };
  const sweepAll = async (): Promise<boolean> => {
    while (!signal.aborted) {
      const result = await take((options) => receiver.sweep(options));
      if (result.isErr()) {
        fail("sweep", result.error);
        return false;
      }
      tell({ type: "swept", swept: result.value });
      if (result.value.isDone) return true;
    }
    return false;
  };

  let sweptAt: Instant | null = null;
  while (!signal.aborted) {
    const reconciled = await take((options) => receiver.reconcile(options));
    if (reconciled.isErr()) fail("reconcile", reconciled.error);
    else tell({ type: "reconciled", reconciliation: reconciled.value });
    const now = clock.now();
    if (sweptAt === null || now < sweptAt || now - sweptAt >= SWEEP_MS) {
      if (await sweepAll()) sweptAt = now;
    }
    await clock.wait(RECONCILE_MS, signal);
  }
}
