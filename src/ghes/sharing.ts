import type { Instant } from "../domain/identifiers.ts";
import type { DeletionReceipt } from "../domain/receipt.ts";
import type { UserRecord } from "./reader.ts";
import { linkContextOf, nextSyncOf, type ServerState } from "./server-state.ts";
import { currentLink, type Ended, type OptedOut, type UserLink } from "./user-link.ts";

/** The gates in the order in which they have to be open; all four are, or nothing is sent. */
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
      /** Why it is closed and who has to do what. */
      readonly message: string;
    };

/** What became of the counts that a user's last choice deleted. */
export type DeletionStatus =
  /** They never asked for a deletion. */
  | { readonly status: "none" }
  /** It was asked for and not acknowledged yet: do not say "deleted". */
  | { readonly status: "pending"; readonly requestedAt: Instant }
  /** GitHub Enterprise Cloud says that it does not know the link, which proves nothing; it is asked daily for 90 days. */
  | { readonly status: "not-found"; readonly requestedAt: Instant; readonly since: Instant }
  /** GitHub Enterprise Cloud has deleted them. */
  | { readonly status: "deleted"; readonly receipt: DeletionReceipt }
  /** GitHub Connect was turned off before it could be acknowledged; GitHub Enterprise Cloud deletes on its own. */
  | { readonly status: "left-to-cloud"; readonly requestedAt: Instant };

/** Why nothing arrives although the counts may be sent. */
export type Attention =
  /** Another copy of this server holds the session: the operator has to decide (S5). */
  | "another-copy-is-running"
  /** The last syncs got no answer; the next attempt is planned. */
  | "sync-is-failing"
  /**
   * GitHub Enterprise Cloud does not know the user's link. Either this server's requests reach another installation's
   * registration (the operator has to check which installation its key belongs to), or GitHub Enterprise Cloud has lost
   * the link (the user has to reconnect). It is asked daily for 90 days, then the link ends.
   */
  | "link-not-found";

/** What a settings page shows a user. */
export interface Sharing {
  readonly link: UserLink;
  readonly decision: SharingDecision;
  readonly deletion: DeletionStatus;
  /** What keeps the server from sending, whatever the user does, or null. */
  readonly attention: Attention | null;
  /** When GitHub Enterprise Cloud last took this user's counts, or null where it has none. */
  readonly lastSyncAt: Instant | null;
  /** When the server's next sync is due, or null while GitHub Connect is off. */
  readonly nextSyncAt: Instant | null;
}

/** Answers "may this user's counts be sent, and if not, which gate says no", with the last and the next sync. Pure. */
export function sharingOf(server: ServerState, record: UserRecord, now: Instant): Sharing {
  const link = currentLink(record.link, { ...linkContextOf(server), user: record.user }, now);
  const undone = link.status === "redeeming" ? link.instead : null;
  const isReported = link.status === "sending" && record.reported?.linkId === link.consent.linkId;
  const reported = isReported ? record.reported : null;
  const isUnknown = reported?.type === "unknown";
  return {
    link,
    decision: decide(server, link),
    deletion: undone ? pendingUntilKnown(undone) : deletionOf(server, record),
    lastSyncAt: reported?.type === "kept" ? reported.reportedAt : null,
    attention: attentionOf(server) ?? (isUnknown ? "link-not-found" : null),
    nextSyncAt: nextSyncOf(server, now),
  };
}

function attentionOf(server: ServerState): Attention | null {
  if (server.session.status === "contested") return "another-copy-is-running";
  return server.failures > 0 ? "sync-is-failing" : null;
}

function decide(server: ServerState, link: UserLink): SharingDecision {
  const { settings } = server;
  if (settings.status === "disconnected") {
    return closed("github-connect", "GitHub Connect is off: an enterprise owner has to enable it.");
  }
  if (settings.status === "disabled") {
    return closed(
      "unified-contributions",
      "Unified contributions is off: an enterprise owner has to enable it.",
    );
  }
  if (settings.epoch === null) {
    return closed(
      "unified-contributions",
      "GitHub Enterprise Cloud has not confirmed the enabling yet: wait for the next sync.",
    );
  }
  switch (link.status) {
    case "sending":
      return { isAllowed: true };
    case "connected":
      return closed("send-contribution-counts", 'The user has to select "Send my contribution counts".');
    case "opted-out":
      return link.account
        ? closed(
            "send-contribution-counts",
            "The user opted out: they have to connect their account again to send.",
          )
        : closed("connected-account", "The user disconnected their account: they have to connect it again.");
    case "redeeming":
      return closed(
        "connected-account",
        link.instead
          ? "The connection is being undone: the user has to connect an account again."
          : "GitHub Enterprise Cloud has not confirmed the connection yet: wait for the next sync.",
      );
    case "never-connected":
      return closed("connected-account", "The user has to connect an account on GitHub Enterprise Cloud.");
    case "connecting":
      return closed("connected-account", "The user has to finish connecting their account.");
    case "suspended":
      return closed(
        "connected-account",
        "An enterprise owner disabled the feature since: the user has to reconnect.",
      );
    case "ended":
      return closed(
        "connected-account",
        `The connection has ended (${link.reason}): the user has to reconnect.`,
      );
  }
}

function closed(gate: Gate, message: string): SharingDecision {
  return { isAllowed: false, gate, message };
}

/** The link of a connection that is being undone is deleted once it is known. */
function pendingUntilKnown(undone: OptedOut | Ended): DeletionStatus {
  return { status: "pending", requestedAt: undone.status === "ended" ? undone.endedAt : undone.optedOutAt };
}

function deletionOf(server: ServerState, { deletion }: UserRecord): DeletionStatus {
  if (!deletion) return { status: "none" };
  const { requestedAt, receipt, notFoundSince: since } = deletion;
  const isAsked = deletion.connectionOrdinal === linkContextOf(server).connectionOrdinal;
  if (since !== null && isAsked) return { status: "not-found", requestedAt, since };
  if (receipt) return { status: "deleted", receipt };
  return { status: isAsked ? "pending" : "left-to-cloud", requestedAt };
}
