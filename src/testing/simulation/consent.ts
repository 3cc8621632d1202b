import type { RecordOutcome } from "../../domain/answer.ts";
import { dayNumberAt } from "../../domain/calendar-date.ts";
import { CONTRIBUTION_WINDOW_DAYS, type ContributionWindow } from "../../domain/contribution-window.ts";
import type { AccountId, InstallationId, LinkId } from "../../domain/identifiers.ts";
import type { DeliveryRecord, ReportRecord } from "../../domain/message.ts";
import type { InvariantViolation } from "./violation.ts";

/** A consent as the judge knows it: every one that was ever asked for. */
export interface Consent {
  readonly installation: InstallationId;
  readonly account: AccountId;
  readonly epoch: number;
  /** Null until the answer has come, which it may never. */
  linkId: LinkId | null;
  /** Why it is over, or null. What was `acknowledged` as deleted stays so, whatever happens (I2). */
  end: "acknowledged" | "replaced" | "forgotten" | null;
  /** Whether there is a later session in which it was not reported (R9): `maybe` where an attach has no answer yet. */
  isOld: boolean | "maybe";
  /** Whether something that ends it has begun, and nobody heard how it ended. */
  isDoubtful: boolean;
  reports: readonly SentReport[];
  /** {@link SentReport.order} of what was last shown. */
  shown: number;
}

/** A report that has reached the receiver. */
interface SentReport {
  /** When its counts were read from the source of truth, counted over the world. */
  readonly order: number;
  /** The day of its first count, in days since 1970. */
  readonly first: number;
  readonly counts: readonly number[];
}

/** A consent that has just been asked for. */
export function newConsent(installation: InstallationId, account: AccountId, epoch: number): Consent {
  return {
    installation,
    account,
    epoch,
    linkId: null,
    end: null,
    isOld: false,
    isDoubtful: false,
    reports: [],
    shown: 0,
  };
}

/** Ends consents; an acknowledged end is the last word. */
export function endConsents(consents: Iterable<Consent>, how: NonNullable<Consent["end"]>): void {
  for (const consent of consents) if (consent.end !== "acknowledged") consent.end = how;
}

/** What ends consents on the receiver: an account's, an installation's, or an account's on one installation. */
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

/** Adds a report that may be shown from now on, and forgets those that never can be again. */
export function addReport(consent: Consent, { first, counts }: ReportRecord, order: number): void {
  const report = { order, first: dayNumberAt(first), counts };
  consent.reports = [...consent.reports.filter((earlier) => earlier.order >= consent.shown), report];
}

/**
 * Records what became of a record, and returns what is wrong with it, or null.
 *
 * @param mayHaveEnded whether something may have ended the consent that nobody was told of
 */
export function judgeOutcome(
  consent: Consent,
  record: DeliveryRecord,
  outcome: RecordOutcome,
  mayHaveEnded: boolean,
): InvariantViolation | null {
  if (record.type === "withdraw") {
    if (outcome.type === "withdrawn" || outcome.type === "gone") endConsents([consent], "acknowledged");
    return null;
  }
  if (outcome.type === "kept") {
    consent.isOld = false;
    consent.isDoubtful = false;
    return consent.end === "acknowledged"
      ? { invariant: "I2", message: "a report was kept of a link whose deletion was acknowledged" }
      : null;
  }
  if (outcome.type !== "gone") return null;
  const isExpected = consent.end !== null || consent.isDoubtful || mayHaveEnded;
  endConsents([consent], "forgotten");
  return isExpected ? null : { invariant: "I3", message: "a link is gone that nothing has ended" };
}

/**
 * What is shown must be what one standing consent has reported, and never read before what was shown last.
 *
 * @param lastDay the receiver's today, in days since 1970
 */
export function judgeShown(
  consents: readonly Consent[],
  window: ContributionWindow,
  lastDay: number,
): InvariantViolation | null {
  const first = dayNumberAt(window.first);
  let isOlder = false;
  let isDeleted = false;
  for (const consent of consents) {
    const matches = consent.reports.filter((report) => isShownAs(report, first, window.counts, lastDay));
    if (matches.length === 0) continue;
    const match = matches.find(({ order }) => order >= consent.shown);
    if (consent.end) isDeleted ||= consent.end === "acknowledged";
    else if (match) {
      consent.shown = match.order;
      return null;
    } else isOlder = true;
  }
  if (isOlder) return { invariant: "I4", message: "an older window replaced a newer one" };
  return isDeleted
    ? { invariant: "I2", message: "counts are shown of a link whose deletion was acknowledged" }
    : { invariant: "I1", message: "counts are shown that no standing consent has reported" };
}

/** Whether a report, cut to the 90 days that end on a day, is what is shown. */
function isShownAs(report: SentReport, first: number, counts: readonly number[], lastDay: number): boolean {
  const from = Math.max(report.first, lastDay - CONTRIBUTION_WINDOW_DAYS + 1);
  const to = Math.min(report.first + report.counts.length - 1, lastDay);
  if (from !== first || to - from + 1 !== counts.length) return false;
  return counts.every((count, day) => count === report.counts[from - report.first + day]);
}
