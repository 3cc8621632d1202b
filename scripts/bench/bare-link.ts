// What somebody in a hurry would write instead of `transitionUserLink`: a switch over the same states and commands
// that refuses the same and returns neverthrow's `ok` of the same small object. States and result are the library's
// own, since a person's link can't be remembered in less and every machine of several shapes of objects pays for them.
// Left out is all that is not in a table of states: what time and the enterprise have done to the link since, the audit
// entry, and the messages of the refusals.
import { err, type LinkId, ok, type Result } from "unified-contributions";
import type {
  LinkContext,
  UserLink,
  UserLinkCommand,
  UserLinkRefusal,
  UserLinkTransition,
} from "unified-contributions/ghes";

type CommandOf<Type extends UserLinkCommand["type"]> = Extract<UserLinkCommand, { type: Type }>;
type Bare = Result<UserLinkTransition, Pick<UserLinkRefusal, "type">>;

/** What happens, or why not. */
export function bareTransition(link: UserLink, command: UserLinkCommand, context: LinkContext): Bare {
  if (command.type !== "end" && command.by !== context.user) return refuse("not-yourself");
  switch (command.type) {
    case "start-connecting":
      return start(link, command, context);
    case "cancel-connecting":
      if (link.status !== "connecting" || link.attempt !== command.attempt) return refuse("no-such-attempt");
      return next(link.before);
    case "finish-connecting":
      if (link.status !== "connecting" || link.attempt !== command.attempt) return refuse("no-such-attempt");
      return next({
        status: "connected",
        connectionOrdinal: link.connectionOrdinal,
        attempt: link.attempt,
        connectedAt: command.at,
      });
    case "opt-in":
      return optIn(link, command, context);
    case "opt-out":
      return link.status === "sending"
        ? next({ status: "opted-out", account: keptBy(link), optedOutAt: command.at }, link.consent.linkId)
        : next(link);
    case "disconnect":
      return next({ status: "opted-out", account: null, optedOutAt: command.at }, linkOf(link));
    case "end":
      return next({ status: "ended", reason: command.reason, endedAt: command.at }, linkOf(link));
  }
}

function start(link: UserLink, command: CommandOf<"start-connecting">, context: LinkContext): Bare {
  switch (link.status) {
    case "connecting":
    case "connected":
    case "sending":
      return refuse("already-connected");
    case "never-connected":
    case "opted-out":
    case "suspended":
    case "ended":
      return next({
        status: "connecting",
        connectionOrdinal: context.connectionOrdinal ?? 0,
        attempt: command.attempt,
        expiresAt: command.expiresAt,
        before: link,
      });
  }
}

function optIn(link: UserLink, command: CommandOf<"opt-in">, context: LinkContext): Bare {
  if (command.consent.epoch !== context.epoch) return refuse("outdated-consent");
  switch (link.status) {
    case "connected":
    case "sending":
      return next(sending(keptBy(link), command), linkOf(link));
    case "opted-out":
      return link.account ? next(sending(link.account, command)) : refuse("not-connected");
    case "suspended":
    case "ended":
      return refuse("reconnect-required");
    case "never-connected":
    case "connecting":
      return refuse("not-connected");
  }
}

type Kept = NonNullable<Extract<UserLink, { status: "opted-out" }>["account"]>;

function keptBy({ connectionOrdinal, attempt, connectedAt }: Kept): Kept {
  return { connectionOrdinal, attempt, connectedAt };
}

function sending({ connectionOrdinal, attempt, connectedAt }: Kept, command: CommandOf<"opt-in">): UserLink {
  const { consent, at } = command;
  return { status: "sending", connectionOrdinal, attempt, connectedAt, consent, sendingAt: at };
}

function linkOf(link: UserLink): LinkId | null {
  return link.status === "sending" ? link.consent.linkId : null;
}

function next(link: UserLink, withdraw: LinkId | null = null): Bare {
  return ok({ link, withdraw, audit: null });
}

function refuse(type: UserLinkRefusal["type"]): Bare {
  return err({ type });
}
