import type { Instant } from "../domain/identifiers.ts";
import { nextAttemptAt, nextSyncAt } from "./schedule.ts";
import type { SenderConfiguration, SyncScope } from "./sender-options.ts";
import type { ServerState } from "./server-state.ts";
import type { SyncOutcome, SyncReport } from "./sync-report.ts";

/** How a round ended, before it is reported. */
export interface Ending {
  readonly outcome: SyncOutcome;
  readonly fault: SyncReport["fault"];
}

/** The end of a round that did all it had to. */
export const COMPLETED: Ending = { outcome: "completed", fault: null };

/** The state after a round: its lease is given back, and what comes next is planned (S8). */
export function endRound(
  { installation, chance }: Pick<SenderConfiguration, "installation" | "chance">,
  before: ServerState,
  scope: SyncScope,
  { outcome, fault }: Ending,
  now: Instant,
): ServerState {
  const server = { ...before, round: null };
  if (server.settings.status === "disconnected") return server;
  if (outcome === "failed") {
    const failures = server.failures + 1;
    const retryAfterMs = fault?.type === "transport-fault" ? fault.retryAfterMs : null;
    const next = nextAttemptAt(failures, retryAfterMs, chance.fraction(), now);
    return { ...server, failures, lastFault: fault, nextSyncAt: next };
  }
  // Cut short: what was due is due.
  if (outcome !== "completed" && outcome !== "incomplete") return server;
  const answered = { ...server, failures: 0, lastFault: null };
  // Where only deletions were asked for, the hour's round is still to come.
  if (scope === "deletions") return answered;
  const next = nextSyncAt(installation, now);
  return outcome === "completed"
    ? { ...answered, lastSyncAt: now, nextSyncAt: next }
    : { ...answered, nextSyncAt: next };
}
