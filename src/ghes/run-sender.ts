import { callListener } from "../domain/call-listener.ts";
import type { Clock } from "../domain/environment.ts";
import type { StorageFault } from "../domain/fault.ts";
import type { Sender } from "./sender.ts";
import type { SyncReport } from "./sync/sync-report.ts";

/** What a sender's loop has done, or why it could not. */
export type SenderRun =
  | { readonly type: "synced"; readonly report: SyncReport }
  | { readonly type: "failed"; readonly task: "status" | "sync"; readonly fault: StorageFault };

/** What {@link runSender} is given. */
export interface SenderLoop {
  readonly clock: Clock;
  /** Ends the loop; a sync that runs ends between two requests. */
  readonly signal: AbortSignal;
  /** Told of every sync, and of every fault; what failed is tried again when it is due. */
  readonly onRun?: (run: SenderRun) => void;
}

/** How often the loop looks whether a sync is due, in milliseconds. */
const LOOK_MS = 10_000;

/**
 * Syncs whenever that is due, until the signal ends it: at the hour's own phase, after a failure when the next attempt is
 * planned, and at once when a command asks for it. Any number of processes may run it at once: one of them syncs. Comes
 * back when the signal has spoken; never rejects.
 */
export async function runSender(
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
      // The options are the loop's own, and never refused.
      if (report.isErr()) tell({ type: "failed", task: "sync", fault: report.error as StorageFault });
      else tell({ type: "synced", report: report.value });
    }
    await clock.wait(LOOK_MS, signal);
  }
}
