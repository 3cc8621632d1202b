// The same lives for both machines that are compared: the commands of 64 users for their links. Each command is refused
// or taken as the tables of `transitionUserLink` and `transitionConnecting` say. Every user, attempt, consent and
// instant differs.
import type { AttemptId, ConsentCode, Instant, LinkId, UserId } from "unified-contributions";
import type { LinkContext, UserLink, UserLinkCommand, UserLinkRefusal } from "unified-contributions/ghes";
import type { ConnectingCommand } from "../../src/ghes/connecting.ts";
import { uuid } from "./activity.ts";

/** One command, its context, and the expected result. */
export interface LinkStep {
  readonly command: UserLinkCommand | ConnectingCommand;
  readonly context: LinkContext;
  /** The status afterwards. A refusal leaves it as it was. */
  readonly status: string;
  /** The refusal, or null if the command is taken. */
  readonly refusal: string | null;
}

const LIVES = 64;
const HOUR_MS = 3_600_000;

/** Returns the steps of every life, one life after the other. Each begins without any connection. */
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
  const start = (attempt: AttemptId): ConnectingCommand => {
    return { type: "start-connecting", at: asked().at, attempt, expiresAt: (now + HOUR_MS) as Instant };
  };
  const bring = (attempt: AttemptId): ConnectingCommand => {
    return { type: "start-redeeming", at: asked().at, attempt, code: uuid() as ConsentCode };
  };
  const finish = (attempt: AttemptId): ConnectingCommand => {
    const consent = { linkId: uuid() as LinkId, epoch: context.epoch ?? 0 };
    return { type: "finish-redeeming", at: asked().at, attempt, consent };
  };
  const optIn = (by = user): UserLinkCommand => ({ type: "opt-in", ...asked(), by });
  const ids = Array.from({ length: 4 }, () => uuid() as AttemptId);
  const [first, second, third, fourth] = ids as [AttemptId, AttemptId, AttemptId, AttemptId];
  const refused = (refusal: UserLinkRefusal["type"]) => ({ refusal });
  const script: readonly (readonly [
    LinkStep["command"],
    UserLink["status"] | { readonly refusal: string },
  ])[] = [
    [optIn(), refused("not-connected")],
    [start(first), "connecting"],
    [{ type: "cancel-connecting", ...asked(), attempt: first }, "never-connected"],
    [start(second), "connecting"],
    [bring(first), refused("no-such-attempt")],
    [bring(second), "redeeming"],
    [finish(second), "connected"],
    [optIn("somebody-else" as UserId), refused("not-yourself")],
    [optIn(), "sending"],
    [optIn(), "sending"],
    [{ type: "opt-out", ...asked() }, "connected"],
    [optIn(), "sending"],
    [{ type: "disconnect", ...asked() }, "opted-out"],
    [optIn(), refused("not-connected")],
    [start(third), "connecting"],
    [bring(third), "redeeming"],
    [finish(third), "connected"],
    [optIn(), "sending"],
    [{ type: "disconnect", ...asked() }, "opted-out"],
    [start(fourth), "connecting"],
    [bring(fourth), "redeeming"],
    [finish(fourth), "connected"],
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
