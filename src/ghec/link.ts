import type { RecordOutcome } from "../domain/answer.ts";
import type { ContributionWindow } from "../domain/contribution-window.ts";
import type { AccountId, InstallationId, Instant, LinkId } from "../domain/identifiers.ts";
import { type DeletionReceipt, removedBy } from "../domain/receipt.ts";
import { isOpen, type ReceiverSession, type Registration } from "./registration.ts";

/** What the last report said. */
export interface KeptReport {
  /** {@link ReceiverSession.ordinal} of the session it came in. */
  readonly session: number;
  /** The counts, or null where none are kept: the link was only held, they have aged out, or they were hidden (R9). */
  readonly window: ContributionWindow | null;
  readonly receivedAt: Instant;
}

/** A consent that stands: an account's owner lets one installation send counts, in one epoch. */
export interface LiveLink {
  readonly status: "live";
  readonly linkId: LinkId;
  readonly installation: InstallationId;
  readonly account: AccountId;
  readonly epoch: number;
  /** {@link ReceiverSession.ordinal} of the session that stood when it was opened. */
  readonly openedIn: number;
  readonly openedAt: Instant;
  /** What was last reported, or null before the first report. */
  readonly report: KeptReport | null;
}

/** What has ended a link. */
export type LinkEndCause =
  /** Its server: the user opted out, disconnected, was suspended or deleted there. */
  | "withdrawn"
  /** The account's owner, who let the same server send anew (R6). */
  | "replaced"
  /** The account's owner, who revoked the authorization (R10). */
  | "authorization-revoked"
  /** The end of the account (R10). */
  | "account-deleted"
  /** The ledger, which has the deletion that this store had lost (R11). */
  | "recorded";

/** What is left of a deleted link: its receipt, for withdrawals that come again, and what the audit needs. No counts. */
export interface DeletedLink {
  readonly status: "deleted";
  readonly linkId: LinkId;
  readonly installation: InstallationId;
  readonly openedAt: Instant;
  /** What has ended it; when, says the receipt. */
  readonly cause: LinkEndCause;
  readonly receipt: DeletionReceipt;
  /** Whether the ledger is known to have the deletion; nothing acknowledges it before. */
  readonly isRecorded: boolean;
  /** Whose it was, so that a deletion by account finds what is unrecorded; null once it was recorded. */
  readonly account: AccountId | null;
}

/** A link as the cloud stores it. Dead never becomes live; reconnecting opens another. */
export type ReceiverLink = LiveLink | DeletedLink;

/** What a record does to a link: its outcome, and the link afterwards, or null where nothing is to be written. */
export interface LinkTransition {
  readonly outcome: RecordOutcome;
  readonly link: ReceiverLink | null;
}

const UNKNOWN: LinkTransition = { outcome: { type: "unknown" }, link: null };
const NOT_APPLIED: LinkTransition = { outcome: { type: "not-applied" }, link: null };
const KEPT: RecordOutcome = { type: "kept" };

/**
 * What a report or a hold does to a link (R1, R2). Pure; the registration is the one that the request was admitted to,
 * and both are read and written in one atomic step. Since admitted requests are one chain, what comes later is newer
 * (I4).
 *
 * | link                             | report                                     | hold                              |
 * |----------------------------------|--------------------------------------------|-----------------------------------|
 * | unknown, of another installation | `unknown`                                  | `unknown`                         |
 * | deleted                          | `ended` with its receipt                   | `ended` with its receipt          |
 * | of an epoch that is not open     | `not-applied`                              | `not-applied`                     |
 * | live                             | `kept`, the window replaces what was there | `kept`, what was there stays      |
 *
 * @param window null for a hold
 */
export function applyReport(
  link: ReceiverLink | null,
  registration: Registration,
  window: ContributionWindow | null,
  at: Instant,
): LinkTransition {
  if (!link || link.installation !== registration.installation) return UNKNOWN;
  if (link.status === "deleted") return { outcome: { type: "ended", receipt: link.receipt }, link: null };
  if (!isOpen(registration, link.epoch)) return NOT_APPLIED;
  const session = registration.session.ordinal;
  const held = link.report ?? { window: null, receivedAt: at };
  const report: KeptReport = window ? { session, window, receivedAt: at } : { ...held, session };
  return { outcome: KEPT, link: { ...link, report } };
}

/**
 * What a withdrawal does to a link, in any session (R3). Pure.
 *
 * | link                            | withdraw                                   |
 * |---------------------------------|--------------------------------------------|
 * | unknown, of another installation | `unknown`                                  |
 * | deleted                         | `withdrawn` with the first receipt         |
 * | live                            | → deleted, `withdrawn` with what was removed  |
 */
export function applyWithdrawal(
  link: ReceiverLink | null,
  installation: InstallationId,
  at: Instant,
): LinkTransition {
  if (!link || link.installation !== installation) return UNKNOWN;
  if (link.status === "deleted") return { outcome: { type: "withdrawn", receipt: link.receipt }, link: null };
  const deleted = deleteLink(link, "withdrawn", at);
  return { outcome: { type: "withdrawn", receipt: deleted.receipt }, link: deleted };
}

/** What ends links that a selection names: the end of an account, or a revocation where it names an installation. Pure. */
export function causeOf({ installation }: { readonly installation: InstallationId | null }): LinkEndCause {
  return installation === null ? "account-deleted" : "authorization-revoked";
}

/** Ends a link and deletes its counts; the receipt says of which days. Pure. */
export function deleteLink(link: LiveLink, cause: LinkEndCause, at: Instant): DeletedLink {
  const { linkId, installation, openedAt, account, report } = link;
  const receipt = { deletedAt: at, removed: removedBy(report?.window ?? null) };
  return { status: "deleted", linkId, installation, openedAt, cause, receipt, isRecorded: false, account };
}

/**
 * What the ledger's word that a link is dead does to it (RS11): it is deleted with the receipt that was acknowledged, and
 * recorded. Null where nothing is to be written. Pure.
 */
export function endRecorded(
  link: ReceiverLink,
  installation: InstallationId,
  receipt: DeletionReceipt,
): DeletedLink | null {
  if (link.installation !== installation) return null;
  if (link.status === "deleted" && link.isRecorded) return null;
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

/** R9: a live link without its counts; it is shown again when its server reports it. */
export function hideLink(link: LiveLink): LiveLink {
  return link.report?.window ? { ...link, report: { ...link.report, window: null } } : link;
}

/** R9: whether a link is older than the session and was not reported in it, so that its server does not know it. */
export function isUnreported(link: LiveLink, session: ReceiverSession): boolean {
  return link.openedIn < session.ordinal && link.report?.session !== session.ordinal;
}
