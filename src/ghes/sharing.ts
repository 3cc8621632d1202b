import type { Instant } from "../domain/identifiers.ts";
import type { UserRecord } from "./reader.ts";
import { linkContextOf, nextSyncOf, type ServerState } from "./server-state.ts";
import {
  type Attention,
  type ClosedReason,
  type DeletionStatus,
  SETTINGS_SENTENCES,
} from "./settings-sentences.ts";
import { currentLink, type Ended, type OptedOut, type Suspended, type UserLink } from "./user-link.ts";

/** The gates, in the order in which they have to be open. Nothing is sent unless all four are. */
export const GATES = [
  "github-connect",
  "unified-contributions",
  "connected-account",
  "send-contribution-counts",
] as const;

/** One of the {@link GATES}. */
export type Gate = (typeof GATES)[number];

/** Whether a user's counts may be sent. */
export type SharingDecision =
  | { readonly isAllowed: true }
  | {
      readonly isAllowed: false;
      /** The first gate that says no. */
      readonly gate: Gate;
      readonly reason: ClosedReason;
      /** The reason why the gate is closed and the next step: the sentence of `SETTINGS_SENTENCES.closed`. */
      readonly message: string;
    };

/** The facts that a settings page shows to a user. */
export interface Sharing {
  readonly link: UserLink;
  readonly decision: SharingDecision;
  /** The state of the deletion of the present link's counts, or of the last link's if there is none now. */
  readonly deletion: DeletionStatus;
  /** The state of the user's last deletion if it concerned an earlier link or choice than {@link deletion}; else `none`. */
  readonly earlierDeletion: DeletionStatus;
  /** The obstacle that keeps the server from sending, whatever the user does, or null. */
  readonly attention: Attention | null;
  /** When GitHub Enterprise Cloud last took this user's counts, or null if it has none. */
  readonly lastReportAt: Instant | null;
  /** When the server's next sync is due, or null while GitHub Connect is off. */
  readonly nextSyncAt: Instant | null;
}

/**
 * How long a report may stay away, in milliseconds. Each link is reported at an hour of its own every day, and a sync
 * comes every hour.
 */
const OVERDUE_MS = 26 * 3_600_000;

/**
 * Returns the answer to "may this user's counts be sent, and if not, which gate says no", with the last report and the
 * next sync. It is pure.
 */
export function sharingOf(server: ServerState, record: UserRecord, now: Instant): Sharing {
  const link = currentLink(record.link, { ...linkContextOf(server), user: record.user }, now);
  const isReported = link.status === "sending" && record.reported?.linkId === link.consent.linkId;
  const reported = isReported ? record.reported : null;
  return {
    link,
    decision: decide(server, link),
    ...deletionsOf(server, record, link),
    lastReportAt: reported?.type === "kept" ? reported.reportedAt : null,
    attention: attentionOf(server) ?? linkAttentionOf(link, reported, now),
    nextSyncAt: nextSyncOf(server, now),
  };
}

function attentionOf(server: ServerState): Attention | null {
  if (server.session.status === "contested") return "another-copy-is-running";
  return server.failures > 0 ? "sync-is-failing" : null;
}

function linkAttentionOf(link: UserLink, reported: UserRecord["reported"], now: Instant): Attention | null {
  if (link.status !== "sending") return null;
  if (reported?.type === "unknown") return "link-not-found";
  return now - Math.max(link.sendingAt, reported?.reportedAt ?? 0) > OVERDUE_MS ? "report-is-overdue" : null;
}

function decide(server: ServerState, link: UserLink): SharingDecision {
  const { settings } = server;
  if (settings.status === "disconnected") return closed("github-connect", "github-connect-disabled");
  if (settings.status === "disabled")
    return closed("unified-contributions", "unified-contributions-disabled");
  if (settings.epoch === null) return closed("unified-contributions", "enabling-unconfirmed");
  switch (link.status) {
    case "sending":
      return { isAllowed: true };
    case "connected":
      return closed("send-contribution-counts", link.choice === 0 ? "not-selected" : "opted-out");
    case "opted-out":
      return closed("connected-account", "disconnected");
    case "redeeming":
      return closed("connected-account", link.instead ? "being-undone" : "redeeming");
    case "never-connected":
    case "connecting":
    case "suspended":
      return closed("connected-account", link.status);
    case "ended":
      return closed("connected-account", link.reason);
  }
}

function closed(gate: Gate, reason: ClosedReason): SharingDecision {
  return { isAllowed: false, gate, reason, message: SETTINGS_SENTENCES.closed[reason] };
}

/** Returns a pending deletion: the link of a connection that is being undone is deleted once it is known. */
function pendingUntilKnown(undone: OptedOut | Ended): DeletionStatus {
  return { status: "pending", requestedAt: undone.status === "ended" ? undone.endedAt : undone.optedOutAt };
}

/**
 * Returns the states of the present and the earlier deletion. A deletion belongs to one link, so a later link says
 * nothing about it. A user who opted out has asked for the deletion of the link that they have, whatever an owner does.
 */
function deletionsOf(
  server: ServerState,
  record: UserRecord,
  link: UserLink,
): Pick<Sharing, "deletion" | "earlierDeletion"> {
  const last = lastOf(server, record);
  const { link: stored, deletion } = record;
  const hasOptedOut = stored.status === "connected" && stored.consent.linkId === deletion?.linkId;
  const present = hasOptedOut ? null : presentOf(server, link);
  return present ? { deletion: present, earlierDeletion: last } : { deletion: last, earlierDeletion: NONE };
}

const NONE: DeletionStatus = { status: "none" };

/** Returns the state of the present link's deletion, or null if the user's last deletion holds it. */
function presentOf(server: ServerState, link: UserLink): DeletionStatus | null {
  switch (link.status) {
    case "connected":
    case "sending":
      return NONE;
    case "suspended":
      return suspendedOf(server, link);
    case "ended":
      if (link.receipt) return { status: "by-cloud", receipt: link.receipt };
      return link.reason === "link-not-found" ? { status: "aged-out", endedAt: link.endedAt } : null;
    case "connecting":
      return presentOf(server, link.before);
    case "redeeming":
      return link.instead ? pendingUntilKnown(link.instead) : presentOf(server, link.before);
    case "never-connected":
    case "opted-out":
      return null;
  }
}

function suspendedOf({ settings, disabling }: ServerState, { reason }: Suspended): DeletionStatus {
  if (reason === "github-connect-disabled") return { status: "left-to-cloud", requestedAt: null };
  const isOnAgain = settings.status === "enabled" && settings.epoch !== null;
  if (disabling && disabling.receipt === null && !isOnAgain) {
    return { status: "pending", requestedAt: disabling.requestedAt };
  }
  return { status: "by-owner", receipt: disabling?.receipt ?? null };
}

/** Returns the state of the user's last deletion. */
function lastOf(server: ServerState, { deletion }: UserRecord): DeletionStatus {
  if (!deletion) return NONE;
  const { requestedAt, receipt, notFoundSince: since } = deletion;
  const isAsked = deletion.connectionOrdinal === linkContextOf(server).connectionOrdinal;
  if (since !== null && isAsked) return { status: "not-found", requestedAt, since };
  if (receipt) return { status: "deleted", receipt };
  return { status: isAsked ? "pending" : "left-to-cloud", requestedAt };
}
