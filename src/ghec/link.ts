import type { RecordOutcome } from "../domain/answer.ts";
import { covers } from "../domain/choice.ts";
import type { ContributionWindow } from "../domain/contribution-window.ts";
import type { AccountId, InstallationId, Instant, LinkId } from "../domain/identifiers.ts";
import { type DeletionReceipt, type EndedLink, removedBy } from "../domain/receipt.ts";
import type { StoredAttempt } from "./attempt.ts";
import { isOpen, type ReceiverSession, type Registration } from "./registration.ts";

/** The last report of a link. */
export interface KeptReport {
  /** The choice under which it came. */
  readonly choice: number;
  /** The {@link ReceiverSession.ordinal} of the session in which it came. */
  readonly session: number;
  /** The counts, or null if none are kept: the link was only held, they have aged out, or they were hidden (R9). */
  readonly window: ContributionWindow | null;
  /** When the last counts came, or null if the link was only held. */
  readonly receivedAt: Instant | null;
}

/** The last choice of a live link that its server has withdrawn. All choices before it have ended, too. */
export interface WithdrawnChoice {
  readonly choice: number;
  readonly receipt: DeletionReceipt;
  /** Whether the ledger is known to have the deletion. The receiver acknowledges it only then. */
  readonly isRecorded: boolean;
}

/**
 * A consent that stands: an account's owner lets one installation send counts in one epoch. The user of that
 * installation chooses to send, and not to, as often as they like.
 */
export interface LiveLink {
  readonly status: "live";
  readonly linkId: LinkId;
  readonly installation: InstallationId;
  readonly account: AccountId;
  readonly epoch: number;
  readonly openedAt: Instant;
  /** The last report under a choice that has not ended, or null if there is none. */
  readonly report: KeptReport | null;
  /** The last choice that has ended, or null if none has. */
  readonly withdrawn: WithdrawnChoice | null;
}

/** The cause of a link's end. */
export type LinkEndCause =
  /** Its server withdrew it: the user disconnected, or was suspended or deleted there. */
  | "withdrawn"
  /** The account's owner let the same server send anew (R6). */
  | "replaced"
  /** The account's owner revoked the authorization (R10). */
  | "authorization-revoked"
  /** The account was deleted (R10). */
  | "account-deleted"
  /** The ledger has the deletion, which this store had lost (R11). */
  | "recorded";

/**
 * The rest of a deleted link: its receipt, which repeated withdrawals get, and the fields of the audit. It holds no
 * counts.
 */
export interface DeletedLink {
  readonly status: "deleted";
  readonly linkId: LinkId;
  readonly installation: InstallationId;
  readonly openedAt: Instant;
  /** The cause of its end. The receipt has the time. */
  readonly cause: LinkEndCause;
  readonly receipt: DeletionReceipt;
  /** Whether the ledger is known to have the deletion. The receiver acknowledges it only then. */
  readonly isRecorded: boolean;
  /** The account of the link, by which a deletion finds unrecorded links; null once the deletion is recorded. */
  readonly account: AccountId | null;
}

/** A link as the cloud stores it. A dead link never becomes live, and reconnecting opens another. */
export type ReceiverLink = LiveLink | DeletedLink;

/** The outcome of a record, and the link afterwards, or null if there is nothing to write. */
export interface LinkTransition {
  readonly outcome: RecordOutcome;
  readonly link: ReceiverLink | null;
}

const UNKNOWN: LinkTransition = { outcome: { type: "unknown" }, link: null };
const NOT_APPLIED: LinkTransition = { outcome: { type: "not-applied" }, link: null };
const KEPT: RecordOutcome = { type: "kept" };

/** The last ending of a link, which is one of choices or of the link itself. */
export type LinkEnding = Pick<EndedLink, "choice" | "receipt"> & Pick<WithdrawnChoice, "isRecorded">;

/** Returns the last ending of a link, or null if there is none. Pure. */
export function endingOf(link: ReceiverLink): LinkEnding | null {
  if (link.status === "live") return link.withdrawn;
  return { choice: null, receipt: link.receipt, isRecorded: link.isRecorded };
}

/**
 * Returns the outcome of a report or a hold, and the link afterwards (R1, R2). Pure.
 *
 * The registration is the one that admitted the request, and both are read and written in one atomic step. Admitted
 * requests are one chain, so a later record is a newer one (I4).
 *
 * | link                             | report                                     | hold                              |
 * |----------------------------------|--------------------------------------------|-----------------------------------|
 * | unknown, of another installation | `unknown`                                  | `unknown`                         |
 * | deleted                          | `ended` with its receipt                   | `ended` with its receipt          |
 * | live, the choice has ended       | `ended` with the last receipt              | `ended` with the last receipt     |
 * | of an epoch that is not open     | `not-applied`                              | `not-applied`                     |
 * | live                             | `kept`, the window replaces what was there | `kept`, what the choice had stays |
 *
 * The first report under a later choice opens it: it needs no other message.
 *
 * @param window the counts of a report, or null for a hold
 */
export function applyReport(
  link: ReceiverLink | null,
  registration: Registration,
  { choice, window }: { readonly choice: number; readonly window: ContributionWindow | null },
  at: Instant,
): LinkTransition {
  if (!link || link.installation !== registration.installation) return UNKNOWN;
  if (link.status === "deleted") return ended(link.receipt, null);
  const { withdrawn } = link;
  if (withdrawn && covers(withdrawn.choice, choice)) return ended(withdrawn.receipt, withdrawn.choice);
  if (!isOpen(registration, link.epoch)) return NOT_APPLIED;
  const session = registration.session.ordinal;
  // Counts of another choice do not stay: a withdrawal of that choice may be on its way.
  const held = link.report?.choice === choice ? link.report : { window: null, receivedAt: null };
  const report: KeptReport = window
    ? { choice, session, window, receivedAt: at }
    : { ...held, choice, session };
  return { outcome: KEPT, link: { ...link, report } };
}

function ended(receipt: DeletionReceipt, choice: number | null): LinkTransition {
  return { outcome: { type: "ended", choice, receipt }, link: null };
}

/**
 * Returns the outcome of a withdrawal, and the link afterwards, in any session (R3). Pure.
 *
 * | link                             | withdraw a choice                                         | withdraw the link                            |
 * |----------------------------------|-----------------------------------------------------------|----------------------------------------------|
 * | unknown, of another installation | `unknown`                                                 | `unknown`                                    |
 * | deleted                          | `withdrawn` with the first receipt                        | `withdrawn` with the first receipt           |
 * | live, the choice has ended       | `withdrawn` with the last receipt                         | → deleted, `withdrawn` with what was removed |
 * | live                             | → the choice has ended, `withdrawn` with what was removed | → deleted, `withdrawn` with what was removed |
 *
 * Counts that came under a later choice stay: the withdrawal was late.
 */
export function applyWithdrawal(
  link: ReceiverLink | null,
  installation: InstallationId,
  choice: number | null,
  at: Instant,
): LinkTransition {
  if (!link || link.installation !== installation) return UNKNOWN;
  if (link.status === "deleted") return withdrawn(link.receipt, null);
  const last = link.withdrawn;
  if (last && covers(last.choice, choice)) return withdrawn(last.receipt, null);
  if (choice === null) {
    const deleted = deleteLink(link, "withdrawn", at);
    return withdrawn(deleted.receipt, deleted);
  }
  const report = reportAfter(link, choice);
  const removed = report === null ? removedBy(link.report?.window ?? null) : null;
  const receipt = { deletedAt: at, removed };
  return withdrawn(receipt, { ...link, report, withdrawn: { choice, receipt, isRecorded: false } });
}

function withdrawn(receipt: DeletionReceipt, link: ReceiverLink | null): LinkTransition {
  return { outcome: { type: "withdrawn", receipt }, link };
}

/** Returns the last report of a link after the end of a choice. It stays if it came under a later choice. */
function reportAfter({ report }: LiveLink, choice: number): KeptReport | null {
  return report && !covers(choice, report.choice) ? report : null;
}

/**
 * Returns the cause of an end by selection: a revocation if it names an installation, else the account's deletion.
 * Pure.
 */
export function causeOf({ installation }: { readonly installation: InstallationId | null }): LinkEndCause {
  return installation === null ? "account-deleted" : "authorization-revoked";
}

/** Ends a link and deletes its counts. The receipt names the days of those counts. Pure. */
export function deleteLink(link: LiveLink, cause: LinkEndCause, at: Instant): DeletedLink {
  const { linkId, installation, openedAt, account, report } = link;
  const receipt = { deletedAt: at, removed: removedBy(report?.window ?? null) };
  return { status: "deleted", linkId, installation, openedAt, cause, receipt, isRecorded: false, account };
}

/**
 * Ends a link that its consent has not opened yet: it was opened and ended at once. So the ledger can have it, and a
 * consent that comes back with a restored store is void again. Pure.
 */
export function voidedLink(
  { linkId, installation, epoch }: StoredAttempt,
  account: AccountId,
  cause: LinkEndCause,
  at: Instant,
): DeletedLink {
  const opened = { linkId, installation, account, epoch, openedAt: at, report: null, withdrawn: null };
  return deleteLink({ status: "live", ...opened }, cause, at);
}

/**
 * Returns a link after an ending that the ledger has: with the acknowledged receipt, and recorded (RS11).
 *
 * Null means that there is nothing to write. Pure.
 */
export function endRecorded(
  link: ReceiverLink,
  installation: InstallationId,
  { choice, receipt }: Pick<EndedLink, "choice" | "receipt">,
): ReceiverLink | null {
  if (link.installation !== installation) return null;
  const ending = endingOf(link);
  const isKnown = ending !== null && covers(ending.choice, choice);
  if (isKnown && (ending.isRecorded || ending.choice !== choice)) return null;
  // A deleted link covers every choice: none of it is left to end.
  if (choice !== null && link.status === "live") {
    const report = reportAfter(link, choice);
    return { ...link, report, withdrawn: { choice, receipt, isRecorded: true } };
  }
  const { linkId, openedAt } = link;
  const cause = link.status === "deleted" ? link.cause : "recorded";
  return {
    status: "deleted",
    linkId,
    installation,
    openedAt,
    cause,
    receipt,
    isRecorded: true,
    account: null,
  };
}

/** R9: returns a live link without its counts. It is shown again after the next report of its server. */
export function hideLink(link: LiveLink): LiveLink {
  return link.report?.window ? { ...link, report: { ...link.report, window: null } } : link;
}

/** R9: whether a link was not reported in the session. Its server may not know it, so counts that it has are hidden. */
export function isUnreported(link: LiveLink, session: ReceiverSession): boolean {
  return link.report?.session !== session.ordinal;
}
