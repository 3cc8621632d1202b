import { ok, type Result } from "neverthrow";
import type { Consent } from "../domain/consent.ts";
import type { AttemptId, ConsentCode, Instant } from "../domain/identifiers.ts";
import {
  changed,
  currentLink,
  type LinkContext,
  type Unconnected,
  type UserLink,
  type UserLinkTransition,
} from "./user-link.ts";
import { refuse, type UserLinkRefusal } from "./user-link-refusal.ts";

/**
 * A command that connecting gives to a user's link. It never comes from outside, and a consent is the receiver's
 * answer.
 */
export type ConnectingCommand =
  /** The host is about to send the user to GitHub Enterprise Cloud. */
  | {
      readonly type: "start-connecting";
      readonly at: Instant;
      readonly attempt: AttemptId;
      readonly expiresAt: Instant;
    }
  /** The user's browser has come back with a code. */
  | {
      readonly type: "start-redeeming";
      readonly at: Instant;
      readonly attempt: AttemptId;
      readonly code: ConsentCode;
    }
  /** The receiver has answered the redemption: with the link, or with null if there is none. */
  | {
      readonly type: "finish-redeeming";
      readonly at: Instant;
      readonly attempt: AttemptId;
      readonly consent: Consent | null;
    };

type CommandOf<Type extends ConnectingCommand["type"]> = Extract<ConnectingCommand, { type: Type }>;
type Transition = Result<UserLinkTransition, UserLinkRefusal>;

/**
 * Returns the link after a command of connecting. It is pure and looks at {@link currentLink} first.
 *
 * | link              | start-connecting  | start-redeeming | finish-redeeming | finish-redeeming, no link |
 * |-------------------|-------------------|-----------------|------------------|---------------------------|
 * | never-connected   | → connecting      | no-such-attempt | unchanged        | unchanged                 |
 * | connecting        | → connecting      | → redeeming     | unchanged        | unchanged                 |
 * | redeeming         | still-redeeming   | unchanged       | → connected      | → before                  |
 * | redeeming, undone | still-redeeming   | unchanged       | → instead        | → instead                 |
 * | connected         | already-connected | unchanged       | unchanged        | unchanged                 |
 * | sending           | already-connected | unchanged       | unchanged        | unchanged                 |
 * | opted-out         | → connecting      | no-such-attempt | unchanged        | unchanged                 |
 * | suspended         | → connecting      | no-such-attempt | unchanged        | unchanged                 |
 * | ended             | → connecting      | no-such-attempt | unchanged        | unchanged                 |
 *
 * Connecting needs GitHub Connect and the feature, and the user consents under the feature's epoch. A command that
 * names another attempt than the current one is refused as `no-such-attempt`. An expired attempt is refused as
 * `attempt-expired`. If the user no longer wants a link when it becomes known, the sender withdraws it (S1). A code
 * that comes while another is being redeemed changes nothing.
 */
export function transitionConnecting(
  stored: UserLink,
  command: ConnectingCommand,
  context: LinkContext,
): Transition {
  const link = currentLink(stored, context, command.at);
  switch (command.type) {
    case "start-connecting":
      return startConnecting(link, command, context);
    case "start-redeeming":
      return startRedeeming(stored, link, command);
    case "finish-redeeming":
      return ok(finishRedeeming(stored, command, context));
  }
}

function startConnecting(
  link: UserLink,
  { attempt, expiresAt }: CommandOf<"start-connecting">,
  { connectionOrdinal, epoch }: LinkContext,
): Transition {
  if (connectionOrdinal === null) return refuse("github-connect-disabled");
  if (epoch === null) return refuse("unified-contributions-disabled");
  const connecting = (before: Unconnected): Transition =>
    changed({ status: "connecting", connectionOrdinal, attempt, expiresAt, before });
  switch (link.status) {
    case "redeeming":
      return refuse("still-redeeming");
    case "connected":
    case "sending":
      return refuse("already-connected");
    case "connecting":
      return connecting(link.before);
    case "never-connected":
    case "opted-out":
    case "suspended":
    case "ended":
      return connecting(link);
  }
}

function startRedeeming(
  stored: UserLink,
  link: UserLink,
  { attempt, code }: CommandOf<"start-redeeming">,
): Transition {
  const isNamed = "attempt" in link && link.attempt === attempt;
  if (!isNamed) {
    const hasExpired = stored.status === "connecting" && stored.attempt === attempt;
    return refuse(hasExpired ? "attempt-expired" : "no-such-attempt");
  }
  if (link.status !== "connecting") return changed(link);
  const { connectionOrdinal, before } = link;
  return changed({ status: "redeeming", connectionOrdinal, attempt, code, before, instead: null });
}

/** Returns the link after the answer to a redemption: the last columns of {@link transitionConnecting}. */
export function finishRedeeming(
  stored: UserLink,
  { attempt, consent, at }: CommandOf<"finish-redeeming">,
  context: LinkContext,
): UserLinkTransition {
  const link = currentLink(stored, context, at);
  if (link.status !== "redeeming" || link.attempt !== attempt) return { link, withdraw: null, audit: null };
  const { connectionOrdinal, before, instead } = link;
  if (instead)
    return { link: instead, withdraw: consent && { linkId: consent.linkId, choice: null }, audit: null };
  if (!consent) return { link: before, withdraw: null, audit: null };
  const { user } = context;
  return {
    link: {
      ...{ status: "connected", connectionOrdinal, attempt, connectedAt: at, consent },
      ...{ choice: 0, optedOutAt: null },
    },
    withdraw: null,
    audit: { action: "unified_contributions_connection.create", actor: user, user, createdAt: at },
  };
}
