import { err, type Result, ResultAsync } from "neverthrow";
import { type CalendarDate, dateOfInstant } from "../domain/calendar-date.ts";
import { saysTheSame, windowEndingOn } from "../domain/contribution-window.ts";
import { callPlug } from "../domain/fault.ts";
import type { Instant } from "../domain/identifiers.ts";
import type { ReportRecord } from "../domain/message.ts";
import {
  type BuiltPayload,
  buildPayload,
  buildPayloadFromChunks,
  buildPayloadFromDailyCounts,
  type PayloadRefusal,
  unreadable,
} from "./build-payload.ts";
import type { RoundContext } from "./exchange.ts";
import type { DueLink, DueQuery, ReportedLink, SourceFault, UserContributions } from "./ports.ts";
import { nextDayAt, nextRefreshAt } from "./schedule.ts";
import type { SyncFailure } from "./sync-report.ts";

/** A due link and what is to be reported for it. */
export interface Report {
  readonly due: DueLink;
  readonly record: ReportRecord;
  /** When it has to be reported again at the latest. */
  readonly refreshAt: Instant;
}

/** What has become of a page of due links. */
export interface PreparedPage {
  /** To be sent. */
  readonly reports: readonly Report[];
  /** The receiver is known to have just this. */
  readonly unchanged: readonly ReportedLink[];
  /** Whose counts can't be sent. */
  readonly failures: readonly SyncFailure[];
}

const SOURCE_THREW: SourceFault = {
  type: "source-fault",
  message: "The source of contributions threw: let it answer with a fault instead.",
};

/** Reads and counts what the users of a page contributed, and leaves out what the receiver is known to have. */
export function preparePage(
  round: RoundContext,
  page: readonly DueLink[],
  query: DueQuery,
): ResultAsync<PreparedPage, never> {
  const users = page.map(({ user }) => user);
  const today = dateOfInstant(query.now, round.utcOffsetMinutes);
  const request = { users, days: windowEndingOn(today), signal: round.signal };
  const prepared = callPlug(() => round.source.read(request), SOURCE_THREW).andThen((contributions) =>
    ResultAsync.fromPromise(
      buildPage(round, page, query, today, (due) => contributions.get(due.user)),
      () => SOURCE_THREW,
    ),
  );
  return prepared.orElse((reason) =>
    ResultAsync.fromSafePromise(
      Promise.resolve({ reports: [], unchanged: [], failures: users.map((user) => ({ user, reason })) }),
    ),
  );
}

async function buildPage(
  round: RoundContext,
  page: readonly DueLink[],
  query: DueQuery,
  today: CalendarDate,
  contributionsOf: (due: DueLink) => UserContributions | undefined,
): Promise<PreparedPage> {
  const reports: Report[] = [];
  const unchanged: ReportedLink[] = [];
  const failures: SyncFailure[] = [];
  let saturatedDays = 0;
  for (const due of page) {
    const built = await build(contributionsOf(due), today);
    if (built.isErr()) {
      failures.push({ user: due.user, reason: built.error });
      continue;
    }
    saturatedDays += built.value.saturatedDays;
    const { source, first, counts } = built.value.payload;
    const known = due.reported?.session === query.session ? due.reported : null;
    // Contributions of tomorrow count from tomorrow on, not from the day's refresh on.
    const tomorrow = built.value.hasLaterDays ? nextDayAt(query.now, round.utcOffsetMinutes) : LATEST;
    if (known && known.refreshAt > query.now && saysTheSame(known.window, { first, counts })) {
      const refreshAt = earlier(known.refreshAt, tomorrow);
      unchanged.push({ user: due.user, reported: { ...known, changes: due.changes, refreshAt } });
    } else {
      const refreshAt = earlier(nextRefreshAt(due.link, query.now), tomorrow);
      reports.push({ due, record: { type: "report", link: due.link, source, first, counts }, refreshAt });
    }
  }
  round.tally.saturatedDays += saturatedDays;
  return { reports, unchanged, failures };
}

const LATEST = Number.MAX_SAFE_INTEGER as Instant;

function earlier(one: Instant, other: Instant): Instant {
  return one < other ? one : other;
}

/** A user whom the source does not name has contributed nothing. */
async function build(
  contributions: UserContributions | undefined,
  today: CalendarDate,
): Promise<Result<BuiltPayload, PayloadRefusal>> {
  if (contributions === undefined) return buildPayload([], today);
  switch (contributions?.type) {
    case "contributions":
      return buildPayload(contributions.contributions, today);
    case "chunks":
      return await buildPayloadFromChunks(contributions.chunks, today);
    case "daily-counts":
      return buildPayloadFromDailyCounts(contributions.dailyCounts, today);
    default:
      // Hosts in plain JavaScript can say anything; taking it for "nothing" would wipe the user's counts.
      return err(unreadable());
  }
}
