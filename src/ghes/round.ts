import { ok, type ResultAsync, safeTry } from "neverthrow";
import { exchange, pace, type RoundContext, type RoundFailure } from "./exchange.ts";
import { nextControlRequest, planCompletion, planSwitchCheck, reportingScope } from "./next-request.ts";
import { reportLinks } from "./report-links.ts";
import { forgetFailures } from "./round-tally.ts";
import type { SyncScope } from "./sender-options.ts";
import type { ServerState } from "./server-state.ts";
import { withdrawLinks } from "./withdraw-links.ts";

/** How many control messages a round may need in a row: off, a vacant session, the new one, on; and as many again. */
const MOST_CONTROL_REQUESTS = 8;

/** How often a round begins anew when its session or its switch changes on the way. */
const MOST_ATTEMPTS = 3;

/**
 * One pass: deletions first, then the session and the switch, then what is due, then `complete`. Answers whether
 * everything in its scope was done.
 */
export function runRound(round: RoundContext, scope: SyncScope): ResultAsync<boolean, RoundFailure> {
  return safeTry<boolean, RoundFailure>(async function* () {
    const { settings } = yield* sendControlRequests(round, "deletions");
    yield* withdrawLinks(round, settings.connection);
    if (scope === "deletions") return ok(true);

    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const isDone = yield* reportAll(round);
      if (isDone !== null) return ok(isDone);
    }
    return ok(false);
  });
}

/** Session, switch, reports and `complete`. Null where the session or the switch may have changed on the way: once more. */
function reportAll(round: RoundContext): ResultAsync<boolean | null, RoundFailure> {
  return safeTry<boolean | null, RoundFailure>(async function* () {
    const server = yield* sendControlRequests(round, "everything");
    if (server.settings.status === "disabled" && round.tally.requests === 0) {
      yield* exchange(round, planSwitchCheck);
      return ok(null);
    }
    const reportable = reportingScope(server);
    // Off: there is nothing more to do. On, but without an epoch or a session of its own: there is, and it can't be.
    if (!reportable) return ok(server.settings.status !== "enabled");
    forgetFailures(round.tally);
    const reporting = yield* reportLinks(round, reportable);
    if (reporting === "incomplete") return ok(false);
    if (reporting === "interrupted") return ok(null);
    const completed = yield* exchange(round, planCompletion);
    return ok(completed.server.round === null ? true : null);
  });
}

/** Sends control messages until none is needed; answers the state after the last. */
function sendControlRequests(round: RoundContext, scope: SyncScope): ResultAsync<ServerState, RoundFailure> {
  return safeTry<ServerState, RoundFailure>(async function* () {
    for (let request = 1; ; request++) {
      const { answer, server } = yield* exchange(round, (stored, requestId) => {
        const planned = nextControlRequest(stored, requestId);
        return scope === "everything" || planned?.message.type === "disable" ? planned : null;
      });
      if (!answer) return ok(server);
      if (answer.type === "disabled") round.tally.disabling = answer.receipt;
      yield* pace(round);
      if (request === MOST_CONTROL_REQUESTS) return ok(server);
    }
  });
}
