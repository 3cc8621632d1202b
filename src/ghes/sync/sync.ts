import { ok, type ResultAsync, safeTry } from "neverthrow";
import type { StorageFault } from "../../domain/fault.ts";
import type { Instant, RequestId } from "../../domain/identifiers.ts";
import { createServerCommits, NOTHING_ACKNOWLEDGED } from "../commit.ts";
import { MAX_LEASE_MS, type SenderConfiguration, type SyncOptions, type SyncScope } from "../options.ts";
import { type Lease, nextSyncOf, type ServerState } from "../server-state.ts";
import { type EarlyEnd, exchange, pace, progressOf, type SyncContext } from "./exchange.ts";
import { reportLinks } from "./reports.ts";
import { nextControlRequest, planCompletion, planSwitchCheck, reportingScope } from "./requests.ts";
import { nextAttemptAt, nextHourlySyncAt } from "./schedule.ts";
import type { SyncOutcome, SyncReport } from "./sync-report.ts";
import { withdrawLinks } from "./withdrawals.ts";

/** How a sync ended, before it is reported. */
interface Ending {
  readonly outcome: SyncOutcome;
  readonly fault: SyncReport["fault"];
}

const COMPLETED: Ending = { outcome: "completed", fault: null };

/**
 * One sync: takes the lease, sends deletions first, then the session and the switch, then what is due, then `complete`,
 * and plans the next sync, or the next attempt after a failure (S8).
 */
export function sync(
  configuration: SenderConfiguration,
  options: SyncOptions,
): ResultAsync<SyncReport, StorageFault> {
  const scope = options.scope ?? "everything";
  const startedAt = configuration.clock.now();
  const context: SyncContext = {
    ...configuration,
    id: configuration.random.id() as RequestId,
    signal: options.signal ?? new AbortController().signal,
    onProgress: options.onProgress ?? ((): void => undefined),
    commits: createServerCommits(configuration.store),
    tally: {
      ...{ requests: 0, kept: 0, unchanged: 0, gone: 0, failed: 0, saturatedDays: 0 },
      ...{ receipts: [], disabling: null, failures: [] },
    },
  };

  return safeTry<SyncReport, StorageFault>(async function* () {
    const refused = yield* begin(context);
    if (refused) return ok(report(context, startedAt, refused, null));
    const ending = await run(context, scope).match((outcome): Ending => ({ outcome, fault: null }), endingOf);
    const server = yield* end(context, scope, ending);
    // Disconnected on the way: whatever else happened does not matter any more.
    const isOff = server.settings.status === "disconnected";
    return ok(report(context, startedAt, isOff ? { outcome: "not-connected", fault: null } : ending, server));
  });
}

/** Takes the lease, or says why there is no sync. */
function begin({ clock, commits, id, leaseMs }: SyncContext): ResultAsync<Ending | null, StorageFault> {
  const now = clock.now();
  return commits.change<Ending | null, never>((server) => {
    const isOff = server.settings.status === "disconnected";
    if (isOff) return ok({ write: null, value: { outcome: "not-connected", fault: null } });
    if (server.lease && isLeased(server.lease, now))
      return ok({ write: null, value: { outcome: "busy", fault: null } });
    const leased = { ...server, lease: { id, until: (now + leaseMs) as Instant } };
    return ok({ write: { server: leased, audit: null, acknowledged: NOTHING_ACKNOWLEDGED }, value: null });
  });
}

/** A lease that ends later than any could was taken by a clock that was ahead; it must not silence the server. */
function isLeased({ until }: Lease, now: Instant): boolean {
  return until > now && until <= now + MAX_LEASE_MS;
}

/** Whether everything in the scope was done. */
type Outcome = "completed" | "incomplete";

/** The outcome of one attempt; "again" where the session or the switch may have changed on the way. */
type Attempt = Outcome | "again";

/** How often a sync begins anew when its session or its switch changes on the way. */
const MAX_ATTEMPTS = 3;

function run(context: SyncContext, scope: SyncScope): ResultAsync<Outcome, EarlyEnd> {
  return safeTry<Outcome, EarlyEnd>(async function* () {
    const deletions = yield* sendControlRequests(context, "deletions");
    const withdrawals = yield* withdrawLinks(context, deletions.server.settings.connectionOrdinal);
    if (scope === "deletions") return ok<Outcome>("completed");

    let isHeard = deletions.isHeard || withdrawals === "answered";
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const outcome = yield* reportEverything(context, isHeard);
      if (outcome !== "again") return ok<Outcome>(outcome);
      isHeard = true;
    }
    return ok<Outcome>("incomplete");
  });
}

/**
 * Session, switch, reports and `complete`.
 *
 * @param isHeard whether an answer has already told how the switch stands
 */
function reportEverything(context: SyncContext, isHeard: boolean): ResultAsync<Attempt, EarlyEnd> {
  return safeTry<Attempt, EarlyEnd>(async function* () {
    const control = yield* sendControlRequests(context, "everything");
    const { server } = control;
    if (server.settings.status === "disabled" && !isHeard && !control.isHeard) {
      yield* exchange(context, planSwitchCheck);
      return ok<Attempt>("again");
    }
    const reportable = reportingScope(server);
    // Off: there is nothing more to do. On, but without an epoch or a session: there is, and it can't be done.
    if (!reportable) return ok<Attempt>(server.settings.status === "enabled" ? "incomplete" : "completed");
    const reporting = yield* reportLinks(context, reportable);
    if (reporting === "incomplete") return ok<Attempt>("incomplete");
    if (reporting === "interrupted") return ok<Attempt>("again");
    return ok<Attempt>(yield* complete(context));
  });
}

/** Sends `complete`. Its answer ends the sync in the same commit, unless the owner has asked for more meanwhile. */
function complete(context: SyncContext): ResultAsync<"completed" | "again", EarlyEnd> {
  return exchange(context, planCompletion, (answered, message, answer, at) => {
    const isLast = answer.type === "completed" && nextControlRequest(answered, message.requestId) === null;
    const server = isLast ? endSync(context, answered, "everything", COMPLETED, at) : answered;
    return { server, acknowledged: NOTHING_ACKNOWLEDGED };
  }).map(({ server }) => (server.lease === null ? "completed" : "again"));
}

/** How many control messages a sync may need in a row: off, a vacant session, the new one, on; and as many again. */
const MAX_CONTROL_REQUESTS = 8;

/** The state after the last control message, and whether any was answered. */
interface Controlled {
  readonly server: ServerState;
  readonly isHeard: boolean;
}

/** Sends control messages until none is needed. */
function sendControlRequests(context: SyncContext, scope: SyncScope): ResultAsync<Controlled, EarlyEnd> {
  return safeTry<Controlled, EarlyEnd>(async function* () {
    for (let requests = 0; ; ) {
      const { answer, server } = yield* exchange(context, (stored, requestId) => {
        const planned = nextControlRequest(stored, requestId);
        return scope === "everything" || planned?.message.type === "disable" ? planned : null;
      });
      if (!answer) return ok({ server, isHeard: requests > 0 });
      if (answer.type === "disabled") context.tally.disabling = answer.receipt;
      yield* pace(context);
      if (++requests === MAX_CONTROL_REQUESTS) return ok({ server, isHeard: true });
    }
  });
}

function endingOf(early: EarlyEnd): Ending {
  switch (early.type) {
    case "aborted":
      return { outcome: "aborted", fault: null };
    case "superseded":
      return { outcome: "busy", fault: null };
    case "transport-fault":
      return { outcome: early.reason === "aborted" ? "aborted" : "failed", fault: early };
    case "rejected":
    case "storage-fault":
      return { outcome: "failed", fault: early };
  }
}

/** Ends the sync, unless its last answer has. One that another process runs by now is left to it. */
function end(context: SyncContext, scope: SyncScope, ending: Ending): ResultAsync<ServerState, StorageFault> {
  const now = context.clock.now();
  return context.commits.change<ServerState, never>((server) => {
    if (server.lease?.id !== context.id) return ok({ write: null, value: server });
    const ended = endSync(context, server, scope, ending, now);
    return ok({ write: { server: ended, audit: null, acknowledged: NOTHING_ACKNOWLEDGED }, value: ended });
  });
}

/** The state after a sync: its lease is given back, and what comes next is planned (S8). */
function endSync(
  { installation, random }: Pick<SenderConfiguration, "installation" | "random">,
  before: ServerState,
  scope: SyncScope,
  { outcome, fault }: Ending,
  now: Instant,
): ServerState {
  const server = { ...before, lease: null };
  if (server.settings.status === "disconnected") return server;
  if (outcome === "failed") {
    const failures = server.failures + 1;
    const retryAfterMs = fault?.type === "transport-fault" ? fault.retryAfterMs : null;
    const next = nextAttemptAt(failures, retryAfterMs, random.fraction(), now);
    return { ...server, failures, lastFault: fault, nextSyncAt: next };
  }
  // Cut short: what was due is due.
  if (outcome !== "completed" && outcome !== "incomplete") return server;
  const answered = { ...server, failures: 0, lastFault: null };
  // Where only deletions were asked for, the hour's sync is still to come.
  if (scope === "deletions") return answered;
  const next = nextHourlySyncAt(installation, now);
  return outcome === "completed"
    ? { ...answered, lastSyncAt: now, nextSyncAt: next }
    : { ...answered, nextSyncAt: next };
}

function report(
  { tally, clock }: SyncContext,
  startedAt: Instant,
  { outcome, fault }: Ending,
  server: ServerState | null,
): SyncReport {
  const endedAt = clock.now();
  return {
    ...progressOf(tally),
    outcome,
    startedAt,
    endedAt,
    receipts: tally.receipts,
    disabling: tally.disabling,
    failures: tally.failures,
    failed: tally.failed,
    saturatedDays: tally.saturatedDays,
    isContested: server?.session.status === "contested",
    fault,
    nextSyncAt: server && nextSyncOf(server, endedAt),
  };
}
