import type { Instant, LinkId, UserId } from "../domain/identifiers.ts";
import type { AuditEntry } from "./audit.ts";

/** What GitHub Enterprise Cloud gave when the account's owner consented to counts being sent. */
export interface Consent {
  /** The id it minted. */
  readonly link: LinkId;
  /** The epoch it is bound to. */
  readonly epoch: number;
}

/** They never connected an account. */
export interface NeverConnected {
  readonly status: "never-connected";
}

/** They were sent to GitHub Enterprise Cloud to authorize the connection and have not come back. */
export interface Connecting {
  readonly status: "connecting";
  readonly connection: number;
  /** The host's own id of this attempt, such as the OAuth `state`. */
  readonly attempt: string;
  /** From when on the attempt no longer counts, that instant included. */
  readonly expiresAt: Instant;
  /** What they were before, and are again if nothing comes of it. */
  readonly before: Unconnected;
}

/** They connected an account and send nothing: connecting is not sending. */
export interface Connected {
  readonly status: "connected";
  readonly connection: number;
  /** The attempt that connected it. */
  readonly attempt: string;
  readonly connectedAt: Instant;
}

/** They selected "Send my contribution counts". */
export interface Sending {
  readonly status: "sending";
  readonly connection: number;
  readonly attempt: string;
  readonly connectedAt: Instant;
  readonly consent: Consent;
  readonly sendingAt: Instant;
}

/** They chose not to send any more. */
export interface OptedOut {
  readonly status: "opted-out";
  /** The connection they kept (they deselected sending), or null (they disconnected the account). */
  readonly kept: {
    readonly connection: number;
    readonly attempt: string;
    readonly connectedAt: Instant;
  } | null;
  readonly optedOutAt: Instant;
}

/** They sent, and their enterprise owner turned the feature or GitHub Connect off. */
export interface Suspended {
  readonly status: "suspended";
  readonly reason: "unified-contributions-disabled" | "github-connect-disabled";
}

/** It ended without their asking. */
export interface Ended {
  readonly status: "ended";
  readonly reason: EndReason;
  readonly endedAt: Instant;
}

/** Who ended a link, where it was not its user. */
export type EndReason =
  /** The authorization was revoked on GitHub Enterprise Cloud. */
  | "authorization-revoked"
  /** The account on GitHub Enterprise Cloud was deleted. */
  | "account-deleted"
  /** The user was suspended on GitHub Enterprise Server. */
  | "user-suspended"
  /** The user was deleted on GitHub Enterprise Server. */
  | "user-deleted"
  /** The receiver answered that the link is gone. */
  | "link-gone";

/** What a user can be when they start to connect. */
export type Unconnected = NeverConnected | OptedOut | Suspended | Ended;

/** One user's link, over its whole life. */
export type UserLink = Unconnected | Connecting | Connected | Sending;

/** What a user or the host can ask for. Users decide for themselves only. */
export type UserLinkCommand =
  /** The user is sent away to authorize the connection. */
  | (UserCommand & {
      readonly type: "start-connecting";
      readonly attempt: string;
      readonly expiresAt: Instant;
    })
  /** The user gave up. */
  | (UserCommand & { readonly type: "cancel-connecting"; readonly attempt: string })
  /** The user came back with the authorization. */
  | (UserCommand & { readonly type: "finish-connecting"; readonly attempt: string })
  /** The user selected "Send my contribution counts" and GitHub Enterprise Cloud has minted the link. */
  | (UserCommand & { readonly type: "opt-in"; readonly consent: Consent })
  /** The user deselected "Send my contribution counts"; the account stays connected. */
  | (UserCommand & { readonly type: "opt-out" })
  /** The user disconnected the account. */
  | (UserCommand & { readonly type: "disconnect" })
  /** It ended without the user's asking; the host says so, or the receiver's answer. */
  | { readonly type: "end"; readonly at: Instant; readonly reason: EndReason };

/** What every command of a user carries. */
export interface UserCommand {
  /** Who asks, as the host has authenticated them. */
  readonly by: UserId;
  readonly at: Instant;
}

/** Why a command was refused; the link is unchanged. */
export interface UserLinkRefusal {
  readonly type:
    | "not-yourself"
    | "github-connect-disabled"
    | "unified-contributions-disabled"
    | "already-connected"
    | "not-connected"
    | "no-such-attempt"
    | "attempt-expired"
    | "reconnect-required"
    | "outdated-consent";
  /** What is wrong and what to do. */
  readonly message: string;
}

/** What of the enterprise a link depends on. */
export interface LinkContext {
  /** Whose link it is. */
  readonly user: UserId;
  /** The present connection of GitHub Connect, or null while it is off. */
  readonly connection: number | null;
  /** The present epoch, or null while unified contributions is off or GitHub Enterprise Cloud has not confirmed it. */
  readonly epoch: number | null;
}

/** The link after a command, the link id whose counts must be deleted now, and what to write in the audit log. */
export interface UserLinkTransition {
  readonly link: UserLink;
  /** To be withdrawn until its receipt has come (S1), or null. */
  readonly withdraw: LinkId | null;
  readonly audit: AuditEntry | null;
}

/**
 * What a link is now, given what time and the enterprise have done to it since it was stored. Pure.
 *
 * An attempt that has expired is forgotten; who was sending under another epoch or connection is suspended; a
 * connection of an earlier GitHub Connect is gone. Nothing has to be written for a million users when their owner
 * disables the feature.
 */
export function currentLink(link: UserLink, context: LinkContext, now: Instant): UserLink {
  switch (link.status) {
    case "connecting":
      return now >= link.expiresAt || link.connection !== context.connection
        ? currentLink(link.before, context, now)
        : link;
    case "sending":
      if (link.connection !== context.connection) return suspended("github-connect-disabled");
      return link.consent.epoch === context.epoch ? link : suspended("unified-contributions-disabled");
    case "connected":
      return link.connection === context.connection ? link : suspended("github-connect-disabled");
    case "opted-out":
      if (link.kept === null || link.kept.connection === context.connection) return link;
      return { status: "opted-out", kept: null, optedOutAt: link.optedOutAt };
    case "never-connected":
    case "suspended":
    case "ended":
      return link;
  }
}

function suspended(reason: Suspended["reason"]): Suspended {
  return { status: "suspended", reason };
}
