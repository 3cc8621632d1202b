// A quick hand-written replacement for `transitionUserLink` and `transitionConnecting`. It is a switch over the same
// states and commands that refuses the same ones and returns neverthrow's `ok` of the same small object. States and
// result are the library's own. A person's link needs all of them, and every machine with objects of several shapes
// pays for that. It leaves out the effects of time and of the enterprise on the link, which are not in a table of
// states. The audit entry and the messages of the refusals are missing, too.
import { type Consent, err, type Instant, ok, type Result } from "unified-contributions";
import type {
  LinkContext,
  UserLink,
  UserLinkCommand,
  UserLinkRefusal,
  UserLinkTransition,
} from "unified-contributions/ghes";
import type { LinkChoice } from "../../src/domain/choice.ts";
import type { ConnectingCommand } from "../../src/ghes/connecting.ts";

type Command = UserLinkCommand | ConnectingCommand;
type CommandOf<Type extends Command["type"]> = Extract<Command, { type: Type }>;
type Bare = Result<UserLinkTransition, Pick<UserLinkRefusal, "type">>;

/** The next state, or why there is none. */
export function bareTransition(link: UserLink, command: Command, context: LinkContext): Bare {
  if ("by" in command && command.by !== context.user) return refuse("not-yourself");
  switch (command.type) {
    case "start-connecting":
      return start(link, command, context);
    case "start-redeeming":
      if (link.status !== "connecting" || link.attempt !== command.attempt) return refuse("no-such-attempt");
      return next(redeeming(link, command));
    case "finish-redeeming":
      return link.status === "redeeming" && command.consent
        ? next(connected(link, command.consent, command.at))
        : next(link);
    case "cancel-connecting":
      if (link.status !== "connecting" || link.attempt !== command.attempt) return refuse("no-such-attempt");
      return next(link.before);
    case "opt-in":
      return optIn(link, command);
    case "opt-out":
      return link.status === "sending"
        ? next(deselected(link, command.at), { linkId: link.consent.linkId, choice: link.choice })
        : next(link);
    case "disconnect":
      return next({ status: "opted-out", optedOutAt: command.at }, linkOf(link));
    case "end":
      return next(
        { status: "ended", reason: command.reason, endedAt: command.at, receipt: null },
        linkOf(link),
      );
  }
}

function start(link: UserLink, command: CommandOf<"start-connecting">, context: LinkContext): Bare {
  switch (link.status) {
    case "connecting":
    case "redeeming":
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

type LinkOf<Status extends UserLink["status"]> = Extract<UserLink, { status: Status }>;

function redeeming(
  { connectionOrdinal, attempt, before }: LinkOf<"connecting">,
  { code }: CommandOf<"start-redeeming">,
): UserLink {
  return { status: "redeeming", connectionOrdinal, attempt, code, before, instead: null };
}

function connected(
  { connectionOrdinal, attempt }: LinkOf<"redeeming">,
  consent: Consent,
  connectedAt: Instant,
): UserLink {
  return {
    status: "connected",
    connectionOrdinal,
    attempt,
    connectedAt,
    consent,
    choice: 0,
    optedOutAt: null,
  };
}

function deselected(
  { connectionOrdinal, attempt, connectedAt, consent, choice }: LinkOf<"sending">,
  optedOutAt: Instant,
): UserLink {
  return { status: "connected", connectionOrdinal, attempt, connectedAt, consent, choice, optedOutAt };
}

function optIn(link: UserLink, { at }: CommandOf<"opt-in">): Bare {
  switch (link.status) {
    case "connected": {
      const { connectionOrdinal, attempt, connectedAt, consent } = link;
      const choice = link.choice + 1;
      return next({
        status: "sending",
        connectionOrdinal,
        attempt,
        connectedAt,
        consent,
        choice,
        sendingAt: at,
      });
    }
    case "sending":
      return next(link);
    case "suspended":
    case "ended":
      return refuse("reconnect-required");
    case "never-connected":
    case "connecting":
    case "opted-out":
    case "redeeming":
      return refuse("not-connected");
  }
}

function linkOf(link: UserLink): LinkChoice | null {
  return link.status === "sending" ? { linkId: link.consent.linkId, choice: null } : null;
}

function next(link: UserLink, withdraw: LinkChoice | null = null): Bare {
  return ok({ link, withdraw, audit: null });
}

function refuse(type: UserLinkRefusal["type"]): Bare {
  return err({ type });
}
