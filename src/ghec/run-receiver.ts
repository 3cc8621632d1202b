import { err, type Result, ResultAsync } from "neverthrow";
import { callListener } from "../domain/call-listener.ts";
import type { Clock } from "../domain/environment.ts";
import type { StorageFault } from "../domain/fault.ts";
import type { Instant } from "../domain/identifiers.ts";
import type { SweepResult } from "./ports.ts";
import type { Receiver } from "./receiver.ts";
import type { Reconciliation } from "./reconcile.ts";

/** What a receiver's loop has done, or why it could not. */
export type ReceiverRun =
  | { readonly type: "reconciled"; readonly reconciliation: Reconciliation }
  | { readonly type: "swept"; readonly swept: SweepResult }
  | { readonly type: "failed"; readonly task: "reconcile" | "sweep"; readonly fault: StorageFault };

/** What {@link runReceiver} is given. */
export interface ReceiverLoop {
  readonly clock: Clock;
  /** Ends the loop, between two steps. */
  readonly signal: AbortSignal;
  /** Told of everything that was done, and of every fault; what failed is tried again a minute later. */
  readonly onRun?: (run: ReceiverRun) => void;
}

const RECONCILE_MS = 60_000;
const SWEEP_MS = 3_600_000;

/** How long a step is waited for, in milliseconds; then the loop goes on without it. */
const DEADLINE_MS = 300_000;

const TOO_LATE: StorageFault = {
  type: "storage-fault",
  reason: "timed-out",
  message:
    "The store or the ledger has not answered for five minutes: give their clients timeouts, and look at both.",
};

/**
 * Does what a receiver needs done regularly, until the signal ends it: reconciles with the ledger every minute, and sweeps
 * every hour until nothing is left. What has not ended after five minutes is told as a fault, and begun anew. Any number of
 * processes may run it at once. Comes back when the signal has spoken; never rejects.
 */
export async function runReceiver(
  receiver: Pick<Receiver, "reconcile" | "sweep">,
  { clock, signal, onRun }: ReceiverLoop,
): Promise<void> {
  const tell = (run: ReceiverRun): void => callListener(onRun, run);
  let sweptAt: Instant | null = null;
  while (!signal.aborted) {
    await inTime(clock, receiver.reconcile()).match(
      (reconciliation) => tell({ type: "reconciled", reconciliation }),
      (fault) => tell({ type: "failed", task: "reconcile", fault }),
    );
    const now = clock.now();
    if (sweptAt === null || now < sweptAt || now - sweptAt >= SWEEP_MS) {
      if (await sweepAll(receiver, clock, signal, tell)) sweptAt = now;
    }
    await clock.wait(RECONCILE_MS, signal);
  }
}

/** The same, or a fault where it has not ended after five minutes; it may end later. */
function inTime<Value, Fault>(
  clock: Clock,
  step: ResultAsync<Value, Fault>,
): ResultAsync<Value, Fault | StorageFault> {
  const ended = new AbortController();
  const late = clock.wait(DEADLINE_MS, ended.signal, true).then(() => err(TOO_LATE));
  const first: Promise<Result<Value, Fault | StorageFault>> = Promise.race([step, late]);
  return new ResultAsync(first.finally(() => ended.abort("ended")));
}

async function sweepAll(
  receiver: Pick<Receiver, "sweep">,
  clock: Clock,
  signal: AbortSignal,
  tell: (run: ReceiverRun) => void,
): Promise<boolean> {
  while (!signal.aborted) {
    const result = await inTime(clock, receiver.sweep());
    if (result.isErr()) {
      // A limit that the receiver chooses itself is never refused.
      if (result.error.type === "storage-fault") tell({ type: "failed", task: "sweep", fault: result.error });
      return false;
    }
    tell({ type: "swept", swept: result.value });
    if (result.value.isDone) return true;
  }
  return false;
}
