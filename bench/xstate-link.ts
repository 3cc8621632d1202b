// The user's link as an XState v5 machine, in the way its documentation teaches: states, guards, `assign`, and what has
// to be done outside (the withdrawal, the audit entry, the refusal) as actions with parameters. In its favour it leaves
// out what time and the enterprise do to a link: expiry and suspension.
import type { UserLinkRefusal } from "unified-contributions/ghes";
import { assign, setup } from "xstate";
import type { LinkEvent } from "./link-script.ts";

interface Memory {
  readonly attempt: string | null;
  readonly link: string | null;
}

type Given = { readonly context: Memory; readonly event: LinkEvent };

const refuse = (type: UserLinkRefusal["type"]) => ({ type: "refuse", params: { type } }) as const;
const withdraw = {
  type: "withdraw",
  params: ({ context }: Given) => ({ link: context.link }),
} as const;
const audit = (action: string) =>
  ({
    type: "audit",
    params: ({ event }: Given) => ({
      action,
      actor: event.type === "end" ? null : event.by,
      user: event.given.user,
      createdAt: event.at,
    }),
  }) as const;
const disconnected = audit("unified_contributions_connection.destroy");
const unlinked = audit("unified_contributions_link.destroy");

const others = { guard: "isSomebodyElse", actions: refuse("not-yourself") } as const;
const begin = [others, { target: "connecting", actions: "begin" }] as const;
const noAttempt = [others, { actions: refuse("no-such-attempt") }] as const;
const isConnected = [others, { actions: refuse("already-connected") }] as const;
const notConnected = [others, { actions: refuse("not-connected") }] as const;
const reconnect = [others, { actions: refuse("reconnect-required") }] as const;
const outdated = { guard: "isOutdated", actions: refuse("outdated-consent") } as const;
const optIn = [
  others,
  outdated,
  { target: "sending", actions: ["send", audit("unified_contributions_link.create")] },
] as const;

/** The machine. */
export const xstateLink = setup({
  types: { context: {} as Memory, events: {} as LinkEvent },
  actions: {
    begin: assign(({ event }) => (event.type === "start-connecting" ? { attempt: event.attempt } : {})),
    forget: assign({ attempt: null, link: null }),
    send: assign(({ event }) => (event.type === "opt-in" ? { link: event.consent.linkId } : {})),
    stop: assign({ link: null }),
    refuse: (_, _refusal: { type: string }) => undefined,
    withdraw: (_, _withdrawal: { link: string | null }) => undefined,
    audit: (_, _entry: { action: string; actor: string | null; user: string; createdAt: number }) =>
      undefined,
  },
  guards: {
    isSomebodyElse: ({ event }) => event.type !== "end" && event.by !== event.given.user,
    isUnderWay: ({ context, event }) => "attempt" in event && event.attempt === context.attempt,
    isOutdated: ({ event }) => event.type === "opt-in" && event.consent.epoch !== event.given.epoch,
  },
}).createMachine({
  context: { attempt: null, link: null },
  initial: "never-connected",
  states: {
    "never-connected": {
      on: {
        "start-connecting": begin,
        "cancel-connecting": noAttempt,
        "finish-connecting": noAttempt,
        "opt-in": notConnected,
      },
    },
    connecting: {
      on: {
        "start-connecting": begin,
        "cancel-connecting": [
          others,
          { guard: "isUnderWay", target: "never-connected", actions: "forget" },
          { actions: refuse("no-such-attempt") },
        ],
        "finish-connecting": [
          others,
          {
            guard: "isUnderWay",
            target: "connected",
            actions: audit("unified_contributions_connection.create"),
          },
          { actions: refuse("no-such-attempt") },
        ],
        "opt-in": notConnected,
        disconnect: [others, { target: "opted-out", actions: ["forget", disconnected] }],
        end: { target: "ended", actions: ["forget", disconnected] },
      },
    },
    connected: {
      on: {
        "start-connecting": isConnected,
        "cancel-connecting": noAttempt,
        "opt-in": optIn,
        disconnect: [others, { target: "opted-out", actions: ["forget", disconnected] }],
        end: { target: "ended", actions: ["forget", disconnected] },
      },
    },
    sending: {
      on: {
        "start-connecting": isConnected,
        "cancel-connecting": noAttempt,
        "opt-in": [
          others,
          outdated,
          { target: "sending", actions: [withdraw, "send", audit("unified_contributions_link.create")] },
        ],
        "opt-out": [others, { target: "opted-out", actions: [withdraw, "stop", unlinked] }],
        disconnect: [others, { target: "opted-out", actions: [withdraw, "forget", unlinked] }],
        end: { target: "ended", actions: [withdraw, "forget", unlinked] },
      },
    },
    "opted-out": {
      on: { "start-connecting": begin, "cancel-connecting": noAttempt, "opt-in": optIn },
    },
    ended: {
      on: {
        "start-connecting": begin,
        "cancel-connecting": noAttempt,
        "finish-connecting": noAttempt,
        "opt-in": reconnect,
      },
    },
  },
});
