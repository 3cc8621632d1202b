import { err, ok, okAsync, ResultAsync, safeTry } from "neverthrow";
import type { Answer, DeliveredAnswer } from "../../domain/answer.ts";
import { saysTheSame } from "../../domain/contribution-window.ts";
import { callPort, STORAGE_THREW, type StorageFault } from "../../domain/fault.ts";
import type { Instant, SessionId } from "../../domain/identifiers.ts";
import type { DeliverMessage, HoldRecord, ReportRecord } from "../../domain/message.ts";
import type { EndedLink } from "../../domain/receipt.ts";
import { dateIn } from "../../domain/time-zone.ts";
import type { DueLink, DuePlace, DueQuery, ReportedLink } from "../ports.ts";
import { recordRefused } from "../refusal-messages.ts";
import type { ServerState } from "../server-state.ts";
import { endHeard, giveUp } from "./ended.ts";
import {
  type Aborted,
  commitAcknowledged,
  type EarlyEnd,
  exchange,
  outside,
  pace,
  type SyncContext,
} from "./exchange.ts";
import { type ReadUser, readContributions } from "./reading.ts";
import { planDelivery, type ReportingScope, reportingScope, reportOf } from "./requests.ts";
import { isGivenUpOn, nextAskAt, nextDayAt, nextRefreshAt } from "./schedule.ts";
import type { SyncFailure } from "./sync-report.ts";
import { tellFailures } from "./telling.ts";
import { withdrawLinks } from "./withdrawals.ts";

/** The outcome of reporting the due links. */
export type Reporting =
  /** All links that are due were reported in this session. */
  | "reported"
  /** Some users' counts could not be sent. They stay due, and their links were held if that was needed (R9). */
  | "incomplete"
  /** The session or the switch has changed on the way, so the sender's knowledge of the receiver is void. */
  | "interrupted";

/** Reports every link that is due (S7), in pages. It reads the contributions only just before it sends them (S2). */
export function reportLinks(context: SyncContext, scope: ReportingScope): ResultAsync<Reporting, EarlyEnd> {
  return safeTry<Reporting, EarlyEnd>(async function* () {
    // All links that failed in an earlier attempt of this sync are reported anew.
    Object.assign(context.tally, { failed: 0, failures: [], saturatedDays: 0 });
    let reporting: Reporting = "reported";
    // One instant for all pages. A link that was reported is due later than that, so it comes once.
    const dueBy = context.clock.now();
    for (let after: DuePlace | null = null; ; ) {
      const query: DueQuery = { ...scope, now: dueBy, after, limit: context.batchSize };
      const page: readonly DueLink[] = yield* callPort(() => context.store.dueLinks(query), STORAGE_THREW);
      const last = page.at(-1);
      if (!last) return ok(reporting);
      const reported = yield* reportPage(context, page, scope);
      if (reported === "interrupted") return ok<Reporting>(reported);
      if (reported === "incomplete") reporting = reported;
      after = { answeredIn: last.answeredIn, dueFrom: last.dueFrom, linkId: last.linkId };
    }
  });
}

function reportPage(
  context: SyncContext,
  page: readonly DueLink[],
  scope: ReportingScope,
): ResultAsync<Reporting, EarlyEnd> {
  return safeTry<Reporting, EarlyEnd>(async function* () {
    const { signal, tally } = context;
    const { entries, unread, unchanged, failures, saturatedDays } = yield* outside(context, () =>
      readPage(context, page, scope),
    );
    // Reading that was cut short has not failed.
    if (signal.aborted) return err<never, Aborted>({ type: "aborted" });
    countFailures(context, failures);
    tally.unchanged += unchanged.length;
    tally.saturatedDays += saturatedDays;
    // Links that were withdrawn meanwhile go first.
    yield* withdrawLinks(context, scope.connectionOrdinal);
    const delivered = yield* deliver(context, [...entries, ...heldOf(unread, scope)], unchanged, scope);
    if (delivered.reporting === "interrupted") return ok(delivered.reporting);
    // A link whose report was refused still belongs to this server, so the sender holds it.
    const held = yield* deliver(context, heldOf(delivered.refused, scope), [], scope);
    if (held.reporting !== "reported") return ok(held.reporting);
    return ok<Reporting>(failures.length > 0 ? "incomplete" : delivered.reporting);
  });
}

/**
 * Returns the records that say "still mine" of links whose counts can't be sent. Once the session's first `complete`
 * was answered, a hold protects no link any more (R9). A link that the receiver does not know is still asked for
 * daily.
 */
function heldOf(links: readonly DueLink[], { isCompleted }: ReportingScope): readonly Entry[] {
  return links
    .filter(({ reported }) => !isCompleted || reported?.type === "unknown")
    .map((due) => ({
      due,
      record: { type: "hold", linkId: due.linkId, choice: due.choice },
      refreshAt: LATEST,
    }));
}

/** How many failures a report names. All of them are counted. */
const MAX_NAMED_FAILURES = 1_000;

function countFailures(context: SyncContext, failures: readonly SyncFailure[]): void {
  const { tally } = context;
  tally.failed += failures.length;
  const named = failures.slice(0, MAX_NAMED_FAILURES - tally.failures.length);
  tally.failures.push(...named);
  tellFailures(context, named);
}

/** A due link and the record that is sent about it. */
interface Entry {
  readonly due: DueLink;
  readonly record: ReportRecord | HoldRecord;
  /** The latest instant at which the link has to be reported again. */
  readonly refreshAt: Instant;
}

/** A page of due links, sorted after reading. */
interface ReadPage {
  /** The records that report links. */
  readonly entries: readonly Entry[];
  /** The links whose counts could not be read. */
  readonly unread: readonly DueLink[];
  /** The links whose counts the receiver already has. */
  readonly unchanged: readonly ReportedLink[];
  /** The reasons why they could not be read. */
  readonly failures: readonly SyncFailure[];
  readonly saturatedDays: number;
}

/** Reads and counts what the users of a page contributed, and leaves out what the receiver already has. */
function readPage(
  context: SyncContext,
  page: readonly DueLink[],
  { sessionId }: ReportingScope,
): ResultAsync<ReadPage, never> {
  const users = page.map(({ user }) => user);
  const now = context.clock.now();
  const today = dateIn(context.timeZone, now);
  return ResultAsync.fromSafePromise(readContributions(context, users, today)).map((read) =>
    buildPage(context, page, { sessionId, now }, read),
  );
}

function buildPage(
  { timeZone }: SyncContext,
  page: readonly DueLink[],
  { sessionId, now }: Pick<DueQuery, "sessionId" | "now">,
  read: readonly ReadUser[],
): ReadPage {
  const entries: Entry[] = [];
  const unread: DueLink[] = [];
  const unchanged: ReportedLink[] = [];
  const failures: SyncFailure[] = [];
  // Contributions of tomorrow count from tomorrow on. Their link is due by then, even if its daily refresh comes
  // later.
  const nextDay = nextDayAt(now, timeZone);
  let saturatedDays = 0;
  for (const [index, due] of page.entries()) {
    const built = read[index] as ReadUser;
    if (built.isErr()) {
      unread.push(due);
      failures.push({ user: due.user, reason: built.error });
      continue;
    }
    saturatedDays += built.value.saturatedDays;
    const { first, counts } = built.value.payload;
    const isKept = due.reported?.type === "kept" && due.reported.sessionId === sessionId;
    const known = isKept ? due.reported : null;
    const tomorrow = built.value.hasLaterDays ? nextDay : LATEST;
    if (known && known.refreshAt > now && saysTheSame(known.window, { first, counts })) {
      const refreshAt = earlier(known.refreshAt, tomorrow);
      unchanged.push({ user: due.user, reported: { ...known, changes: due.changes, refreshAt } });
    } else {
      const refreshAt = earlier(nextRefreshAt(due.linkId, now), tomorrow);
      entries.push({ due, record: reportOf(due, built.value.payload), refreshAt });
    }
  }
  return { entries, unread, unchanged, failures, saturatedDays };
}

const LATEST = Number.MAX_SAFE_INTEGER as Instant;

function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

/**
 * Returns the entries whose users still send; nothing is sent for the others (S2). Reading may have taken long. One
 * query answers for the whole page.
 */
function stillAllowed(
  { store }: SyncContext,
  entries: readonly Entry[],
): ResultAsync<readonly Entry[], StorageFault> {
  if (entries.length === 0) return okAsync(entries);
  const links = entries.map(({ due }) => due.linkId);
  return callPort(() => store.usersOfLinks(links), STORAGE_THREW).map((users) => {
    const choiceOf = new Map(users.map(({ linkId, choice }) => [linkId, choice]));
    return entries.filter(({ due }) => choiceOf.get(due.linkId) === due.choice);
  });
}

/** The outcome of a request, and the links whose reports the receiver refused by name. */
interface Delivered {
  readonly reporting: Reporting;
  readonly refused: readonly DueLink[];
}

/**
 * Sends the entries that are still allowed, if there are any. Stores what the sender knows of these links by then.
 */
function deliver(
  context: SyncContext,
  entries: readonly Entry[],
  unchanged: readonly ReportedLink[],
  scope: ReportingScope,
): ResultAsync<Delivered, EarlyEnd> {
  return safeTry<Delivered, EarlyEnd>(async function* () {
    if (entries.length > 0) yield* pace(context);
    const allowed = yield* stillAllowed(context, entries);
    if (allowed.length > 0) return deliverAllowed(context, allowed, unchanged, scope);
    if (unchanged.length > 0) yield* commitAcknowledged(context, { reported: unchanged, withdrawn: [] });
    return ok<Delivered>({ reporting: "reported", refused: [] });
  });
}

function deliverAllowed(
  context: SyncContext,
  entries: readonly Entry[],
  unchanged: readonly ReportedLink[],
  { sessionId, epoch }: ReportingScope,
): ResultAsync<Delivered, EarlyEnd> {
  return safeTry<Delivered, EarlyEnd>(async function* () {
    const records = entries.map(({ record }) => record);
    const isScope = (server: ServerState): boolean => {
      const present = reportingScope(server);
      return present?.sessionId === sessionId && present.epoch === epoch;
    };
    const { answer, server, acknowledged } = yield* exchange<DeliverMessage>(
      context,
      (stored, requestId) => (isScope(stored) ? planDelivery(stored, requestId, records) : null),
      (answered, _, received, at) => {
        const reported = [...unchanged, ...answeredIn(entries, sessionId, received, at)];
        return { server: answered, acknowledged: { reported, withdrawn: [] } };
      },
    );
    if (answer?.type !== "delivered") return ok<Delivered>({ reporting: "interrupted", refused: [] });

    const { reporting, refused, ended } = sorted(context, entries, answer);
    for (const { user, ...heard } of ended) yield* endHeard(context, server, user, heard);
    const unknown = acknowledged.reported.flatMap(({ user, reported }) =>
      reported.type === "unknown" ? [{ user, ...reported }] : [],
    );
    context.tally.unknown += unknown.length;
    const now = context.clock.now();
    for (const lost of unknown.filter(({ since }) => isGivenUpOn(since, now)))
      yield* giveUp(context, server, lost);
    return ok<Delivered>(
      isScope(server) ? { reporting, refused } : { reporting: "interrupted", refused: [] },
    );
  });
}

/** The links of a request, sorted by their outcomes. */
interface Sorted extends Delivered {
  readonly ended: readonly (EndedLink & Pick<DueLink, "user">)[];
}

/** Returns the links of a request by their outcomes, and counts those. */
function sorted(context: SyncContext, entries: readonly Entry[], { outcomes }: DeliveredAnswer): Sorted {
  const { tally } = context;
  const refused: DueLink[] = [];
  const ended: Sorted["ended"][number][] = [];
  const failures: SyncFailure[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const { due, record } = entries[index] as Entry;
    if (outcome.type === "ended") {
      const { choice, receipt } = outcome;
      ended.push({ user: due.user, linkId: due.linkId, choice, receipt });
    }
    if (record.type !== "report") continue;
    if (outcome.type === "kept") tally.kept++;
    if (outcome.type !== "refused") continue;
    refused.push(due);
    failures.push({ user: due.user, reason: recordRefused(outcome.reason) });
  }
  tally.ended += ended.length;
  countFailures(context, failures);
  const isIncomplete = refused.length > 0 || outcomes.some(({ type }) => type === "not-applied");
  return { reporting: isIncomplete ? "incomplete" : "reported", refused, ended };
}

/** Returns the receiver's answer about each link. A link that was held or refused leaves nothing to remember. */
function answeredIn(
  entries: readonly Entry[],
  sessionId: SessionId,
  answer: Answer,
  at: Instant,
): readonly ReportedLink[] {
  if (answer.type !== "delivered") return [];
  return entries.flatMap(({ due, record, refreshAt }, index): ReportedLink[] => {
    const { user, linkId, choice, changes, reported } = due;
    const outcome = answer.outcomes[index];
    if (outcome?.type === "unknown") {
      const since = reported?.type === "unknown" ? earlier(reported.since, at) : at;
      return [
        { user, reported: { type: "unknown", linkId, choice, sessionId, since, refreshAt: nextAskAt(at) } },
      ];
    }
    if (outcome?.type !== "kept" || record.type !== "report") return [];
    const window = { first: record.first, counts: record.counts };
    return [
      {
        user,
        reported: { type: "kept", linkId, choice, sessionId, changes, window, reportedAt: at, refreshAt },
      },
    ];
  });
}
