import { callListener } from "../domain/call-listener.ts";
import type { Clock } from "../domain/environment.ts";
import type { StorageFault } from "../domain/fault.ts";
import { orStopped } from "../domain/in-time.ts";
import { requirePorts } from "../domain/require-ports.ts";
import type { Sender } from "./sender.ts";
import type { SyncReport } from "./sync/sync-report.ts";

/** The outcome of one step of a sender's loop: a sync, or the fault that prevented it. */
export type SenderRun =
  | { readonly type: "synced"; readonly report: SyncReport }
  | { readonly type: "failed"; readonly task: "status" | "sync"; readonly fault: StorageFault };

/** The parts that {@link runSender} needs. */
export interface SenderLoop {
  readonly clock: Clock;
  /** Ends the loop. A running sync ends between two requests. The loop waits 30 seconds at most for one that hangs. */
  readonly signal: AbortSignal;
  /** Receives every sync and every fault. The loop tries again when the next attempt is due. */
  readonly onRun?: (run: SenderRun) => void;
}

/** How often the loop looks for a due sync, in milliseconds: 10 seconds. */
const LOOK_MS = 10_000;

const LOOP_METHODS = {
  sender: ["status", "sync"],
  clock: ["now", "wait"],
  signal: ["addEventListener"],
} as const;

/**
 * Syncs whenever a sync is due, until the signal ends the loop. The loop looks every 10 seconds. A sync is due at the
 * hour's own phase, and at the planned attempt after a failure. After `enable`, `disable` or a deletion that met a
 * running sync it is due at once. An opt-in and `contributionsChanged` wait for the hour, unless the host calls `sync`.
 * Any number of processes may run the loop at once, and one of them syncs. Resolves when the signal has spoken.
 *
 * A missing part is a mistake in the program, and rejects with a `TypeError` that names it. Nothing else rejects.
 */
export async function runSender(sender: Pick<Sender, "status" | "sync">, loop: SenderLoop): Promise<void> {
  requirePorts("runSender", { sender, ...loop }, LOOP_METHODS);
  await orStopped(loop.clock, loop.signal, run(sender, loop));
}

async function run(
  sender: Pick<Sender, "status" | "sync">,
  { clock, signal, onRun }: SenderLoop,
): Promise<void> {
  const tell = (run: SenderRun): void => callListener(onRun, run);
  while (!signal.aborted) {
    const status = await sender.status();
    if (status.isErr()) {
      tell({ type: "failed", task: "status", fault: status.error });
    } else if (status.value.nextSyncAt !== null && status.value.nextSyncAt <= clock.now()) {
      const report = await sender.sync({ signal });
      // The loop writes the options itself, so they are never refused.
      if (report.isErr()) tell({ type: "failed", task: "sync", fault: report.error as StorageFault });
      else tell({ type: "synced", report: report.value });
    }
    await clock.wait(LOOK_MS, signal);
  }
}
