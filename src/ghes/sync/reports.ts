import { err, ok, ResultAsync, safeTry } from "neverthrow";
import type { Answer } from "../../domain/answer.ts";
import { dateOfInstant } from "../../domain/calendar-date.ts";
import { saysTheSame } from "../../domain/contribution-window.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../../domain/fault.ts";
import type { Instant, LinkId, SessionId } from "../../domain/identifiers.ts";
import type { DeliverMessage, ReportRecord } from "../../domain/message.ts";
import { type ChangedLink, changeLink } from "../commit.ts";
import type { DueLink, DueQuery, ReportedLink } from "../ports.ts";
import type { ServerState } from "../server-state.ts";
import { currentLink, endLink } from "../user-link.ts";
import {
  type Aborted,
  commitAcknowledged,
  type EarlyEnd,
  exchange,
  pace,
  type SyncContext,
} from "./exchange.ts";
import { type ReadUser, readContributions } from "./reading.ts";
import { planDelivery, type ReportingScope, reportingScope } from "./requests.ts";
import { nextDayAt, nextRefreshAt } from "./schedule.ts";
import type { SyncFailure, SyncTally } from "./sync-report.ts";

/** How reporting what was due ended. */
export type Reporting =
  /** Everything that is sent was reported in this session. */
  | "reported"
  /** Some users' counts could not be sent: they stay due, and the sync must not be completed (R9). */
  | "incomplete"
  /** The session or the switch has changed on the way: what was known of the receiver is known no more. */
  | "interrupted";

/** Reports every link that is due (S7), in pages, reading the contributions only when they are about to be sent (S2). */
export function reportLinks(context: SyncContext, scope: ReportingScope): ResultAsync<Reporting, EarlyEnd> {
  return safeTry<Reporting, EarlyEnd>(async function* () {
    // Everything that failed in an earlier attempt of this sync is reported anew.
    Object.assign(context.tally, { failed: 0, failures: [], saturatedDays: 0 });
    let reporting: Reporting = "reported";
    for (let after: LinkId | null = null; ; ) {
      const query: DueQuery = { ...scope, now: context.clock.now(), after, limit: context.batchSize };
      const page: readonly DueLink[] = yield* callPort(() => context.store.dueLinks(query), STORAGE_THREW);
      const last = page.at(-1);
      if (!last) return ok(reporting);
      const reported = yield* reportPage(context, page, query);
      if (reported === "interrupted") return ok<Reporting>(reported);
      if (reported === "incomplete") reporting = reported;
      after = last.linkId;
    }
  });
}

function reportPage(
  context: SyncContext,
  page: readonly DueLink[],
  query: DueQuery,
): ResultAsync<Reporting, EarlyEnd> {
  return safeTry<Reporting, EarlyEnd>(async function* () {
    const { tally, commits, signal } = context;
    const { reports, unchanged, failures, saturatedDays } = yield* commits.across(() =>
      readPage(context, page, query),
    );
    // Reading that was cut short has not failed.
    if (signal.aborted) return err<never, Aborted>({ type: "aborted" });
    countFailures(tally, failures);
    tally.unchanged += unchanged.length;
    tally.saturatedDays += saturatedDays;
    const allowed = reports.length > 0 ? yield* stillAllowed(context, reports, query) : reports;
    let reporting: Reporting = "reported";
    if (allowed.length > 0) {
      reporting = yield* deliver(context, allowed, unchanged, query.sessionId);
      yield* pace(context);
    } else if (unchanged.length > 0) {
      yield* commitAcknowledged(context, { reported: unchanged, withdrawn: [] });
    }
    return ok<Reporting>(failures.length > 0 && reporting === "reported" ? "incomplete" : reporting);
  });
}

/** How many failures a report names; all of them are counted. */
const MAX_NAMED_FAILURES = 1_000;

function countFailures(tally: SyncTally, failures: readonly SyncFailure[]): void {
  tally.failed += failures.length;
  tally.failures.push(...failures.slice(0, MAX_NAMED_FAILURES - tally.failures.length));
}

/** A due link and what is to be reported for it. */
interface Report {
  readonly due: DueLink;
  readonly record: ReportRecord;
  /** When it has to be reported again at the latest. */
  readonly refreshAt: Instant;
}

/** What has become of a page of due links. */
interface ReadPage {
  /** To be sent. */
  readonly reports: readonly Report[];
  /** The receiver is known to have just this. */
  readonly unchanged: readonly ReportedLink[];
  /** Whose counts can't be sent. */
  readonly failures: readonly SyncFailure[];
  readonly saturatedDays: number;
}

/** Reads and counts what the users of a page contributed, and leaves out what the receiver is known to have. */
function readPage(
  context: SyncContext,
  page: readonly DueLink[],
  query: DueQuery,
): ResultAsync<ReadPage, never> {
  const users = page.map(({ user }) => user);
  const today = dateOfInstant(query.now, context.utcOffsetMinutes);
  return ResultAsync.fromSafePromise(readContributions(context, users, today)).map((read) =>
    buildPage(context, page, query, read),
  );
}

function buildPage(
  { utcOffsetMinutes }: SyncContext,
  page: readonly DueLink[],
  query: DueQuery,
  read: readonly ReadUser[],
): ReadPage {
  const reports: Report[] = [];
  const unchanged: ReportedLink[] = [];
  const failures: SyncFailure[] = [];
  let saturatedDays = 0;
  for (const [index, due] of page.entries()) {
    const built = read[index] as ReadUser;
    if (built.isErr()) {
      failures.push({ user: due.user, reason: built.error });
      continue;
    }
    saturatedDays += built.value.saturatedDays;
    const { source, first, counts } = built.value.payload;
    const known = due.reported?.sessionId === query.sessionId ? due.reported : null;
    // Contributions of tomorrow count from tomorrow on, not from the day's refresh on.
    const tomorrow = built.value.hasLaterDays ? nextDayAt(query.now, utcOffsetMinutes) : LATEST;
    if (known && known.refreshAt > query.now && saysTheSame(known.window, { first, counts })) {
      const refreshAt = earlier(known.refreshAt, tomorrow);
      unchanged.push({ user: due.user, reported: { ...known, changes: due.changes, refreshAt } });
    } else {
      const refreshAt = earlier(nextRefreshAt(due.linkId, query.now), tomorrow);
      reports.push({ due, record: { type: "report", linkId: due.linkId, source, first, counts }, refreshAt });
    }
  }
  return { reports, unchanged, failures, saturatedDays };
}

const LATEST = Number.MAX_SAFE_INTEGER as Instant;

function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

/**
 * Not allowed any more when its turn comes: nothing is sent (S2). Reading may have taken long. One query answers for the
 * whole page; only those it does not name are looked up, since links that became due meanwhile take places in it.
 */
function stillAllowed(
  { store }: SyncContext,
  reports: readonly Report[],
  query: DueQuery,
): ResultAsync<readonly Report[], StorageFault> {
  return safeTry<readonly Report[], StorageFault>(async function* () {
    const stillDue = yield* callPort(() => store.dueLinks(query), STORAGE_THREW);
    const allowed = new Set(stillDue.map(({ linkId }) => linkId));
    for (const { due } of reports) {
      if (allowed.has(due.linkId)) continue;
      const { value } = yield* callPort(() => store.loadLink(due.user), STORAGE_THREW);
      if (value.link.status === "sending" && value.link.consent.linkId === due.linkId)
        allowed.add(due.linkId);
    }
    return ok(reports.filter(({ due }) => allowed.has(due.linkId)));
  });
}

function deliver(
  context: SyncContext,
  reports: readonly Report[],
  unchanged: readonly ReportedLink[],
  sessionId: SessionId,
): ResultAsync<Reporting, EarlyEnd> {
  return safeTry<Reporting, EarlyEnd>(async function* () {
    const records = reports.map(({ record }) => record);
    const { answer, server } = yield* exchange<DeliverMessage>(
      context,
      (stored, requestId) =>
        reportingScope(stored)?.sessionId === sessionId ? planDelivery(stored, requestId, records) : null,
      (answered, _, received, at) => {
        const reported = [...unchanged, ...keptIn(reports, sessionId, received, at)];
        return { server: answered, acknowledged: { reported, withdrawn: [] } };
      },
    );
    if (answer?.type !== "delivered") return ok<Reporting>("interrupted");

    const refused: SyncFailure[] = [];
    for (const [index, outcome] of answer.outcomes.entries()) {
      const { due } = reports[index] as Report;
      if (outcome.type === "kept") context.tally.kept++;
      if (outcome.type === "gone") {
        context.tally.gone++;
        yield* endGoneLink(context, server, due);
      }
      if (outcome.type === "refused") {
        refused.push({ user: due.user, reason: { type: "record-refused", reason: outcome.reason } });
      }
    }
    countFailures(context.tally, refused);
    return ok<Reporting>(refused.length > 0 ? "incomplete" : "reported");
  });
}

function keptIn(
  reports: readonly Report[],
  sessionId: SessionId,
  answer: Answer,
  at: Instant,
): readonly ReportedLink[] {
  if (answer.type !== "delivered") return [];
  return reports.flatMap(({ due, record, refreshAt }, index): ReportedLink[] => {
    if (answer.outcomes[index]?.type !== "kept") return [];
    const window = { first: record.first, counts: record.counts };
    const { linkId, changes } = due;
    return [{ user: due.user, reported: { linkId, sessionId, changes, window, reportedAt: at, refreshAt } }];
  });
}

/**
 * Ends the link that the receiver said is gone (S6), unless its user sends under another one by now, or the feature was
 * turned off, which suspends them anyway. Repeating is harmless: a link not ended yet is due again, and gone again.
 */
function endGoneLink(
  { store, clock }: SyncContext,
  server: ServerState,
  due: DueLink,
): ResultAsync<ChangedLink, StorageFault> {
  const at = clock.now();
  return changeLink<never>(store, server, due.user, at, (record, context) => {
    const link = currentLink(record.link, context, at);
    const isMeant = link.status === "sending" && link.consent.linkId === due.linkId;
    return ok(isMeant ? endLink(link, { type: "end", at, reason: "link-gone" }, context) : null);
  });
}
