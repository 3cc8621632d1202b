// The user's link as a robot3 machine: states, guards and reducers as its documentation has them; what has to be done
// outside (the withdrawal, the audit entry, the refusal) stands in its context, as it has no effects as data. It has no
// pure transition either, so a service takes the commands. In its favour it leaves out what time and the enterprise do
// to a link: expiry and suspension.
import { createMachine, guard, interpret, reduce, state, transition } from "robot3";
import type { AuditAction, AuditEntry, UserLinkRefusal } from "unified-contributions/ghes";
import type { LinkEvent } from "./link-script.ts";

interface Memory {
  readonly attempt: string | null;
  readonly link: string | null;
  readonly withdraw: string | null;
  readonly audit: AuditEntry | null;
  readonly refusal: UserLinkRefusal["type"] | null;
}

const NOTHING: Memory = { attempt: null, link: null, withdraw: null, audit: null, refusal: null };

const isTheirs = guard<Memory, LinkEvent>(
  (_, event) => event.type === "end" || event.by === event.given.user,
);
const isUnderWay = guard<Memory, LinkEvent>(
  ({ attempt }, event) => "attempt" in event && event.attempt === attempt,
);
const isCurrent = guard<Memory, LinkEvent>(
  (_, event) => event.type === "opt-in" && event.consent.epoch === event.given.epoch,
);

const refuse = (refusal: UserLinkRefusal["type"]) =>
  reduce<Memory, LinkEvent>(({ attempt, link }) => ({ attempt, link, withdraw: null, audit: null, refusal }));
const begin = reduce<Memory, LinkEvent>((memory, event) => ({
  ...NOTHING,
  attempt: event.type === "start-connecting" ? event.attempt : memory.attempt,
}));
const cancel = reduce<Memory, LinkEvent>(() => NOTHING);
const finish = reduce<Memory, LinkEvent>(({ attempt }, event) => ({
  ...NOTHING,
  attempt,
  audit: entry("unified_contributions_connection.create", event),
}));
const send = reduce<Memory, LinkEvent>(({ attempt, link }, event) => ({
  ...NOTHING,
  attempt,
  link: event.type === "opt-in" ? event.consent.linkId : link,
  withdraw: link,
  audit: entry("unified_contributions_link.create", event),
}));
const stop = reduce<Memory, LinkEvent>(({ attempt, link }, event) => ({
  ...NOTHING,
  attempt,
  withdraw: link,
  audit: entry("unified_contributions_link.destroy", event),
}));
const forget = reduce<Memory, LinkEvent>(({ link }, event) => ({
  ...NOTHING,
  withdraw: link,
  audit: entry("unified_contributions_connection.destroy", event),
}));

function entry(action: AuditAction, event: LinkEvent): AuditEntry {
  const actor = event.type === "end" ? null : event.by;
  return { action, actor, user: event.given.user, createdAt: event.at };
}

/** The transitions of a state, and what each command is refused with where none of them is open. */
function stateOf(name: string, refusals: Partial<Record<string, UserLinkRefusal["type"]>>, ...open: Open[]) {
  const closed = Object.entries(refusals).flatMap(([command, refusal]) =>
    refusal ? [transition(command, name, isTheirs, refuse(refusal))] : [],
  );
  const commands = new Set([...Object.keys(refusals), ...COMMANDS]);
  const others = [...commands].map((command) => transition(command, name, refuse("not-yourself")));
  return state(...open, ...closed, ...others);
}

type Open = ReturnType<typeof transition<string, Memory, LinkEvent>>;

const COMMANDS = ["start-connecting", "opt-in", "opt-out", "disconnect"];

const start = transition("start-connecting", "connecting", isTheirs, begin);
const optIn = transition("opt-in", "sending", isTheirs, isCurrent, send);
const disconnect = transition("disconnect", "opted-out", isTheirs, forget);
const end = transition("end", "ended", forget);
const noAttempt = { "cancel-connecting": "no-such-attempt", "finish-connecting": "no-such-attempt" } as const;
const connected = {
  "start-connecting": "already-connected",
  "cancel-connecting": "no-such-attempt",
  "opt-in": "outdated-consent",
} as const;

const machine = createMachine(
  "never-connected",
  {
    "never-connected": stateOf("never-connected", { ...noAttempt, "opt-in": "not-connected" }, start),
    connecting: stateOf(
      "connecting",
      { ...noAttempt, "opt-in": "not-connected" },
      start,
      transition("cancel-connecting", "never-connected", isTheirs, isUnderWay, cancel),
      transition("finish-connecting", "connected", isTheirs, isUnderWay, finish),
      disconnect,
      end,
    ),
    connected: stateOf("connected", connected, optIn, disconnect, end),
    sending: stateOf(
      "sending",
      connected,
      optIn,
      transition("opt-out", "opted-out", isTheirs, stop),
      disconnect,
      end,
    ),
    "opted-out": stateOf("opted-out", { ...noAttempt, "opt-in": "outdated-consent" }, start, optIn),
    ended: stateOf("ended", { ...noAttempt, "opt-in": "reconnect-required" }, start),
  },
  () => NOTHING,
);

/** A link that nobody ever connected. */
export function robotLink() {
  return interpret(machine, () => undefined);
}
