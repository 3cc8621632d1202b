import { err, ok, type ResultAsync, safeTry } from "neverthrow";
import type { Answer } from "../domain/answer.ts";
import { callPlug, STORAGE_THREW, type StorageFault } from "../domain/fault.ts";
import type { Instant, LinkId, SessionId } from "../domain/identifiers.ts";
import type { DeliverMessage } from "../domain/message.ts";
import { endGoneLink } from "./end-gone-link.ts";
import {
  type Aborted,
  commitProof,
  exchange,
  pace,
  type RoundContext,
  type RoundFailure,
} from "./exchange.ts";
import { planDelivery, type ReportingScope, reportingScope } from "./next-request.ts";
import type { DueLink, DueQuery, ReportedLink } from "./ports.ts";
import { preparePage, type Report } from "./prepare-page.ts";
import { noteFailures } from "./round-tally.ts";
import type { SyncFailure } from "./sync-report.ts";

/** How reporting what was due ended. */
export type Reporting =
  /** Everything that is sent was reported in this session. */
  | "reported"
  /** Some users' counts could not be sent: they stay due, and the round must not be completed (R9). */
  | "incomplete"
  /** The session or the switch has changed on the way: what was known of the receiver is known no more. */
  | "interrupted";

/** Reports every link that is due (S7), in pages, reading the contributions only when they are about to be sent (S2). */
export function reportLinks(
  round: RoundContext,
  scope: ReportingScope,
): ResultAsync<Reporting, RoundFailure> {
  return safeTry<Reporting, RoundFailure>(async function* () {
    let after: LinkId | null = null;
    let reporting: Reporting = "reported";
    for (;;) {
      const query: DueQuery = { ...scope, now: round.clock.now(), after, limit: round.batchSize };
      const page: readonly DueLink[] = yield* callPlug(() => round.store.dueLinks(query), STORAGE_THREW);
      const last = page.at(-1);
      if (!last) return ok(reporting);
      const reported = yield* reportPage(round, page, query);
      if (reported === "interrupted") return ok<Reporting>(reported);
      if (reported === "incomplete") reporting = reported;
      after = last.link;
    }
  });
}

function reportPage(
  round: RoundContext,
  page: readonly DueLink[],
  query: DueQuery,
): ResultAsync<Reporting, RoundFailure> {
  return safeTry<Reporting, RoundFailure>(async function* () {
    round.known.state = null;
    const { reports, unchanged, failures } = yield* preparePage(round, page, query);
    // Reading that was cut short has not failed.
    if (round.signal.aborted) return err<never, Aborted>({ type: "aborted" });
    noteFailures(round.tally, failures);
    round.tally.unchanged += unchanged.length;
    const sent = reports.length > 0 ? yield* stillAllowed(round, reports, query) : reports;
    let reporting: Reporting = "reported";
    if (sent.length > 0) {
      reporting = yield* deliver(round, sent, unchanged, query.session);
      yield* pace(round);
    } else if (unchanged.length > 0) {
      yield* commitProof(round, { reported: unchanged, withdrawn: [] });
    }
    return ok<Reporting>(failures.length > 0 && reporting === "reported" ? "incomplete" : reporting);
  });
}

/**
 * Not allowed any more when its turn comes: nothing is sent (S2). Reading may have taken long. One query answers for the
 * whole page; only those it does not name are looked up, since links that became due meanwhile take places in it.
 */
function stillAllowed(
  round: RoundContext,
  reports: readonly Report[],
  query: DueQuery,
): ResultAsync<readonly Report[], StorageFault> {
  return safeTry<readonly Report[], StorageFault>(async function* () {
    const stillDue = yield* callPlug(() => round.store.dueLinks(query), STORAGE_THREW);
    const allowed = new Set(stillDue.map(({ link }) => link));
    for (const { due } of reports) {
      if (allowed.has(due.link)) continue;
      const { value } = yield* callPlug(() => round.store.loadLink(due.user), STORAGE_THREW);
      if (value.link.status === "sending" && value.link.consent.link === due.link) allowed.add(due.link);
    }
    return ok(reports.filter(({ due }) => allowed.has(due.link)));
  });
}

function deliver(
  round: RoundContext,
  reports: readonly Report[],
  unchanged: readonly ReportedLink[],
  session: SessionId,
): ResultAsync<Reporting, RoundFailure> {
  return safeTry<Reporting, RoundFailure>(async function* () {
    const { answer, server } = yield* exchange<DeliverMessage>(
      round,
      (server, requestId) =>
        reportingScope(server)?.session === session
          ? planDelivery(
              server,
              requestId,
              reports.map(({ record }) => record),
            )
          : null,
      (_, received, at) => ({
        reported: [...unchanged, ...keptIn(reports, session, received, at)],
        withdrawn: [],
      }),
    );
    if (answer?.type !== "delivered") return ok<Reporting>("interrupted");

    const refused: SyncFailure[] = [];
    for (const [index, outcome] of answer.outcomes.entries()) {
      const { due } = reports[index] as Report;
      if (outcome.type === "kept") round.tally.kept++;
      if (outcome.type === "gone") {
        round.tally.gone++;
        yield* endGoneLink(round, server, due);
      }
      if (outcome.type === "refused") {
        refused.push({ user: due.user, reason: { type: "record-refused", reason: outcome.reason } });
      }
    }
    noteFailures(round.tally, refused);
    return ok<Reporting>(refused.length > 0 ? "incomplete" : "reported");
  });
}

function keptIn(
  reports: readonly Report[],
  session: SessionId,
  answer: Answer,
  at: Instant,
): readonly ReportedLink[] {
  if (answer.type !== "delivered") return [];
  return reports.flatMap(({ due, record, refreshAt }, index): ReportedLink[] => {
    if (answer.outcomes[index]?.type !== "kept") return [];
    const window = { first: record.first, counts: record.counts };
    const { link, changes } = due;
    return [{ user: due.user, reported: { link, session, changes, window, reportedAt: at, refreshAt } }];
  });
}
