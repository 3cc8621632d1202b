import type { ResultAsync } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { LinkId, RequestId } from "../../domain/identifiers.ts";
import type { DeletionReceipt } from "../../domain/receipt.ts";
import { startStopwatch } from "../../domain/stopwatch.ts";
import type { SenderConfiguration } from "../options.ts";
import type { PendingWithdrawal } from "../ports.ts";
import type { ServerState } from "../server-state.ts";
import {
  progressOf,
  type SyncFailure,
  type SyncReport,
  type SyncScope,
  type SyncTally,
} from "./sync-report.ts";

/** The parts of a sync that telling needs. */
interface Told extends Pick<SenderConfiguration, "onEvent" | "clock"> {
  readonly id: RequestId;
  readonly tally: SyncTally;
}

/** Tells of the changes by an answer that an operator has to know. */
export function tellChange(
  { onEvent, id: syncId, clock }: Told,
  before: ServerState,
  after: ServerState,
): void {
  if (!onEvent) return;
  if (after.session.status === "contested" && before.session.status !== "contested")
    onEvent({ type: "session-contested", syncId, current: after.session.current });
  if (before.settings.status === "enabled" && after.settings.status === "disabled")
    onEvent({ type: "disabled-by-receiver", syncId, epoch: after.featureSwitch.epoch });
  const { disabling } = before;
  if (disabling && disabling.receipt === null && after.disabling?.receipt) {
    const waitedMs = Math.max(0, clock.now() - disabling.requestedAt);
    onEvent({ type: "deletion-acknowledged", syncId, of: "server", deletions: 1, waitedMs });
  }
}

/** Tells of withdrawals that have got their first receipt. */
export function tellReceipts(
  { onEvent, id: syncId, clock }: Told,
  asked: readonly PendingWithdrawal[],
  receipts: ReadonlyMap<LinkId, DeletionReceipt | null>,
): void {
  if (!onEvent) return;
  const waits = asked
    .filter(({ linkId, hasReceipt }) => !hasReceipt && receipts.get(linkId))
    .map(({ requestedAt }) => clock.now() - requestedAt);
  if (waits.length === 0) return;
  const waitedMs = Math.max(0, ...waits);
  onEvent({ type: "deletion-acknowledged", syncId, of: "link", deletions: waits.length, waitedMs });
}

/** Tells of users whose counts could not be sent. */
export function tellFailures({ onEvent, id: syncId }: Told, failures: readonly SyncFailure[]): void {
  if (!onEvent) return;
  for (const { user, reason } of failures)
    onEvent({ type: "user-not-sent", syncId, user, reason: reason.type, detail: detailOf(reason) });
}

/**
 * Returns the detail of a failure. The index of a contribution is left out, because it would tell how many there are
 * at least.
 */
function detailOf(reason: SyncFailure["reason"]): string {
  if (reason.type === "malformed-contribution") return reason.field;
  return reason.type === "record-refused" ? reason.reason : reason.message;
}

/** Tells of the beginning and of the end of a sync. */
export function tellSync(
  { onEvent, id: syncId, clock, tally }: Told,
  scope: SyncScope,
  run: () => ResultAsync<SyncReport, StorageFault>,
): ResultAsync<SyncReport, StorageFault> {
  if (!onEvent) return run();
  const durationSoFar = startStopwatch(clock);
  const about = { syncId, scope };
  onEvent({ type: "sync-began", ...about });
  const end = (report: Pick<SyncReport, "outcome" | "isContested" | "fault" | "nextSyncAt">): void => {
    const { outcome, isContested, fault, nextSyncAt } = report;
    const { failed } = tally;
    const ended = {
      outcome,
      durationMs: durationSoFar(),
      ...progressOf(tally),
      failed,
      isContested,
      fault,
      nextSyncAt,
    };
    onEvent({ type: "sync-ended", ...about, ...ended });
  };
  return run()
    .map((report) => {
      end(report);
      return report;
    })
    .mapErr((fault) => {
      end({ outcome: "failed", isContested: false, fault, nextSyncAt: null });
      return fault;
    });
}
