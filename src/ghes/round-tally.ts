import type { DisablingReceipt } from "../domain/receipt.ts";
import type { LinkReceipt, SyncFailure, SyncProgress } from "./sync-report.ts";

/** How many failures a report names. */
const NAMED_FAILURES = 1_000;

/** Counts what one round does. */
export interface RoundTally {
  requests: number;
  kept: number;
  unchanged: number;
  gone: number;
  failed: number;
  saturatedDays: number;
  disabling: DisablingReceipt | null;
  readonly receipts: LinkReceipt[];
  readonly failures: SyncFailure[];
}

/** A tally of nothing. */
export function newTally(): RoundTally {
  return {
    requests: 0,
    kept: 0,
    unchanged: 0,
    gone: 0,
    failed: 0,
    saturatedDays: 0,
    disabling: null,
    receipts: [],
    failures: [],
  };
}

/** Notes users whose counts were not sent; all of them are counted, the first 1,000 are named. */
export function noteFailures(tally: RoundTally, failures: readonly SyncFailure[]): void {
  tally.failed += failures.length;
  tally.failures.push(...failures.slice(0, NAMED_FAILURES - tally.failures.length));
}

/** Forgets them again, where everything is about to be reported anew. */
export function forgetFailures(tally: RoundTally): void {
  tally.failed = 0;
  tally.failures.length = 0;
  tally.saturatedDays = 0;
}

/** The part of a tally that is told while the round runs. */
export function progressOf(tally: RoundTally): SyncProgress {
  const { requests, kept, unchanged, gone, receipts } = tally;
  return { requests, kept, unchanged, gone, withdrawn: receipts.length };
}
