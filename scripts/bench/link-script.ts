// The same life for both machines that are compared: what 64 users do with their links, each command refused or taken
// as the table of `transitionUserLink` says. Every user, attempt, consent and instant differs.
import type { Instant, LinkId, UserId } from "unified-contributions";
import type { LinkContext, UserLink, UserLinkCommand, UserLinkRefusal } from "unified-contributions/ghes";
import { uuid } from "./activity.ts";

/** One command, what it is given in, and what has to come of it. */
export interface LinkStep {
  readonly command: UserLinkCommand;
  readonly context: LinkContext;
  /** The status afterwards; a refusal leaves it as it was. */
  readonly status: string;
  /** The refusal, or null where the command is taken. */
  readonly refusal: string | null;
}

const LIVES = 64;
const HOUR_MS = 3_600_000;

/** The steps of every life, one life after the other; each begins where nothing was ever connected. */
export function linkLives(): readonly (readonly LinkStep[])[] {
  return Array.from({ length: LIVES }, (_, life) => linkLife(life));
}

function linkLife(life: number): readonly LinkStep[] {
  const user = `user-${life}` as UserId;
  const context: LinkContext = { user, connectionOrdinal: 1 + (life % 3), epoch: 1 + (life % 5) };
  let now = Date.UTC(2026, 2, 1) + life * 1_000;
  const asked = () => {
    now += 60_000;
    return { by: user, at: now as Instant };
  };
  const start = (attempt: string): UserLinkCommand => {
    return { type: "start-connecting", ...asked(), attempt, expiresAt: (now + HOUR_MS) as Instant };
  };
  const finish = (attempt: string): UserLinkCommand => ({ type: "finish-connecting", ...asked(), attempt });
  const optIn = (epoch = context.epoch ?? 0, by = user): UserLinkCommand => {
    return { type: "opt-in", ...asked(), by, consent: { linkId: uuid() as LinkId, epoch } };
  };
  const [first, second, third] = [uuid(), uuid(), uuid()];
  const refused = (refusal: UserLinkRefusal["type"]) => ({ refusal });
  const script: readonly (readonly [UserLinkCommand, UserLink["status"] | { readonly refusal: string }])[] = [
    [optIn(), refused("not-connected")],
    [start(first), "connecting"],
    [{ type: "cancel-connecting", ...asked(), attempt: first }, "never-connected"],
    [start(second), "connecting"],
    [finish(first), refused("no-such-attempt")],
    [finish(second), "connected"],
    [optIn(99), refused("outdated-consent")],
    [optIn(), "sending"],
    [optIn(), "sending"],
    [optIn(1, "somebody-else" as UserId), refused("not-yourself")],
    [{ type: "opt-out", ...asked() }, "opted-out"],
    [optIn(), "sending"],
    [{ type: "disconnect", ...asked() }, "opted-out"],
    [start(third), "connecting"],
    [finish(third), "connected"],
    [optIn(), "sending"],
    [{ type: "end", at: asked().at, reason: "user-suspended" }, "ended"],
    [optIn(), refused("reconnect-required")],
  ];
  let status: UserLink["status"] = "never-connected";
  return script.map(([command, expected]) => {
    const refusal = typeof expected === "object" ? expected.refusal : null;
    if (typeof expected === "string") status = expected;
    return { command, context, status, refusal };
  });
}
