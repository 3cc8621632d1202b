import type { RecordOutcome } from "../../domain/answer.ts";
import { dayNumberAt } from "../../domain/calendar-date.ts";
import { CONTRIBUTION_WINDOW_DAYS, type ContributionWindow } from "../../domain/contribution-window.ts";
import type { AccountId, AttemptId, InstallationId, LinkId } from "../../domain/identifiers.ts";
import type { HoldRecord, ReportRecord } from "../../domain/message.ts";
import type { InvariantViolation } from "./violation.ts";

/** A consent as the judge knows it, from the moment on at which it is about to be given. */
export interface Consent {
  readonly installation: InstallationId;
  readonly account: AccountId;
  readonly attempt: AttemptId;
  /** Whether its owner was told that it was given. An exit that begins later ends it. */
  isGiven: boolean;
  /** Whether a redemption of it has reached the receiver and was not refused. */
  isAsked: boolean;
  /** The epoch, or 0 until the answer has come: any disabling may end the consent until then. */
  epoch: number;
  /** Null until the answer has come, which it may never. */
  linkId: LinkId | null;
  /** {@link Judge.moment} of the answer; `Infinity` before it. */
  openedAt: number;
  /** The end of the consent, or null. */
  end: ConsentEnd | null;
  /** The acknowledged ends of its choices, each once. */
  choiceEnds: readonly ChoiceEnd[];
  /** The last choice that a request could end, at any time; 0 for none. */
  mayEndTo: number;
  /** Whether any request or exit could end it, at any time. Then it may end (I3). */
  mayEnd: boolean;
  /** Whether the store has lost it, or its epoch may be over. The receiver may then not know it any more. */
  mayBeForgotten: boolean;
  /** Whether the store has lost its opening, and has not shown since that it knows the link. */
  isLost: boolean;
  /** Whether there is a later session in which it was not reported (R9); `maybe` if that is not known. */
  isOld: boolean | "maybe";
  reports: readonly SentReport[];
  /** {@link Judge.moment} of the first report of each choice that was kept and that the store has not lost. */
  readonly keptAt: Map<number, number>;
  /** {@link SentReport.order} of the report that was last shown. */
  shown: number;
  /** {@link SentReport.order} of the last report that was hidden (R9); 0 for none. */
  hidden: number;
}

/** The end of a consent. */
export interface ConsentEnd {
  /** An `acknowledged` deletion stays, whatever happens (I2). An end that was only `heard` stays unless it is lost. */
  readonly type: "acknowledged" | "heard";
  /** Whether its server asked for it, and so asks again a day later. */
  readonly isAskedAgain: boolean;
  /** {@link Judge.moment} of the end, and its instant. */
  readonly moment: number;
  readonly at: number;
  /** When the store lost the end, which the ledger has to restore; null if the store has it. */
  lostAt: number | null;
  /** Whether the store and the ledger have both lost the end, so that the server has to ask for it again. */
  isOwed: boolean;
}

/** The end of a choice, and of all choices before it. */
interface ChoiceEnd extends ConsentEnd {
  readonly choice: number;
}

/** A report that has reached the receiver. */
interface SentReport {
  /** The choice under which it was sent. */
  readonly choice: number;
  /** The place of its reading among all readings of the source of truth in the world. */
  readonly order: number;
  /** When it reached the receiver. */
  readonly at: number;
  /** The day of its first count, in days since 1970. */
  readonly first: number;
  readonly counts: readonly number[];
}

/** Returns a consent that is about to be given. */
export function newConsent(installation: InstallationId, account: AccountId, attempt: AttemptId): Consent {
  return {
    installation,
    account,
    attempt,
    isGiven: false,
    isAsked: false,
    epoch: 0,
    linkId: null,
    openedAt: Number.POSITIVE_INFINITY,
    end: null,
    choiceEnds: [],
    mayEndTo: 0,
    mayEnd: false,
    mayBeForgotten: false,
    isLost: false,
    isOld: false,
    reports: [],
    keptAt: new Map(),
    shown: 0,
    hidden: 0,
  };
}

/** A redemption of a consent arrives. Earlier events concern a link that could not be there yet. */
export function beginAsking(consent: Consent): void {
  consent.isAsked = true;
  consent.mayEnd = consent.end !== null;
  consent.mayBeForgotten = false;
  consent.isLost = false;
  consent.isOld = false;
}

/**
 * The end that consents get. `by-link` is acknowledged, too, except of a link that the store has lost. Neither database
 * can note that end, and a store that goes back to before the loss has the link again.
 */
export type Ending = ConsentEnd["type"] | "by-link";

/** Ends consents. An acknowledged end is final, unless it was lost. */
export function endConsents(
  consents: Iterable<Consent>,
  { type, ...end }: Omit<ConsentEnd, "type" | "lostAt" | "isOwed"> & { readonly type: Ending },
): void {
  for (const consent of consents) {
    if (consent.end?.type === "acknowledged" && !consent.end.isOwed) continue;
    const known = consent.isLost ? "heard" : "acknowledged";
    consent.end = { ...end, type: type === "by-link" ? known : type, lostAt: null, isOwed: false };
  }
}

/** Ends a choice of a consent on the wish of its server, which has got the receipt. */
export function endChoice(
  consent: Consent,
  choice: number,
  { moment, at }: Pick<ConsentEnd, "moment" | "at">,
): void {
  const known = consent.choiceEnds.find((end) => end.choice === choice);
  if (known && !known.isOwed) return;
  const others = consent.choiceEnds.filter((end) => end !== known);
  const end = {
    choice,
    type: "acknowledged",
    isAskedAgain: true,
    moment,
    at,
    lostAt: null,
    isOwed: false,
  } as const;
  consent.choiceEnds = [...others, end];
}

/** Returns all ends of a consent, its own and those of its choices. */
export function endsOf({ end, choiceEnds }: Consent): readonly ConsentEnd[] {
  return end ? [end, ...choiceEnds] : choiceEnds;
}

/** Returns the ends that hold for a choice, except those that its server has to ask for again. */
function endsFor({ end, choiceEnds }: Consent, choice: number): readonly ConsentEnd[] {
  const ends = choiceEnds.filter((each) => each.choice >= choice);
  return (end ? [end, ...ends] : ends).filter(({ isOwed }) => !isOwed);
}

/** The consents that an exit ends: an account's, an installation's, or an account's on one installation. */
export interface Exit {
  /** Null for every account. */
  readonly account: AccountId | null;
  /** Null for every installation. */
  readonly installation: InstallationId | null;
}

/** Whether an exit ends a consent. */
export function isOf(
  consent: Pick<Consent, "account" | "installation">,
  { account, installation }: Exit,
): boolean {
  return (
    (account === null || consent.account === account) &&
    (installation === null || consent.installation === installation)
  );
}

/** A store that goes back further than this holds nothing that the judge remembers; in milliseconds. */
const REMEMBERED_MS = 3 * 86_400_000;

/** Adds a report that may be shown from now on, and forgets those that cannot be shown any more. */
export function addReport(
  consent: Consent,
  { choice, first, counts }: ReportRecord,
  order: number,
  at: number,
): void {
  const report = { choice, order, at, first: dayNumberAt(first), counts };
  const { shown } = consent;
  const kept = consent.reports.filter((earlier) => earlier.order >= shown || earlier.at > at - REMEMBERED_MS);
  consent.reports = [...kept, report];
  // The report may be taken in the current session.
  if (consent.isOld === true) consent.isOld = "maybe";
}

/** The judge's knowledge of a loss in a store. */
export interface Loss {
  /** {@link Judge.moment} of the contents that the store holds now. */
  readonly since: number;
  readonly at: number;
}

/** Notes that the store has lost its last commits. All later changes may be undone until the ledger is read. */
export function loseFromStore(consent: Consent, { since, at }: Loss): void {
  const { end } = consent;
  consent.mayBeForgotten ||= consent.openedAt >= since;
  consent.isLost ||= consent.openedAt >= since && consent.linkId !== null;
  for (const [choice, keptAt] of consent.keptAt) if (keptAt >= since) consent.keptAt.delete(choice);
  for (const ended of consent.choiceEnds) if (ended.moment >= since) ended.lostAt = at;
  consent.shown = 0;
  consent.hidden = 0;
  consent.isOld = "maybe";
  if (!end || end.moment < since) return;
  if (end.type === "heard") consent.end = null;
  else end.lostAt = at;
}

/**
 * Notes that the ledger has lost its last entries, too. A server asks again for its own deletions; other ends are
 * undone.
 */
export function loseFromBoth(consent: Consent, { since }: Loss): void {
  const { end } = consent;
  for (const ended of consent.choiceEnds) if (ended.moment >= since) ended.isOwed = true;
  if (!end || end.moment < since) return;
  if (end.isAskedAgain) end.isOwed = true;
  else consent.end = null;
}

/**
 * Records the outcome of a report or a hold, and returns the violation in it, or null.
 *
 * @param moment {@link Judge.moment} of it
 */
export function judgeOutcome(
  consent: Consent,
  { type, choice }: ReportRecord | HoldRecord,
  outcome: RecordOutcome,
  moment: number,
): InvariantViolation | null {
  switch (outcome.type) {
    case "kept":
      consent.isOld = false;
      consent.isLost = false;
      if (type === "report" && !consent.keptAt.has(choice)) consent.keptAt.set(choice, moment);
      return endsFor(consent, choice).some((end) => end.type === "acknowledged" && end.lostAt === null)
        ? {
            invariant: "I2",
            message: "a report was kept of a link or choice whose deletion was acknowledged",
          }
        : null;
    case "ended":
      return judgeEnded(consent, outcome.choice);
    case "unknown":
      return judgeUnknown(consent);
    case "not-applied":
    case "refused":
    case "withdrawn":
      return null;
  }
}

/** Returns a violation if a link has ended, or a choice of it, that nothing has ended. */
export function judgeEnded({ mayEnd, mayEndTo }: Consent, choice: number | null): InvariantViolation | null {
  if (choice === null ? mayEnd : choice <= mayEndTo) return null;
  return { invariant: "I3", message: "a link or a choice has ended that nothing has ended" };
}

/** Returns a violation if the receiver does not know a link that it cannot have forgotten. */
export function judgeUnknown(consent: Consent): InvariantViolation | null {
  return consent.mayBeForgotten
    ? null
    : { invariant: "I3", message: "a link is unknown that nothing can have forgotten" };
}

/** The circumstances of a look at the shown counts. */
export interface Sight {
  /** The receiver's today, in days since 1970. */
  readonly lastDay: number;
  /** The first day that the sweeps may have left, in days since 1970. */
  readonly firstKept: number;
  /** Whether counts of a consent may still be shown although the store has lost its end. */
  forgives(end: ConsentEnd): boolean;
}

/**
 * Returns a violation unless one standing consent has reported the shown counts. They never go back to an older
 * reading.
 */
export function judgeShown(
  consents: readonly Consent[],
  window: ContributionWindow,
  sight: Sight,
): InvariantViolation | null {
  let isOlder = false;
  let isDeleted = false;
  for (const consent of consents) {
    const matches = matchesOf(consent, window, sight);
    if (matches.length === 0) continue;
    const standing = matches.filter(({ choice }) => endsFor(consent, choice).length === 0);
    const match = standing.find(({ order }) => order >= consent.shown);
    if (match) {
      consent.shown = match.order;
      return null;
    }
    isOlder ||= standing.length > 0;
    for (const { choice } of matches) {
      const ends = endsFor(consent, choice);
      if (ends.length > 0 && ends.every(sight.forgives)) return null;
      isDeleted ||= ends.some(({ type }) => type === "acknowledged");
    }
  }
  if (isOlder) return { invariant: "I4", message: "an older window replaced a newer one" };
  return isDeleted
    ? { invariant: "I2", message: "counts are shown of a link whose deletion was acknowledged" }
    : { invariant: "I1", message: "counts are shown that no standing consent has reported" };
}

/** Returns a violation if a process shows counts that were deleted before its last look at the ledger. */
export function judgeSeen(
  consents: readonly Consent[],
  window: ContributionWindow,
  sight: Sight,
): InvariantViolation | null {
  let isDeleted = false;
  for (const consent of consents) {
    for (const { choice } of matchesOf(consent, window, { ...sight, firstKept: Number.POSITIVE_INFINITY })) {
      const ends = endsFor(consent, choice).filter(({ type }) => type === "acknowledged");
      if (ends.every(sight.forgives)) return null;
      isDeleted = true;
    }
  }
  return isDeleted
    ? { invariant: "I2", message: "a process still shows a link whose deletion was acknowledged and lost" }
    : null;
}

function matchesOf(consent: Consent, window: ContributionWindow, sight: Sight): readonly SentReport[] {
  const first = dayNumberAt(window.first);
  return consent.reports.filter(
    (report) => report.order > consent.hidden && isShownAs(report, first, window.counts, sight),
  );
}

/** Whether the shown counts are a report, cut to the 90 days that end on a day and to what the sweeps left. */
function isShownAs(
  report: SentReport,
  first: number,
  counts: readonly number[],
  { lastDay, firstKept }: Sight,
): boolean {
  const from = Math.max(report.first, lastDay - CONTRIBUTION_WINDOW_DAYS + 1);
  const to = Math.min(report.first + report.counts.length - 1, lastDay);
  const isCut = first === from || (first > from && first <= firstKept);
  if (!isCut || to - first + 1 !== counts.length) return false;
  return counts.every((count, day) => count === report.counts[first - report.first + day]);
}
