import { err, ok, type Result } from "neverthrow";
import type { Consent } from "../domain/consent.ts";
import type { Instant, LinkId, UserId } from "../domain/identifiers.ts";
import type { AuditAction, AuditEntry } from "./audit.ts";

/** They never connected an account. */
export interface NeverConnected {
  readonly status: "never-connected";
}

/** They were sent to GitHub Enterprise Cloud to authorize the connection and have not come back. */
export interface Connecting {
  readonly status: "connecting";
  readonly connectionOrdinal: number;
  /** The host's own id of this attempt, such as the OAuth `state`. */
  readonly attempt: string;
  /** From when on the attempt no longer counts, that instant included. */
  readonly expiresAt: Instant;
  /** What they were before, and are again if nothing comes of it. */
  readonly before: Unconnected;
}

/** The account on GitHub Enterprise Cloud that a user has connected, as far as the server knows it. */
export interface ConnectedAccount {
  /** The connection of GitHub Connect that it belongs to: 1 for the first. */
  readonly connectionOrdinal: number;
  /** The attempt that connected it. */
  readonly attempt: string;
  readonly connectedAt: Instant;
}

/** They connected an account and send nothing: connecting is not sending. */
export interface Connected extends ConnectedAccount {
  readonly status: "connected";
}

/** They selected "Send my contribution counts". */
export interface Sending extends ConnectedAccount {
  readonly status: "sending";
  readonly consent: Consent;
  readonly sendingAt: Instant;
}

/** They chose not to send any more. */
export interface OptedOut {
  readonly status: "opted-out";
  /** The account they kept connected (they deselected sending), or null (they disconnected it). */
  readonly account: ConnectedAccount | null;
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
  /** The receiver answered that the link is deleted. */
  | "link-ended"
  /** The receiver did not know the link for 90 days. */
  | "link-not-found";

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
interface UserCommand {
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
  readonly connectionOrdinal: number | null;
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
      return now >= link.expiresAt || link.connectionOrdinal !== context.connectionOrdinal
        ? currentLink(link.before, context, now)
        : link;
    case "sending":
      if (link.connectionOrdinal !== context.connectionOrdinal) return suspended("github-connect-disabled");
      return link.consent.epoch === context.epoch ? link : suspended("unified-contributions-disabled");
    case "connected":
      return link.connectionOrdinal === context.connectionOrdinal
        ? link
        : suspended("github-connect-disabled");
    case "opted-out":
      if (link.account === null || link.account.connectionOrdinal === context.connectionOrdinal) return link;
      return { status: "opted-out", account: null, optedOutAt: link.optedOutAt };
    case "never-connected":
    case "suspended":
    case "ended":
      return link;
  }
}

function suspended(reason: Suspended["reason"]): Suspended {
  return { status: "suspended", reason };
}

const MESSAGES: Readonly<Record<UserLinkRefusal["type"], string>> = {
  "not-yourself": "Users decide for themselves only: the user has to ask.",
  "github-connect-disabled": "GitHub Connect is off: an enterprise owner has to enable it first.",
  "unified-contributions-disabled":
    "Unified contributions is off or not confirmed yet: an enterprise owner has to enable it.",
  "already-connected": "An account is connected: disconnect it first to connect another.",
  "not-connected": "No account is connected: connect one first.",
  "no-such-attempt": "No such attempt to connect is under way: start connecting again.",
  "attempt-expired": "The attempt to connect has expired: start connecting again.",
  "reconnect-required": "The earlier consent has ended: connect the account again, then opt in.",
  "outdated-consent": "The consent was given before the feature was last enabled: ask for it again.",
};

/**
 * What a command does to a link. Pure; looks at {@link currentLink} first.
 *
 * | link            | start-connecting  | cancel-connecting | finish-connecting | opt-in               | opt-out      | disconnect   | end       |
 * |-----------------|-------------------|-------------------|-------------------|----------------------|--------------|--------------|-----------|
 * | never-connected | → connecting      | no-such-attempt   | no-such-attempt   | not-connected        | unchanged    | unchanged    | unchanged |
 * | connecting      | → connecting      | → before          | → connected       | not-connected        | unchanged    | → opted-out  | → ended   |
 * | connected       | already-connected | no-such-attempt   | unchanged         | → sending            | unchanged    | → opted-out  | → ended   |
 * | sending         | already-connected | no-such-attempt   | unchanged         | unchanged            | → opted-out  | → opted-out  | → ended   |
 * | opted-out       | → connecting      | no-such-attempt   | no-such-attempt   | not-connected        | unchanged    | unchanged    | unchanged |
 * | opted-out, kept | already-connected | no-such-attempt   | unchanged         | → sending            | unchanged    | → opted-out  | → ended   |
 * | suspended       | → connecting      | no-such-attempt   | no-such-attempt   | reconnect-required   | unchanged    | → opted-out  | → ended   |
 * | ended           | → connecting      | no-such-attempt   | no-such-attempt   | reconnect-required   | unchanged    | unchanged    | unchanged |
 *
 * A command of any other user gets `not-yourself`, except `end`. Starting needs GitHub Connect, opting in needs the
 * feature and a consent of its present epoch. Naming another attempt than the one under way is `no-such-attempt`, one
 * that has expired `attempt-expired`. Opting in with another consent while sending replaces the link. Whatever leaves
 * `sending` withdraws its link, except where the receiver said it has none. "Connected" is not "sending": a link id is
 * minted on opting in.
 */
export function transitionUserLink(
  stored: UserLink,
  command: UserLinkCommand,
  context: LinkContext,
): Result<UserLinkTransition, UserLinkRefusal> {
  if (command.type !== "end" && command.by !== context.user) return refuse("not-yourself");
  const link = currentLink(stored, context, command.at);
  switch (command.type) {
    case "start-connecting":
      return startConnecting(link, command, context);
    case "cancel-connecting":
      if (link.status !== "connecting" || link.attempt !== command.attempt) return refuse("no-such-attempt");
      return changed(link.before);
    case "finish-connecting":
      return finishConnecting(stored, link, command, context);
    case "opt-in":
      return optIn(link, command, context);
    case "opt-out":
      return link.status === "sending" ? optOut(link, accountIn(link), command, context) : changed(link);
    case "disconnect":
      return disconnect(link, command, context);
    case "end":
      return ok(endLink(link, command, context));
  }
}

type Transition = Result<UserLinkTransition, UserLinkRefusal>;
type CommandOf<Type extends UserLinkCommand["type"]> = Extract<UserLinkCommand, { type: Type }>;

function startConnecting(
  link: UserLink,
  command: CommandOf<"start-connecting">,
  context: LinkContext,
): Transition {
  if (context.connectionOrdinal === null) return refuse("github-connect-disabled");
  if (command.expiresAt <= command.at) return refuse("attempt-expired");
  if (link.status === "connecting" && link.attempt === command.attempt) return changed(link);
  const before = unconnected(link);
  if (!before) return refuse("already-connected");
  return changed({
    status: "connecting",
    connectionOrdinal: context.connectionOrdinal,
    attempt: command.attempt,
    expiresAt: command.expiresAt,
    before,
  });
}

/** What a new attempt to connect falls back to, or null where an account is connected. */
function unconnected(link: UserLink): Unconnected | null {
  if (link.status === "connecting") return link.before;
  if (link.status === "connected" || link.status === "sending") return null;
  return link.status === "opted-out" && link.account ? null : link;
}

function finishConnecting(
  stored: UserLink,
  link: UserLink,
  command: CommandOf<"finish-connecting">,
  context: LinkContext,
): Transition {
  if (accountOf(link)?.attempt === command.attempt) return changed(link);
  if (link.status !== "connecting" || link.attempt !== command.attempt) {
    const hasExpired = stored.status === "connecting" && stored.attempt === command.attempt;
    return refuse(hasExpired ? "attempt-expired" : "no-such-attempt");
  }
  return changed(
    {
      status: "connected",
      connectionOrdinal: link.connectionOrdinal,
      attempt: link.attempt,
      connectedAt: command.at,
    },
    audit("unified_contributions_connection.create", command, context),
  );
}

function optIn(link: UserLink, command: CommandOf<"opt-in">, context: LinkContext): Transition {
  const account = accountOf(link);
  if (!account) {
    const hasEnded = link.status === "suspended" || link.status === "ended";
    return refuse(hasEnded ? "reconnect-required" : "not-connected");
  }
  if (context.epoch === null) return refuse("unified-contributions-disabled");
  if (command.consent.epoch !== context.epoch) return refuse("outdated-consent");
  const replaced = link.status === "sending" ? link.consent.linkId : null;
  if (replaced === command.consent.linkId) return changed(link);
  // Field by field: a spread costs twice as much as all the rest.
  const { connectionOrdinal, attempt, connectedAt } = account;
  return changed(
    {
      status: "sending",
      connectionOrdinal,
      attempt,
      connectedAt,
      consent: command.consent,
      sendingAt: command.at,
    },
    audit("unified_contributions_link.create", command, context),
    replaced,
  );
}

function optOut(
  link: Sending,
  account: OptedOut["account"],
  command: UserLinkCommand,
  context: LinkContext,
): Transition {
  return changed(
    { status: "opted-out", account, optedOutAt: command.at },
    audit("unified_contributions_link.destroy", command, context),
    link.consent.linkId,
  );
}

function disconnect(link: UserLink, command: CommandOf<"disconnect">, context: LinkContext): Transition {
  switch (link.status) {
    case "sending":
      return optOut(link, null, command, context);
    case "connecting":
    case "connected":
    case "suspended":
      return changed(
        { status: "opted-out", account: null, optedOutAt: command.at },
        audit("unified_contributions_connection.destroy", command, context),
      );
    case "opted-out":
      if (!link.account) return changed(link);
      return changed(
        { status: "opted-out", account: null, optedOutAt: link.optedOutAt },
        audit("unified_contributions_connection.destroy", command, context),
      );
    case "never-connected":
    case "ended":
      return changed(link);
  }
}

/** What the end of a link does to it, where its user did not ask; the `end` column of {@link transitionUserLink}. */
export function endLink(link: UserLink, command: CommandOf<"end">, context: LinkContext): UserLinkTransition {
  const isOver = link.status === "never-connected" || link.status === "ended";
  if (isOver || (link.status === "opted-out" && !link.account)) return { link, withdraw: null, audit: null };
  const ended: Ended = { status: "ended", reason: command.reason, endedAt: command.at };
  if (link.status !== "sending") {
    const entry = audit("unified_contributions_connection.destroy", command, context);
    return { link: ended, withdraw: null, audit: entry };
  }
  // What was deleted never becomes live; what was unknown for 90 days has nothing left to be shown.
  const isGone = command.reason === "link-ended" || command.reason === "link-not-found";
  const withdraw = isGone ? null : link.consent.linkId;
  return { link: ended, withdraw, audit: audit("unified_contributions_link.destroy", command, context) };
}

/** The account that is connected, or null. */
function accountOf(link: UserLink): ConnectedAccount | null {
  if (link.status === "opted-out") return link.account;
  return link.status === "connected" || link.status === "sending" ? accountIn(link) : null;
}

function accountIn({ connectionOrdinal, attempt, connectedAt }: Connected | Sending): ConnectedAccount {
  return { connectionOrdinal, attempt, connectedAt };
}

function audit(action: AuditAction, command: UserLinkCommand, context: LinkContext): AuditEntry {
  return {
    action,
    actor: command.type === "end" ? null : command.by,
    user: context.user,
    createdAt: command.at,
  };
}

function changed(
  link: UserLink,
  entry: AuditEntry | null = null,
  withdraw: LinkId | null = null,
): Transition {
  return ok({ link, withdraw, audit: entry });
}

function refuse(type: UserLinkRefusal["type"]): Result<never, UserLinkRefusal> {
  return err({ type, message: MESSAGES[type] });
}
