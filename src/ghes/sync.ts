import { err, ok, type ResultAsync, safeTry } from "neverthrow";
import type { StorageFault } from "../domain/fault.ts";
import type { Instant, RequestId } from "../domain/identifiers.ts";
import { COMPLETED, type Ending, endRound } from "./end-round.ts";
import type { RoundContext, RoundFailure } from "./exchange.ts";
import { runRound } from "./round.ts";
import { newTally, progressOf } from "./round-tally.ts";
import {
  LONGEST_LEASE_MS,
  type SenderConfiguration,
  type SyncOptions,
  type SyncScope,
} from "./sender-options.ts";
import { nextRoundAt, type Round, type ServerState } from "./server-state.ts";
import type { SyncReport } from "./sync-report.ts";
import { NOTHING_PROVED, updateServer } from "./update-server.ts";

/** Runs one round and plans the next; a round that failed plans the next attempt (S8). */
export function sync(
  configuration: SenderConfiguration,
  options: SyncOptions,
): ResultAsync<SyncReport, StorageFault> {
  const scope = options.scope ?? "everything";
  const startedAt = configuration.clock.now();
  const round: RoundContext = {
    ...configuration,
    signal: options.signal ?? new AbortController().signal,
    tally: newTally(),
    onProgress: options.onProgress ?? ((): void => undefined),
    id: configuration.chance.id() as RequestId,
    known: { state: null },
  };

  return safeTry<SyncReport, StorageFault>(async function* () {
    const refused = yield* begin(round);
    if (refused) return ok(report(round, startedAt, refused, null));
    const ending = await runRound(round, scope).match(
      (isDone): Ending => (isDone ? COMPLETED : { outcome: "incomplete", fault: null }),
      endingOf,
    );
    const server = yield* end(round, scope, ending);
    // Disconnected on the way: whatever else happened does not matter any more.
    const isOff = server.settings.status === "disconnected";
    return ok(report(round, startedAt, isOff ? { outcome: "not-connected", fault: null } : ending, server));
  });
}

/** Why a round did not even begin. */
interface NotBegun {
  readonly type: "not-connected" | "busy";
}

/** Takes the lease, or says why there is no round. */
function begin(round: RoundContext): ResultAsync<Ending | null, StorageFault> {
  const now = round.clock.now();
  return updateServer<NotBegun>(
    round.store,
    (server) => {
      if (server.settings.status === "disconnected") return err<never, NotBegun>({ type: "not-connected" });
      if (server.round && isLeased(server.round, now)) return err<never, NotBegun>({ type: "busy" });
      const leased = { ...server, round: { id: round.id, leaseUntil: (now + round.leaseMs) as Instant } };
      return ok({ server: leased, audit: null, proof: NOTHING_PROVED });
    },
    round.known,
  )
    .map((): Ending | null => null)
    .orElse((refusal) =>
      refusal.type === "storage-fault" ? err(refusal) : ok({ outcome: refusal.type, fault: null }),
    );
}

/** A lease that ends later than any could was taken by a clock that was ahead; it must not silence the server. */
function isLeased({ leaseUntil }: Round, now: Instant): boolean {
  return leaseUntil > now && leaseUntil <= now + LONGEST_LEASE_MS;
}

function endingOf(failure: RoundFailure): Ending {
  switch (failure.type) {
    case "aborted":
      return { outcome: "aborted", fault: null };
    case "superseded":
      return { outcome: "busy", fault: null };
    case "transport-fault":
      return { outcome: failure.reason === "aborted" ? "aborted" : "failed", fault: failure };
    case "rejected":
    case "storage-fault":
      return { outcome: "failed", fault: failure };
  }
}

/** Ends the round, unless its last answer has. One that somebody else runs by now is left to them. */
function end(round: RoundContext, scope: SyncScope, ending: Ending): ResultAsync<ServerState, StorageFault> {
  const now = round.clock.now();
  return updateServer<never>(
    round.store,
    (server) => {
      if (server.round?.id !== round.id) return ok(null);
      const ended = endRound(round, server, scope, ending, now);
      return ok({ server: ended, audit: null, proof: NOTHING_PROVED });
    },
    round.known,
  );
}

function report(
  round: RoundContext,
  startedAt: Instant,
  ending: Ending,
  server: ServerState | null,
): SyncReport {
  const { tally } = round;
  const endedAt = round.clock.now();
  return {
    ...progressOf(tally),
    outcome: ending.outcome,
    startedAt,
    endedAt,
    receipts: tally.receipts,
    disabling: tally.disabling,
    failures: tally.failures,
    failed: tally.failed,
    saturatedDays: tally.saturatedDays,
    isContested: server?.session.status === "contested",
    fault: ending.fault,
    nextSyncAt: server && nextRoundAt(server, endedAt),
  };
}
