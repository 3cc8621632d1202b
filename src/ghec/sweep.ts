import { err, ok, type ResultAsync } from "neverthrow";
import { dateOfInstant } from "../domain/calendar-date.ts";
import { CONTRIBUTION_WINDOW_DAYS, windowEndingOn } from "../domain/contribution-window.ts";
import { callPort, STORAGE_ABORTED, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type { Instant } from "../domain/identifiers.ts";
import { untilAborted } from "./long-run.ts";
import type { ReceiverOptions, SweepResult } from "./ports.ts";
import { contradictsEarlier, sweepTimeAt } from "./sweep-clock.ts";

const DAY_MS = 86_400_000;

/** The bounds of one sweep. */
interface Sweeping {
  readonly limit: number;
  readonly auditDays: number;
  readonly signal: AbortSignal | undefined;
}

/** Removes data that is no longer shown, up to the limit, and until the signal speaks. */
export function sweep(
  options: ReceiverOptions,
  { limit, auditDays, signal }: Sweeping,
): ResultAsync<SweepResult, StorageFault> {
  const { clock, onEvent } = options;
  const { store } = untilAborted(options, signal);
  const at = clock.now();
  return callPort(() => store.loadSweepClock(), STORAGE_THREW).andThen((before) => {
    const { clock: told, isTrusted } = sweepTimeAt(before, at);
    if (!isTrusted && contradictsEarlier(before, told))
      onEvent?.({ type: "sweep-doubted", at, lastAt: told.lastAt });
    const kept = {
      counts: windowEndingOn(dateOfInstant(at)).first,
      receipts: Math.max(0, at - CONTRIBUTION_WINDOW_DAYS * DAY_MS) as Instant,
      audit: Math.max(0, at - auditDays * DAY_MS) as Instant,
    };
    const query = { keep: isTrusted ? kept : null, limit, at, signal };
    return callPort(() => store.saveSweepClock(told), STORAGE_THREW)
      .andThen(() => callPort(() => store.sweep(query), STORAGE_THREW))
      .andThen((result) => {
        onEvent?.({ type: "swept", durationMs: Math.max(0, clock.now() - at), ...result });
        return signal?.aborted && !result.isDone ? err(STORAGE_ABORTED) : ok(result);
      });
  });
}
