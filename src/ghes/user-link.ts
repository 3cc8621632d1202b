import { ok, type Result } from "neverthrow";
import { type LinkChoice, MAX_CHOICES } from "../domain/choice.ts";
import type { Consent } from "../domain/consent.ts";
import type { AttemptId, ConsentCode, Instant, UserId } from "../domain/identifiers.ts";
import type { DeletionReceipt } from "../domain/receipt.ts";
import type { AuditAction, AuditEntry } from "./audit.ts";
import { refuse, type UserLinkRefusal } from "./user-link-refusal.ts";

/** The user never connected an account. */
export interface NeverConnected {
  readonly status: "never-connected";
}

/** The user was sent to GitHub Enterprise Cloud to authorize the connection and has not come back. */
export interface Connecting {
  readonly status: "connecting";
  readonly connectionOrdinal: number;
  /** The random id of this attempt, which the browser takes to the cloud and brings back. */
  readonly attempt: AttemptId;
  /** The instant from which the attempt no longer counts, that instant included. */
  readonly expiresAt: Instant;
  /** The state before the attempt, which returns if nothing comes of it. */
  readonly before: Unconnected;
}

/** The user came back with a code. The sender asks for the link behind it until there is an answer. */
export interface Redeeming {
  readonly status: "redeeming";
  readonly connectionOrdinal: number;
  readonly attempt: AttemptId;
  readonly code: ConsentCode;
  /** The state that follows if there is no link. */
  readonly before: Unconnected;
  /**
   * The state that follows in any case, because the user or the host chose it meanwhile; or null. The sender then
   * withdraws the link once it is known.
   */
  readonly instead: OptedOut | Ended | null;
}

/** The account on GitHub Enterprise Cloud that a user has connected, as far as the server knows it. */
export interface ConnectedAccount {
  /** The connection of GitHub Connect that it belongs to: 1 for the first. */
  readonly connectionOrdinal: number;
  /** The attempt that connected it. */
  readonly attempt: AttemptId;
  readonly connectedAt: Instant;
  /** The link under which the user may send. */
  readonly consent: Consent;
}

/** The user connected an account and sends nothing: connecting is not sending. */
export interface Connected extends ConnectedAccount {
  readonly status: "connected";
  /** The last choice to send, which the user has taken back; 0 if the user has not chosen to send yet. */
  readonly choice: number;
  /** When the user took it back, or null if there is none. */
  readonly optedOutAt: Instant | null;
}

/** The user selected "Send my contribution counts". */
export interface Sending extends ConnectedAccount {
  readonly status: "sending";
  /** How often the user has chosen to send under this link: 1 for the first time. */
  readonly choice: number;
  readonly sendingAt: Instant;
}

/** The user disconnected the account, or gave it up before it was connected. */
export interface OptedOut {
  readonly status: "opted-out";
  readonly optedOutAt: Instant;
}

/** The user had connected an account, and an enterprise owner turned the feature or GitHub Connect off. */
export interface Suspended {
  readonly status: "suspended";
  readonly reason: "unified-contributions-disabled" | "github-connect-disabled";
}

/** The link ended, and the user did not ask for it. */
export interface Ended {
  readonly status: "ended";
  readonly reason: EndReason;
  readonly endedAt: Instant;
  /** The receiver's receipt, if its answer has ended the link (`link-ended`); else null. */
  readonly receipt: DeletionReceipt | null;
}

/** The reasons why a link ended without its user's command. */
export type EndReason =
  /** The authorization was revoked on GitHub Enterprise Cloud. Only the host's `end` says so: a sync hears `link-ended`. */
  | "authorization-revoked"
  /** The account on GitHub Enterprise Cloud was deleted. Only the host's `end` says so: a sync hears `link-ended`. */
  | "account-deleted"
  /** The user was suspended on GitHub Enterprise Server. */
  | "user-suspended"
  /** The user was deleted on GitHub Enterprise Server. */
  | "user-deleted"
  /** The receiver answered that the link is deleted, for whatever reason: a revocation, for example. */
  | "link-ended"
  /** The receiver did not know the link for 90 days. */
  | "link-not-found";

/** The states from which a user can start to connect. */
export type Unconnected = NeverConnected | OptedOut | Suspended | Ended;

/** One user's link, over its whole life. */
export type UserLink = Unconnected | Connecting | Redeeming | Connected | Sending;

/** A command that a user or the host can give. Users decide for themselves only. */
export type UserLinkCommand =
  /** The user gave up. */
  | (UserCommand & { readonly type: "cancel-connecting"; readonly attempt: AttemptId })
  /** The user selected "Send my contribution counts". */
  | (UserCommand & { readonly type: "opt-in" })
  /** The user deselected "Send my contribution counts"; the account stays connected. */
  | (UserCommand & { readonly type: "opt-out" })
  /** The user disconnected the account. */
  | (UserCommand & { readonly type: "disconnect" })
  /** The link ended, and the user did not ask for it. The host says so, or the receiver's answer. */
  | { readonly type: "end"; readonly at: Instant; readonly reason: EndReason };

/** The fields of every command of a user. */
interface UserCommand {
  /** The user who asks, as the host has authenticated them. */
  readonly by: UserId;
  readonly at: Instant;
}

/** The part of the enterprise's state on which a link depends. */
export interface LinkContext {
  /** The user that the link belongs to. */
  readonly user: UserId;
  /** The present connection of GitHub Connect, or null while it is off. */
  readonly connectionOrdinal: number | null;
  /** The present epoch, or null while unified contributions is off or GitHub Enterprise Cloud has not confirmed it. */
  readonly epoch: number | null;
}

/** The link after a command, with what the sender has to withdraw now and the entry for the audit log. */
export interface UserLinkTransition {
  readonly link: UserLink;
  /** The link or choice that the sender withdraws until its receipt has come (S1), or null. */
  readonly withdraw: LinkChoice | null;
  readonly audit: AuditEntry | null;
}

/**
 * Returns the link as it is now, after what time and the enterprise have done to it since it was stored. It is pure.
 *
 * An expired attempt is forgotten. A user who connected under another epoch or connection is suspended. So an owner
 * can disable the feature without a write for each of a million users.
 */
export function currentLink(link: UserLink, context: LinkContext, now: Instant): UserLink {
  switch (link.status) {
    case "connecting":
      return now >= link.expiresAt || link.connectionOrdinal !== context.connectionOrdinal
        ? currentLink(link.before, context, now)
        : link;
    case "redeeming":
      return link.connectionOrdinal === context.connectionOrdinal
        ? link
        : currentLink(link.instead ?? link.before, context, now);
    case "connected":
    case "sending":
      if (link.connectionOrdinal !== context.connectionOrdinal) return suspended("github-connect-disabled");
      return link.consent.epoch === context.epoch ? link : suspended("unified-contributions-disabled");
    case "never-connected":
    case "opted-out":
    case "suspended":
    case "ended":
      return link;
  }
}

function suspended(reason: Suspended["reason"]): Suspended {
  return { status: "suspended", reason };
}

/**
 * Returns the link after a command. It is pure and looks at {@link currentLink} first.
 *
 * | link            | cancel-connecting | opt-in             | opt-out      | disconnect   | end       |
 * |-----------------|-------------------|--------------------|--------------|--------------|-----------|
 * | never-connected | no-such-attempt   | not-connected      | unchanged    | unchanged    | unchanged |
 * | connecting      | → before          | not-connected      | unchanged    | → opted-out  | → ended   |
 * | redeeming       | no-such-attempt   | not-connected      | → undone     | → undone     | → undone  |
 * | connected       | no-such-attempt   | → sending          | unchanged    | → opted-out  | → ended   |
 * | sending         | no-such-attempt   | unchanged          | → connected  | → opted-out  | → ended   |
 * | opted-out       | no-such-attempt   | not-connected      | unchanged    | unchanged    | unchanged |
 * | suspended       | no-such-attempt   | reconnect-required | unchanged    | → opted-out  | → ended   |
 * | ended           | no-such-attempt   | reconnect-required | unchanged    | unchanged    | unchanged |
 *
 * A command of any other user gets `not-yourself`, except `end`. A command that names another attempt than the
 * current one gets `no-such-attempt`. Opting out withdraws the choice, and the account stays connected. The user can opt
 * in again without a browser, 1,000 times under one link; after that the refusal is `too-many-choices`. "Connected" is
 * not "sending", but its link is open. A command that leaves both therefore withdraws the link itself, unless the
 * receiver said that it has none. While the sender asks for a link (`redeeming`), it remembers a choice against it, and
 * withdraws the link once it is known. `transitionConnecting` leads to these states.
 */
export function transitionUserLink(
  stored: UserLink,
  command: UserLinkCommand,
  context: LinkContext,
): Result<UserLinkTransition, UserLinkRefusal> {
  if (command.type !== "end" && command.by !== context.user) return refuse("not-yourself");
  const link = currentLink(stored, context, command.at);
  switch (command.type) {
    case "cancel-connecting":
      if (link.status !== "connecting" || link.attempt !== command.attempt) return refuse("no-such-attempt");
      return changed(link.before);
    case "opt-in":
      return optIn(link, command, context);
    case "opt-out":
      if (link.status === "redeeming") return disconnect(link, command, context);
      return link.status === "sending" ? optOut(link, command, context) : changed(link);
    case "disconnect":
      return disconnect(link, command, context);
    case "end":
      return ok(endLink(link, command, context));
  }
}

type Transition = Result<UserLinkTransition, UserLinkRefusal>;
type CommandOf<Type extends UserLinkCommand["type"]> = Extract<UserLinkCommand, { type: Type }>;

function optIn(link: UserLink, command: CommandOf<"opt-in">, context: LinkContext): Transition {
  switch (link.status) {
    case "sending":
      return changed(link);
    case "connected": {
      // The fields are copied by name: a spread costs twice as much as all the rest.
      const { connectionOrdinal, attempt, connectedAt, consent } = link;
      if (link.choice >= MAX_CHOICES) return refuse("too-many-choices");
      const choice = link.choice + 1;
      return changed(
        {
          status: "sending",
          connectionOrdinal,
          attempt,
          connectedAt,
          consent,
          choice,
          sendingAt: command.at,
        },
        audit("unified_contributions_link.create", command, context),
      );
    }
    case "suspended":
    case "ended":
      return refuse("reconnect-required");
    case "never-connected":
    case "connecting":
    case "redeeming":
    case "opted-out":
      return refuse("not-connected");
  }
}

function optOut(link: Sending, command: UserLinkCommand, context: LinkContext): Transition {
  const { choice } = link;
  return changed(
    deselected(link, choice, command.at),
    audit("unified_contributions_link.destroy", command, context),
    { linkId: link.consent.linkId, choice },
  );
}

function deselected(
  { connectionOrdinal, attempt, connectedAt, consent }: ConnectedAccount,
  choice: number,
  optedOutAt: Instant | null,
): Connected {
  return { status: "connected", connectionOrdinal, attempt, connectedAt, consent, choice, optedOutAt };
}

function disconnect(
  link: UserLink,
  command: CommandOf<"disconnect" | "opt-out">,
  context: LinkContext,
): Transition {
  const optedOut: OptedOut = { status: "opted-out", optedOutAt: command.at };
  const entry = audit("unified_contributions_connection.destroy", command, context);
  switch (link.status) {
    case "sending":
      return changed(optedOut, audit("unified_contributions_link.destroy", command, context), wholeOf(link));
    case "connected":
      return changed(optedOut, entry, wholeOf(link));
    case "redeeming":
      return link.instead ? changed(link) : changed({ ...link, instead: optedOut }, entry);
    case "connecting":
    case "suspended":
      return changed(optedOut, entry);
    case "never-connected":
    case "opted-out":
    case "ended":
      return changed(link);
  }
}

function wholeOf({ consent: { linkId } }: Connected | Sending): LinkChoice {
  return { linkId, choice: null };
}

/**
 * Returns the link after an end that its user did not ask for: the `end` column of {@link transitionUserLink}.
 *
 * @param receipt the receiver's receipt, if its answer has ended the link
 */
export function endLink(
  link: UserLink,
  command: CommandOf<"end">,
  context: LinkContext,
  receipt: DeletionReceipt | null = null,
): UserLinkTransition {
  const ended: Ended = { status: "ended", reason: command.reason, endedAt: command.at, receipt };
  const entry = audit("unified_contributions_connection.destroy", command, context);
  // A deleted link never becomes live. A link that was unknown for 90 days has nothing left to show.
  const isGone = command.reason === "link-ended" || command.reason === "link-not-found";
  switch (link.status) {
    case "sending": {
      const withdraw = isGone ? null : wholeOf(link);
      return { link: ended, withdraw, audit: audit("unified_contributions_link.destroy", command, context) };
    }
    case "connected":
      return { link: ended, withdraw: isGone ? null : wholeOf(link), audit: entry };
    case "redeeming":
      return link.instead?.status === "ended"
        ? { link, withdraw: null, audit: null }
        : { link: { ...link, instead: ended }, withdraw: null, audit: entry };
    case "connecting":
    case "suspended":
      return { link: ended, withdraw: null, audit: entry };
    case "never-connected":
    case "opted-out":
    case "ended":
      return { link, withdraw: null, audit: null };
  }
}

/**
 * Returns the link after the receiver has said that a choice of it has ended, with all choices before it. Pure.
 *
 * This server has forgotten that its user opted out. It withdraws the choice once more, and so gets the receipt. The
 * user's next choice comes after it.
 */
export function endChoice(
  link: UserLink,
  choice: number,
  context: LinkContext,
  at: Instant,
): UserLinkTransition | null {
  if (link.status === "connected" && link.choice < choice) {
    return { link: deselected(link, choice, link.optedOutAt ?? at), withdraw: null, audit: null };
  }
  if (link.status !== "sending" || link.choice > choice) return null;
  return {
    link: deselected(link, choice, at),
    withdraw: { linkId: link.consent.linkId, choice },
    audit: {
      action: "unified_contributions_link.destroy",
      actor: null,
      user: context.user,
      createdAt: at,
    },
  };
}

function audit(action: AuditAction, command: UserLinkCommand, context: LinkContext): AuditEntry {
  return {
    action,
    actor: command.type === "end" ? null : command.by,
    user: context.user,
    createdAt: command.at,
  };
}

/** Returns a link after a command, with its audit entry and its withdrawal. */
export function changed(
  link: UserLink,
  entry: AuditEntry | null = null,
  withdraw: LinkChoice | null = null,
): Result<UserLinkTransition, never> {
  return ok({ link, withdraw, audit: entry });
}
