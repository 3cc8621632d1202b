import { ok, type Result } from "neverthrow";
import type { Consent } from "../domain/consent.ts";
import type { AttemptId, ConsentCode, Instant } from "../domain/identifiers.ts";
import {
  changed,
  currentLink,
  type LinkContext,
  refuse,
  type Unconnected,
  type UserLink,
  type UserLinkRefusal,
  type UserLinkTransition,
} from "./user-link.ts";

/** What connecting asks of a user's link. None of it comes from outside: a consent is what the receiver has answered. */
export type ConnectingCommand =
  /** The user is about to be sent to the cloud. */
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
  /** The receiver has answered the redemption: with the link, or null where there is none. */
  | {
      readonly type: "finish-redeeming";
      readonly at: Instant;
      readonly attempt: AttemptId;
      readonly consent: Consent | null;
    };

type CommandOf<Type extends ConnectingCommand["type"]> = Extract<ConnectingCommand, { type: Type }>;
type Transition = Result<UserLinkTransition, UserLinkRefusal>;

/**
 * What connecting does to a link. Pure; looks at {@link currentLink} first.
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
 * | opted-out, kept   | → connecting      | no-such-attempt | unchanged        | unchanged                 |
 * | suspended         | → connecting      | no-such-attempt | unchanged        | unchanged                 |
 * | ended             | → connecting      | no-such-attempt | unchanged        | unchanged                 |
 *
 * Connecting needs GitHub Connect and the feature, under whose epoch the consent is given. Naming another attempt than the
 * one under way is `no-such-attempt`, one that has expired `attempt-expired`. A link that nobody wants any more when it
 * becomes known is withdrawn (S1). A code that comes while another is being redeemed changes nothing.
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

/** What the answer to a redemption does to a link; the last columns of {@link transitionConnecting}. */
export function finishRedeeming(
  stored: UserLink,
  { attempt, consent, at }: CommandOf<"finish-redeeming">,
  context: LinkContext,
): UserLinkTransition {
  const link = currentLink(stored, context, at);
  if (link.status !== "redeeming" || link.attempt !== attempt) return { link, withdraw: null, audit: null };
  const { connectionOrdinal, before, instead } = link;
  if (instead) return { link: instead, withdraw: consent?.linkId ?? null, audit: null };
  if (!consent) return { link: before, withdraw: null, audit: null };
  const { user } = context;
  return {
    link: { status: "connected", connectionOrdinal, attempt, connectedAt: at, consent },
    withdraw: null,
    audit: { action: "unified_contributions_connection.create", actor: user, user, createdAt: at },
  };
}
