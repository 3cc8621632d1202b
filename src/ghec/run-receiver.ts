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

/**
 * Does what a receiver needs done regularly, until the signal ends it: reconciles with the ledger every minute, and sweeps
 * every hour until nothing is left. Any number of processes may run it at once. Comes back when the signal has spoken;
 * never rejects.
 */
export async function runReceiver(
  receiver: Pick<Receiver, "reconcile" | "sweep">,
  { clock, signal, onRun }: ReceiverLoop,
): Promise<void> {
  const tell = (run: ReceiverRun): void => callListener(onRun, run);
  let sweptAt: Instant | null = null;
  while (!signal.aborted) {
    await receiver.reconcile().match(
      (reconciliation) => tell({ type: "reconciled", reconciliation }),
      (fault) => tell({ type: "failed", task: "reconcile", fault }),
    );
    const now = clock.now();
    if (sweptAt === null || now < sweptAt || now - sweptAt >= SWEEP_MS) {
      if (await sweepAll(receiver, signal, tell)) sweptAt = now;
    }
    await clock.wait(RECONCILE_MS, signal);
  }
}

async function sweepAll(
  receiver: Pick<Receiver, "sweep">,
  signal: AbortSignal,
  tell: (run: ReceiverRun) => void,
): Promise<boolean> {
  while (!signal.aborted) {
    const result = await receiver.sweep();
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
