import type { RecordOutcome } from "../domain/answer.ts";
import type { ContributionWindow } from "../domain/contribution-window.ts";
import type { AccountId, InstallationId, Instant, LinkId } from "../domain/identifiers.ts";
import { type DeletionReceipt, removedBy } from "../domain/receipt.ts";
import { isOpen, type ReceiverSession, type Registration } from "./registration.ts";

/** What the last report said. */
export interface KeptReport {
  /** {@link ReceiverSession.ordinal} of the session it came in. */
  readonly session: number;
  /** The counts, or null once they have aged out (or the receiver was restored from a backup). */
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

/** What is left of a deleted link: its receipt, for withdrawals that come again. No account, no counts. */
export interface DeletedLink {
  readonly status: "deleted";
  readonly linkId: LinkId;
  readonly installation: InstallationId;
  readonly receipt: DeletionReceipt;
}

/** A link as the cloud stores it. Dead never becomes live; reconnecting opens another. */
export type ReceiverLink = LiveLink | DeletedLink;

/** What a record does to a link: its outcome, and the link afterwards, or null where nothing is to be written. */
export interface LinkTransition {
  readonly outcome: RecordOutcome;
  readonly link: ReceiverLink | null;
}

const GONE: LinkTransition = { outcome: { type: "gone" }, link: null };
const KEPT: RecordOutcome = { type: "kept" };

/**
 * What a report does to a link (R1, R2). Pure; the registration is the one that the request was admitted to, and both
 * are read and written in one atomic step. Since admitted requests are one chain, what comes later is newer (I4).
 *
 * | link                                                         | report                                     |
 * |--------------------------------------------------------------|--------------------------------------------|
 * | unknown, of another installation, deleted, of an epoch not open | `gone`                                     |
 * | live                                                         | `kept`, the window replaces what was there |
 */
export function applyReport(
  link: ReceiverLink | null,
  registration: Registration,
  window: ContributionWindow,
  at: Instant,
): LinkTransition {
  if (!link || link.status === "deleted" || link.installation !== registration.installation) return GONE;
  if (!isOpen(registration, link.epoch)) return GONE;
  const report: KeptReport = { session: registration.session.ordinal, window, receivedAt: at };
  return { outcome: KEPT, link: { ...link, report } };
}

/**
 * What a withdrawal does to a link, in any session (R3). Pure.
 *
 * | link                            | withdraw                                   |
 * |---------------------------------|--------------------------------------------|
 * | unknown, of another installation | `gone`                                     |
 * | deleted                         | `withdrawn` with the first receipt         |
 * | live                            | → deleted, `withdrawn` with what was removed  |
 */
export function applyWithdrawal(
  link: ReceiverLink | null,
  installation: InstallationId,
  at: Instant,
): LinkTransition {
  if (!link || link.installation !== installation) return GONE;
  if (link.status === "deleted") return { outcome: { type: "withdrawn", receipt: link.receipt }, link: null };
  const deleted = deleteLink(link, at);
  return { outcome: { type: "withdrawn", receipt: deleted.receipt }, link: deleted };
}

/** Ends a link and deletes its counts; the receipt says what was removed. Pure. */
export function deleteLink(link: LiveLink, at: Instant): DeletedLink {
  const { linkId: id, installation, report } = link;
  const receipt = { deletedAt: at, removed: removedBy(report?.window ?? null) };
  return { status: "deleted", linkId: id, installation, receipt };
}

/** R9: whether a link is older than the session and was never reported in it, so that its server does not know it. */
export function isUnreported(link: LiveLink, session: ReceiverSession): boolean {
  return link.openedIn < session.ordinal && link.report?.session !== session.ordinal;
}
