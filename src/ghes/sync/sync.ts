import { ok, type ResultAsync, safeTry } from "neverthrow";
import type { Answer } from "../../domain/answer.ts";
import type { StorageFault } from "../../domain/fault.ts";
import type { Instant, RequestId } from "../../domain/identifiers.ts";
import { createServerCommits, NOTHING_ACKNOWLEDGED } from "../commit.ts";
import type { SenderConfiguration, SyncOptions } from "../options.ts";
import { isLeased, nextSyncOf, type ServerState } from "../server-state.ts";
import { hearEnded } from "./ended.ts";
import { type EarlyEnd, exchange, type SyncContext } from "./exchange.ts";
import { redeemAgain } from "./redemptions.ts";
import { reportLinks } from "./reports.ts";
import { nextControlRequest, planCompletion, planSwitchCheck, reportingScope } from "./requests.ts";
import { nextAttemptAt, nextHourlySyncAt } from "./schedule.ts";
import { progressOf, type SyncOutcome, type SyncReport, type SyncScope } from "./sync-report.ts";
import { tellSync } from "./telling.ts";
import { withdrawLinks } from "./withdrawals.ts";

/** The end of a sync, before it is reported. */
interface Ending {
  readonly outcome: SyncOutcome;
  readonly fault: SyncReport["fault"];
}

/**
 * Runs one sync. It takes the lease and sends deletions first, then the session and the switch. The due links follow,
 * then `complete`. In the end it plans the next sync, or the next attempt after a failure (S8).
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
      ...{
        requests: 0,
        kept: 0,
        unchanged: 0,
        ended: 0,
        unknown: 0,
        notFound: 0,
        failed: 0,
        saturatedDays: 0,
      },
      ...{ receipts: [], disabling: null, failures: [] },
    },
    deletions: { refused: new Set(), askedBy: null },
    pace: { isPauseOwed: false },
  };

  return tellSync(context, scope, () => runWhole(context, scope, startedAt));
}

function runWhole(
  context: SyncContext,
  scope: SyncScope,
  startedAt: Instant,
): ResultAsync<SyncReport, StorageFault> {
  return safeTry<SyncReport, StorageFault>(async function* () {
    const { refused, server: begun } = yield* begin(context, scope);
    if (refused) return ok(report(context, startedAt, { outcome: refused, fault: null }, begun));
    let ending = await run(context, scope).match((outcome): Ending => ({ outcome, fault: null }), endingOf);
    let { isOver, server } = yield* end(context, scope, ending);
    while (!isOver) {
      ending = await sendDeletions(context).match(() => ending, endingOf);
      ({ isOver, server } = yield* end(context, scope, ending));
    }
    // If GitHub Connect was turned off on the way, no other outcome matters.
    const isOff = server.settings.status === "disconnected";
    return ok(report(context, startedAt, isOff ? { outcome: "not-connected", fault: null } : ending, server));
  });
}

/** The reason why there is no sync, or null; and the state after the sync was asked for. */
interface Beginning {
  readonly refused: "not-connected" | "busy" | null;
  readonly server: ServerState;
}

/**
 * Takes the lease, or says why there is no sync. A refused sync of the deletions leaves a mark for the sync that
 * runs.
 */
function begin(
  { clock, commits, id, leaseMs }: SyncContext,
  scope: SyncScope,
): ResultAsync<Beginning, StorageFault> {
  const now = clock.now();
  return commits.change<Beginning, never>((stored) => {
    const write = (server: ServerState, refused: Beginning["refused"]) =>
      ok({ write: { server, audit: null, acknowledged: NOTHING_ACKNOWLEDGED }, value: { refused, server } });
    if (stored.settings.status === "disconnected")
      return ok({ write: null, value: { refused: "not-connected", server: stored } });
    if (!stored.lease || !isLeased(stored.lease, now)) {
      const lease = { id, until: (now + leaseMs) as Instant, leaseMs };
      return write({ ...stored, lease }, null);
    }
    if (scope === "deletions") return write({ ...stored, deletionsAskedBy: id }, "busy");
    return ok({ write: null, value: { refused: "busy", server: stored } });
  });
}

/** Whether everything in the scope was done. */
type Outcome = "completed" | "incomplete";

/** The outcome of one attempt; "again" if the session or the switch may have changed on the way. */
type Attempt = Outcome | "again";

/** How often a sync tries to report if its session or its switch changes on the way. */
const MAX_ATTEMPTS = 3;

function run(context: SyncContext, scope: SyncScope): ResultAsync<Outcome, EarlyEnd> {
  return safeTry<Outcome, EarlyEnd>(async function* () {
    let isHeard = yield* sendDeletions(context);
    if (scope === "deletions") return ok<Outcome>("completed");

    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const outcome = yield* reportEverything(context, isHeard);
      if (outcome !== "again") return ok<Outcome>(outcome);
      isHeard = true;
    }
    return ok<Outcome>("incomplete");
  });
}

/** Sends every deletion that waits for its receipt. Returns whether any was answered. */
function sendDeletions(context: SyncContext): ResultAsync<boolean, EarlyEnd> {
  return sendControlRequests(context, "deletions").andThen(({ server, isHeard }) =>
    redeemAgain(context, server)
      .andThen(() => withdrawLinks(context, server.settings.connectionOrdinal))
      .map((withdrawing) => {
        context.deletions.askedBy = server.deletionsAskedBy;
        return isHeard || withdrawing === "answered";
      }),
  );
}

/**
 * Sends the session, the switch, the reports and `complete`.
 *
 * @param isHeard whether an answer has already told the state of the switch
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
    // While the feature is off, nothing is left to do. While it is on without an epoch or a session, work is left
    // that cannot be done.
    if (!reportable) return ok<Attempt>(server.settings.status === "enabled" ? "incomplete" : "completed");
    const reporting = yield* reportLinks(context, reportable);
    if (reporting === "interrupted") return ok<Attempt>("again");
    // Links that were withdrawn since the last page go first.
    yield* withdrawLinks(context, reportable.connectionOrdinal);
    return ok(yield* complete(context, reporting === "reported" ? "completed" : reporting));
  });
}

/**
 * Sends `complete`, and takes the deleted links that the receiver names (R10). Its answer ends the sync in the same commit, unless the owner or a user has asked for more
 * meanwhile.
 *
 * @param outcome the outcome of the sync if this is its last request
 */
function complete(context: SyncContext, outcome: Outcome): ResultAsync<Attempt, EarlyEnd> {
  const isLast = (server: ServerState, answer: Answer | null): boolean =>
    answer?.type === "completed" && nextControlRequest(server, context.id) === null;
  return safeTry<Attempt, EarlyEnd>(async function* () {
    for (let pages = 1; ; pages++) {
      const { server, answer } = yield* exchange(context, planCompletion, (answered, _, said, at) => {
        if (said.type !== "completed" || said.ended.length > 0)
          return { server: answered, acknowledged: NOTHING_ACKNOWLEDGED };
        const heard = { ...answered, heardTo: said.heardTo };
        const isOver = isLast(heard, said) && !said.hasMore && heard.deletionsAskedBy === null;
        const after = isOver ? endSync(context, heard, "everything", { outcome, fault: null }, at) : heard;
        return { server: after, acknowledged: NOTHING_ACKNOWLEDGED };
      });
      if (answer?.type !== "completed") return ok<Attempt>("again");
      const isHeard = answer.ended.length === 0 || (yield* hearEnded(context, server, answer));
      if (!answer.hasMore || !isHeard || pages === MAX_ENDED_PAGES)
        return ok<Attempt>(isLast(server, answer) ? outcome : "again");
    }
  });
}

/** How many pages of deleted links a sync takes. The others wait for the next sync. */
const MAX_ENDED_PAGES = 100;

/**
 * How many control messages a sync may need in a row: twice the four of off, a vacant session, the new one, and on.
 */
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

/** Whether the sync has ended, and the state by then. */
interface End {
  readonly isOver: boolean;
  readonly server: ServerState;
}

/**
 * Ends the sync, unless its last answer has ended it. If deletions were asked for meanwhile, the sync has to send
 * them first. A sync that another process runs by now is left to that process.
 */
function end(context: SyncContext, scope: SyncScope, ending: Ending): ResultAsync<End, StorageFault> {
  const now = context.clock.now();
  return context.commits.change<End, never>((stored) => {
    if (stored.lease?.id !== context.id) return ok({ write: null, value: { isOver: true, server: stored } });
    const { deletionsAskedBy: askedBy } = stored;
    if (askedBy !== null && askedBy !== context.deletions.askedBy && isAnswered(ending))
      return ok({ write: null, value: { isOver: false, server: stored } });
    const server = endSync(context, stored, scope, ending, now);
    const write = { server, audit: null, acknowledged: NOTHING_ACKNOWLEDGED };
    return ok({ write, value: { isOver: true, server } });
  });
}

function isAnswered({ outcome }: Ending): boolean {
  return outcome === "completed" || outcome === "incomplete";
}

/** Returns the state after a sync: its lease is given back, and the next sync is planned (S8). */
function endSync(
  { installation, random, tally }: Pick<SyncContext, "installation" | "random" | "tally">,
  before: ServerState,
  scope: SyncScope,
  ending: Ending,
  now: Instant,
): ServerState {
  const server = { ...before, lease: null };
  if (server.settings.status === "disconnected") return server;
  const { outcome, fault } = ending;
  if (outcome === "failed") {
    const failures = server.failures + 1;
    const retryAfterMs = fault?.type === "transport-fault" ? fault.retryAfterMs : null;
    const next = nextAttemptAt(failures, retryAfterMs, random.fraction(), now);
    // The next attempt also sends the deletions that were asked for, and not before it is due.
    return { ...server, ...plannedAt(next, now), failures, lastFault: fault, deletionsAskedBy: null };
  }
  // A sync that was cut short changes no plan: due links stay due.
  if (!isAnswered(ending)) return server;
  const answered = { ...server, failures: 0, lastFault: null, deletionsAskedBy: null };
  // If only deletions were asked for, the hour's sync is still to come.
  if (scope === "deletions") return answered;
  const next = plannedAt(nextHourlySyncAt(installation, now), now);
  const lastSyncAt = outcome === "completed" ? now : answered.lastSyncAt;
  return { ...answered, ...next, lastSyncAt, lastFailed: tally.failed };
}

function plannedAt(nextSyncAt: Instant, now: Instant): Pick<ServerState, "nextSyncAt" | "nextSyncWaitMs"> {
  return { nextSyncAt, nextSyncWaitMs: nextSyncAt - now };
}

function report(
  { tally, clock }: SyncContext,
  startedAt: Instant,
  { outcome, fault }: Ending,
  server: ServerState,
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
    isContested: server.session.status === "contested",
    fault,
    nextSyncAt: nextSyncOf(server, endedAt),
  };
}
